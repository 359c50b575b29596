// What a central cache does for heaps that are hardened (HeapHardening).
//
//     slots in random order    of the spans with room one of the first few, and of its free slots the first behind one that is drawn, until there are enough; what comes from the depot is shuffled
//     zero on free             whoever frees a slot clears it before it comes here; when all end at once, those that the spans do not have as free
//
// Lots are drawn under the lock, from a sequence of the cache's own.

using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Central;

internal unsafe partial struct CentralCache
{
    // Of how many spans with room one is drawn.
    private const int DrawnSpans = 8;

    /// <summary>Clears all slots that may be in use, before they end. No thread may use the heap.</summary>
    public void ZeroUsed()
    {
        _lock.Enter();
        ZeroUsed(_settled);
        ZeroUsed(_room);
        ZeroUsed(_full);
        _lock.Exit();
    }

    private readonly void ZeroUsed(SpanList spans)
    {
        for (PageSpan* span = spans.First; span != null; span = span->Next)
        {
            for (int word = 0; word * 64 < span->SlotCount; word++)
            {
                ulong used = ~span->Bits[word] & ChunkBits.Below(span->SlotCount - (word * 64));
                for (; used != 0; used &= used - 1)
                {
                    int slot = (word * 64) + BitOperations.TrailingZeroCount(used);
                    NativeMemory.Clear(span->Base + ((nuint)(uint)slot * (uint)SlotSize), (nuint)SlotSize);
                }
            }
        }
    }

    // Under the lock: the cache's sequence, which begins anew with each heap that is hardened.
    private ulong DrawOrder()
    {
        if (_seed != _set->OrderSeed)
        {
            _seed = _set->OrderSeed;
            _order = new SlotOrder(new SlotOrder(_seed ^ (ulong)SpanClass).Draw());
        }

        return _order.Draw();
    }

    // Under the lock: a span with room; null if there is none.
    private PageSpan* DrawSpan()
    {
        PageSpan* span = FirstWithRoom;
        for (ulong steps = DrawOrder() % DrawnSpans; steps != 0 && span != null && span->Next != null; steps--)
        {
            span = span->Next;
        }

        return span;
    }

    // Under the lock: lifts slots of a span wherever they are. Returns how many there are now.
    private int LiftAnywhere(PageSpan* span, void** destination, int got, int wanted)
    {
        SlotOrder order = new(DrawOrder());
        while (got < wanted && span->Summary != 0)
        {
            int slot = FirstFree(span, from: order.Draw(span->SlotCount));
            int word = slot >> 6;
            span->Bits[word] &= ~(1UL << (slot & 63));
            if (span->Bits[word] == 0)
            {
                span->Summary = (ushort)(span->Summary & ~(1 << word));
            }

            byte* address = span->Base + ((nuint)(uint)slot * (uint)SlotSize);
            got++;
            destination[wanted - got] = address;
            if (span->Purged != 0)
            {
                AddPurged(-(long)SpanHoles.Touch(span, address, address + SlotSize, VirtualMemory.PageSize));
            }
        }

        return got;
    }

    // The first free slot from one on, going round; there must be one.
    private static int FirstFree(PageSpan* span, int from)
    {
        int word = from >> 6;
        ulong bits = span->Bits[word] & (ulong.MaxValue << (from & 63));
        if (bits == 0)
        {
            uint later = span->Summary & (uint.MaxValue << (word + 1));
            word = BitOperations.TrailingZeroCount(later != 0 ? later : span->Summary);
            bits = span->Bits[word];
        }

        return (word * 64) + BitOperations.TrailingZeroCount(bits);
    }
}
