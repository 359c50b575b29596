using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>The members of <see cref="NativeTable{T}"/>, one by one.</summary>
public sealed unsafe class NativeTableTests
{
    [Fact]
    public void An_element_is_found_by_its_handle_until_it_is_removed()
    {
        using NativeTable<Order> table = new(1_000);
        ref Order added = ref table.Add(out NativeHandle<Order> handle);
        Assert.Equal(0, added.Id);
        added.Id = 5;
        Assert.Equal(1, table.Count);
        Assert.True(table.Contains(handle));
        Assert.Equal(5, table[handle].Id);
        Assert.True(Unsafe.AreSame(ref added, ref table[handle]));
        Assert.True(Unsafe.AreSame(ref added, ref table.GetValueRefOrNullRef(handle)));
        Assert.True(table.TryGet(handle, out Order copy));
        Assert.Equal(5, copy.Id);

        Assert.True(table.Remove(handle));
        Assert.Equal(0, table.Count);
        Assert.False(table.Contains(handle));
        Assert.False(table.Remove(handle));
        Assert.False(table.Remove(handle, out copy));
        Assert.False(table.TryGet(handle, out copy));
        Assert.Equal(0, copy.Id);
        Assert.True(Unsafe.IsNullRef(ref table.GetValueRefOrNullRef(handle)));
    }

    [Fact]
    public void Added_memory_is_zero_although_it_was_used()
    {
        using NativeTable<Order> table = new(1_000);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                ref Order order = ref table.Add(out _);
                Assert.Equal((0, 0, 0), (order.Id, order.Price, order.Quantity));
                order = new Order { Id = -1, Price = -1, Quantity = -1 };
            }

