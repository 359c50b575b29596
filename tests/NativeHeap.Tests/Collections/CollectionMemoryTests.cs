using System;
using System.Collections.Generic;

using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>What collections do when memory is refused, what handlers of soft limits may do to them, and what all of it costs the collector: nothing.</summary>
public sealed unsafe class CollectionMemoryTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void A_limit_of_the_heap_stops_a_list_which_stays_as_it_is()
    {
        using Heap heap = new(new HeapOptions { Name = "Level 5", MaximumBytes = 2 * MiB });
        using NativeList<long> list = new(heap);
        NativeList<long> same = list;
        long added = 0;
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() =>
        {
            for (int i = 0; i < 4 * MiB; i++)
            {
                same.Add(added);
                added++;
            }
        });
        Assert.Contains("Level 5", error.Message, StringComparison.Ordinal);

        // Where doubling is refused, what fits is taken: growth in place goes to the limit, or else moving ends at a third.
        Assert.InRange(added * sizeof(long), 600_000, 2 * MiB);
        Assert.Throws<OutOfMemoryException>(() => same.Insert(1, -1));
        Assert.Throws<OutOfMemoryException>(() => same.AddRange(same.AsSpan()));
        Assert.Throws<OutOfMemoryException>(() => same.InsertRange(3, same.AsSpan()));
        Assert.Throws<OutOfMemoryException>(() => same.EnsureCapacity(MiB));
        Assert.Throws<OutOfMemoryException>(() => same.SetCount(MiB));
        Assert.Equal(added, list.Count);
        for (int i = 0; i < added; i++)
        {
            Assert.Equal(i, list[i]);
        }

        list.RemoveAt(0);
        list.Add(5);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void A_refused_collection_leaves_nothing_behind()
    {
        using Heap heap = new(new HeapOptions { MaximumBytes = MiB });
        for (int i = 0; i < 100; i++)
        {
            Assert.Throws<OutOfMemoryException>(() => new NativeList<long>(heap, MiB));
            Assert.Throws<OutOfMemoryException>(() => new NativeArray<long>(heap, MiB));
            Assert.Throws<OutOfMemoryException>(() => new NativeBox<Megabytes>(heap));
        }

        Assert.Equal((0L, 0L), (heap.GetStatistics().LiveObjects, heap.Set->Collections.Count));
        using NativeArray<byte> array = new(heap, 100);
        NativeArray<byte> same = array;
        array.AsSpan().Fill(7);
        Assert.Throws<OutOfMemoryException>(() => same.Resize(2 * MiB));
        Assert.Equal(100, array.Length);
        Assert.True(array.AsSpan().IndexOfAnyExcept((byte)7) < 0);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_change_the_list_that_grows()
    {
        NativeList<long> list = default;
        int told = 0;
        using Heap heap = new(new HeapOptions
        {
            SoftLimitBytes = MiB,
            OnPressure = _ =>
            {
                told++;
                list.Clear();
                list.TrimExcess();
                list.AddRange([-1, -2]);
            },
        });
        list = new NativeList<long>(heap);
        long added = 0;
        while (told == 0)
        {
            list.Add(added++);
        }

        Assert.Equal([-1, -2, added - 1], list.AsSpan().ToArray());
        list.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_end_the_list_that_grows()
    {
        NativeList<long> list = default;
        using Heap heap = new(new HeapOptions { SoftLimitBytes = MiB, OnPressure = _ => list.Dispose() });
        list = new NativeList<long>(heap);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            for (int i = 0; i < 4 * MiB; i++)
            {
                list.Add(1);
            }
        });
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void What_a_handler_throws_leaves_the_list_as_it_was()
    {
        using Heap heap = new(new HeapOptions { SoftLimitBytes = MiB, OnPressure = _ => throw new NotSupportedException() });
        using NativeList<int> list = new(heap);
        NativeList<int> same = list;
        Assert.Throws<NotSupportedException>(() =>
        {
            for (int i = 0; i < 4 * MiB; i++)
            {
                same.Add(same.Count);
            }
        });
        for (int i = 0; i < list.Count; i++)
        {
            Assert.Equal(i, list[i]);
        }

        Assert.Equal(1, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using Heap heap = new();
        int[] some = [5, 3, 8];
        TableChecks.AssertNoGarbage(() =>
        {
            NativeBox<Order> box = new(heap, new Order { Id = 1 });
            NativeBox<Order> moved = box.Move();
            moved.Value.Id++;
            moved.Dispose();
            NativeBox<NativeHandle<Order>> untyped = new(heap);
            untyped.Dispose();
            NativeArray<int> array = new(heap, 100);
            array.Resize(100_000);
            array.Resize(10);
            array.Dispose();
            NativeList<int> list = new(heap);
            for (int i = 0; i < 50_000; i++)
            {
                list.Add(i ^ 0x55);
            }

            list.AddRange(some);
            list.InsertRange(7, some);
            list.InsertRange(7, list.AsSpan());
            list.Insert(3, 4);
            list.RemoveAt(5);
            list.RemoveRange(0, 10);
            list.RemoveAtSwapBack(0);
            _ = list.RemoveAll(new Below(1_000));
            _ = list.RemoveAll(&IsOdd);
            list.Sort();
            list.Reverse();
            list.Sort(default(Descending));
            long sum = list.BinarySearch(5, default(Descending)) + list.IndexOf(7) + (list.Remove(9) ? 1 : 0);
            foreach (ref int item in list)
            {
                sum += item++;
            }

            list.TrimExcess();
            list.Clear();
            list.TrimExcess();
            list.Dispose();
        });
    }

    private static bool IsOdd(in int item) => item % 2 != 0;

    private readonly struct Below(int limit) : IItemCondition<int>
    {
        public bool IsMet(in int item) => item < limit;
    }

    private readonly struct Descending : IComparer<int>
    {
        public int Compare(int x, int y) => y.CompareTo(x);
    }

    [System.Runtime.CompilerServices.InlineArray(2 * MiB)]
    private struct Megabytes
    {
        private byte _first;
    }
}
