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
    public void A_limit_of_the_heap_stops_a_dictionary_which_stays_as_it_is()
    {
        using Heap heap = new(new HeapOptions { Name = "Level 5", MaximumBytes = MiB });
        using NativeDictionary<int, long> numbers = new(heap);
        NativeDictionary<int, long> same = numbers;
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() =>
        {
            for (int i = 0; i < MiB; i++)
            {
                same.Add(i, ~i);
            }
        });
        Assert.Contains("Level 5", error.Message, StringComparison.Ordinal);
        int added = numbers.Count;
        Assert.InRange(added, 10_000, MiB / 16);
        Assert.Throws<OutOfMemoryException>(() => same.TryAdd(-1, 0));
        Assert.Throws<OutOfMemoryException>(() => same[-1] = 0);
        Assert.Throws<OutOfMemoryException>(() => same.EnsureCapacity(MiB));
        Assert.Throws<OutOfMemoryException>(() => new NativeDictionary<int, int>(heap, MiB));
        Assert.Equal(added, numbers.Count);
        for (int i = 0; i < added; i++)
        {
            Assert.Equal(~i, numbers[i]);
        }

        DictionaryChecks.AssertInvariants(numbers);
        Assert.True(numbers.Remove(0));
        numbers.TrimExcess();
        Assert.Equal(1, heap.Set->Collections.Count);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_change_the_dictionary_that_grows()
    {
        NativeDictionary<int, long> numbers = default;
        int told = 0;
        using Heap heap = new(new HeapOptions
        {
            SoftLimitBytes = MiB,
            OnPressure = _ =>
            {
                told++;
                numbers.Clear();
                numbers.TrimExcess();
                numbers.Add(-1, -1);
            },
        });
        numbers = new NativeDictionary<int, long>(heap);
        int added = 0;
        while (told == 0)
        {
            numbers.Add(added, added);
            added++;
        }

        Assert.Equal((2, -1L, added - 1L), (numbers.Count, numbers[-1], numbers[added - 1]));
        DictionaryChecks.AssertInvariants(numbers);
        numbers.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_end_the_dictionary_that_grows()
    {
        NativeDictionary<int, long> numbers = default;
        using Heap heap = new(new HeapOptions { SoftLimitBytes = MiB, OnPressure = _ => numbers.Dispose() });
        numbers = new NativeDictionary<int, long>(heap);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            for (int i = 0; i < MiB; i++)
            {
                numbers.Add(i, i);
            }
        });
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void No_operation_of_a_dictionary_allocates_managed_memory()
    {
        using Heap heap = new();
        TableChecks.AssertNoGarbage(() =>
        {
            Fill(new NativeDictionary<int, Order>(heap), i => i);
            Fill(new NativeDictionary<long, Order>(heap), i => i);
            Fill(new NativeDictionary<Guid, Order>(heap), i => new Guid(i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
            Fill(new NativeDictionary<(int, int), Order>(heap), i => (i, i));
            Fill(new NativeDictionary<NativeHandle<Order>, Order>(heap), i => NativeHandle<Order>.FromUInt64((ulong)i));
            Fill(new NativeDictionary<DayOfWeek, Order>(heap), i => (DayOfWeek)i);
            Fill(new NativeDictionary<Small, Order>(heap), i => (Small)i);
        });
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
            long sum = list.BinarySearch(5, default(Descending)) + list.BinarySearch(5) + list.IndexOf(7) + (list.Remove(9) ? 1 : 0);
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

    private static void Fill<TKey>(NativeDictionary<TKey, Order> orders, Func<int, TKey> makeKey)
        where TKey : unmanaged
    {
        for (int i = 0; i < 5_000; i++)
        {
            _ = orders.TryAdd(makeKey(i), new Order { Id = i });
        }

        long sum = 0;
        foreach (NativeDictionary<TKey, Order>.Entry entry in orders)
        {
            sum += entry.Value.Id + orders[entry.Key].Price + (orders.GetAlternateLookup<TKey, NativeHeap.Collections.NaturalEquality<TKey>>(default).ContainsKey(entry.Key) ? 1 : 0);
        }

        foreach (ref readonly TKey key in orders.Keys)
        {
            sum += orders.Remove(key) ? 1 : 0;
        }

        orders.TrimExcess();
        orders.GetValueRefOrAddDefault(makeKey(1), out _).Id++;
        _ = orders.EnsureCapacity(100);
        orders.Clear();
        orders.Dispose();
    }

    private static bool IsOdd(in int item) => item % 2 != 0;

    private enum Small : byte
    {
        None,
    }

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
