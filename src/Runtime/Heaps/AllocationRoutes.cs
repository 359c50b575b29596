// The slow paths from their root: which way a request goes, and what is tried when it fails.
//
//     up to 32 KiB   a slot: thread cache -> central cache -> page heap
//     above, or an alignment that no slot has   pages of its own, straight from the page heap
//
//     try what there is -> Reclamation.BeforeGrowth, ask the system -> Reclamation.OutOfMemory, ask once more -> null
//
// No lock is held here. A null result is the caller's to turn into OutOfMemoryException or false. Bytes that typed and untyped calls ask for
// come down to the same three values: span class, size, alignment.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Slow allocation and slow free.</summary>
internal static unsafe class AllocationRoutes
{
    /// <summary>Allocates from a heap.</summary>
    /// <param name="set">The heap; null for the shared heap, which may not exist yet.</param>
    /// <param name="spanClass">The span class; of size class 0 for pages.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">In bytes: a power of two that the class has, or any for pages.</param>
    /// <returns>The block, or null.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Alloc(CentralSet* set, int spanClass, nuint size, nuint alignment)
    {
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            PageSpan* span = AllocLarge(set, spanClass, size, alignment);
            return span == null ? null : span->Base;
        }

        ThreadRecord* thread = HeapProcess.GetThread();
        if (thread == null)
        {
            return null;
        }

        set = set != null ? set : HeapProcess.Shared;
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

        if (slot == null)
        {
            Reclamation.OutOfMemory(registry, set, thread);
            slot = cache->Alloc(spanClass, mayGrow: true);
        }

        return slot;
    }

    /// <summary>Allocates pages for one object.</summary>
    /// <returns>Its span, or null.</returns>
    public static PageSpan* AllocLarge(CentralSet* set, int spanClass, nuint size, nuint alignment)
    {
        ThreadRecord* thread = HeapProcess.GetThread();
        if (thread == null)
        {
            return null;
        }

        set = set != null ? set : HeapProcess.Shared;
        bool noScan = (spanClass & 1) != 0;
        PageSpan* span = CentralSet.AllocLarge(set, size, alignment, noScan, mayGrow: false);
        if (span == null)
        {
            Reclamation.BeforeGrowth(HeapProcess.Registry, set);
            span = CentralSet.AllocLarge(set, size, alignment, noScan, mayGrow: true);
        }

        if (span == null)
        {
            Reclamation.OutOfMemory(HeapProcess.Registry, set, thread);
            span = CentralSet.AllocLarge(set, size, alignment, noScan, mayGrow: true);
        }

        return span;
    }

    /// <summary>Frees a slot, or pages if the span class is of size class 0.</summary>
    /// <param name="set">The heap; null for the shared heap.</param>
    /// <param name="pointer">The block; not null.</param>
    /// <param name="spanClass">Its span class.</param>
    /// <returns>A pointer that was found to be freed wrongly, this or an earlier one, or null.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Free(CentralSet* set, void* pointer, int spanClass)
    {
        if (!HeapProcess.IsStarted)
        {
            // There is no block yet that could be freed.
            return pointer;
        }

        set = set != null ? set : HeapProcess.Shared;
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            PageSpan* span = HeapProcess.Pages->Map.SpanOf(pointer);
            return span != null && set->FreeLarge(span, pointer) ? null : pointer;
        }

        ThreadRecord* thread = HeapProcess.GetThread();
        ThreadCache* cache = thread == null ? null : HeapProcess.Registry->GetOrAddCache(thread, set);
        if (cache != null)
        {
            cache->Free(spanClass, pointer);
            return cache->TakeBad();
        }

        // No memory for the thread's record or cache: straight to the span, since a free must not fail for want of memory.
        CentralCache* central = set->Find(spanClass);
        return central == null ? pointer : central->Flush(&pointer, 1);
    }
}
