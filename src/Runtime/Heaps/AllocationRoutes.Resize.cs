// Blocks of any size, by their heap's set: what Heap's members and the collections share.
//
// A block changes its size in place where that wastes less than half of it:
//
//     usable / 2 < size <= usable, or the block is among the smallest, and its slot has an untyped block's alignment (a type's of 24 bytes has not);   a large block that shrinks gives its end back, one that grows takes the pages after it where they
//     are free
//
// Pressure is told as for any allocation, so that a handler may have run, and have freed the block, when a call returns.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Blocks by size.</summary>
internal static unsafe partial class AllocationRoutes
{
    /// <summary>The alignment of an untyped block, in bytes, if it is larger than 8.</summary>
    public const int UntypedAlignment = 16;

    /// <summary>The span class of an untyped block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UntypedSpanClass(nuint size) =>
        size <= SizeClass.MaxSmallSize ? SizeClass.UntypedSpanClassOf((int)size) : SizeClass.ToSpanClass(SizeClass.Large, noScan: false);

    /// <summary>The span class of a block of a size and an alignment.</summary>
    public static int AlignedSpanClass(nuint size, nuint alignment) => alignment <= UntypedAlignment
        ? UntypedSpanClass(nuint.Max(size, alignment))
        : SizeClass.ToSpanClass(size > SizeClass.MaxSmallSize ? SizeClass.Large : SizeClass.ClassOf((int)size, (int)alignment), noScan: false);

    /// <summary>What a block of a span can be used to, in bytes.</summary>
    public static nuint UsableBytes(PageSpan* span, void* block) =>
        span->HasRecords ? SlotMarks.RecordOf(span, span->SlotOf(block))->Size : span->UsableBytes;

    /// <summary>Changes the size of a block where it is, without telling a recorder.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="span">The block's span.</param>
    /// <param name="size">The new size, in bytes.</param>
    /// <returns>Whether the block has it now; if not, it is as it was.</returns>
    public static bool TryResize(CentralSet* set, PageSpan* span, nuint size)
    {
        if (span->HasRecords)
        {
            // It moves, so that who goes on using the old place is found out.
            return false;
        }

        nuint usable = span->UsableBytes;
        if (size <= usable && (size > usable / 2 || usable <= UntypedAlignment))
        {
            return size <= UntypedAlignment / 2 || span->SlotSize % UntypedAlignment == 0;
        }

        if (span->State != SpanState.Large || span->IsGuarded || size <= SizeClass.MaxSmallSize || size > PageHeap.MaxObjectSize)
        {
            return false;
        }

        nuint pages = (size + SizeClass.PageSize - 1) >> SizeClass.PageShift;
        if (pages <= span->PageCount)
        {
            set->ShrinkLarge(span, pages);
            return true;
        }

        ThreadRecord* thread = ThreadRecord.Current;
        bool isExtended = set->TryExtendLarge(span, pages, thread == null ? null : ThreadRecord.Pages(thread));
        if (isExtended)
        {
            HeapProcess.Scavenger->HoldHighWater(set);
        }

        if (isExtended && Pressure.IsRising(set))
        {
            _ = Pressure.Tell(set, refused: 0);
        }

        return isExtended;
    }
}
