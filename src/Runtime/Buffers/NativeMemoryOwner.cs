// A rented buffer, and what stays of it in the pool when it is returned: the object and its memory are one, so that to rent is to take the object off a list.
//
//     _length >= 0   rented: what Memory and Span show           _length = Returned   in the pool, or nowhere
//
// Whoever has rented it owns all fields but those that link lists; the pool owns the object otherwise. A stale copy of the reference finds Returned there, until the object is rented again. At
// CheckLevel.Basic it never is, and of two threads that return it at the same time one is told (_hasEnded).

using System;
using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Buffers;
using NativeHeap.Platform;

namespace NativeHeap;

/// <summary>A buffer rented from a <see cref="NativeMemoryPool"/>, until <see cref="Dispose()"/> returns it.</summary>
/// <remarks>
/// <para>
/// Any thread may use it and return it, one at a time. After it has been returned nothing that came from it may be used: the owner, <see cref="Memory"/> and slices of it throw <see cref="ObjectDisposedException"/>,
/// and so does a second return, until the pool hands the same object out again; at <see cref="CheckLevel.Basic"/> for ever. A span or a pointer obtained before cannot be checked.
/// </para>
/// <para>The content is whatever was there. An owner that is never returned keeps its memory for as long as the process lives: no finalizer takes it away from spans that may still be in use.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed unsafe class NativeMemoryOwner : MemoryManager<byte>, IMemoryOwner<byte>
{
    private const int Returned = -1;

    private readonly NativeMemoryPool _pool;
    private byte* _start;
    private byte[]? _array;
    private int _length = Returned;
    private int _capacity;
    private int _hasEnded;

    internal NativeMemoryOwner(NativeMemoryPool pool) => _pool = pool;

    /// <summary>The memory: as long as was asked for by <see cref="NativeMemoryPool.RentExact"/>, and else at least.</summary>
    /// <exception cref="ObjectDisposedException">The buffer has been returned.</exception>
    public override Memory<byte> Memory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CreateMemory(Length);
    }

    /// <summary>The memory, as a span.</summary>
    /// <inheritdoc cref="Memory" path="/exception"/>
    [SuppressMessage("Naming", "CA1721:Property names should not match get methods", Justification = "GetSpan is MemoryManager's; both give the same.")]
    public Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_start, Length);
    }

    /// <summary>The length of <see cref="Memory"/>, in bytes.</summary>
    /// <inheritdoc cref="Memory" path="/exception"/>
    public int Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int length = _length;
            if (length < 0)
            {
                ThrowReturned();
            }

            return length;
        }
    }

    /// <summary>The address of the memory, which does not move. Its alignment is 64 bytes if the pool has its buffers in native memory, and 8 otherwise.</summary>
    /// <returns>The address, valid until the buffer is returned.</returns>
    /// <inheritdoc cref="Memory" path="/exception"/>
    [return: Borrowed]
    public unsafe byte* DangerousGetPointer()
    {
        _ = Length;
        return _start;
    }

    /// <summary>Whose it is.</summary>
    internal NativeMemoryPool Pool => _pool;

    /// <summary>The next owner of a list.</summary>
    internal NativeMemoryOwner? Next { get; set; }

    /// <summary>The bucket of its memory; <see cref="BufferBuckets.Count"/> for what goes back where it came from.</summary>
    internal int Bucket { get; private set; }

    /// <summary>The bucket that a thread may put it into at once; <see cref="BufferBuckets.Count"/> if there is more to do.</summary>
    internal int HomeBucket { get; private set; }

    /// <summary>The time of the heap that its memory is of; see <see cref="Heap.Lease"/>.</summary>
    internal ulong Lease { get; private set; }

    /// <summary>The bytes of its memory.</summary>
    internal int Capacity => _capacity;

    /// <summary>The link of a chain of buffers that it is part of, made when it is first; it stays with the owner.</summary>
    internal BufferSegment Segment => field ??= new BufferSegment(this);

    /// <summary>Returns the buffer to its pool.</summary>
    /// <exception cref="ObjectDisposedException">It has been returned before.</exception>
    [TakesOwnership]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_length < 0)
        {
            ThrowReturned();
        }

        _length = Returned;
        NativeMemoryPool.Return(this);
    }

    /// <inheritdoc cref="Span"/>
    /// <returns>The memory.</returns>
    public override Span<byte> GetSpan() => Span;

    /// <summary>Gives the memory's address, which does not move anyway. Nothing has to be undone.</summary>
    /// <param name="elementIndex">Where in the memory, in bytes.</param>
    /// <returns>A handle with the address, valid until the buffer is returned.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside of the memory.</exception>
    /// <inheritdoc cref="Memory" path="/exception"/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)Length)
        {
            throw BufferErrors.BeyondBuffer(nameof(elementIndex), elementIndex, Length);
        }

        return new MemoryHandle(_start + elementIndex, pinnable: this);
    }

    /// <summary>Does nothing.</summary>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        int length = Length;
        segment = _array == null ? default : new ArraySegment<byte>(_array, 0, length);
        return _array != null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Dispose();

    /// <summary>Gives it memory.</summary>
    internal void Attach(byte* start, byte[]? array, int capacity, int bucket, int homeBucket, ulong lease)
    {
        _start = start;
        _array = array;
        _capacity = capacity;
        Bucket = bucket;
        HomeBucket = homeBucket;
        Lease = lease;
    }

    /// <summary>Takes its memory.</summary>
    /// <returns>Where it starts.</returns>
    internal byte* Detach()
    {
        byte* start = _start;
        _start = null;
        _array = null;
        return start;
    }

    /// <summary>Clears the memory, whoever owns it now.</summary>
    internal void Clear() => new Span<byte>(_start, _capacity).Clear();

    /// <summary>Hands it out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Begin(int length) => _length = length;

    /// <summary>Ends it for good, for one of the threads that try: it is never handed out again.</summary>
    internal void End()
    {
        if (Atomic.Exchange(ref _hasEnded, 1) != 0)
        {
            ThrowReturned();
        }
    }

    private string DebuggerText => _length < 0 ? "returned" : $"{_length} bytes";

    [DoesNotReturn]
    private static void ThrowReturned() => throw BufferErrors.Returned();
}
