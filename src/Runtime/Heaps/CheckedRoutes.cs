// The routes of a checked heap: those of AllocationRoutes, and around them what Guards asks and notes.
//
//     alloc:  what the thread has at hand in a shut bin, or AllocationRoutes -> mark the slot live
//     free:   test, and end the mark, which one caller alone can do -> tell the recorder -> to the shut bin, or give it back by AllocationRoutes
//
// A call that is wrong throws here, at once, before anything has changed: with no lock held, and with the block as it was. The heap can be used on.
//
// A type's OnFreeing runs before the free; so that it does not see what is no object of its type, the test is made before it, too.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Allocation and free under test.</summary>
internal static unsafe class CheckedRoutes
{
    /// <summary>Notes that a slot is in use from now on.</summary>
    /// <returns>The slot, which may be null.</returns>
    public static void* Begin(CentralSet* set, void* slot)
    {
        if (slot != null)
        {
            SlotChecks.Begin(set, slot);
        }

        return slot;
    }

    /// <summary>Notes that a block that its caller never had is in use no more.</summary>
    /// <returns>Whether it was: not if all of the heap's objects have ended meanwhile.</returns>
    public static bool TryEnd(CentralSet* set, void* block, int spanClass) => SlotChecks.TryEnd(set, block, spanClass) == SlotFault.None;

    /// <summary>Takes a slot that the thread has at hand.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="spanClass">The span class.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="zeroed">Whether its bytes are to be zero.</param>
    /// <returns>The slot, or null: then there is none, or the call is one for a recorder to hear of.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* TryTake(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, bool zeroed)
    {
        ThreadCache* cache = thread->FindCache(set->Index);
        void* slot = cache == null || set->Recorder != null ? null : cache->TryTake(spanClass);
        if (slot != null)
        {
            SlotChecks.Begin(set, slot);
            if (zeroed)
            {
                NativeMemory.Clear(slot, size);
            }
        }

        return slot;
    }

    /// <summary>Frees a block, or says what is wrong.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="pointer">What is to be the block.</param>
    /// <param name="spanClass">Its span class.</param>
    /// <exception cref="HeapCorruptionException">It is no block of that kind in use.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(CentralSet* set, void* pointer, int spanClass)
    {
        SlotFault fault = SlotChecks.TryEnd(set, pointer, spanClass);
        if (fault != SlotFault.None)
        {
            throw SlotErrors.WrongFree(fault, set, pointer, spanClass);
        }

        if (set->Recorder != null)
        {
            RecordedRoutes.Free(set, pointer);
        }

        ThreadRecord* thread = ThreadRecord.Current;
        ThreadCache* cache = thread == null ? null : thread->FindCache(set->Index);
        if (cache != null && cache->TryGive(spanClass, pointer))
        {
            return;
        }

        if (AllocationRoutes.GiveBack(set, pointer, spanClass) != null)
        {
            // Of large objects only this can tell.
            throw SlotErrors.WrongFree(SlotFault.NoBlock, set, pointer, spanClass);
        }
    }

    /// <summary>Whether a pointer is fit to be shown to <c>OnFreeing</c>: in a heap that is not checked any is taken for that.</summary>
    /// <param name="set">The heap; null for the shared heap.</param>
    /// <param name="pointer">The pointer.</param>
    /// <param name="spanClass">The span class of the type's objects.</param>
    public static bool IsObject(CentralSet* set, void* pointer, int spanClass)
    {
        set = set != null ? set : HeapProcess.Shared;
        return set == null || !set->IsChecked || SlotChecks.Find(set, pointer, spanClass) == SlotFault.None;
    }

    /// <summary>Throws if a block of a checked heap is not in use.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="block">The first byte of a block, in use or not.</param>
    /// <exception cref="HeapCorruptionException">It is free.</exception>
    public static void RequireLive(CentralSet* set, void* block)
    {
        if (set->IsChecked && SlotChecks.Find(set, block, SlotChecks.AnyClass) == SlotFault.Free)
        {
            throw SlotErrors.UsedAfterFree(set, block);
        }
    }
}
