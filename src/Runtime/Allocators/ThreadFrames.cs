// A frame allocator for each thread, all owned by one object, which makes them on demand and disposes of them.
//
// They lie in a table by the number of the thread's record (Threads/ThreadRecord.cs). A thread that ends leaves its record to another, as soon as its flag is up, and with it goes the frame allocator: what
// it allocated stays valid for as long as anybody's, and there are never more of them than there were threads at one time. Nothing has to be done when a thread ends.
//
//     _local[n] = the frame allocator of the thread whose record has number n, or null if none of its threads has asked yet
//
// A thread writes its own entry only, under the lock, which also guards the replacing of the table by a longer one; reading one's own entry needs no lock.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Allocators;
using NativeHeap.Heaps;
using NativeHeap.Platform;
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
    private HeapLock _lock;
    private FrameAllocator?[] _local = [];
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
        get
        {
            ThreadRecord* thread = ThreadRecord.Current;
            return thread != null && Find(thread) is FrameAllocator mine ? mine : FindOrAdd();
        }
    }

    /// <summary>Begins the next frame for all threads. No other thread may be using its allocator.</summary>
    /// <exception cref="InvalidOperationException">A scope of a thread's last frame is open; the frames of that thread and of others are as they were.</exception>
    /// <exception cref="ObjectDisposedException">The object has been disposed of.</exception>
    public void NextFrame()
    {
        ThrowIfDisposed();
        foreach (FrameAllocator? local in _local)
        {
            local?.Previous.ThrowIfScopeOpen(nameof(NextFrame));
        }

        foreach (FrameAllocator? local in _local)
        {
            local?.NextFrame();
        }
    }

    /// <summary>Gives the memory of all threads' allocators back to the heap. No other thread may be using its allocator. A second call does nothing.</summary>
    /// <inheritdoc cref="BumpAllocator.Dispose" path="/exception"/>
    public void Dispose()
    {
        foreach (FrameAllocator? local in _local)
        {
            local?.Dispose();
        }

        _isDisposed = true;
        _local = [];
    }

    private FrameAllocator? Find(ThreadRecord* thread)
    {
        FrameAllocator?[] local = Volatile.Read(ref _local);
        return thread->Number < local.Length ? local[thread->Number] : null;
    }

    // The first call of a thread: it may have no record yet, and find an ended thread's allocator when it has.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameAllocator FindOrAdd()
    {
        ThrowIfDisposed();
        ThreadRecord* thread = HeapProcess.GetThread();
        if (thread == null)
        {
            throw HeapErrors.OutOfMemory((nuint)sizeof(ThreadRecord));
        }

        if (Find(thread) is FrameAllocator inherited)
        {
            return inherited;
        }

        FrameAllocator mine = new(_options);
        FrameAllocator?[] longer = [];
        while (!TryPut(thread->Number, mine, longer, out int length))
        {
            longer = new FrameAllocator?[BitOperations.RoundUpToPowerOf2((uint)int.Max(length, thread->Number) + 1)];
        }

        return mine;
    }

    // Nothing managed is allocated under the lock. The longer table is used if the present one is too short and no other thread was first.
    private bool TryPut(int number, FrameAllocator mine, FrameAllocator?[] longer, out int length)
    {
        _lock.Enter();
        if (number >= _local.Length && number < longer.Length)
        {
            _local.CopyTo(longer, 0);
            Volatile.Write(ref _local, longer);
        }

        length = _local.Length;
        if (number < length)
        {
            _local[number] = mine;
        }

        _lock.Exit();
        return number < length;
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw AllocatorErrors.Disposed(nameof(ThreadFrames));
        }
    }
}
