// Spans for isolated types (Heaps/IsolatedType.cs): of pages that were nobody's before, and that nobody else ever gets.
//
//     reservation: [ in use by all .. Next )[ Next .. End: not mapped )[ End ..: blocks of 256 KiB for isolated spans ]
//
// Other pages come from a reservation's start on, these from its end down, a block at a time, and in it span by span, each mapped when it is taken: so none of them has ever been in the page allocator, and since their
// heap keeps its spans, none gets there. What is behind them goes back to the system as that of other spans' holes does; the addresses stay.
//
//     MappedBytes counts isolated spans when they are taken;   what is left of a block counts as reserved
//
// In the contiguous layout the blocks come from the end of the budget, and the tables of all arenas in between count as in use from then on.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    /// <summary>Takes pages that were never in use as a span that will not come back.</summary>
    /// <inheritdoc cref="Alloc" path="/param|/returns"/>
    public PageSpan* AllocIsolated(nuint pages, int spanClass, int heapIndex, bool mayGrow, SlotDetail detail)
    {
        if (!mayGrow)
        {
            return null;
        }

        _lock.Enter();
        PageSpan* span = AllocIsolatedLocked(pages, spanClass, heapIndex, detail);
        _lock.Exit();
        return span;
    }

    private PageSpan* AllocIsolatedLocked(nuint pages, int spanClass, int heapIndex, SlotDetail detail)
    {
        nuint bytes = pages << SizeClass.PageShift;
        int kind = PageSpan.KindFor(PageSpan.SlotsIn(pages, spanClass), detail);
        PageSpan* span = GetUnused(kind);
        if (span == null)
        {
            return null;
        }

        if (!HasIsolated(bytes) || !Quota.TryCharge(bytes))
        {
            _unusedSpans.Put(span, kind);
            return null;
        }

        bool isReady = MakeReady(_isolatedNext, bytes);
        if (!isReady || !AddArenas(_isolatedNext, bytes))
        {
            _ = isReady && VirtualMemory.Fault(_isolatedNext, bytes);
            Quota.Cancel(bytes);
            _unusedSpans.Put(span, kind);
            return null;
        }

        MappedBytes += bytes;
        _growths++;
        Fill(span, (nuint)_isolatedNext >> SizeClass.PageShift, pages, spanClass, heapIndex, needsZeroing: false, detail);
        _isolatedNext += bytes;
        return span;
    }

    // Whether the block has room for so many bytes; if not, another is taken. What the old one has left is lost, and less than the span that was wanted.
    private bool HasIsolated(nuint bytes)
    {
        if (bytes <= (nuint)(_isolatedEnd - _isolatedNext))
        {
            return true;
        }

        nuint block = ToSteps(bytes >> SizeClass.PageShift);
        Reservation* reservation = _reservations;
        while (reservation != null && (nuint)(reservation->End - reservation->Next) < block)
        {
            reservation = reservation->Following;
        }

        reservation = reservation != null || ArenaLayout.IsContiguous ? reservation : Reserve(block);
        if (reservation == null)
        {
            return false;
        }

        reservation->End -= block;
        _isolatedNext = reservation->End;
        _isolatedEnd = _isolatedNext + block;
        if (reservation->Next == reservation->End)
        {
            Drop(reservation);
        }

        return true;
    }
}
