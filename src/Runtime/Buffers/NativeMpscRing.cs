// A ring from any number of threads to one: Vyukov's bounded queue ("Bounded MPMC queue", 1024cores.net, 2010) with a single consumer, whose side then needs no atomic operation.
//
// Each cell has, beside its value, a sequence number that says whose turn it is. For the positions p that a cell serves, which are capacity apart:
//
//     Sequence = p                 free for the producer of position p
//     Sequence = p + 1             its value is there, for the consumer at p
//     Sequence = p + capacity      taken out: free for the next lap
//
// The second and third must not be the same, so that the capacity is 2 or more.
//
// A producer takes a position by a compare-and-exchange of the producers' index, when the cell's number says that it is free; then it writes the value, and then the number. One that is stopped in between holds up the values
// that others have put behind it, not the others. The consumer goes by the cells alone, and frees them in order, so that a stretch of cells is free if its last one is: so several values cost one compare-and-exchange.
//
// Where order matters, and what holds it on processors that keep none (arm64):
//
//     write the value, then the number p + 1                 release: who sees the number sees the value
//     read the number p + 1, then the value                  acquire, its counterpart
//     read the value, then write the number p + capacity     release: the cell is free only when the value has been read
//     read the number p, then write the value                acquire: no write to a cell before the consumer has left it
//
// The index itself orders nothing: that two producers never have one position is the exchange's doing, in whatever order the processor makes other accesses, and a stale index fails the exchange.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Buffers;
using NativeHeap.Platform;

namespace NativeHeap;

