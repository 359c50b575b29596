using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using NativeHeap.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>The members of <see cref="NativePool{T}"/>, one by one.</summary>
public sealed unsafe class NativePoolTests
{
    [Fact]
    public void An_element_is_found_by_its_handle_until_it_is_removed()
    {
        using NativePool<Order> pool = new(1_000);
        ref Order added = ref pool.Add(out NativeHandle<Order> handle);
        Assert.Equal(0, added.Id);
        added.Id = 5;
        Assert.Equal(1, pool.Count);
        Assert.True(pool.Contains(handle));
        Assert.True(Unsafe.AreSame(ref added, ref pool[handle]));
        Assert.True(Unsafe.AreSame(ref added, ref pool.GetValueRefOrNullRef(handle)));
        Assert.True(Unsafe.AsPointer(ref added) == pool.GetPointerOrNull(handle));
        Assert.True(pool.TryGet(handle, out Order copy));
        Assert.Equal(5, copy.Id);

        Assert.True(pool.Remove(handle));
        Assert.Equal(0, pool.Count);
        Assert.False(pool.Contains(handle));
        Assert.False(pool.Remove(handle));
        Assert.False(pool.Remove(handle, out copy));
        Assert.False(pool.TryGet(handle, out copy));
        Assert.Equal(0, copy.Id);
        Assert.True(Unsafe.IsNullRef(ref pool.GetValueRefOrNullRef(handle)));
        Assert.True(pool.GetPointerOrNull(handle) == null);
    }

    [Fact]
    public void Elements_never_move_and_free_slots_are_used_from_the_lowest_on()
    {
        using NativePool<int> pool = new(1_000);
        NativeHandle<int>[] handles = new NativeHandle<int>[300];
        nint[] addresses = new nint[300];
        for (int i = 0; i < handles.Length; i++)
        {
            addresses[i] = (nint)Unsafe.AsPointer(ref pool.Add(i, out handles[i]));
            Assert.Equal((uint)i, handles[i].Index);
        }

        foreach (int i in (int[])[200, 3, 64, 63])
        {
            Assert.True(pool.Remove(handles[i], out int removed));
            Assert.Equal(i, removed);
        }

        for (int i = 0; i < handles.Length; i++)
        {
            bool gone = i is 200 or 3 or 64 or 63;
            Assert.Equal(gone ? 0 : addresses[i], (nint)pool.GetPointerOrNull(handles[i]));
        }

        foreach (int i in (int[])[3, 63, 64, 200, 300])
        {
            pool.Add(-i, out NativeHandle<int> handle);
            Assert.Equal((uint)i, handle.Index);
            Assert.True(i == 300 || handle.Generation == handles[i].Generation + 2);
        }
    }

    [Fact]
    public void Added_memory_is_zero_although_it_was_used()
    {
        using NativePool<Order> pool = new(1_000);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                ref Order order = ref pool.Add(out _);
                Assert.Equal((0, 0, 0), (order.Id, order.Price, order.Quantity));
                order = new Order { Id = -1, Price = -1, Quantity = -1 };
            }