            table.Clear();
        }
    }

    [Fact]
    public void A_removal_moves_the_last_element_and_its_handle_follows()
    {
        using NativeTable<int> table = new(1_000);
        NativeHandle<int>[] handles = new NativeHandle<int>[5];
        for (int i = 0; i < handles.Length; i++)
        {
            table.Add(i, out handles[i]);
        }

        Assert.True(table.Remove(handles[1], out int removed));
        Assert.Equal(1, removed);
        Assert.Equal([0, 4, 2, 3], table.Values.ToArray());
        Assert.Equal([handles[0], handles[4], handles[2], handles[3]], table.Handles.ToArray());
        Assert.Equal(4, table[handles[4]]);
        Assert.True(table.Remove(handles[3]));
        Assert.Equal([0, 4, 2], table.Values.ToArray());
        TableChecks.AssertInvariants(table.State);
    }

    [Fact]
    public void References_and_spans_stay_valid_while_the_table_grows()
    {
        using NativeTable<long> table = new(2_000_000);
        ref long first = ref table.Add(out NativeHandle<long> handle);
        first = 42;
        Span<long> one = table.Values;
        for (int i = 0; i < 1_000_000; i++)
        {
            table.Add(i, out _);
        }

        first++;
        Assert.Equal(43, table[handle]);
        Assert.Equal(43, one[0]);
        Assert.True(Unsafe.AreSame(ref first, ref table.Values[0]));
    }

    [Fact]
    public void A_slot_used_again_has_another_generation()
    {
        using NativeTable<int> table = new(1_000);
        table.Add(1, out NativeHandle<int> old);
        HashSet<NativeHandle<int>> seen = [old];
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(table.Remove(old));
            table.Add(i, out NativeHandle<int> handle);
            Assert.Equal(old.Index, handle.Index);
            Assert.True(seen.Add(handle));
            Assert.False(table.Contains(old));
            old = handle;
        }
    }

    [Fact]
    public void Clear_makes_every_handle_stale_and_keeps_the_memory()
    {
        using NativeTable<int> table = new(1_000);
        NativeHandle<int>[] handles = new NativeHandle<int>[200];
        for (int i = 0; i < handles.Length; i++)
        {
            table.Add(i, out handles[i]);
        }

        int capacity = table.Capacity;
        table.Clear();
        Assert.Equal((0, capacity), (table.Count, table.Capacity));
        Assert.All(handles, handle => Assert.False(table.Contains(handle)));
        TableChecks.AssertInvariants(table.State);
        table.Add(7, out NativeHandle<int> fresh);
        Assert.DoesNotContain(fresh, handles);
        Assert.Equal([7], table.Values.ToArray());
    }

    [Fact]
    public void A_slot_is_retired_when_its_generation_comes_round()
    {
        using NativeTable<int> table = new(1_000);
        NativeHandle<int>[] handles = new NativeHandle<int>[20];
        for (int i = 0; i < handles.Length; i++)
        {
            table.Add(i, out handles[i]);
        }

        // As after 2^31 - 1 removals of one slot, which stands before its last generation.
        TableState* state = table.State;
        uint worn = handles[3].Index;
        uint last = state->Origin - 1;
        state->Slots[worn].Generation = last;
        state->Handles[state->Slots[worn].Position] = new SlotName(worn, last);
        NativeHandle<int> lastHandle = NativeHandle<int>.FromUInt64(((ulong)last << 32) | worn);
        Assert.Equal(3, table[lastHandle]);
        Assert.True(table.Remove(lastHandle));
        Assert.False(table.Contains(lastHandle));
        Assert.False(table.Contains(handles[3]));
        Assert.Equal((int)state->SlotCount - 1, state->Available);
        TableChecks.AssertInvariants(state);

        // It serves no more, and the rest go on; the table still holds as many as it was made for.
        for (int i = table.Count; i < table.MaxCapacity; i++)
        {
            table.Add(i, out NativeHandle<int> handle);
            Assert.NotEqual(worn, handle.Index);
        }

        Assert.Equal(table.MaxCapacity, table.Count);
        TableChecks.AssertInvariants(state);
        Assert.Throws<InvalidOperationException>(() => table.Add(out _));
        table.Clear();
        TableChecks.AssertInvariants(state);
    }

    [Fact]
    public void Generations_go_over_zero_and_never_are_null()
    {
        using NativeTable<int> table = new(10);
        table.Add(1, out NativeHandle<int> handle);
        TableState* state = table.State;
        state->Slots[handle.Index].Generation = uint.MaxValue - 2;
        state->Handles[0] = new SlotName(handle.Index, uint.MaxValue - 2);
        handle = table.Handles[0];
        for (int i = 0; i < 4; i++)
        {
            Assert.True(table.Remove(handle));
            Assert.False(table.Contains(default));
            Assert.False(table.Contains(NativeHandle<int>.FromUInt64(handle.Index)));
            table.Add(i, out handle);
            Assert.False(handle.IsNull);
            Assert.True(Generations.IsLive(handle.Generation));
        }
    }

    [Fact]
    public void Enumeration_meets_every_element_with_its_handle()
    {
        using NativeTable<int> table = new(1_000);
        for (int i = 0; i < 100; i++)
        {
            table.Add(i, out _);
        }

        int position = 0;
        foreach (NativeEntry<int> entry in table)
        {
            Assert.True(Unsafe.AreSame(ref entry.Value, ref table[entry.Handle]));
            Assert.Equal(table.Handles[position++], entry.Handle);
            entry.Value *= 2;
        }

        Assert.Equal(100, position);
        foreach ((NativeHandle<int> handle, int value) in table)
        {
            Assert.Equal(value, table[handle]);
        }

        Assert.Equal(198, table.Values[99]);
    }

    [Fact]
    public void Values_may_be_removed_from_the_end_to_the_start()
    {
        using NativeTable<int> table = new(1_000);
        for (int i = 0; i < 100; i++)
        {
            table.Add(i, out _);
        }

        for (int i = table.Count - 1; i >= 0; i--)
        {
            if (table.Values[i] % 3 != 0)
            {
                Assert.True(table.Remove(table.Handles[i]));
            }
        }

        List<int> left = [.. table.Values];
        left.Sort();
        Assert.Equal(34, left.Count);
        Assert.All(left, value => Assert.Equal(0, value % 3));
    }

    [Fact]
    public void A_table_fits_in_classes_and_in_native_structs_and_copies_are_the_same_table()
    {
        using NativeTable<int> table = new(1_000);
        using Heap heap = new();
        Holder* holder = heap.Alloc<Holder>();
        holder->Table = table;
        holder->Table.Add(5, out NativeHandle<int> handle);
        Assert.Equal(8, sizeof(NativeTable<int>));
        Assert.Equal(5, table[handle]);
        Assert.True(table == holder->Table && table.Equals((object)holder->Table) && table.GetHashCode() == holder->Table.GetHashCode());
        using NativeTable<int> other = new(1_000);
        Assert.True(table != other && !table.IsDefault && default(NativeTable<int>).IsDefault);
    }

    [Fact]
    public void Threads_may_read_one_table_together()
    {
        using NativeTable<long> table = new(100_000);
        NativeHandle<long>[] handles = new NativeHandle<long>[10_000];
        for (int i = 0; i < handles.Length; i++)
        {
            table.Add(i, out handles[i]);
        }

        NativeTable<long> copy = table;
        long[] sums = new long[3];
        Thread[] threads = new Thread[sums.Length];
        for (int t = 0; t < threads.Length; t++)
        {
            int own = t;
            threads[t] = new Thread(() =>
            {
                foreach (NativeHandle<long> handle in handles)
                {
                    sums[own] += copy[handle];
                }
            });
            threads[t].Start();
        }

        Array.ForEach(threads, thread => thread.Join());
        Assert.All(sums, sum => Assert.Equal(49_995_000, sum));
    }
}

[NativeAllocated]
public partial struct Holder
{
    public NativeTable<int> Table;
}
