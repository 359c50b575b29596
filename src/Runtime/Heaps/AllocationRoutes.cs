// The slow paths from their root: which way a request goes, and what is tried when it fails.
//
//     up to 32 KiB   a slot: thread cache -> central cache -> page heap
//     above, or an alignment that no slot has   pages of its own, straight from the page heap
//
//     try what there is -> Reclamation.BeforeGrowth, ask the system -> Reclamation.OutOfMemory, ask once more -> null
//
// Where that has taken a limit's threshold, the user's handlers are told before the caller has his block; if there is none, all of it is tried again after them.
//
// Here, too, a heap that is recorded parts from the others, and one that is checked: RecordedRoutes and CheckedRoutes take the same ways, and tell the recorder or test what they are given.
//
// No lock is held here. A null result is the caller's to turn into OutOfMemoryException or false. Bytes that typed and untyped calls ask for
// come down to the same three values: span class, size, alignment.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Slow allocation and slow free.</summary>
internal static unsafe partial class AllocationRoutes
{
    /// <summary>Allocates from a heap.</summary>
    /// <param name="set">The heap; null for the shared heap, which may not exist yet.</param>
    /// <param name="spanClass">The span class; of size class 0 for pages.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">In bytes: a power of two that the class has, or any for pages.</param>
    /// <param name="zeroed">Whether its <paramref name="size"/> bytes are to be zero.</param>
    /// <param name="origin">Who asks; of heaps only that are checked or have guarded samples.</param>
    /// <returns>The block, or null.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Alloc(CentralSet* set, int spanClass, nuint size, nuint alignment, bool zeroed = false, uint origin = Origins.Untyped)
    {
        ThreadRecord* thread = HeapProcess.GetThread();
        if (thread == null)
        {
            return null;
        }

        set = set != null ? set : HeapProcess.Shared;
        origin = set->IsChecked ? SampledStacks.Complete(origin) : origin;
        bool mayBeAtHand = set->IsChecked && ThreadRecord.HasPlace(thread, set->Index);
        void* slot = mayBeAtHand ? CheckedRoutes.TryAlloc(ThreadRecord.HeapBin(thread, set->Index, spanClass), origin) : null;
        if (slot != null)
        {
            if (zeroed)
            {
                NativeMemory.Clear(slot, size);
            }

            return slot;
        }

        return set->Recorder == null
            ? Take(set, thread, spanClass, size, alignment, zeroed, origin)
            : RecordedRoutes.Alloc(set, thread, spanClass, size, alignment, zeroed, origin);
    }

    /// <summary>Allocates from a heap that exists, on a thread that has its record, without telling a recorder.</summary>
    /// <inheritdoc cref="Alloc" path="/param|/returns"/>
    public static void* Take(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment, bool zeroed, uint origin = Origins.Untyped)
    {
        // Marked before any handler is told, who may end all of the heap's objects.
        void* block = set->IsChecked ? CheckedRoutes.TryTake(set, thread, spanClass, size, alignment, zeroed, origin) : TryTake(set, thread, spanClass, size, alignment, zeroed, origin);
        return Pressure.IsRising(set) ? TakeUnderPressure(set, thread, spanClass, size, alignment, zeroed, origin, block) : block;
    }

    /// <summary>Allocates from a heap that exists, without a mark, and without telling a handler.</summary>
    /// <inheritdoc cref="Alloc" path="/param|/returns"/>
    public static void* TryTake(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment, bool zeroed, uint origin)
    {
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            PageSpan* span = TakeLarge(set, thread, spanClass, size, alignment);
            if (span == null)
            {
                return null;
            }

            if (zeroed && span->NeedsZeroing)
            {
                NativeMemory.Clear(span->Base, size);
            }

            return span->Base;
        }

        PageSpan* guarded = GuardedSampling.TryTake(set, thread, HeapProcess.Registry, spanClass, origin);
        if (guarded != null)
        {
            return guarded->Base;
        }

        void* slot = TakeSlot(set, thread, spanClass);
        if (slot != null && zeroed)
        {
            NativeMemory.Clear(slot, size);
        }

