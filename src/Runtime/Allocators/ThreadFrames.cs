// A frame allocator for each thread, all owned by one object, which makes them on demand and disposes of them.
//
// They lie in a table by thread (Heaps/ThreadTable.cs): a thread that ends leaves its allocator to one that comes after, and what it allocated there stays valid for as long as anybody's.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Allocators;
using NativeHeap.Heaps;
using NativeHeap.Threads;

namespace NativeHeap;

/// <summary>A <see cref="FrameAllocator"/> for each thread that asks for one, with one owner and one beat.</summary>
/// <remarks>
/// <see cref="Local"/> may be called by any thread at any time. <see cref="NextFrame"/> and <see cref="Dispose"/> need that no other thread is using what it got from here: call them where the
/// program's threads have come together, as at the end of a frame. A thread that ends leaves its memory valid, and its allocator to a thread that comes after.
/// </remarks>
public sealed unsafe class ThreadFrames : IDisposable
{
    private readonly BumpAllocatorOptions _options;
    private readonly ThreadTable<FrameAllocator> _local = new();
    private bool _isDisposed;

    /// <summary>Makes it over <see cref="Heap.Shared"/>.</summary>
    public ThreadFrames()
        : this(new BumpAllocatorOptions())
    {
    }

    /// <summary>Makes it.</summary>
    /// <param name="options">Of each thread's allocators.</param>
    /// <inheritdoc cref="BumpAllocator(BumpAllocatorOptions)" path="/exception"/>
    public ThreadFrames(BumpAllocatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ = options.Check();
        _options = options;
    }

    /// <summary>The calling thread's frame allocator, made at its first call. For this thread to use, until it ends.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="ObjectDisposedException">The object has been disposed of.</exception>
    public FrameAllocator Local
    {
        get => _local.Find() ?? FindOrAdd();
    }

    /// <summary>Begins the next frame for all threads. No other thread may be using its allocator.</summary>
    /// <exception cref="InvalidOperationException">A scope of a thread's last frame is open; the frames of that thread and of others are as they were.</exception>
    /// <exception cref="ObjectDisposedException">The object has been disposed of.</exception>
    public void NextFrame()
    {
        ThrowIfDisposed();
        foreach (FrameAllocator? local in _local.Items)
        {
            local?.Previous.ThrowIfScopeOpen(nameof(NextFrame));
        }

        foreach (FrameAllocator? local in _local.Items)
        {
            local?.NextFrame();
        }
    }

    /// <summary>Gives the memory of all threads' allocators back to the heap. No other thread may be using its allocator. A second call does nothing.</summary>
    /// <inheritdoc cref="BumpAllocator.Dispose" path="/exception"/>
    public void Dispose()
    {
        foreach (FrameAllocator? local in _local.Items)
        {
            local?.Dispose();
        }

        _isDisposed = true;
        _local.Clear();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameAllocator FindOrAdd()
    {
        ThrowIfDisposed();
        return _local.FindOrAdd(static options => new FrameAllocator(options), _options) ?? throw HeapErrors.OutOfMemory((nuint)sizeof(ThreadRecord));
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw AllocatorErrors.Disposed(nameof(ThreadFrames));
        }
    }
}
