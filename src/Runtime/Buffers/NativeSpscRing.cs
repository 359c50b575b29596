// A ring from one thread to one other: each side writes its own index and reads the other's, and that only when what it last read of it is used up. (The cached index is Rigtorp's, "Optimizing a ring
// buffer for throughput", 2021, and before him MCRingBuffer's: Lee, Bu and Chandranmenon, 2010. Without it, each operation would fetch the line that the other side has just written.)
//
//     producer:   Producers.Index <= Producers.Limit = Consumer.Index when last read + capacity         the places up to Limit are free
//     consumer:   Consumer.Index <= Consumer.Limit = Producers.Index when last read                     the values up to Limit are there
//
// Where order matters, and what holds it on processors that keep none (arm64):
//
//     write the value, then the producer's index        release: who sees the index sees the value
//     read the producer's index, then the value         acquire, its counterpart
//     read the value, then write the consumer's index   release: the place is free only when the value has been read
//     read the consumer's index, then write the value   acquire: no write to a place before its last reader has left it
//
// Each side reads its own index without order, since nobody else writes it. There is no atomic operation, and no full fence: neither side ever writes and then has to know what the other has
// written since. On x64 all four are plain loads and stores, in the order of the program.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Buffers;

namespace NativeHeap;

/// <summary>A bounded queue of unmanaged values in native memory, from one thread to one other.</summary>
/// <typeparam name="T">The type of the values: any unmanaged struct, such as <see cref="MessageBuffer"/>.</typeparam>
/// <remarks>
/// <para>One thread at a time may call the producer's members (<see cref="TryEnqueue"/>, <see cref="Enqueue"/>, <see cref="Claim"/>, <see cref="Publish"/>), and one, the same or another, the consumer's
/// (<see cref="TryDequeue"/>, <see cref="Dequeue"/>, <see cref="Peek"/>, <see cref="Consume"/>). The others are for any thread. All that the producer has written before it publishes a value, the consumer sees when it has the value.
/// For several producers there is <see cref="NativeMpscRing{T}"/>.</para>
/// <para>Nothing waits: who finds the ring full or empty decides what to do. To spin for a while and yield then is the usual way:</para>
/// <code>
/// SpinWait wait = default;
/// T value;
/// while (!ring.TryDequeue(out value)) { wait.SpinOnce(sleep1Threshold: -1); }
/// </code>
/// <para>Dispose of it, or of its heap; use afterwards throws <see cref="ObjectDisposedException"/>. That is for mistakes in order: while another thread is within a member, neither may be done, since it would go on in memory that is somebody else's.
/// What values own, such as the references of messages, is not freed with the ring: take them out first. No finalizer frees anything, and no member allocates managed memory.</para>
/// </remarks>
[DebuggerDisplay("Count = {Count} of {Capacity}")]
public sealed unsafe class NativeSpscRing<T> : IDisposable
    where T : unmanaged
{
    private readonly ulong _lease;
    private RingEnds* _ring;

    /// <summary>Makes an empty ring on <see cref="Heap.Shared"/>.</summary>
    /// <param name="capacity">For how many values there is to be room: 1 or more, rounded up to a power of two.</param>
    /// <inheritdoc cref="NativeSpscRing{T}(Heap, int)" path="/exception"/>
    public NativeSpscRing(int capacity)
        : this(Heap.Shared, capacity)
    {
    }

    /// <summary>Makes an empty ring.</summary>
    /// <param name="heap">The heap that its memory is to be of.</param>
    /// <param name="capacity">For how many values there is to be room: 1 or more, rounded up to a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1, over 2^30, or so many values are over 2^45 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeSpscRing(Heap heap, int capacity)
        : this(heap, capacity, start: 0)
    {
    }

    /// <summary>Makes an empty ring whose first value has a position of the caller's choice.</summary>
    internal NativeSpscRing(Heap heap, int capacity, long start)
    {
        _ring = RingEnds.Create(heap, capacity, sizeof(T), start);
        _lease = heap.Lease;
    }

    /// <summary>The most values that there can be in it: a power of two.</summary>
    /// <exception cref="ObjectDisposedException">The ring has been disposed of.</exception>
    public int Capacity => (int)Ring->Producers.Mask + 1;

    /// <summary>The number of values in it, as of some moment during the call; exact if neither side is at work.</summary>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public int Count => RingEnds.Count(Ring);

    /// <summary>Whether there was no value in it at some moment during the call.</summary>
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

    /// <summary>Adds a value. The producer's.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Whether it is in the ring now: not if that was full.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnqueue(in T value)
    {
        RingEnds* ring = Ring;
        long tail = ring->Producers.Index;
        if (tail == ring->Producers.Limit && FindRoom(ring, tail) == 0)
        {
            return false;
        }

        ((T*)ring->Producers.Values)[tail & ring->Producers.Mask] = value;
        Volatile.Write(ref ring->Producers.Index, tail + 1);
        return true;
    }

    /// <summary>Adds as many values as there is room for, which the consumer sees all at once. The producer's.</summary>
    /// <param name="values">The values, of which the first so many are added.</param>
    /// <returns>How many.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public int Enqueue(ReadOnlySpan<T> values)
    {
        RingEnds* ring = Ring;
        int count = (int)long.Min(values.Length, Room(ring, values.Length));
        Span<T> first = PlacesFrom(in ring->Producers, count);
        values[..first.Length].CopyTo(first);
        values[first.Length..count].CopyTo(new Span<T>(ring->Producers.Values, count - first.Length));
        Volatile.Write(ref ring->Producers.Index, ring->Producers.Index + count);
        return count;
    }

    /// <summary>Free places for values that are to be written where they lie. The producer's.</summary>
    /// <param name="count">The most that are wanted.</param>
    /// <returns>
    /// The places, one after the other: fewer where there are not so many free, or where the ring's memory ends, behind which <see cref="Publish"/> and another call go on. They hold whatever was there, and are the producer's until published.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    [return: Borrowed]
    public Span<T> Claim(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RingEnds* ring = Ring;
        return PlacesFrom(in ring->Producers, (int)long.Min(count, Room(ring, count)));
    }

    /// <summary>Adds what has been written to the first places of those claimed. The producer's.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative, or there are not so many free places.</exception>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public void Publish(int count)
    {
        RingEnds* ring = Ring;
        Pass(ref ring->Producers, count, "free places");
    }

    /// <summary>Takes the oldest value out. The consumer's.</summary>
    /// <param name="value">The value; <c>default</c> if there is none.</param>
    /// <returns>Whether there was one.</returns>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDequeue(out T value)
    {
        RingEnds* ring = Ring;
        long head = ring->Consumer.Index;
        if (head == ring->Consumer.Limit && FindValues(ring, head) == 0)
        {
            value = default;
            return false;
        }

        value = ((T*)ring->Consumer.Values)[head & ring->Consumer.Mask];
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
        int count = (int)long.Min(values.Length, Available(ring, values.Length));
        Span<T> first = PlacesFrom(in ring->Consumer, count);
        first.CopyTo(values);
        new Span<T>(ring->Consumer.Values, count - first.Length).CopyTo(values[first.Length..]);
        Volatile.Write(ref ring->Consumer.Index, ring->Consumer.Index + count);
        return count;
    }

    /// <summary>The oldest values, where they lie. The consumer's.</summary>
    /// <param name="count">The most that are wanted.</param>
    /// <returns>The values, oldest first: fewer where there are not so many, or where the ring's memory ends. They stay in the ring until <see cref="Consume"/>, and the consumer may write to them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    [return: Borrowed]
    public Span<T> Peek(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RingEnds* ring = Ring;
        return PlacesFrom(in ring->Consumer, (int)long.Min(count, Available(ring, count)));
    }

    /// <summary>Takes the oldest values out, which have been peeked at. The consumer's.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative, or there were not so many when last looked for.</exception>
    /// <inheritdoc cref="Capacity" path="/exception"/>
    public void Consume(int count)
    {
        RingEnds* ring = Ring;
        Pass(ref ring->Consumer, count, "values that were peeked at");
    }

    /// <summary>Frees the ring's memory, if its heap has not been disposed of or reset. A second call does nothing.</summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    [InvalidatesReferences]
    public void Dispose() => RingEnds.Free(ref _ring, _lease);

    // The free places: at least so many if there are, and else all that there are.
    private static long Room(RingEnds* ring, int wanted)
    {
        long tail = ring->Producers.Index;
        long room = ring->Producers.Limit - tail;
        return room >= wanted ? room : FindRoom(ring, tail);
    }

    private static long Available(RingEnds* ring, int wanted)
    {
        long head = ring->Consumer.Index;
        long count = ring->Consumer.Limit - head;
        return count >= wanted ? count : FindValues(ring, head);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long FindRoom(RingEnds* ring, long tail)
    {
        ring->Producers.Limit = Volatile.Read(ref ring->Consumer.Index) + ring->Producers.Mask + 1;
        return ring->Producers.Limit - tail;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long FindValues(RingEnds* ring, long head)
    {
        ring->Consumer.Limit = Volatile.Read(ref ring->Producers.Index);
        return ring->Consumer.Limit - head;
    }

    // The places of an end's next positions, as far as they lie side by side.
    private static Span<T> PlacesFrom(in RingEnd end, int count)
    {
        long place = end.Index & end.Mask;
        return new Span<T>((T*)end.Values + place, (int)long.Min(count, end.Mask + 1 - place));
    }

    private static void Pass(ref RingEnd end, int count, string what)
    {
        if ((uint)count > (ulong)(end.Limit - end.Index))
        {
            throw MessageErrors.BadCount(nameof(count), count, end.Limit - end.Index, what);
        }

        Volatile.Write(ref end.Index, end.Index + count);
    }

    [DoesNotReturn]
    private static void ThrowDisposed() => throw MessageErrors.Disposed(nameof(NativeSpscRing<>));
}
