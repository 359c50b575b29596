using System;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Platform;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>What pools cost, and what the figures say of it.</summary>
public sealed unsafe class NativePoolMemoryTests
{
    [Fact]
    public void A_hundred_million_slots_cost_addresses_only()
    {
        int slots = Emulation.IsQemu || OperatingSystem.IsWindows() ? 10_000_000 : 100_000_000;
        ProcessStatistics before = TableChecks.AssertEquations();
        using Heap heap = new();
        NativePool<Order> pool = new(heap, slots);
        Assert.True(TableChecks.AssertEquations().UnmappedBytes - before.UnmappedBytes >= slots * (sizeof(Order) + 4L));
        pool.Add(new Order { Id = 5 }, out NativeHandle<Order> handle);
        Assert.Equal(5, pool[handle].Id);
        Assert.Equal((long)(4 * PageHeap.RegionGranule), heap.GetStatistics().LiveBytes);

        Assert.True(pool.EnsureCapacity(1_000_000) >= 1_000_000);
        long reserved = heap.GetStatistics().LiveBytes;
        for (int i = 1; i < 1_000_000; i += 1)
        {
            pool.Add(out _).Id = i;
        }

        Assert.Equal(reserved, heap.GetStatistics().LiveBytes);
        pool.Dispose();
        ProcessStatistics end = TableChecks.AssertEquations();
        Assert.Equal((before.ReservedBytes, before.MappedBytes, before.LiveBytes), (end.ReservedBytes, end.MappedBytes, end.LiveBytes));
    }

    [Fact]
    public void TrimExcess_gives_back_the_end_and_old_handles_stay_stale()
    {
        using Heap heap = new();
        using NativePool<Order> pool = new(heap, 1_000_000);
        NativeHandle<Order>[] handles = new NativeHandle<Order>[200_000];
        for (int i = 0; i < handles.Length; i++)
        {
            pool.Add(new Order { Id = i }, out handles[i]);
        }

        for (int i = 10; i < handles.Length; i++)
        {
            Assert.True(pool.Remove(handles[i]));
        }

        long full = heap.GetStatistics().LiveBytes;
        pool.TrimExcess();
        Assert.True(heap.GetStatistics().LiveBytes <= full - (190_000L * sizeof(Order)));
        PoolChecks.AssertInvariants(pool.State);
        for (int i = 0; i < handles.Length; i++)
        {
            Assert.Equal(i < 10, pool.TryGet(handles[i], out Order order) && order.Id == i);
        }

        for (int i = pool.Count; i < handles.Length; i++)
        {
            Assert.Equal(0, pool.Add(out NativeHandle<Order> handle).Id);
            Assert.Equal(handles[i].Generation + 2, handle.Generation);
        }

        pool.Clear();
        pool.TrimExcess();
        Assert.True(heap.GetStatistics().LiveBytes <= 2 * (long)PageHeap.RegionGranule);
        Assert.Equal(0, pool.Capacity);
        pool.Add(out NativeHandle<Order> fresh);
        Assert.All(handles, handle => Assert.False(pool.Contains(handle)));
        Assert.True(pool.Contains(fresh));
        PoolChecks.AssertInvariants(pool.State);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void TrimExcess_gives_back_pages_between_elements()
    {
        const int Bytes = 8 << 20;
        using NativePool<long> pool = new(Bytes / 8);
        for (int i = 0; i < Bytes / 8; i++)
        {
            pool.Add(~i, out _);
        }

        // Elements at both ends and in the middle.
        foreach (NativeHandle<long> handle in HandlesOf(pool))
        {
            _ = handle.Index % (Bytes / 16) is not (0 or (Bytes / 16) - 1) && pool.Remove(handle);
        }

        fixed (long* first = &pool[HandlesOf(pool)[0]])
        {
            pool.TrimExcess();
            long resident = ProcessMap.ResidentOf(first, Bytes);
            Assert.InRange(resident, 1, 8 * (long)VirtualMemory.PageSize);
        }

        foreach (NativeEntry<long> entry in pool)
        {
            Assert.Equal(~(long)entry.Handle.Index, entry.Value);
        }

        for (int i = pool.Count; i < Bytes / 8; i++)
        {
            Assert.Equal(0, pool.Add(out _));
        }
    }

    [Fact]
    public void A_limit_of_the_heap_stops_a_pool_which_stays_as_it_is()
    {
        using Heap heap = new(new HeapOptions { MaximumBytes = 2 << 20 });
        using NativePool<Order> pool = new(heap, 1_000_000);
        NativePool<Order> same = pool;
        int added = 0;
        Assert.Throws<OutOfMemoryException>(() =>
        {
            for (; added < 1_000_000; added++)
            {
                same.Add(out _).Id = added;
            }
        });
        Assert.InRange(heap.GetStatistics().SpanBytes, (2 << 20) - (4 * (long)PageHeap.RegionGranule), 2 << 20);
        Assert.Equal(added, pool.Count);
        PoolChecks.AssertInvariants(pool.State);
        foreach (NativeEntry<Order> entry in pool)
        {
            Assert.Equal(entry.Handle.Index, entry.Value.Id);
        }

        Assert.True(pool.Remove(HandlesOf(pool)[5]));
        pool.Add(out NativeHandle<Order> handle);
        Assert.Equal(5u, handle.Index);
    }

    private static NativeHandle<T>[] HandlesOf<T>(NativePool<T> pool)
        where T : unmanaged
    {
        NativeHandle<T>[] handles = new NativeHandle<T>[pool.Count];
        int i = 0;
        foreach (NativeEntry<T> entry in pool)
        {
            handles[i++] = entry.Handle;
        }

        return handles;
    }
}
