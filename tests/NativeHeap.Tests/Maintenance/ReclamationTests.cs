using System.Collections.Generic;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>What is done before the page heap grows.</summary>
public sealed unsafe class ReclamationTests
{
    private const int Size = 1024;
    private const int Count = 64 * 1024;

    [Fact]
    public void A_depot_keeps_what_was_freed_until_the_page_heap_would_grow() =>
        ThreadTests.Run(() =>
        {
            // What threads of other tests left, up to a megabyte each, would be found before growth, too.
            ThreadTests.Settle();
            using Heap heap = new();
            FreeAll(heap, AllocMany(heap, Size, Count));
            CentralCache* central = heap.Set->Find(SizeClass.UntypedSpanClassOf(Size));
            long parked = central->DepotBytes;
            Assert.InRange(parked, (Count - 2_000) * Size, Count * Size);

            // The same again needs next to nothing from the spans: what was drained to pay for the magazines.
            CentralCounts before = central->GetCounts();
            List<nint> blocks = AllocMany(heap, Size, Count);
            Assert.InRange(central->GetCounts().Slots, before.Slots, before.Slots + (Count / 100));
            FreeAll(heap, blocks);

            // Another class: what the first one parks goes back to its spans, when the free pages that other tests' heaps left are used up.
            PageHeapTotals totals = HeapProcess.Pages->GetTotals();
            long free = (long)(totals.Free + totals.Returned);
            blocks = AllocMany(heap, Size * 2, (Count / 4) + (int)(free / (Size * 2)));
            Assert.InRange(central->DepotBytes, 0, parked - (Count / 4 * Size));
            FreeAll(heap, blocks);
        });

    [Fact]
    public void A_drain_before_growth_is_bounded() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            FreeAll(heap, AllocMany(heap, Size, Count));
            CentralCache* central = heap.Set->Find(SizeClass.UntypedSpanClassOf(Size));
            long parked = central->DepotBytes;
            NativeHeap.Maintenance.Reclamation.BeforeGrowth(HeapProcess.Registry, heap.Set);
            long drained = parked - central->DepotBytes;
            Assert.InRange(drained, 4 << 20, (4 << 20) + (2 * Size));
        });

    private static List<nint> AllocMany(Heap heap, int size, int count)
    {
        List<nint> blocks = [];
        for (int i = 0; i < count; i++)
        {
            blocks.Add((nint)heap.Alloc((nuint)size));
        }

        return blocks;
    }

    private static void FreeAll(Heap heap, List<nint> blocks)
    {
        foreach (nint block in blocks)
        {
            heap.Free((void*)block);
        }
    }
}
