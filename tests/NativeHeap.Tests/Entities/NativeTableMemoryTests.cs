using System;

using NativeHeap.Pages;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>What tables cost, and what the figures say of it.</summary>
public sealed unsafe class NativeTableMemoryTests
{
    [Fact]
    public void A_hundred_million_slots_cost_addresses_only()
    {
        // QEMU and Wine keep a record of each page that is reserved.
        int slots = Emulation.IsQemu || OperatingSystem.IsWindows() ? 10_000_000 : 100_000_000;
        ProcessStatistics before = TableChecks.AssertEquations();
        using Heap heap = new();
        NativeTable<Order> table = new(heap, slots);
        Assert.Equal(slots, table.MaxCapacity);
        ProcessStatistics after = TableChecks.AssertEquations();
        Assert.True(after.UnmappedBytes - before.UnmappedBytes >= slots * (sizeof(Order) + 16L));
        Assert.Equal(before.MappedBytes, after.MappedBytes);

        table.Add(new Order { Id = 5 }, out NativeHandle<Order> handle);
        Assert.Equal(5, table[handle].Id);
        Assert.Equal((long)(3 * PageHeap.RegionGranule), heap.GetStatistics().LiveBytes);
        TableChecks.AssertEquations();

        // Room for a million is made without touching it; the elements then find it.
        Assert.True(table.EnsureCapacity(1_000_000) >= 1_000_000);
        long reserved = heap.GetStatistics().LiveBytes;
        ref Order last = ref table.Add(out _);
        Assert.Equal(reserved, heap.GetStatistics().LiveBytes);
        last.Id = 6;
        table.Dispose();
        ProcessStatistics end = TableChecks.AssertEquations();
        Assert.Equal((before.ReservedBytes, before.MappedBytes, before.LiveBytes), (end.ReservedBytes, end.MappedBytes, end.LiveBytes));
    }

