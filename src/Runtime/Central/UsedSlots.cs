// The slots of one span that are in use, copied at one moment: what a walk over a heap's blocks goes through, a span at a time.
//
//     bit i of Bits = 1  <=>  slot i is live: not free in the span, nor in the depot, nor in a thread's bin
//     a large object is the only slot of its span
//
// Filled in steps, each under the lock of who knows: the depot is drained into the spans, CentralCache copies the bitmap, ThreadRegistry crosses out what is in bins. Exact if no other
// thread uses the heap meanwhile; otherwise a slot that is just being handed out or given back may be in it or not.

using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>A copy of which slots of a span are live.</summary>
internal unsafe struct UsedSlots
{
    /// <summary>The words of <see cref="Bits"/>.</summary>
    public const int MaxWords = SizeClass.MaxSlots / 64;

    /// <summary>The first byte of the span.</summary>
    public byte* Base;

    /// <summary>The size of a slot, in bytes.</summary>
    public nuint SlotSize;

    /// <summary>The span class.</summary>
    public int SpanClass;

    /// <summary>The span, if each of its slots has a record of its size; else null.</summary>
    public PageSpan* Recorded;

    /// <summary>How many words of <see cref="Bits"/> count.</summary>
    public int Words;

    /// <summary>A bit a slot: 1 for live.</summary>
    public fixed ulong Bits[MaxWords];

    /// <summary>Copies a span of slots.</summary>
    /// <param name="span">The span.</param>
    /// <param name="taken">Bits of slots that are free although the span's own say otherwise, as many words as it has; or null.</param>
    /// <param name="content">Receives what the slots in use hold, at the same distance from its start as from the span's, whose length it has; or null.</param>
    public void Copy(PageSpan* span, ulong* taken, byte* content)
    {
        Base = span->Base;
        SlotSize = (uint)span->SlotSize;
        Recorded = span->HasRecords ? span : null;
        SpanClass = span->SpanClass;
        Words = (span->SlotCount + 63) / 64;
        for (int word = 0; word < Words; word++)
        {
            int count = int.Min(span->SlotCount - (word * 64), 64);
            ulong free = span->Bits[word] | (taken == null ? 0 : taken[word]);
            Bits[word] = ~free & (ulong.MaxValue >> (64 - count));
            if (content != null && Bits[word] != 0)
            {
                // From the first to the last in use: what lies beyond may never have been touched.
                nuint start = (nuint)((word * 64) + BitOperations.TrailingZeroCount(Bits[word])) * SlotSize;
                nuint end = (nuint)((word * 64) + 64 - BitOperations.LeadingZeroCount(Bits[word])) * SlotSize;
                NativeMemory.Copy(Base + start, content + start, end - start);
            }
        }
    }

    /// <summary>Copies a large object.</summary>
    public void CopyLarge(PageSpan* span)
    {
        Base = span->Base;
        SlotSize = span->UsableBytes;
        Recorded = span->HasRecords ? span : null;
        SpanClass = span->SpanClass;
        Words = 1;
        Bits[0] = span->State == SpanState.Large ? 1UL : 0;
    }

    /// <summary>Crosses slots out. Pointers to anything else are passed over.</summary>
    public void Remove(void** slots, int count)
    {
        nuint bytes = (nuint)(Words * 64) * SlotSize;
        for (int i = 0; i < count; i++)
        {
            nuint offset = (nuint)((byte*)slots[i] - Base);
            if (offset < bytes)
            {
                nuint slot = offset / SlotSize;
                Bits[slot >> 6] &= ~(1UL << (int)(slot & 63));
            }
        }
    }
}
