using System;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>Pools in parts.</summary>
public sealed unsafe class NativePoolPartitionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1_000)]
    public void Parts_have_every_element_once_whatever_their_number(int elements)
    {
        using NativePool<int> pool = new(10_000);
        for (int i = 0; i < elements; i++)
        {
            pool.Add(i, out _);
        }

        PoolChecks.AssertPartitions(pool);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Parts_are_even_where_elements_lie_unevenly(int seed)
    {
        using NativePool<int> pool = new(100_000);
        Random random = new(seed);
        NativeHandle<int>[] handles = new NativeHandle<int>[20_000];
        for (int i = 0; i < handles.Length; i++)
        {
            pool.Add(i, out handles[i]);
        }

        // Denser and denser towards the end.
        for (int i = 0; i < handles.Length; i++)
        {
            _ = random.Next(handles.Length) > i && pool.Remove(handles[i]);
        }

        PoolChecks.AssertInvariants(pool.State);
        PoolChecks.AssertPartitions(pool);
    }

    [Fact]
    public void Threads_share_a_pool_by_its_parts()
    {
        using NativePool<long> pool = new(100_000);
        for (int i = 0; i < 50_000; i++)
        {
            pool.Add(i, out NativeHandle<long> handle);
            _ = i % 3 == 0 && pool.Remove(handle);
        }

        NativePool<long> same = pool;
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.Length; t++)
        {
            int own = t;
            threads[t] = new Thread(() =>
            {
                foreach (NativeEntry<long> entry in same.Partitions(threads.Length)[own])
                {
                    entry.Value = -entry.Value - 1;
                }
            });
            threads[t].Start();
        }

        Array.ForEach(threads, thread => thread.Join());
        long met = 0;
        foreach (NativeEntry<long> entry in pool)
        {
            Assert.True(entry.Value < 0);
            met++;
        }

        Assert.Equal(pool.Count, met);
    }

    [Fact]
    public void Parts_end_with_the_next_change()
    {
        using NativePool<int> pool = new(1_000);
        for (int i = 0; i < 500; i++)
        {
            pool.Add(i, out _);
        }

        NativePoolPartitions<int> parts = pool.Partitions(4);
        NativePoolPartition<int> part = parts[3];
        pool.Add(1, out NativeHandle<int> handle);
        AssertModified(() => parts[3]);
        AssertModified(() => parts.GetEnumerator().MoveNext());
        AssertModified(() => part.GetEnumerator().MoveNext());
        Assert.True(pool.Remove(handle));
        AssertModified(() => part.GetEnumerator().MoveNext());
        pool.Clear();
        pool.TrimExcess();
        AssertModified(() => part.GetEnumerator().MoveNext());
        NativePool<int> gone = pool;
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => part.GetEnumerator().MoveNext());
        Assert.Throws<ObjectDisposedException>(() => parts[0]);
        Assert.Throws<InvalidOperationException>(() => default(NativePoolPartition<int>).GetEnumerator().MoveNext());
    }

    [Fact]
    public void Wrong_numbers_of_parts_are_named()
    {
        using NativePool<int> pool = new(1_000);
        NativePool<int> same = pool;
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Partitions(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Partitions(3)[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Partitions(3)[-1]);
        string text = Assert.Throws<ArgumentException>(() => same.Partitions(3).CopyTo(new NativePoolPartition<int>[2])).Message;
        Assert.Contains("and 3 are to be written", text, StringComparison.Ordinal);
        same.Partitions(int.MaxValue)[int.MaxValue - 1].GetEnumerator().MoveNext();
    }

    private static void AssertModified(Func<object> action) =>
        Assert.Contains("while it was enumerated", Assert.Throws<InvalidOperationException>(action).Message, StringComparison.Ordinal);
}
