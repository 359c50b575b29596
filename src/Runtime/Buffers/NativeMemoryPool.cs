// A pool of buffers: what MemoryPool<byte> promises, over native memory or pinned arrays. To rent is to take an owner, with its memory, off a list.
//
//     a thread's magazines (ThreadMagazines.cs)  <->  a depot a bucket (BufferDepot.cs)  <->  the heap, or the collector
//          no atomic operation                         a lock a magazine                       counted against the limit
//
// The magazines of the first pool that a thread uses are its home, a step closer than others (LocalBuffers.cs): the fast paths know only those.
//
//     every buffer is rented, or in one thread's magazines, or in one depot           _total = the bytes of all of them <= MaximumBytes
//
// So a buffer that one thread rents and another returns, as messages are, costs a share of a lock: it travels back in a magazine. Here is the public face with the fast paths; NativeMemoryPool.Supply.cs
// has what they fall back to, NativeMemoryPool.Trim.cs how idle memory goes back, NativeMemoryPool.Waiting.cs those who wait at the limit.
//
// A pool of a heap's memory ends when the heap's objects do (Heap.Ending), as if disposed of. What is rented then has ended, too: its lease (Heap.Lease) is no longer the heap's, and its return frees nothing.

using System;
using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Buffers;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>A <see cref="MemoryPool{T}"/> of bytes in native memory, or in pinned arrays, without garbage: owners are recycled with their memory.</summary>
/// <remarks>
/// <para>All members but <see cref="MemoryPool{T}.Dispose()"/> are thread-safe, and a buffer may be returned by any thread. Nothing managed is allocated once as many buffers have been made as are in use at one time.</para>
/// <para>
/// Buffers of up to 1 MiB are kept when they are returned, in 52 sizes, four to a doubling; longer ones go back at once. Memory is not cleared unless <see cref="NativeMemoryPoolOptions.ClearOnReturn"/> is set.
/// What nobody needs for a while goes back (<see cref="NativeMemoryPoolOptions.IdleTime"/>).
/// </para>
/// <para>Disposing of the pool frees what is in it. Buffers that are rented then stay valid until they are returned.</para>
/// </remarks>
[DebuggerDisplay("{GetStatistics().RentedBuffers} rented, {GetStatistics().PooledBytes} of {GetStatistics().TotalBytes} bytes pooled")]
public sealed unsafe partial class NativeMemoryPool : MemoryPool<byte>
{
    private const int DefaultLength = 4096;

    private readonly Heap _heap;
    private readonly BufferBacking _backing;
    private readonly long _maximum;
    private readonly string? _name;
    private readonly bool _isChecked;
    private readonly bool _clearsOnReturn;
    private readonly ThreadTable<LocalBuffers> _local = new();
    private readonly BufferDepot[] _depots = new BufferDepot[BufferBuckets.Count];

    /// <summary>Makes a pool of native buffers of <see cref="Heap.Shared"/>, without a limit.</summary>
    public NativeMemoryPool()
        : this(new NativeMemoryPoolOptions())
    {
    }

    /// <summary>Makes a pool.</summary>
    /// <param name="options">What it is to do beside the usual.</param>
    /// <exception cref="InvalidOperationException">The process's setting of the check level makes no sense.</exception>
    public NativeMemoryPool(NativeMemoryPoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _heap = options.Backing == BufferBacking.Native ? options.Heap ?? Heap.Shared : Heap.Shared;
        _backing = options.Backing;
        _maximum = options.MaximumBytes ?? long.MaxValue;
        _name = options.Name;
        _clearsOnReturn = options.ClearOnReturn;
        _isChecked = (options.Check ?? ProcessChecks.ReadLevel()) != CheckLevel.Off;
        for (int bucket = 0; bucket < BufferBuckets.Count; bucket++)
        {
            _depots[bucket] = new BufferDepot(bucket);
        }

        _idleTime = options.IdleTime;
        if (_heap != Heap.Shared)
        {
            _heap.Ending += Dispose;
        }

        _timer = _idleTime == Timeout.InfiniteTimeSpan || _isChecked ? null : MakeTimer();
    }

