// The routes of a checked heap: those of AllocationRoutes, and around them what Guards asks and notes.
//
//     alloc:  what the thread has at hand in a shut bin, or AllocationRoutes -> mark the slot live
//     free:   test, and end the mark, which one caller alone can do -> tell the recorder -> to the shut bin, or give it back by AllocationRoutes
//
// A call that is wrong throws here, at once, before anything has changed: with no lock held, and with the block as it was. The heap can be used on.
//
// A type's OnFreeing runs before the free; so that it does not see what is no object of its type, the test is made before it, too.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Pages;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Allocation and free under test.</summary>
internal static unsafe partial class CheckedRoutes
{
    /// <summary>Takes a slot that the thread has at hand in a bin of a checked heap.</summary>
    /// <returns>The slot, uninitialised; or null: it is no such bin, or has none at hand.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* TryAlloc(Bin* bin, uint origin)
    {
        void* slot = Bin.TryTakeMarked(bin);
        if (slot != null)
        {
            SlotChecks.Begin(HeapProcess.Arenas, slot, origin);
        }

        return slot;
    }

    /// <summary>Frees a slot to a bin of a checked heap, if nothing is wrong with it and the bin has a place at hand.</summary>
    /// <returns>Whether it has.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryFree(Bin* bin, void* pointer, int heapIndex, int spanClass, uint origin)
    {
        bool isFreed = Bin.HasMarkedPlace(bin) && SlotChecks.TryEnd(HeapProcess.Arenas, heapIndex, pointer, spanClass, origin);
        if (isFreed)
        {
            Bin.GiveMarked(bin, pointer);
        }

        return isFreed;
    }

    /// <summary>Takes a block, and notes that it is in use.</summary>
    /// <inheritdoc cref="AllocationRoutes.TryTake" path="/param|/returns"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* TryTake(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment, bool zeroed, uint origin)
    {
        if (set->Detail == SlotDetail.Records)
        {
            return TryTakeRecorded(set, thread, spanClass, size, alignment, zeroed, origin);
        }

        void* block = AllocationRoutes.TryTake(set, thread, spanClass, size, alignment, zeroed, origin);
        if (block != null && !GuardedRoutes.Holds(block))
        {
            SlotChecks.Begin(HeapProcess.Arenas, block, origin);
        }

        return block;
    }

    /// <summary>Notes that a block that its caller never had is in use no more.</summary>
    /// <returns>Whether it was: not if all of the heap's objects have ended meanwhile.</returns>
    public static bool TryEnd(CentralSet* set, void* block, uint origin) => SlotChecks.TryEnd(HeapProcess.Arenas, set->Index, block, SlotChecks.AnyClass, origin);

    /// <summary>Frees a block, or says what is wrong.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="pointer">What is to be the block.</param>
    /// <param name="spanClass">Its span class.</param>
    /// <param name="origin">Who frees it.</param>
    /// <exception cref="HeapCorruptionException">It is no block of that kind in use.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        if (set->Detail == SlotDetail.Records)
        {
            FreeRecorded(set, pointer, spanClass, origin);
            return;
        }

        if (!SlotChecks.TryEnd(HeapProcess.Arenas, set->Index, pointer, spanClass, origin))
        {
            throw SlotErrors.WrongFree(SlotChecks.Find(HeapProcess.Arenas, set->Index, pointer, spanClass, origin), set, pointer, spanClass, origin);
        }

        if (set->Recorder != null)
        {
            RecordedRoutes.Free(set, pointer);
        }

        // Of a pointer that was found wrong earlier, and was none of a checked heap's calls, nothing is said here.
        _ = AllocationRoutes.GiveBack(set, pointer, spanClass);
    }

    /// <summary>Whether a pointer is fit to be shown to <c>OnFreeing</c>: in a heap that is not checked any is taken for that.</summary>
    /// <param name="set">The heap; null for the shared heap.</param>
    /// <param name="pointer">The pointer.</param>
    /// <param name="spanClass">The span class of the type's objects.</param>
    /// <param name="origin">The type.</param>
    public static bool IsObject(CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        set = set != null ? set : HeapProcess.Shared;
        return set == null || !set->IsChecked || SlotChecks.Find(HeapProcess.Arenas, set->Index, pointer, spanClass, origin) == SlotFault.None;
    }

    /// <summary>Throws if a block of a checked heap is not in use.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="block">The first byte of a block, in use or not.</param>
    /// <exception cref="HeapCorruptionException">It is free.</exception>
    public static void RequireLive(CentralSet* set, void* block)
    {
        if (set->IsChecked && SlotChecks.Find(HeapProcess.Arenas, set->Index, block, SlotChecks.AnyClass, Origins.Untyped) == SlotFault.Free)
        {
            throw SlotErrors.UsedAfterFree(set, block);
        }
    }
}