    [Fact]
    public void Every_figure_counts_a_table_as_live_memory_of_its_heap()
    {
        using Heap heap = new();
        using NativeTable<Order> table = new(heap, 100_000);
        for (int i = 0; i < 50_000; i++)
        {
            table.Add(out _);
        }

        HeapStatistics statistics = heap.GetStatistics();
        Assert.Equal(1, statistics.LiveObjects);
        Assert.True(statistics.LiveBytes >= 50_000L * (sizeof(Order) + 16));
        Assert.Equal(statistics.SpanBytes, statistics.LiveBytes);
        TableChecks.AssertEquations();

        fixed (Order* inside = table.Values)
        fixed (NativeHandle<Order>* handles = table.Handles)
        {
            Assert.True(heap.Owns(inside) && heap.Owns(inside + 49_999) && heap.Owns(handles));
            Assert.False(Heap.Shared.Owns(inside));
            nint address = (nint)inside;
            string text = Assert.Throws<ArgumentException>(() => heap.Free((void*)address)).Message;
            Assert.Contains("into a table or a pool of the heap", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TrimExcess_gives_back_what_is_not_needed_and_old_handles_stay_stale()
    {
        using Heap heap = new();
        using NativeTable<Order> table = new(heap, 1_000_000);
        NativeHandle<Order>[] handles = new NativeHandle<Order>[200_000];
        for (int i = 0; i < handles.Length; i++)
        {
            table.Add(new Order { Id = i }, out handles[i]);
        }

        for (int i = 10; i < handles.Length; i++)
        {
            Assert.True(table.Remove(handles[i]));
        }

        long full = heap.GetStatistics().LiveBytes;
        table.TrimExcess();
        long trimmed = heap.GetStatistics().LiveBytes;
        Assert.True(trimmed <= full - (190_000L * sizeof(Order)));
        Assert.True(table.Capacity < handles.Length);
        TableChecks.AssertInvariants(table.State);
        for (int i = 0; i < handles.Length; i++)
        {
            Assert.Equal(i < 10, table.TryGet(handles[i], out Order order) && order.Id == i);
        }

        for (int i = table.Count; i < handles.Length; i++)
        {
            ref Order order = ref table.Add(out NativeHandle<Order> handle);
            Assert.Equal(0, order.Id);
            Assert.False(Array.IndexOf(handles, handle, 0, 20) >= 10);
        }

        table.Clear();
        table.TrimExcess();
        Assert.Equal((0L, 0), (heap.GetStatistics().LiveBytes, table.Capacity));
        table.Add(out NativeHandle<Order> fresh);
        Assert.All(handles, handle => Assert.False(table.Contains(handle)));
        Assert.True(table.Contains(fresh));
        TableChecks.AssertInvariants(table.State);
    }

    [Fact]
    public void A_limit_of_the_heap_stops_a_table_which_stays_as_it_is()
    {
        using Heap heap = new(new HeapOptions { Name = "Level 5", MaximumBytes = 2 << 20 });
        using NativeTable<Order> table = new(heap, 1_000_000);
        NativeTable<Order> same = table;
        OutOfMemoryException? error = null;
        int added = 0;
        while (error == null && added < 1_000_000)
        {
            try
            {
                table.Add(out _).Id = added;
                added++;
            }
            catch (OutOfMemoryException e)
            {
                error = e;
            }
        }

        Assert.Contains("Level 5", error!.Message, StringComparison.Ordinal);
        Assert.InRange(heap.GetStatistics().SpanBytes, (2 << 20) - (3 * (long)PageHeap.RegionGranule), 2 << 20);
        Assert.Equal(added, table.Count);
        TableChecks.AssertInvariants(table.State);
        Assert.Throws<OutOfMemoryException>(() => same.EnsureCapacity(500_000));
        for (int i = 0; i < added; i++)
        {
            Assert.Equal(i, table.Values[i].Id);
        }

        // What is removed makes room.
        Assert.True(table.Remove(table.Handles[0]));
        table.Add(out _);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void Memory_that_is_free_makes_room_for_a_table_under_the_limit_of_the_process()
    {
        using Heap heap = new();
        _ = Heap.Trim();
        ProcessStatistics start = Heap.GetProcessStatistics();
        try
        {
            ProcessLimits.MaximumBytes = start.UsedBytes + (8 << 20);
            heap.Free(heap.Alloc(6 << 20));
            using NativeTable<Order> table = new(heap, 1_000_000);
            Assert.True(table.EnsureCapacity(150_000) >= 150_000);
            NativeTable<Order> same = table;
            Assert.Throws<OutOfMemoryException>(() => same.EnsureCapacity(400_000));
        }
        finally
        {
            ProcessLimits.MaximumBytes = null;
        }
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_change_the_table_that_grows()
    {
        NativeTable<Order> table = default;
        int told = 0;
        using Heap heap = new(new HeapOptions
        {
            SoftLimitBytes = 1 << 20,
            OnPressure = pressure =>
            {
                told++;
                table.Clear();
                table.Add(out _).Id = -1;
            },
        });
        table = new NativeTable<Order>(heap, 1_000_000);
        int added = 0;
        while (told == 0)
        {
            table.Add(out _).Id = added++;
        }

        Assert.Equal(2, table.Count);
        Assert.Equal((-1, added - 1), (table.Values[0].Id, table.Values[1].Id));
        TableChecks.AssertInvariants(table.State);
        table.Dispose();
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_end_the_table_that_grows()
    {
        NativeTable<Order> table = default;
        using Heap heap = new(new HeapOptions { SoftLimitBytes = 1 << 20, OnPressure = pressure => table.Dispose() });
        table = new NativeTable<Order>(heap, 1_000_000);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            while (!table.IsDefault)
            {
                table.Add(out _);
            }
        });
        TableChecks.AssertEquations();
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using Heap heap = new();
        NativeHandle<Order>[] handles = new NativeHandle<Order>[5_000];
        TableChecks.AssertNoGarbage(() =>
        {
            NativeTable<Order> table = new(heap, 100_000);
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < handles.Length; i++)
                {
                    table.Add(out handles[i]).Id = i;
                }

                long sum = 0;
                foreach (NativeEntry<Order> entry in table)
                {
                    sum += entry.Value.Id + table[entry.Handle].Id + (table.TryGet(entry.Handle, out Order copy) ? copy.Price : 0);
                }

                for (int i = 0; i < handles.Length; i += 2)
                {
                    _ = table.Remove(handles[i]) && table.Contains(handles[i]) && table.Remove(handles[i], out _);
                }

                table.TrimExcess();
                _ = table.EnsureCapacity(50_000);
                table.Clear();
            }

            table.Dispose();
        });
    }
}
