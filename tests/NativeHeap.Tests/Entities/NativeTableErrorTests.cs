using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>What goes wrong with tables, and what is said of it.</summary>
public sealed unsafe class NativeTableErrorTests
{
    [Fact]
    public void A_stale_handle_is_told_with_both_generations()
    {
        using NativeTable<int> table = new(100);
        table.Add(1, out NativeHandle<int> stale);
        Assert.True(table.Remove(stale));
        string free = Assert.Throws<KeyNotFoundException>(() => table[stale]).Message;
        Assert.Contains($"{stale} names no element of this NativeTable<Int32> any more", free, StringComparison.Ordinal);
        Assert.Contains($"slot {stale.Index} is at generation {stale.Generation + 1}, free", free, StringComparison.Ordinal);
        table.Add(2, out _);
        string used = Assert.Throws<KeyNotFoundException>(() => table[stale]).Message;
        Assert.Contains($"slot {stale.Index} is at generation {stale.Generation + 2}, in use by another", used, StringComparison.Ordinal);
    }

    [Fact]
    public void A_null_handle_is_called_null()
    {
        using NativeTable<int> table = new(100);
        table.Add(1, out _);
        Assert.Contains("handle is null", Assert.Throws<KeyNotFoundException>(() => table[default]).Message, StringComparison.Ordinal);
        Assert.False(table.Contains(default) || table.TryGet(default, out _) || table.Remove(default));
    }

    [Fact]
    public void Handles_of_other_tables_are_caught()
    {
        List<NativeTable<int>> tables = [];
        List<NativeHandle<int>> handles = [];
        for (int i = 0; i < 50; i++)
        {
            NativeTable<int> table = new(100);
            for (int k = 0; k < 20; k++)
            {
                table.Add(k, out NativeHandle<int> handle);
                handles.Add(handle);
            }

            tables.Add(table);
        }

        for (int i = 0; i < tables.Count; i++)
        {
            for (int k = 0; k < handles.Count; k++)
            {
                Assert.Equal(k / 20 == i, tables[i].Contains(handles[k]));
            }
        }

        NativeTable<int> first = tables[0];
        NativeHandle<int> foreign = handles[25];
        Assert.Contains("another container's", Assert.Throws<KeyNotFoundException>(() => first[foreign]).Message, StringComparison.Ordinal);
        NativeHandle<int> far = NativeHandle<int>.FromUInt64(handles[0].ToUInt64() + 5_000);
        Assert.Contains("none of index 5000", Assert.Throws<KeyNotFoundException>(() => first[far]).Message, StringComparison.Ordinal);
        tables.ForEach(table => table.Dispose());
    }

    // Any 64 bits are a handle: read from a damaged file, or from memory that was none.
    [Fact]
    public void No_number_names_what_is_not_there()
    {
        using NativeTable<int> table = new(1_000);
        HashSet<ulong> valid = [];
        for (int i = 0; i < 40; i++)
        {
            table.Add(i, out NativeHandle<int> handle);
            if (i % 3 == 0)
            {
                Assert.True(table.Remove(handle));
            }
        }

        foreach (NativeHandle<int> handle in table.Handles)
        {
            valid.Add(handle.ToUInt64());
        }

        uint origin = table.State->Origin;
        for (uint index = 0; index < 60; index++)
        {
            for (uint step = 0; step < 100; step++)
            {
                NativeHandle<int> handle = NativeHandle<int>.FromUInt64(((ulong)(origin + step - 20) << 32) | index);
                Assert.Equal(valid.Contains(handle.ToUInt64()), table.Contains(handle));
            }
        }

        foreach (uint index in (uint[])[1_000, 100_000, int.MaxValue, uint.MaxValue])
        {
            Assert.False(table.Contains(NativeHandle<int>.FromUInt64(((ulong)(origin + 1) << 32) | index)));
        }
    }

