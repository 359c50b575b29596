using System;

using NativeHeap.Central;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What a heap holds weighs on the garbage collector if it is asked to.</summary>
public sealed unsafe class MemoryPressureTests
{
    private const nuint Size = 64 << 20;

    [Fact]
    public void The_collector_runs_by_and_by_as_blocks_come_and_go()
    {
        using Heap heap = new(new HeapOptions { AddsMemoryPressure = true });
        int before = GC.CollectionCount(0);

        // When the collector takes the hint is its own business, and after a long collection it takes its time; that it never does in so much memory, none of it touched, means that it was told nothing.
        int round = 0;
        for (long start = Environment.TickCount64; (round < 2_000 || Environment.TickCount64 - start < 30_000) && GC.CollectionCount(0) == before; round++)
        {
            heap.Free(heap.Alloc(Size));
        }

        Assert.True(GC.CollectionCount(0) > before, $"No collection in {round} rounds.");
    }

    [Fact]
    public void A_heap_that_has_ended_holds_nothing_and_the_next_of_its_index_tells_nothing()
    {
        CentralSet* set;
        using (Heap heap = new(new HeapOptions { AddsMemoryPressure = true, MaximumBytes = 1 << 20 }))
        {
            set = heap.Set;
            void* block = heap.Alloc(100_000);
            block = heap.Realloc(block, 200_000);
            _ = heap.Realloc(block, 50_000);
            for (int i = 0; i < 5_000; i++)
            {
                _ = heap.Alloc(64);
            }

            Assert.False(heap.TryAlloc(Size, out _));
            NativeTable<Order> table = new(heap);
            _ = table.Add(default, out _);
            table.Dispose();
            heap.Reset();
            _ = heap.Alloc(40_000);
            Assert.True(set->Quota.AddsPressure);
        }

        Assert.Equal((0, false), (set->Quota.Used, set->Quota.AddsPressure));
        using Heap next = new();
        Assert.Equal(ProcessLimits.AddsMemoryPressure, next.Set->Quota.AddsPressure);
        Assert.False(Heap.Shared.SetOrNull->Quota.AddsPressure);
    }
}
