// Free slots ahead of time: spans whose every page has been touched, so that lifting slots from them neither maps nor faults.
//
//     ResidentSlots = _freeSlots - slots in purged holes
//     _prewarmed    = the most that was asked for since all that can go back last had to
//     a span or a hole goes back  =>  ResidentSlots >= _prewarmed afterwards
//
// A depot's slots do not count: they are as good as handed out.

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

internal unsafe partial struct CentralCache
{
    /// <summary>Whether slots are free ahead of time; read without the lock, the answer may be old.</summary>
    public readonly bool IsPrewarmed => _prewarmed != 0;

    /// <summary>Sees to it that so many slots are free and in memory.</summary>
    /// <param name="slots">How many.</param>
    /// <param name="mayGrow">Whether to ask the system for memory.</param>
    /// <returns>Whether there are.</returns>
    public bool Prewarm(long slots, bool mayGrow)
    {
        _lock.Enter();
        _prewarmed = long.Max(_prewarmed, slots);
        bool enough = ResidentSlots >= slots;
        _lock.Exit();
        while (!enough)
        {
            PageSpan* span = _set->AllocSpan((nuint)SizeClass.Pages(SizeClass.FromSpanClass(SpanClass)), 1, SpanClass, mayGrow);
            if (span == null)
            {
                return false;
            }

            // What a heap that keeps its memory takes has been touched already.
            if (!_set->KeepsMemory)
            {
                VirtualMemory.Prefault(span->Base, span->ByteCount);
            }

            _lock.Enter();
            Enter(span, isThere: true);
            enough = ResidentSlots >= slots;
            _lock.Exit();
        }

        return true;
    }

    /// <summary>Lets slots go that were kept free, also from spans that passes have left because of it.</summary>
    public void EndPrewarmed()
    {
        _lock.Enter();
        _prewarmed = 0;
        for (PageSpan* span = _settled.First; span != null; span = _settled.First)
        {
            Refresh(span, SpanAge.Old);
        }

        _lock.Exit();
    }

    // Free slots in memory, as good as exactly: the ends of holes are in slots that lie in memory for the other part.
    private readonly long ResidentSlots => _freeSlots - (_purgedBytes / SlotSize);

    // Whether so many slots may go.
    private readonly bool CanSpare(int slots) => _prewarmed == 0 || ResidentSlots - slots >= _prewarmed;

    // Under the lock: a span new to the cache, all of it free. If its memory is not there, it comes with the slots that are handed out.
    private void Enter(PageSpan* span, bool isThere)
    {
        EnterRoom(span, SpanAge.Fresh);
        _spans++;
        _idleSpans++;
        _slots += span->SlotCount;
        _freeSlots += span->SlotCount;
        _spanBytes += (long)span->ByteCount;
        if (!isThere)
        {
            span->Purged = SpanHoles.All(span, VirtualMemory.PageSize);
            AddPurged((long)SpanHoles.PurgedBytes(span, VirtualMemory.PageSize));
        }
    }
}
