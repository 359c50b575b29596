// What the process's settings ask for beyond usable memory, and memory ahead of its use.
//
//     LocksMemory        each range that becomes usable, for spans or a region, is locked: who cannot lock it does not get it
//     AsksForHugePages   the system is asked for them behind the same ranges: a wish, which it may grant later or never
//
// Memory is touched ahead of its use as spans that are nobody's: taken as for a large object, and free again afterwards. A lookup finds no block in them.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    /// <summary>Takes a run of pages as a span that is nobody's, so that something can be done to its memory. <see cref="Free"/> takes it back.</summary>
    /// <param name="pages">Its length, in pages.</param>
    /// <param name="mayGrow">Whether to ask the system for memory if no run is free.</param>
    /// <returns>The span, or null.</returns>
    public PageSpan* TakeAside(nuint pages, bool mayGrow)
    {
        _lock.Enter();
        PageSpan* span = AllocLocked(pages, 1, SizeClass.ToSpanClass(SizeClass.Large, noScan: true), SharedHeapIndex, mayGrow, SlotDetail.None);
        if (span != null)
        {
            span->State = SpanState.Unused;
        }

        _lock.Exit();
        return span;
    }

    // Prepared -> Ready, as the settings want it.
    private readonly bool MakeUsable(byte* start, nuint bytes)
    {
        if (!VirtualMemory.Used(start, bytes))
        {
            return false;
        }

        if (AsksForHugePages)
        {
            _ = VirtualMemory.AdviseHuge(start, bytes);
        }

        return !LocksMemory || VirtualMemory.Lock(start, bytes);
    }
}
