// The tests of a checked heap: whether what is to be freed, or resized, or asked for its size, is a block that was allocated from this heap and is in use.
//
//     span of the address, in use  ->  of this heap  ->  of the span class that the caller says  ->  the first byte of a block  ->  live by its mark  ->  of the caller's type by that
//
// The first that does not hold is the fault. The span is found without a lock, and for a pointer that is no block it may be becoming another at that very moment: then what has been read may be a mixture of both. So a free ends
// the mark first (SlotMarks.TryEnd), which holds the span in its place if it was live, and then looks again whether it was the mark of this pointer's slot. If not, the mark is put back: the pointer was a stale one.
//
// No lock is taken, and nothing is thrown here: what to say is Heaps' business.

using System.Runtime.CompilerServices;

using NativeHeap.Pages;
using NativeHeap.Platform;

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

    /// <summary>The block is another type's, of the same span class.</summary>
    OtherType,

    /// <summary>It does not point to the first byte of a block.</summary>
    Interior,

    /// <summary>The block is free.</summary>
    Free,

    /// <summary>The block is free, or its heap has ended, and its memory is inaccessible.</summary>
    Sealed,
}

/// <summary>Tests pointers against the spans and marks of a checked heap.</summary>
internal static unsafe class SlotChecks
{
    /// <summary>Stands for a span class that is not known, so that any will do.</summary>
    public const int AnyClass = -1;

    /// <summary>Notes that a block is in use from now on. For who has just got it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(void* arenas, void* block, uint origin)
    {
        PageSpan* span = ArenaMap.SpanOf(arenas, block);
        SlotMarks.SetLive(span, span->SlotOf(block), origin);
    }

    /// <summary>Tests a pointer, and ends its block's time in use if nothing is wrong with it: then the block is the caller's, to give back.</summary>
    /// <param name="arenas">Where lookups start (<see cref="ArenaMap.Arenas"/>).</param>
    /// <param name="heapIndex">The heap, by its index.</param>
    /// <param name="pointer">Any value.</param>
    /// <param name="spanClass">The span class of the block that it is to be, or <see cref="AnyClass"/>.</param>
    /// <param name="origin">Who frees it.</param>
    /// <returns>Whether nothing is; if not, nothing has happened, and <see cref="Find"/> says what is wrong.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEnd(void* arenas, int heapIndex, void* pointer, int spanClass, uint origin)
    {
        PageSpan* span = ArenaMap.SpanOf(arenas, pointer);
        if (span == null || !IsBlock(span, heapIndex, spanClass, pointer, out int slot))
        {
            return false;
        }

        uint owner = SlotMarks.OriginOf(span, slot);
        DelayInjection.Pass(DelayPoint.MarkSeen);
        if (owner == 0 || !Origins.AreOfOneType(owner, origin) || !SlotMarks.TryEnd(span, slot, owner))
        {
            return false;
        }

        DelayInjection.Pass(DelayPoint.MarkSeen);
        if (IsBlock(span, heapIndex, spanClass, pointer, out int now) && now == slot)
        {
            return true;
        }

        SlotMarks.SetLive(span, slot, owner);
        return false;
    }

    /// <summary>Says what is wrong with a pointer.</summary>
    /// <inheritdoc cref="TryEnd" path="/param"/>
    public static SlotFault Find(void* arenas, int heapIndex, void* pointer, int spanClass, uint origin)
    {
        PageSpan* span = ArenaMap.SpanOf(arenas, pointer);
        if (span == null || !span->Contains(pointer))
        {
            return SlotFault.NoBlock;
        }

        if (span->State == SpanState.Sealed)
        {
            return SlotFault.Sealed;
        }

        if (span->HeapIndex != heapIndex)
        {
            return SlotFault.OtherHeap;
        }

        if (spanClass != AnyClass && !span->HasRecords && span->SpanClass != spanClass && span->ObjectClass != spanClass)
        {
            return SlotFault.OtherClass;
        }

        if (!IsBlock(span, heapIndex, AnyClass, pointer, out int slot))
        {
            return SlotFault.Interior;
        }

        uint owner = SlotMarks.OriginOf(span, slot);
        return owner == 0 ? SlotFault.Free
            : spanClass != AnyClass && span->HasRecords && SlotMarks.RecordOf(span, slot)->SpanClass != spanClass ? SlotFault.OtherClass
            : Origins.AreOfOneType(owner, origin) ? SlotFault.None : SlotFault.OtherType;
    }

    // All spans of the heap are marked, but one that is becoming another need not be of the heap.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBlock(PageSpan* span, int heapIndex, int spanClass, void* pointer, out int slot)
    {
        slot = span->SlotOf(pointer);
        return span->HeapIndex == heapIndex && (span->SpanClass == spanClass || spanClass == AnyClass) && span->IsMarked
            && (span->State == SpanState.Slots
                ? (uint)slot < span->SlotCount && span->Base + ((nuint)(uint)slot * (uint)span->SlotSize) == pointer
                : span->State == SpanState.Large && span->Base == pointer);
    }
}
