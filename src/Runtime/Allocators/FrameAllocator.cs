// Two bump allocators in turn: this frame's and the last one's. What is allocated in a frame is valid to the end of the next, so the next frame may read what this one computed.
//
//     frame    n         n + 1     n + 2
//     Current  a         b         a, reset first
//     Previous b         a         b

using System;
using System.Diagnostics;

namespace NativeHeap;

/// <summary>A pair of <see cref="BumpAllocator"/>s for programs that work in frames: memory allocated in one frame is valid until the end of the next.</summary>
/// <remarks>Not thread-safe: one thread at a time (<see cref="ThreadFrames"/> keeps one for each thread). No finalizer frees anything: dispose of it.</remarks>
[DebuggerDisplay("Frame = {Frame}")]
public sealed class FrameAllocator : IDisposable
{
    /// <summary>Makes a pair over <see cref="Heap.Shared"/>. It takes no memory before the first allocation.</summary>
    public FrameAllocator()
        : this(new BumpAllocatorOptions())
    {
    }

    /// <summary>Makes a pair. It takes no memory before the first allocation.</summary>
    /// <param name="options">Of each of the two.</param>
    /// <inheritdoc cref="BumpAllocator(BumpAllocatorOptions)" path="/exception"/>
    public FrameAllocator(BumpAllocatorOptions options)
    {
        Current = new BumpAllocator(options);
        Previous = new BumpAllocator(options);
    }

    /// <summary>Of this frame: what it allocates is valid in this frame and the next.</summary>
    public BumpAllocator Current { get; private set; }

    /// <summary>Of the last frame: what it has allocated is valid in this frame.</summary>
    public BumpAllocator Previous { get; private set; }

    /// <summary>The number of calls of <see cref="NextFrame"/>.</summary>
    public long Frame { get; private set; }

    /// <summary>Begins the next frame: frees what the last one allocated, and what this one has allocated becomes the last one's.</summary>
    /// <exception cref="InvalidOperationException">A scope of <see cref="Previous"/> is open. The frame is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The pair has been disposed of.</exception>
    public void NextFrame()
    {
        Previous.Reset();
        (Current, Previous) = (Previous, Current);
        Frame++;
    }

    /// <summary>Gives all memory of both back to the heap. A second call does nothing.</summary>
    /// <inheritdoc cref="BumpAllocator.Dispose" path="/exception"/>
    public void Dispose()
    {
        Current.Dispose();
        Previous.Dispose();
    }
}