        return slot;
    }

    // A block that the caller will not get, since a handler throws, goes back, unless the handler has ended it with the heap's other objects; one that there was not is tried for again.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* TakeUnderPressure(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment, bool zeroed, uint origin, void* block)
    {
        bool isTold = false;
        ulong lease = set->Lease;
        try
        {
            isTold = Pressure.Tell(set, refused: block == null ? size : 0);
        }
        catch when (block != null)
        {
            if (set->Lease == lease && (!set->IsChecked || GuardedRoutes.Holds(block) || CheckedRoutes.TryEnd(set, block, origin)))
            {
                // By its span: a guarded object is a large one there.
                _ = GiveBack(set, block, HeapProcess.Pages->Map.SpanOf(block)->SpanClass);
            }

            throw;
        }

        return !isTold || block != null ? block
            : set->IsChecked ? CheckedRoutes.TryTake(set, thread, spanClass, size, alignment, zeroed, origin)
            : TryTake(set, thread, spanClass, size, alignment, zeroed, origin);
    }

    /// <summary>Frees a slot, or pages if the span class is of size class 0.</summary>
    /// <param name="set">The heap; null for the shared heap.</param>
    /// <param name="pointer">The block; not null.</param>
    /// <param name="spanClass">Its span class.</param>
    /// <param name="origin">Who frees it; of heaps only that are checked or have guarded samples.</param>
    /// <returns>A pointer that was found to be freed wrongly, this or an earlier one, or null.</returns>
    /// <exception cref="HeapCorruptionException">The heap is checked, or the pointer is where guarded objects are, and it is no block of that kind in use.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Free(CentralSet* set, void* pointer, int spanClass, uint origin = Origins.Untyped)
    {
        if (!HeapProcess.IsStarted)
        {
            // There is no block yet that could be freed.
            return pointer;
        }

        set = set != null ? set : HeapProcess.Shared;
        if (GuardedRoutes.Holds(pointer))
        {
            GuardedRoutes.Free(set, pointer, spanClass, origin);
            return null;
        }

        if (set->IsChecked)
        {
            ThreadRecord* thread = ThreadRecord.Current;
            bool mayHavePlace = thread != null && spanClass != SlotChecks.AnyClass && ThreadRecord.HasPlace(thread, set->Index);
            if (!mayHavePlace || !CheckedRoutes.TryFree(ThreadRecord.HeapBin(thread, set->Index, spanClass), pointer, set->Index, spanClass, origin))
            {
                CheckedRoutes.Free(set, pointer, spanClass, origin);
            }

            return null;
        }

        if (set->Recorder != null)
        {
            RecordedRoutes.Free(set, pointer);
        }

        return GiveBack(set, pointer, spanClass);
    }

    /// <summary>Frees a block whose span class its caller knows by its span alone.</summary>
    /// <inheritdoc cref="Free" path="/param|/returns|/exception"/>
    public static void* FreeUntyped(CentralSet* set, void* pointer, PageSpan* span) => Free(set, pointer, span->HasRecords ? SlotChecks.AnyClass : span->ObjectClass);

    /// <summary>Frees a block without telling a recorder, and without the tests of a checked heap.</summary>
    /// <inheritdoc cref="Free" path="/param|/returns"/>
    public static void* GiveBack(CentralSet* set, void* pointer, int spanClass)
    {
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            PageSpan* span = HeapProcess.Pages->Map.SpanOf(pointer);
            return span != null && set->FreeLarge(span, pointer) ? null : pointer;
        }

        // What is no slot goes no further.
        if (!set->HasSlot(pointer, spanClass))
        {
            return pointer;
        }

        if (set->ZeroesOnFree)
        {
            // What stands at the slot's end is the guard before the next one, too, and no program's.
            int guard = set->Detail == SlotDetail.Records ? SlotFills.Behind : 0;
            NativeMemory.Clear(pointer, (nuint)(SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass)) - guard));
        }

        ThreadRecord* thread = HeapProcess.GetThread();
        ThreadCache* cache = thread == null ? null : HeapProcess.Registry->GetOrAddCache(thread, set);
        if (cache != null)
        {
            cache->Free(spanClass, pointer);
            HeapProcess.Scavenger->HoldHighWater(set);
            return cache->TakeBad();
        }

        // No memory for the thread's record or cache: straight to the span, since a free must not fail for want of memory.
        CentralCache* central = set->Find(spanClass);
        return central == null ? pointer : central->Flush(&pointer, 1);
    }

    private static void* TakeSlot(CentralSet* set, ThreadRecord* thread, int spanClass)
    {
        ThreadRegistry* registry = HeapProcess.Registry;
        ThreadCache* cache = registry->GetOrAddCache(thread, set);
        if (cache == null)
        {
            return null;
        }

        void* slot = cache->Alloc(spanClass, mayGrow: false);
        if (slot == null)
        {
            Reclamation.BeforeGrowth(registry, set);
            slot = cache->Alloc(spanClass, mayGrow: true);
        }

        for (int round = 0; slot == null && MakesRoom(round); round++)
        {
            Reclamation.OutOfMemory(HeapProcess.Scavenger, registry, set, thread, (nuint)SizeClass.Pages(SizeClass.FromSpanClass(spanClass)) << SizeClass.PageShift);
            slot = cache->Alloc(spanClass, mayGrow: true);
        }

        GuardedSampling.Count(set, thread, cache, spanClass);
        HeapProcess.Scavenger->HoldHighWater(set);
        return slot;
    }

    private static PageSpan* TakeLarge(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment)
    {
        bool noScan = (spanClass & 1) != 0;
        PageCache* pages = ThreadRecord.Pages(thread);
        PageSpan* span = CentralSet.AllocLarge(set, size, alignment, noScan, mayGrow: false, pages);
        if (span == null)
        {
            Reclamation.BeforeGrowth(HeapProcess.Registry, set);
            span = CentralSet.AllocLarge(set, size, alignment, noScan, mayGrow: true, pages);
        }

        for (int round = 0; span == null && MakesRoom(round); round++)
        {
            Reclamation.OutOfMemory(HeapProcess.Scavenger, HeapProcess.Registry, set, thread, size + alignment);
            span = CentralSet.AllocLarge(set, size, alignment, noScan, mayGrow: true, pages);
        }

        HeapProcess.Scavenger->HoldHighWater(set);
        return span;
    }

    // Under the process's limit, twice: the first time the page heap may have grown, and then not been allowed the run that it had made, which begins lower, in pages that have gone back before.
    private static bool MakesRoom(int round) => round == 0 || (round == 1 && Refusal.Last == RefusedBy.ProcessMaximum);
}