            pool.Clear();
        }
    }

    [Fact]
    public void A_handle_is_found_by_the_address()
    {
        using NativePool<Order> pool = new(1_000);
        using NativePool<Order> other = new(1_000);
        ref Order first = ref pool.Add(out NativeHandle<Order> handle);
        ref Order second = ref pool.Add(out NativeHandle<Order> gone);
        ref Order foreign = ref other.Add(out _);
        Assert.Equal(handle, pool.GetHandle(ref first));
        Assert.Equal(gone, pool.GetHandle((Order*)Unsafe.AsPointer(ref second)));
        Assert.True(pool.Remove(gone));
        nint[] wrong =
        [
            (nint)Unsafe.AsPointer(ref second), (nint)Unsafe.AsPointer(ref foreign), (nint)Unsafe.AsPointer(ref first) + 1, (nint)Unsafe.AsPointer(ref first) - sizeof(Order), 0, -1,
        ];
        foreach (nint address in wrong)
        {
            string text = Assert.Throws<ArgumentException>(() => pool.GetHandle((Order*)address)).Message;
            Assert.Contains($"0x{address:x}", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Enumeration_meets_every_element_by_address_with_its_handle()
    {
        using NativePool<int> pool = new(10_000);
        List<NativeHandle<int>> alive = [];
        for (int i = 0; i < 5_000; i++)
        {
            pool.Add(i, out NativeHandle<int> handle);
            alive.Add(handle);
        }

        // Holes of all kinds: single slots, whole words, the end.
        alive.RemoveAll(handle =>
        {
            uint i = handle.Index;
            return (i % 7 == 3 || i is > 128 and < 400 || i > 4_500) && pool.Remove(handle);
        });
        int met = 0;
        foreach (NativeEntry<int> entry in pool)
        {
            Assert.Equal(alive[met++], entry.Handle);
            Assert.True(Unsafe.AreSame(ref entry.Value, ref pool[entry.Handle]));
            Assert.Equal((int)entry.Handle.Index, entry.Value);
            entry.Value = -entry.Value;
        }

        Assert.Equal((alive.Count, alive.Count), (met, pool.Count));
        Assert.Equal(-4_500, pool[alive[^1]]);
    }

    [Fact]
    public void Clear_makes_every_handle_stale_and_keeps_the_memory()
    {
        using NativePool<int> pool = new(1_000);
        NativeHandle<int>[] handles = new NativeHandle<int>[200];
        for (int i = 0; i < handles.Length; i++)
        {
            pool.Add(i, out handles[i]);
        }

        int capacity = pool.Capacity;
        pool.Clear();
        Assert.Equal((0, capacity), (pool.Count, pool.Capacity));
        Assert.All(handles, handle => Assert.False(pool.Contains(handle)));
        pool.Add(7, out NativeHandle<int> fresh);
        Assert.DoesNotContain(fresh, handles);
        Assert.Equal(0u, fresh.Index);
    }

    [Fact]
    public void A_slot_is_retired_when_its_generation_comes_round()
    {
        using NativePool<int> pool = new(1_000);
        for (int i = 0; i < 20; i++)
        {
            pool.Add(i, out _);
        }

        // As after 2^31 - 1 removals of one slot, which stands before its last generation.
        PoolState* state = pool.State;
        uint last = state->Origin - 1;
        state->Generations[3] = last;
        NativeHandle<int> lastHandle = NativeHandle<int>.FromUInt64(((ulong)last << 32) | 3);
        Assert.Equal(3, pool[lastHandle]);
        Assert.True(pool.Remove(lastHandle));
        Assert.False(pool.Contains(lastHandle));
        PoolChecks.AssertInvariants(state);
        Assert.Equal((19, 1), (pool.Count, state->Retired));

        // It serves no more and is met no more; the rest go on, and the pool still holds as many as it was made for.
        for (int i = pool.Count; i < pool.MaxCapacity; i++)
        {
            pool.Add(i, out NativeHandle<int> handle);
            Assert.NotEqual(3u, handle.Index);
        }

        Assert.Equal(pool.MaxCapacity, pool.Count);
        int met = 0;
        foreach (NativeEntry<int> entry in pool)
        {
            Assert.NotEqual(3u, entry.Handle.Index);
            met++;
        }

        Assert.Equal(pool.Count, met);
        PoolChecks.AssertInvariants(state);
        PoolChecks.AssertPartitions(pool);
        Assert.Throws<InvalidOperationException>(() => { _ = pool.Add(out _); });
        pool.Clear();
        PoolChecks.AssertInvariants(state);
        pool.TrimExcess();
        PoolChecks.AssertInvariants(state);
        Assert.Equal(0, state->Retired);
        pool.Add(1, out _);
        PoolChecks.AssertInvariants(state);
    }

    [Fact]
    public void A_pool_fits_in_native_structs_and_copies_are_the_same_pool()
    {
        using NativePool<int> pool = new(1_000);
        NativePool<int> copy = pool;
        copy.Add(5, out NativeHandle<int> handle);
        Assert.Equal(8, sizeof(NativePool<int>));
        Assert.Equal(5, pool[handle]);
        Assert.True(pool == copy && pool.Equals((object)copy) && pool.GetHashCode() == copy.GetHashCode());
        using NativePool<int> other = new(1_000);
        Assert.True(pool != other && !pool.IsDefault && default(NativePool<int>).IsDefault);
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using Heap heap = new();
        NativeHandle<Order>[] handles = new NativeHandle<Order>[5_000];
        NativePoolPartition<Order>[] parts = new NativePoolPartition<Order>[7];
        TableChecks.AssertNoGarbage(() =>
        {
            NativePool<Order> pool = new(heap, 100_000);
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < handles.Length; i++)
                {
                    pool.Add(out handles[i]).Id = i;
                }

                long sum = 0;
                pool.Partitions(parts.Length).CopyTo(parts);
                foreach (NativePoolPartition<Order> part in parts)
                {
                    foreach (NativeEntry<Order> entry in part)
                    {
                        sum += entry.Value.Id + pool[entry.Handle].Id + (pool.TryGet(entry.Handle, out Order copy) ? copy.Price : 0);
                    }
                }

                for (int i = 0; i < handles.Length; i += 2)
                {
                    _ = pool.Remove(handles[i]) && pool.Contains(handles[i]) && pool.Remove(handles[i], out _);
                }

                pool.TrimExcess();
                _ = pool.EnsureCapacity(50_000);
                pool.Clear();
            }

            pool.Dispose();
        });
    }
}