    [Fact]
    public void A_full_table_says_so_and_stays_as_it_is()
    {
        using NativeTable<int> table = new(3);
        for (int i = 0; i < 3; i++)
        {
            table.Add(i, out _);
        }

        string text = Assert.Throws<InvalidOperationException>(() => table.Add(out _)).Message;
        Assert.Contains("holds 3 elements", text, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2], table.Values.ToArray());
        Assert.True(table.Remove(table.Handles[0]));
        table.Add(5, out NativeHandle<int> handle);
        Assert.Equal(5, table[handle]);
    }

    [Fact]
    public void Bad_capacities_are_named()
    {
        Assert.Contains("from 1 on", Assert.Throws<ArgumentOutOfRangeException>(() => new NativeTable<int>(0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeTable<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeTable<Huge>(int.MaxValue));
        Assert.Throws<ArgumentNullException>(() => new NativeTable<int>(null!));
        using NativeTable<int> table = new(100);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.EnsureCapacity(-1));
        string text = Assert.Throws<ArgumentOutOfRangeException>(() => table.EnsureCapacity(101)).Message;
        Assert.Contains("101", text, StringComparison.Ordinal);
        Assert.Contains("100", text, StringComparison.Ordinal);
        Assert.True(table.EnsureCapacity(100) >= 100);
    }

    [Fact]
    public void A_change_under_an_enumeration_is_an_error()
    {
        foreach (Action<NativeTable<int>> change in (Action<NativeTable<int>>[])[t => t.Add(out _), t => t.Remove(t.Handles[0]), t => t.Clear()])
        {
            using NativeTable<int> table = new(100);
            table.Add(1, out _);
            table.Add(2, out _);
            NativeTable<int> same = table;
            string text = Assert.Throws<InvalidOperationException>(() =>
            {
                foreach (NativeEntry<int> entry in same)
                {
                    change(same);
                }
            }).Message;
            Assert.Contains("while it was enumerated", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_disposed_table_says_so_to_every_copy()
    {
        NativeTable<int> table = new(100);
        table.Add(1, out NativeHandle<int> handle);
        NativeTable<int> copy = table;
        table.Dispose();
        table.Dispose();
        copy.Dispose();
        AssertGone<ObjectDisposedException>(copy, handle);

        // The header serves another table by now, which the copies have nothing to do with.
        using NativeTable<int> next = new(100);
        next.Add(2, out NativeHandle<int> other);
        AssertGone<ObjectDisposedException>(copy, other);
        copy.Dispose();
        Assert.Equal(2, next[other]);
    }

    [Fact]
    public void A_table_ends_with_its_heap()
    {
        Heap heap = new();
        NativeTable<int> table = new(heap, 100);
        table.Add(1, out NativeHandle<int> handle);
        heap.Dispose();
        AssertGone<ObjectDisposedException>(table, handle);
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new NativeTable<int>(heap));
        TableChecks.AssertEquations();
    }

    [Fact]
    public void Tables_and_pools_end_with_the_reset_of_their_heap_which_takes_new_ones()
    {
        using Heap heap = new();
        NativeTable<int> table = new(heap, 100);
        NativePool<int> pool = new(heap, 100);
        table.Add(1, out NativeHandle<int> handle);
        heap.Reset();
        AssertGone<ObjectDisposedException>(table, handle);
        Assert.Throws<ObjectDisposedException>(() => pool.Count);
        Assert.Equal((0L, 0L), (heap.GetStatistics().LiveObjects, heap.GetStatistics().LiveBytes));
        NativeTable<int> next = new(heap, 100);
        next.Add(2, out _);
        AssertGone<ObjectDisposedException>(table, handle);
        Assert.Equal(1, next.Count);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void An_enumeration_outlived_by_its_table_ends()
    {
        NativeTable<int> table = new(100);
        table.Add(1, out _);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            foreach (NativeEntry<int> entry in table)
            {
                table.Dispose();
            }
        });
    }

    [Fact]
    public void Default_is_no_table()
    {
        AssertGone<InvalidOperationException>(default, default);
        default(NativeTable<int>).Dispose();
        string text = Assert.Throws<InvalidOperationException>(() => default(NativeTable<int>).Count).Message;
        Assert.Contains("new NativeTable<Int32>()", text, StringComparison.Ordinal);
    }

    private static void AssertGone<TException>(NativeTable<int> table, NativeHandle<int> handle)
        where TException : Exception
    {
        Assert.Throws<TException>(() => table.Count);
        Assert.Throws<TException>(() => table.Capacity);
        Assert.Throws<TException>(() => table.MaxCapacity);
        Assert.Throws<TException>(() => table.Values.Length);
        Assert.Throws<TException>(() => table.Handles.Length);
        Assert.Throws<TException>(() => table.Add(out _));
        Assert.Throws<TException>(() => table.Add(5, out _));
        Assert.Throws<TException>(() => table[handle]);
        Assert.Throws<TException>(() => table.Contains(handle));
        Assert.Throws<TException>(() => table.TryGet(handle, out _));
        Assert.Throws<TException>(() => Unsafe.IsNullRef(ref table.GetValueRefOrNullRef(handle)));
        Assert.Throws<TException>(() => table.Remove(handle));
        Assert.Throws<TException>(() => table.Remove(handle, out _));
        Assert.Throws<TException>(table.Clear);
        Assert.Throws<TException>(() => table.EnsureCapacity(1));
        Assert.Throws<TException>(table.TrimExcess);
        Assert.Throws<TException>(() => table.GetEnumerator().MoveNext());
    }

    [InlineArray(1 << 20)]
    private struct Huge
    {
        private byte _first;
    }
}