    /// <summary>The pool of native buffers that those share who need none of their own. Disposing of it does nothing.</summary>
    public static new NativeMemoryPool Shared { get; } = new(new NativeMemoryPoolOptions { Name = nameof(Shared) });

    /// <summary>The name given in its options, null if none was.</summary>
    public string? Name => _name;

    /// <summary>Whether it has been disposed of, or has ended with its heap. Buffers may still be rented then.</summary>
    public bool IsDisposed => _isDisposed;

    /// <summary>The longest buffer, in bytes: that of the longest array.</summary>
    public override int MaxBufferSize => Array.MaxLength;

    /// <summary>Rents a buffer.</summary>
    /// <param name="minBufferSize">How long it is to be at least, in bytes; -1 for 4,096.</param>
    /// <returns>The buffer, a <see cref="NativeMemoryOwner"/>: as long as the shortest of the pool's sizes that is long enough. The caller disposes of it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than -1, or over <see cref="MaxBufferSize"/>.</exception>
    /// <exception cref="OutOfMemoryException">The limit of the pool stands in the way, or one of the heap or the process, or the system has no memory.</exception>
    /// <exception cref="ObjectDisposedException">The pool, or its heap, has been disposed of.</exception>
    [return: Owned]
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        NativeMemoryOwner owner = RentBuffer(minBufferSize == -1 ? DefaultLength : minBufferSize, nameof(minBufferSize));
        owner.Begin(owner.Capacity);
        return owner;
    }

    /// <summary>Rents a buffer whose <see cref="NativeMemoryOwner.Memory"/> has exactly a length.</summary>
    /// <param name="length">In bytes.</param>
    /// <returns>The buffer. The caller disposes of it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or over <see cref="MaxBufferSize"/>.</exception>
    /// <inheritdoc cref="Rent(int)" path="/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    public NativeMemoryOwner RentExact(int length)
    {
        NativeMemoryOwner owner = RentBuffer(length, nameof(length));
        owner.Begin(length);
        return owner;
    }

    /// <summary>Rents a buffer, or says that it cannot.</summary>
    /// <param name="minBufferSize">How long it is to be at least, in bytes; -1 for 4,096.</param>
    /// <param name="owner">The buffer, which the caller disposes of; null if there is none.</param>
    /// <returns>Whether there is one: not where <see cref="Rent(int)"/> would throw <see cref="OutOfMemoryException"/>.</returns>
    /// <inheritdoc cref="Rent(int)" path="/exception[@cref='ArgumentOutOfRangeException' or @cref='ObjectDisposedException']"/>
    public bool TryRent(int minBufferSize, [Owned] out NativeMemoryOwner? owner)
    {
        int length = minBufferSize == -1 ? DefaultLength : minBufferSize;
        owner = Supply(length, nameof(minBufferSize), out _);
        owner?.Begin(owner.Capacity);
        return owner != null;
    }

    /// <summary>Takes a buffer back whose rental has ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Return(NativeMemoryOwner owner)
    {
        ref ThreadMagazines home = ref LocalBuffers.Home;
        if (Unsafe.IsNullRef(ref home) || home.Pool != owner.Pool || !home.TryPut(owner, owner.HomeBucket))
        {
            owner.Pool.ReturnSlow(owner);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private NativeMemoryOwner RentBuffer(int length, string parameter)
    {
        ref ThreadMagazines home = ref LocalBuffers.Home;
        if (!Unsafe.IsNullRef(ref home) && home.Pool == this && (uint)(length - 1) < BufferBuckets.MaxLength)
        {
            NativeMemoryOwner? owner = home.Take(BufferBuckets.IndexOf(length));
            if (owner != null)
            {
                return owner;
            }
        }

        return RentSlow(length, parameter);
    }
}
