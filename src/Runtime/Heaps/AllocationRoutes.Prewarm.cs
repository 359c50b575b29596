// The slow paths ahead of time: memory is looked for where an allocation would look for it, and stays free.
//
//     this thread's bin   as large as it gets, and full, or with as many slots as were asked for
//     the heap's spans    so many free slots, in memory
//
// Limits are told as for an allocation, and what was refused is tried for once more after that.

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

internal static unsafe partial class AllocationRoutes
{
    /// <summary>Makes free pages ready, for all heaps.</summary>
    /// <param name="set">The heap that was asked.</param>
    /// <param name="bytes">How many bytes.</param>
    /// <returns>Whether there is the memory for them.</returns>
    public static bool Prewarm(CentralSet* set, nuint bytes)
    {
        bool done = HeapProcess.Scavenger->Prewarm(bytes);
        return Pressure.IsRising(set) && Pressure.Tell(set, refused: done ? 0 : bytes) && !done ? HeapProcess.Scavenger->Prewarm(bytes) : done;
    }

    /// <summary>Makes free slots ready: this thread's cache for them, and so many in spans.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="spanClass">The span class.</param>
    /// <param name="count">How many.</param>
    /// <returns>Whether there is the memory for them.</returns>
    public static bool Prewarm(CentralSet* set, int spanClass, int count)
    {
        bool done = TryPrewarm(set, spanClass, count);
        nuint refused = done ? 0 : (nuint)count * (nuint)SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass));
        done = Pressure.IsRising(set) && Pressure.Tell(set, refused) && !done ? TryPrewarm(set, spanClass, count) : done;
        HeapProcess.Scavenger->HoldHighWater(set);
        return done;
    }

    private static bool TryPrewarm(CentralSet* set, int spanClass, int count)
    {
        ThreadRecord* thread = HeapProcess.GetThread();
        ThreadCache* cache = thread == null ? null : HeapProcess.Registry->GetOrAddCache(thread, set);
        CentralCache* central = cache == null ? null : CentralSet.GetOrCreate(set, spanClass);
        if (central == null)
        {
            return false;
        }

        // As many as both magazines of a bin hold, there and back: each miss on the way makes the bin larger.
        int inBin = int.Min(count, 2 * central->MagazineCapacity);
        void** slots = stackalloc void*[inBin];
        int got = 0;
        while (got < inBin && (slots[got] = TakeSlot(set, thread, spanClass)) != null)
        {
            got++;
        }

        for (int i = got - 1; i >= 0; i--)
        {
            cache->Free(spanClass, slots[i]);
        }

        if (got < inBin || central->Prewarm(count, mayGrow: false))
        {
            return got == inBin;
        }

        Reclamation.BeforeGrowth(HeapProcess.Registry, set);
        if (central->Prewarm(count, mayGrow: true))
        {
            return true;
        }

        Reclamation.OutOfMemory(HeapProcess.Scavenger, HeapProcess.Registry, set, thread, (nuint)SizeClass.Pages(SizeClass.FromSpanClass(spanClass)) << SizeClass.PageShift);
        return central->Prewarm(count, mayGrow: true);
    }
}
