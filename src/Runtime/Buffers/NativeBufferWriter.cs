// Writes bytes into rented buffers, one behind the other: what serializers write to.
//
//     _first -> ... -> _last        [_start, _start + _used) of the last is written, up to _capacity it is free
//     WrittenCount = _last.RunningIndex + _used
//
// A last one into which nothing has been written is in no sequence, so that it can go when it turns out to be too short.
//
// Nothing is copied when a buffer is full: the next one follows, of twice the size up to 64 KiB, or as long as was asked for. What was written is a sequence over the buffers, or goes away with them.

using System;
using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Buffers;

namespace NativeHeap;

/// <summary>An <see cref="IBufferWriter{T}"/> over buffers of a <see cref="NativeMemoryPool"/>: grows without copying, and gives what was written as a <see cref="ReadOnlySequence{T}"/>.</summary>
/// <remarks>
/// Not thread-safe. Nothing managed is allocated once the pool has as many buffers as are in use at one time. What it writes into is the pool's: <see cref="Dispose"/> returns it, or whoever has it from <see cref="Detach"/>.
/// </remarks>
[DebuggerDisplay("WrittenCount = {WrittenCount}")]
public sealed unsafe class NativeBufferWriter : IBufferWriter<byte>, IDisposable
{
    /// <summary>The length of the first buffer unless another is given, in bytes.</summary>
    public const int DefaultBufferLength = 4096;

    private const int LongestOwnChoice = 64 * 1024;

    private readonly NativeMemoryPool _pool;
    private readonly int _firstLength;
    private BufferSegment? _first;
    private BufferSegment? _last;
    private BufferSegment? _beforeLast;
    private byte* _start;
    private int _used;
    private int _capacity;
    private bool _isDisposed;

    /// <summary>Makes a writer over <see cref="NativeMemoryPool.Shared"/>.</summary>
    public NativeBufferWriter()
        : this(NativeMemoryPool.Shared)
    {
    }

    /// <summary>Makes a writer. Takes no buffer yet.</summary>
    /// <param name="pool">Where its buffers come from, and go back to.</param>
    /// <param name="firstBufferLength">How long the first buffer is at least, in bytes: from 1 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not from 1 to the pool's <see cref="NativeMemoryPool.MaxBufferSize"/>.</exception>
    public NativeBufferWriter(NativeMemoryPool pool, int firstBufferLength = DefaultBufferLength)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstBufferLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBufferLength, pool.MaxBufferSize);
        _pool = pool;
        _firstLength = firstBufferLength;
    }

    /// <summary>The bytes written.</summary>
    public long WrittenCount => (_last?.RunningIndex ?? 0) + _used;

    /// <summary>What was written. Valid until <see cref="Clear"/> or <see cref="Dispose"/>, or until whoever has it from <see cref="Detach"/> returns it; what is written afterwards is not in it.</summary>
    /// <exception cref="ObjectDisposedException">The writer has been disposed of.</exception>
    public ReadOnlySequence<byte> WrittenSequence
    {
        get
        {
            ThrowIfDisposed();
            return _used != 0 ? new ReadOnlySequence<byte>(_first!, 0, _last!, _used)
                : _beforeLast != null ? new ReadOnlySequence<byte>(_first!, 0, _beforeLast, _beforeLast.Memory.Length)
                : default;
        }
    }

    /// <summary>Where to write next.</summary>
    /// <param name="sizeHint">The room that there must be, in bytes; 0 for some.</param>
    /// <returns>The room: not empty. <see cref="Advance"/> says how much of it was written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative, or over the pool's <see cref="NativeMemoryPool.MaxBufferSize"/>.</exception>
    /// <exception cref="ObjectDisposedException">The writer or its pool has been disposed of.</exception>
    /// <inheritdoc cref="NativeMemoryPool.Rent(int)" path="/exception[@cref='OutOfMemoryException']"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return new Span<byte>(_start + _used, _capacity - _used);
    }

    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);

        // The last segment's memory is the whole buffer.
        return MemoryMarshal.AsMemory(_last!.Memory)[_used..];
    }

    /// <summary>Says how much has been written into what the last call of <see cref="GetSpan"/> or <see cref="GetMemory"/> gave.</summary>
    /// <param name="count">In bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or more than there was room for.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count)
    {
        if ((uint)count > (uint)(_capacity - _used))
        {
            throw BufferErrors.BadAdvance(nameof(count), count, _capacity - _used);
        }

        _used += count;
    }

    /// <summary>Forgets what was written, and keeps the first buffer for what comes.</summary>
    [InvalidatesReferences]
    public void Clear()
    {
        if (_first != null)
        {
            _first.Reset();
            Begin(_first, before: null);
        }
    }

    /// <summary>Gives away what was written, with its buffers. The writer is empty afterwards, and goes on with others.</summary>
    /// <returns>What was written, whose buffers are the caller's to return.</returns>
    /// <exception cref="ObjectDisposedException">The writer has been disposed of.</exception>
    [return: Owned]
    public DetachedSequence Detach()
    {
        ThrowIfDisposed();
        if (_first == null)
        {
            return default;
        }

        DetachedSequence detached = new(_first, _last!, _used);
        Forget();
        return detached;
    }

    /// <summary>Returns the buffers to the pool. A second call does nothing.</summary>
    [InvalidatesReferences]
    public void Dispose()
    {
        BufferSegment? first = _first;
        _isDisposed = true;
        Forget();
        first?.Return();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MakeRoom(int sizeHint)
    {
        int room = _capacity - _used;
        if (room == 0 || (uint)sizeHint > (uint)room)
        {
            AddBuffer(sizeHint);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddBuffer(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ThrowIfDisposed();
        int own = _last == null ? _firstLength : int.Max(_firstLength, (int)long.Min(2L * _capacity, LongestOwnChoice));
        BufferSegment segment = ((NativeMemoryOwner)_pool.Rent(int.Max(own, sizeHint))).Segment;
        BufferSegment? unused = _used == 0 ? _last : null;
        BufferSegment? before = _used == 0 ? _beforeLast : _last;
        if (before == null)
        {
            segment.Begin(0);
            _first = segment;
        }
        else
        {
            before.Follow(_used == 0 ? before.Memory.Length : _used, segment);
        }

        Begin(segment, before);
        unused?.Return();
    }

    private void Begin(BufferSegment last, BufferSegment? before)
    {
        _beforeLast = before;
        _last = last;
        _used = 0;
        _capacity = last.Memory.Length;
        _start = last.Start;
    }

    private void Forget()
    {
        _first = null;
        _last = null;
        _beforeLast = null;
        _start = null;
        _used = 0;
        _capacity = 0;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