/// <summary>A bounded queue of unmanaged values in native memory, from any number of threads to one.</summary>
/// <typeparam name="T">The type of the values: any unmanaged struct, such as <see cref="MessageBuffer"/>.</typeparam>
/// <remarks>
/// <para>Any thread may call <see cref="TryEnqueue"/> and <see cref="Enqueue"/>; one thread at a time may call <see cref="TryDequeue"/> and <see cref="Dequeue"/>. Values come out in one order for all, in which each producer's are in the
/// order in which it put them in. All that a producer has written before it puts a value in, the consumer sees when it has the value. With a single producer, <see cref="NativeSpscRing{T}"/> is cheaper.</para>
/// <para>Nothing waits, as there: who finds the ring full or empty decides what to do. A producer that the system stops in the middle of a call holds up the values that others put in after it.</para>
/// <para>Dispose of it, or of its heap; use afterwards throws <see cref="ObjectDisposedException"/>. That is for mistakes in order: while another thread is within a member, neither may be done, since it would go on in memory that is somebody else's.
/// What values own, such as the references of messages, is not freed with the ring: take them out first. No finalizer frees anything, and no member allocates managed memory.</para>
/// </remarks>
[DebuggerDisplay("Count = {Count} of {Capacity}")]
public sealed unsafe class NativeMpscRing<T> : IDisposable
    where T : unmanaged
{
    private const int LeastCapacity = 2;

    private readonly ulong _lease;
    private RingEnds* _ring;

    /// <summary>Makes an empty ring on <see cref="Heap.Shared"/>.</summary>
    /// <param name="capacity">For how many values there is to be room: 1 or more, rounded up to a power of two of at least 2.</param>
    /// <inheritdoc cref="NativeMpscRing{T}(Heap, int)" path="/exception"/>
    public NativeMpscRing(int capacity)
        : this(Heap.Shared, capacity)
    {
    }

    /// <summary>Makes an empty ring.</summary>
    /// <param name="heap">The heap that its memory is to be of. Each value takes 8 bytes more than its size, or what its alignment makes of that.</param>
    /// <param name="capacity">For how many values there is to be room: 1 or more, rounded up to a power of two of at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1, over 2^30, or so many values are over 2^45 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeMpscRing(Heap heap, int capacity)
        : this(heap, capacity, start: 0)
    {
    }

    /// <summary>Makes an empty ring whose first value has a position of the caller's choice.</summary>
    internal NativeMpscRing(Heap heap, int capacity, long start)
    {
        _ring = RingEnds.Create(heap, capacity == 1 ? LeastCapacity : capacity, sizeof(Cell), start);
        _lease = heap.Lease;
        for (long position = start; position != start + _ring->Producers.Mask + 1; position++)
        {
            CellOf(in _ring->Producers, position)->Sequence = position;
        }
    }

    /// <summary>The most values that there can be in it: a power of two.</summary>
    /// <exception cref="ObjectDisposedException">The ring has been disposed of.</exception>
    public int Capacity => (int)Ring->Producers.Mask + 1;

    /// <summary>The number of values in it, those that are being put in included, as of some moment during the call; exact if neither side is at work.</summary>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public int Count => RingEnds.Count(Ring);

    /// <summary>Whether there was no value in it, and none being put in, at some moment during the call.</summary>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public bool IsEmpty => Count == 0;

    private RingEnds* Ring
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            RingEnds* ring = _ring;
            if (ring == null)
            {
                ThrowDisposed();
            }

            return ring;
        }
    }

    /// <summary>Adds a value. Any thread's.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Whether it is in the ring now: not if that was full.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public bool TryEnqueue(in T value)
    {
        RingEnds* ring = Ring;
        if (Take(ring, 1, out long tail) == 0)
        {
            return false;
        }

        Fill(ring, tail, in value);
        return true;
    }

    /// <summary>Adds as many values as there is room for, with no other producer's between them. Any thread's.</summary>
    /// <param name="values">The values, of which the first so many are added.</param>
    /// <returns>How many.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public int Enqueue(ReadOnlySpan<T> values)
    {
        RingEnds* ring = Ring;
        if (values.IsEmpty)
        {
            return 0;
        }

        int count = Take(ring, values.Length, out long tail);
        for (int i = 0; i < count; i++)
        {
            Fill(ring, tail + i, in values[i]);
        }

        return count;
    }

    /// <summary>Takes the oldest value out. The consumer's.</summary>
    /// <param name="value">The value; <c>default</c> if there is none.</param>
    /// <returns>Whether there was one.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public bool TryDequeue(out T value)
    {
        RingEnds* ring = Ring;
        long head = ring->Consumer.Index;
        if (!Empty(ring, head, out value))
        {
            return false;
        }

        Volatile.Write(ref ring->Consumer.Index, head + 1);
        return true;
    }

    /// <summary>Takes as many of the oldest values out as there are. The consumer's.</summary>
    /// <param name="values">Receives them, in its first places.</param>
    /// <returns>How many.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public int Dequeue(Span<T> values)
    {
        RingEnds* ring = Ring;
        long head = ring->Consumer.Index;
        int count = 0;
        while (count < values.Length && Empty(ring, head + count, out T value))
        {
            values[count++] = value;
        }

        Volatile.Write(ref ring->Consumer.Index, head + count);
        return count;
    }

    /// <summary>Frees the ring's memory, if its heap has not been disposed of or reset. A second call does nothing.</summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    public void Dispose() => RingEnds.Free(ref _ring, _lease);

    // Takes positions that follow on each other: so many if their cells are free, or as many as are.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Take(RingEnds* ring, int wanted, out long tail)
    {
        while (true)
        {
            tail = Volatile.Read(ref ring->Producers.Index);
            long turn = Turn(ring, tail);
            if (turn < 0)
            {
                // It holds the value of a lap ago.
                return 0;
            }

            // Else another producer has taken the position since.
            if (turn == 0)
            {
                int count = wanted == 1 ? 1 : CountFree(ring, tail, wanted);
                if (Atomic.CompareExchange(ref ring->Producers.Index, tail + count, tail) == tail)
                {
                    return count;
                }
            }
        }
    }

    // The free cells from one on that is free, as many as are wanted. By the cells and not by the consumer's index, which it does not write at each.
    private static int CountFree(RingEnds* ring, long tail, int wanted)
    {
        int most = (int)long.Min(wanted, ring->Producers.Mask + 1);
        if (Turn(ring, tail + most - 1) == 0)
        {
            return most;
        }

        // The consumer may have freed it by now.
        int count = 1;
        while (count < most && Turn(ring, tail + count) == 0)
        {
            count++;
        }

        return count;
    }

    // How far a position's cell is from being free for it: 0 if it is, less if the consumer has yet to empty it, more if the position is taken.
    private static long Turn(RingEnds* ring, long position) => Volatile.Read(ref CellOf(in ring->Producers, position)->Sequence) - position;

    private static void Fill(RingEnds* ring, long position, in T value)
    {
        Cell* cell = CellOf(in ring->Producers, position);
        cell->Value = value;
        Volatile.Write(ref cell->Sequence, position + 1);
    }

    private static bool Empty(RingEnds* ring, long position, out T value)
    {
        Cell* cell = CellOf(in ring->Consumer, position);
        if (Volatile.Read(ref cell->Sequence) != position + 1)
        {
            value = default;
            return false;
        }

        value = cell->Value;
        Volatile.Write(ref cell->Sequence, position + ring->Consumer.Mask + 1);
        return true;
    }

    private static Cell* CellOf(in RingEnd end, long position) => (Cell*)end.Values + (position & end.Mask);

    [DoesNotReturn]
    private static void ThrowDisposed() => throw MessageErrors.Disposed(nameof(NativeMpscRing<>));

    private struct Cell
    {
        public long Sequence;
        public T Value;
    }
}
