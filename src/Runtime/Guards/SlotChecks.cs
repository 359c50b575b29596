// The tests of a checked heap: whether what is to be freed, or resized, or asked for its size, is a block that was allocated from this heap and is in use.
//
//     span of the address, in use  ->  of this heap  ->  of the span class that the caller says  ->  the first byte of a slot  ->  live by its mark
//
// The first that does not hold is the fault. The span is found without a lock, and for a pointer that is no block it may be becoming another at that very moment: then what has been read may be a mixture of both. So a free ends
// the mark first (SlotMarks.TryEnd), which holds the span in its place if it was live, and then looks again whether it was the mark of this pointer's slot. If not, the mark is put back: the pointer was a stale one.
//
// A large object has no mark. It is the only block of its span, and of two frees of it CentralSet.FreeLarge tells the second.
//
// No lock is taken, and nothing is thrown here: what to say is Heaps' business.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Pages;

namespace NativeHeap.Guards;

/// <summary>What is wrong with a pointer.</summary>
internal enum SlotFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It points into no span that is in use.</summary>
    NoBlock,

    /// <summary>It points into another heap.</summary>
    OtherHeap,

    /// <summary>The block is of another span class than its caller says: another type's.</summary>
    OtherClass,

    /// <summary>It does not point to the first byte of a block.</summary>
    Interior,

    /// <summary>The block is free.</summary>
    Free,
}

/// <summary>Tests pointers against the spans and marks of a checked heap.</summary>
internal static unsafe class SlotChecks
{
    /// <summary>Stands for a span class that is not known, so that any will do.</summary>
    public const int AnyClass = -1;

    // Where there is no slot.
    private const int LargeObject = -1;

    /// <summary>Notes that a slot is in use from now on. For who has just got it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(CentralSet* set, void* slot)
    {
        PageSpan* span = set->Pages->Map.SpanOf(slot);
        SlotMarks.SetLive(span, SlotOf(span, slot));
    }

    /// <summary>Tests a pointer, and ends its slot's time in use if nothing is wrong with it: then the slot is the caller's, to give back.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="pointer">Any value.</param>
    /// <param name="spanClass">What it is to be the block of.</param>
    /// <returns>What is wrong, and then nothing has happened. Of a large object it may be free already even if nothing is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SlotFault TryEnd(CentralSet* set, void* pointer, int spanClass)
    {
        SlotFault fault = Find(set, pointer, spanClass, out PageSpan* span, out int slot);
        if (fault != SlotFault.None || slot == LargeObject)
        {
            return fault;
        }

        if (!SlotMarks.TryEnd(span, slot))
        {
            return SlotFault.Free;
        }

        if (span->State == SpanState.Slots && span->HeapIndex == set->Index && span->SpanClass == spanClass && IsSlot(span, slot, pointer))
        {
            return SlotFault.None;
        }

        SlotMarks.SetLive(span, slot);
        return SlotFault.NoBlock;
    }

    /// <summary>Tests a pointer.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="pointer">Any value.</param>
    /// <param name="spanClass">What it is to be the block of, or <see cref="AnyClass"/>.</param>
    public static SlotFault Find(CentralSet* set, void* pointer, int spanClass) => Find(set, pointer, spanClass, out _, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SlotFault Find(CentralSet* set, void* pointer, int spanClass, out PageSpan* span, out int slot)
    {
        slot = LargeObject;
        span = set->Pages->Map.SpanOf(pointer);
        if (span == null || !span->Contains(pointer))
        {
            return SlotFault.NoBlock;
        }

        if (span->HeapIndex != set->Index)
        {
            return SlotFault.OtherHeap;
        }

        if (spanClass != AnyClass && span->SpanClass != spanClass && span->ObjectClass != spanClass)
        {
            return SlotFault.OtherClass;
        }

        if (span->State == SpanState.Large)
        {
            return pointer == span->Base ? SlotFault.None : SlotFault.Interior;
        }

        slot = SlotOf(span, pointer);
        if (!IsSlot(span, slot, pointer))
        {
            return SlotFault.Interior;
        }

        // All spans of the heap are marked, but one that is becoming another need not be of the heap.
        return !span->IsMarked ? SlotFault.NoBlock : SlotMarks.IsLive(span, slot) ? SlotFault.None : SlotFault.Free;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSlot(PageSpan* span, int slot, void* pointer) =>
        (uint)slot < span->SlotCount && span->Base + ((nuint)(uint)slot * (uint)span->SlotSize) == pointer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotOf(PageSpan* span, void* pointer) => span->SlotAt((nuint)((byte*)pointer - span->Base));
}
