// The routes of a heap that is checked at the closest level: more room for each block, what stands around it, and the quarantine (Guards/SlotFills.cs, Central/Quarantine.cs).
//
//     alloc:  a block of the class for size + SlotFills.Behind -> its record -> what stands around it -> its mark
//     free:   test, by the record -> end the mark -> look at what stands around it -> fill it, or seal its pages -> into the quarantine
//             the oldest of the quarantine, if there is too much in it -> look whether it was written to -> give it back
//
// A write that was wrong is told by the call that finds it, after that call has done what it was to do. Blocks are as aligned as without.
//
// Bins are shut here as in any checked heap, and the quick way by them is closed, too (Bin.IsMarked).

using System;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

internal static unsafe partial class CheckedRoutes
{
    /// <summary>Looks for writes around live objects of a heap, and to objects that it has in quarantine. For when no other thread is using the heap.</summary>
    /// <param name="set">The heap.</param>
    /// <returns>What to throw of the first that is found, or null. All are mended.</returns>
    public static HeapCorruptionException? FindWrites(CentralSet* set)
    {
        if (set == null || set->Detail != SlotDetail.Records)
        {
            return null;
        }

        HeapCorruptionException? first = null;
        nuint page = 0;
        for (PageSpan* span = Next(); span != null; span = Next())
        {
            for (int slot = 0; span->HasRecords && slot < span->MarkCount; slot++)
            {
                if (SlotMarks.OriginOf(span, slot) != 0)
                {
                    FindOverrun(span, slot, span->Base + ((nuint)(uint)slot * (uint)span->SlotSize), whenFreed: false, ref first);
                }
            }
        }

        Quarantine* quarantine = set->Quarantine;
        for (void* block = quarantine == null ? null : quarantine->Next(null); block != null; block = quarantine->Next(block))
        {
            FindWrite(HeapProcess.Pages->Map.SpanOf(block), (byte*)block, ref first);
        }

        return first;

        PageSpan* Next() => HeapProcess.Pages->Map.NextSpan(ref page, set->Index);
    }

    /// <summary>What an object of a heap is in: the span class, and the bytes that it asks for.</summary>
    public static (int SpanClass, nuint Size) SlotFor(CentralSet* set, int spanClass, nuint size, nuint alignment)
    {
        if (set->Detail != SlotDetail.Records)
        {
            return (spanClass, size);
        }

        nuint padded = size + SlotFills.Behind;
        bool isLarge = SizeClass.FromSpanClass(spanClass) == SizeClass.Large || padded > SizeClass.MaxSmallSize;
        return (SizeClass.ToSpanClass(isLarge ? SizeClass.Large : SizeClass.ClassOf((int)padded, (int)alignment), noScan: !SizeClass.MayHoldPointers(spanClass)), padded);
    }

    private static void* TryTakeRecorded(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment, bool zeroed, uint origin)
    {
        (int slotClass, nuint slotSize) = SlotFor(set, spanClass, size, alignment);
        void* block = AllocationRoutes.TryTake(set, thread, slotClass, slotSize, alignment, zeroed, origin);
        if (block == null || GuardedRoutes.Holds(block))
        {
            return block;
        }

        PageSpan* span = HeapProcess.Pages->Map.SpanOf(block);
        int slot = span->SlotOf(block);
        *SlotMarks.RecordOf(span, slot) = SlotRecord.Of(size, spanClass, origin, Environment.CurrentManagedThreadId);
        SlotFills.Begin(span, slot, (byte*)block, size, zeroed);
        SlotMarks.SetLive(span, slot, origin);
        return block;
    }

    private static void FreeRecorded(CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        SlotFault fault = SlotChecks.Find(HeapProcess.Arenas, set->Index, pointer, spanClass, origin);
        if (fault != SlotFault.None || !SlotChecks.TryEnd(HeapProcess.Arenas, set->Index, pointer, SlotChecks.AnyClass, origin))
        {
            fault = fault != SlotFault.None ? fault : SlotChecks.Find(HeapProcess.Arenas, set->Index, pointer, spanClass, origin);
            throw SlotErrors.WrongFree(fault, set, pointer, spanClass, origin);
        }

        if (set->Recorder != null)
        {
            RecordedRoutes.Free(set, pointer);
        }

        PageSpan* span = HeapProcess.Pages->Map.SpanOf(pointer);
        int slot = span->SlotOf(pointer);
        SlotRecord* record = SlotMarks.RecordOf(span, slot);
        record->FreeOrigin = SampledStacks.Complete(origin);
        record->FreeThread = Environment.CurrentManagedThreadId;
        HeapCorruptionException? first = null;
        FindOverrun(span, slot, (byte*)pointer, whenFreed: true, ref first);
        if (span->SlotCount != 0)
        {
            SlotFills.End(span, (byte*)pointer);
        }
        else if (set->Quarantine != null)
        {
            _ = set->SealLarge(span);
        }

        Keep(set, pointer, ref first);
        if (first != null)
        {
            throw first;
        }
    }

    // Into the quarantine, and what is too much for it out. What the system refuses to make accessible goes in again, behind the others, and is tried again by a later free.
    private static void Keep(CentralSet* set, void* block, ref HeapCorruptionException? first)
    {
        if (set->Quarantine == null)
        {
            _ = TryGiveBack(set, block, ref first);
            return;
        }

        for (void* oldest = set->Quarantine->Exchange(block); oldest != null; oldest = set->Quarantine->TakeOldest())
        {
            if (!TryGiveBack(set, oldest, ref first))
            {
                set->Quarantine->Add(oldest);
                break;
            }
        }
    }

    private static bool TryGiveBack(CentralSet* set, void* block, ref HeapCorruptionException? first)
    {
        PageSpan* span = HeapProcess.Pages->Map.SpanOf(block);
        FindWrite(span, (byte*)block, ref first);
        if (span->State == SpanState.Sealed && !PageHeap.Unseal(span, SpanState.Large))
        {
            return false;
        }

        _ = AllocationRoutes.GiveBack(set, block, span->SpanClass);
        return true;
    }

    // Both mend what they find, and say it if nothing was found before: to say it may take a look at all memory.
    private static void FindOverrun(PageSpan* span, int slot, byte* block, bool whenFreed, ref HeapCorruptionException? first)
    {
        if (SlotFills.FindOverrun(span, slot, block, SlotMarks.RecordOf(span, slot)->Size) is { } offset)
        {
            first ??= WriteErrors.Outside(span, slot, block, offset, whenFreed);
        }
    }

    private static void FindWrite(PageSpan* span, byte* block, ref HeapCorruptionException? first)
    {
        if (span->State == SpanState.Slots && SlotFills.FindWrite(span, block) is { } offset)
        {
            first ??= WriteErrors.AfterFree(span, span->SlotOf(block), block, offset);
        }
    }
}
