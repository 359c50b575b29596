// The block of a ring: what its two ends know, and the values behind them.
//
//     [ producers' line | consumer's line | values ]                  a line is 128 bytes
//
//     Producers.Index - Consumer.Index = values in the ring           0 <= values <= capacity = Mask + 1, a power of two
//     the value of position p lies at place p & Mask
//
// Positions go up for ever and never wrap in practice (a thousand million a second take 292 years); all that is asked of them is their difference, which is right where they do.
//
// The lines are what keeps the two sides from disturbing each other: each writes its own. They are of 128 bytes, since the prefetcher of Intel's processors brings lines of 64 in pairs, so that a neighbour's
// writes cost as much as one's own line's (Intel 64 and IA-32 Optimization Reference Manual, "Data Prefetching"), and lines are of 128 on Apple's arm64. Where the values lie and the mask stand in both: the
// object that users hold lies anywhere on the managed heap, beside objects that others may be writing to, so that nothing but a pointer that never changes is read from it.

using System;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Buffers;

/// <summary>What one side of a ring reads and writes.</summary>
[StructLayout(LayoutKind.Sequential, Size = RingEnds.LineBytes)]
internal unsafe struct RingEnd
{
    /// <summary>The position of the next value to write, or to read. The other side reads it.</summary>
    public long Index;

    /// <summary>How far this side may go before it must ask the other, if it keeps that.</summary>
    public long Limit;

    /// <summary>The values.</summary>
    public byte* Values;

    /// <summary>The capacity, less one.</summary>
    public long Mask;
}

/// <summary>The ends of a ring, which its values follow in memory.</summary>
internal unsafe struct RingEnds
{
    /// <summary>What is kept apart for each side.</summary>
    public const int LineBytes = 128;

    /// <summary>The most places that a ring can have.</summary>
    public const int MaxCapacity = 1 << 30;

    /// <summary>Who puts values in.</summary>
    public RingEnd Producers;

    /// <summary>Who takes them out.</summary>
    public RingEnd Consumer;

    /// <summary>Makes an empty ring, whose values are uninitialised.</summary>
    /// <param name="heap">Whose memory it takes.</param>
    /// <param name="capacity">For how many values, at least.</param>
    /// <param name="valueBytes">What each takes.</param>
    /// <param name="start">The position of the first value.</param>
    public static RingEnds* Create(Heap heap, int capacity, int valueBytes, long start)
    {
        ArgumentNullException.ThrowIfNull(heap);
        int most = (int)nuint.Min(MaxCapacity, (PageHeap.MaxObjectSize / 2) / (nuint)valueBytes);
        if (capacity < 1 || capacity > most)
        {
            throw MessageErrors.BadCapacity(nameof(capacity), capacity, most);
        }

        nuint places = BitOperations.RoundUpToPowerOf2((uint)capacity);
        nuint bytes = (nuint)sizeof(RingEnds) + (places * (nuint)valueBytes);

        // Whole lines, so that the last value shares none with the next block.
        bytes = (bytes + LineBytes - 1) & ~(nuint)(LineBytes - 1);
        RingEnds* ring = (RingEnds*)heap.AllocAligned(bytes, LineBytes);
        ring->Producers = new RingEnd { Index = start, Limit = start + (long)places, Values = (byte*)(ring + 1), Mask = (long)places - 1 };
        ring->Consumer = ring->Producers;
        ring->Consumer.Limit = start;
        return ring;
    }

    /// <summary>Frees a ring, if its heap's objects of then have not ended; null is ignored.</summary>
    /// <param name="ring">The ring; null afterwards.</param>
    /// <param name="lease">Its heap's lease when it was made.</param>
    public static void Free(ref RingEnds* ring, ulong lease)
    {
        RingEnds* block = ring;
        ring = null;
        CentralSet* set = block == null ? null : HeapProcess.Indexes->Find(lease);
        if (set != null)
        {
            CollectionRoutes.Free(set, block);
        }
    }

    /// <summary>The number of values in a ring, by two looks at it.</summary>
    public static int Count(RingEnds* ring)
    {
        // In this order, so that the difference is never negative; what comes between the looks may make it too large.
        long head = Volatile.Read(ref ring->Consumer.Index);
        long count = Volatile.Read(ref ring->Producers.Index) - head;
        return (int)long.Min(count, ring->Producers.Mask + 1);
    }
}
