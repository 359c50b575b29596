// A heap's guarded objects (Pages/GuardedPages.cs): large ones to its figures, its list and its quota, and only where they come from and where they go is another place.
//
// An object that a stub has freed into a bin, where nobody looked, is found to be one when it reaches its central cache's flush, and freed then: by this, without a word.

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

internal unsafe partial struct CentralSet
{
    /// <summary>The most magazines that are looked through for one object: as much of all threads' time as the frees that are watched.</summary>
    public const int GuardedSweeps = 100;

    /// <summary>Takes a guarded object. Whether there is one or not, the next magazines of its class are looked through for such as were freed unseen.</summary>
    /// <param name="spanClass">The span class of the slot in whose stead it is.</param>
    /// <param name="atEnd">Whether it is to be right before a guard page, and not right behind one.</param>
    /// <returns>Its span; null if all places are in use, or the heap may not hold more, or the system refuses.</returns>
    public PageSpan* AllocGuarded(int spanClass, bool atEnd)
    {
        CentralCache* central = Find(spanClass);
        if (central != null)
        {
            central->Sweeps = GuardedSweeps;
        }

        nuint size = (nuint)SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass));
        nuint bytes = (size + SizeClass.PageSize - 1) & ~(nuint)(SizeClass.PageSize - 1);
        if (!Quota.TryCharge(bytes))
        {
            return null;
        }

        PageSpan* span = _pages->Guarded.Take(spanClass, Index, atEnd);
        if (span == null)
        {
            Quota.Cancel(bytes);
            return null;
        }

        EnterLarge(span);
        return span;
    }

    private void EnterLarge(PageSpan* span)
    {
        _largeLock.Enter();
        _large.Add(span);
        _largeBytes += (long)span->ByteCount;
        _largeCount++;
        _largeLock.Exit();
    }

    // Gives a large object back that is in no list any more.
    private void ReleaseLarge(PageSpan* span)
    {
        if (!span->IsGuarded)
        {
            if (ZeroesOnFree)
            {
                VirtualMemory.Zero(span->Base, span->ByteCount);
            }

            FreeSpans(span);
            return;
        }

        nuint bytes = span->ByteCount;
        span->State = SpanState.Unused;
        ((GuardedPlace*)span)->State = GuardedState.Freed;
        _pages->Guarded.Give(span);
        Quota.Uncharge(bytes);
    }

    // Takes all guarded objects out of the list, and gives them back.
    private void ReleaseGuarded()
    {
        for (PageSpan* span = _pages->Guarded.Used == 0 ? null : _large.First; span != null;)
        {
            PageSpan* next = span->Next;
            if (span->IsGuarded)
            {
                _large.Remove(span);
                ReleaseLarge(span);
            }

            span = next;
        }
    }
}
