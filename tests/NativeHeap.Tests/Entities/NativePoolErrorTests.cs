using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>What goes wrong with pools, and what is said of it.</summary>
public sealed unsafe class NativePoolErrorTests
{
    [Fact]
    public void A_stale_handle_is_told_with_both_generations()
    {
        using NativePool<int> pool = new(100);
        NativePool<int> same = pool;
        pool.Add(1, out NativeHandle<int> stale);
        Assert.True(pool.Remove(stale));
        string free = Assert.Throws<KeyNotFoundException>(() => same[stale]).Message;
        Assert.Contains($"{stale} names no element of this NativePool<Int32> any more", free, StringComparison.Ordinal);
        Assert.Contains($"slot {stale.Index} is at generation {stale.Generation + 1}, free", free, StringComparison.Ordinal);
        Assert.Contains("handle is null", Assert.Throws<KeyNotFoundException>(() => same[default]).Message, StringComparison.Ordinal);
        Assert.False(pool.Contains(default) || pool.TryGet(default, out _) || pool.Remove(default));
    }

    // Any 64 bits are a handle: read from a damaged file, or from memory that was none.
    [Fact]
    public void No_number_names_what_is_not_there()
    {
        using NativePool<int> pool = new(1_000);
        HashSet<ulong> valid = [];
        for (int i = 0; i < 40; i++)
        {
            pool.Add(i, out NativeHandle<int> handle);
            _ = i % 3 == 0 ? pool.Remove(handle) : valid.Add(handle.ToUInt64());
        }

        foreach (NativeEntry<int> entry in pool)
        {
            valid.Add(entry.Handle.ToUInt64());
        }

        valid.RemoveWhere(number => !Met(pool, number));
        uint origin = pool.State->Origin;
        for (uint index = 0; index < 60; index++)
        {
            for (uint step = 0; step < 100; step++)
            {
                NativeHandle<int> handle = NativeHandle<int>.FromUInt64(((ulong)(origin + step - 20) << 32) | index);
                Assert.Equal(valid.Contains(handle.ToUInt64()), pool.Contains(handle));
            }
        }

        foreach (uint index in (uint[])[1_000, 100_000, int.MaxValue, uint.MaxValue])
        {
            Assert.False(pool.Contains(NativeHandle<int>.FromUInt64(((ulong)(origin + 1) << 32) | index)));
        }
    }

    [Fact]
    public void A_full_pool_says_so_and_stays_as_it_is()
    {
        using NativePool<int> pool = new(3);
        NativePool<int> same = pool;
        for (int i = 0; i < 3; i++)
        {
            pool.Add(i, out _);
        }

        string text = Assert.Throws<InvalidOperationException>(() => { _ = same.Add(out _); }).Message;
        Assert.Contains("holds 3 elements", text, StringComparison.Ordinal);
        Assert.Equal(3, pool.Count);
        PoolChecks.AssertInvariants(pool.State);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativePool<int>(0));
        Assert.Throws<ArgumentNullException>(() => new NativePool<int>(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => same.EnsureCapacity(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => same.EnsureCapacity(-1));
    }

    [Fact]
    public void A_change_under_an_enumeration_is_an_error()
    {
        foreach (Action<NativePool<int>> change in (Action<NativePool<int>>[])[p => p.Add(out _), p => p.Clear()])
        {
            using NativePool<int> pool = new(100);
            NativePool<int> same = pool;
            pool.Add(1, out _);
            pool.Add(2, out _);
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
    public void A_pool_that_is_gone_says_so_to_every_copy()
    {
        NativePool<int> pool = new(100);
        pool.Add(1, out NativeHandle<int> handle);
        NativePool<int> copy = pool;
        pool.Dispose();
        pool.Dispose();
        AssertGone<ObjectDisposedException>(copy, handle);

        // The header serves a table by now, which the copies have nothing to do with.
        using NativeTable<int> next = new(100);
        next.Add(2, out _);
        AssertGone<ObjectDisposedException>(copy, handle);
        copy.Dispose();
        Assert.Equal(1, next.Count);

        Heap heap = new();
        NativePool<int> ofHeap = new(heap, 100);
        heap.Dispose();
        AssertGone<ObjectDisposedException>(ofHeap, default);
        AssertGone<InvalidOperationException>(default, default);
        default(NativePool<int>).Dispose();
        TableChecks.AssertEquations();
    }

    private static bool Met(NativePool<int> pool, ulong number)
    {
        foreach (NativeEntry<int> entry in pool)
        {
            if (entry.Handle.ToUInt64() == number)
            {
                return true;
            }
        }

        return false;
    }

    private static void AssertGone<TException>(NativePool<int> pool, NativeHandle<int> handle)
        where TException : Exception
    {
        Assert.Throws<TException>(() => pool.Count);
        Assert.Throws<TException>(() => pool.Capacity);
        Assert.Throws<TException>(() => pool.MaxCapacity);
        Assert.Throws<TException>(() => { _ = pool.Add(out _); });
        Assert.Throws<TException>(() => { _ = pool.Add(5, out _); });
        Assert.Throws<TException>(() => pool[handle]);
        Assert.Throws<TException>(() => pool.Contains(handle));
        Assert.Throws<TException>(() => pool.TryGet(handle, out _));
        Assert.Throws<TException>(() => Unsafe.IsNullRef(ref pool.GetValueRefOrNullRef(handle)));
        Assert.Throws<TException>(() => pool.GetPointerOrNull(handle) == null);
        Assert.Throws<TException>(() => pool.GetHandle((int*)null));
        Assert.Throws<TException>(() => pool.Remove(handle));
        Assert.Throws<TException>(() => pool.Remove(handle, out _));
        Assert.Throws<TException>(pool.Clear);
        Assert.Throws<TException>(() => pool.EnsureCapacity(1));
        Assert.Throws<TException>(pool.TrimExcess);
        Assert.Throws<TException>(() => pool.GetEnumerator().MoveNext());
        Assert.Throws<TException>(() => pool.Partitions(1));
    }
}
