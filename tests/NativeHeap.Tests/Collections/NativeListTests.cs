using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>The members of <see cref="NativeList{T}"/> that the model does not reach: references, enumeration, orders that contradict themselves, errors.</summary>
public sealed unsafe class NativeListTests
{
    [Fact]
    public void Items_are_read_and_written_by_reference()
    {
        using NativeList<Order> list = new(2);
        list.Add(new Order { Id = 1 });
        list.Add(new Order { Id = 2 });
        list[1].Price = 7;
        foreach (ref Order order in list)
        {
            order.Quantity = 3;
        }

        Assert.Equal((2L, 7L, 3), (list[^1].Id, list[1].Price, list[0].Quantity));
        Assert.Equal([2L], list[1..].ToArray().Select(order => order.Id));
        NativeList<Order> same = list;
        same.Add(default);
        Assert.Equal(3, list.Count);
        Assert.True(same == list && same.Equals((object)list) && same.GetHashCode() == list.GetHashCode());
    }

    [Fact]
    public void A_collection_expression_makes_a_list()
    {
        using NativeList<int> list = [3, 1, 2];
        using NativeList<int> more = [.. list.AsSpan(), 4];
        Assert.Equal([3, 1, 2, 4], more.AsSpan().ToArray());
        using NativeList<int> empty = [];
        Assert.Equal((0, 0), (empty.Count, empty.Capacity));
    }

    [Fact]
    public void Lists_hold_lists()
    {
        using Heap heap = new();
        using NativeList<NativeList<int>> lists = new(heap);
        for (int i = 0; i < 100; i++)
        {
            lists.Add(new NativeList<int>(heap));
            for (int k = 0; k < i; k++)
            {
                lists[i].Add(k);
            }
        }

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Enumerable.Range(0, i), lists[i].AsSpan().ToArray());
            lists[i].Dispose();
        }

        Assert.Equal(1, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_large_list_grows_where_it_is()
    {
        using Heap heap = new();
        using NativeList<long> list = new(heap, 1_000_000);
        list.TrimExcess();
        list.SetCount(1_000_000);
        void* first = Unsafe.AsPointer(ref list[0]);
        list.SetCount(200_000);
        list.TrimExcess();
        Assert.InRange(heap.GetStatistics().LiveBytes, 1_600_000, 1_700_000);
        list.SetCount(1_000_000, clear: false);
        Assert.True(first == Unsafe.AsPointer(ref list[0]));
    }

    [Fact]
    public void Additions_take_a_number_of_blocks_that_is_logarithmic()
    {
        using Heap heap = new();
        using NativeList<int> list = new(heap);
        HashSet<int> capacities = [];
        for (int i = 0; i < 100_000; i++)
        {
            list.Add(i);
            capacities.Add(list.Capacity);
        }

        Assert.InRange(capacities.Count, 5, 20);
        Assert.True(list.Capacity <= 2.2 * list.Count);
    }

    [Fact]
    public void RemoveAll_takes_a_function_pointer()
    {
        using NativeList<int> list = [1, 2, 3, 4, 5, 6];
        Assert.Equal(3, list.RemoveAll(&IsEven));
        Assert.Equal([1, 3, 5], list.AsSpan().ToArray());
        Assert.Equal(0, list.RemoveAll(&IsEven));
    }

    [Fact]
    public void What_a_condition_throws_leaves_every_item_once()
    {
        using NativeList<int> list = [1, 2, 3, 4, 5, 6];
        NativeList<int> same = list;
        Assert.Throws<NotSupportedException>(() => same.RemoveAll(new EvenUntil(5)));
        Assert.Equal([1, 3, 5, 6], list.AsSpan().ToArray());
    }

    [Fact]
    public void A_condition_that_changes_the_list_is_an_error_and_harms_nothing()
    {
        using NativeList<int> list = [1, 2, 3, 4];
        NativeList<int> same = list;
        Assert.Throws<InvalidOperationException>(() => same.RemoveAll(new Meddler(same, disposes: false)));
        Assert.Equal([1, 2, 3, 4, 0], list.AsSpan().ToArray());
        Assert.Throws<ObjectDisposedException>(() => same.RemoveAll(new Meddler(same, disposes: true)));
    }

    [Fact]
    public void A_comparer_that_contradicts_itself_or_throws_loses_no_item()
    {
        using NativeList<int> list = new();
        Random random = new(5);
        for (int round = 0; round < 200; round++)
        {
            list.SetCount(random.Next(1, 400));
            for (int i = 0; i < list.Count; i++)
            {
                list[i] = i;
            }

            try
            {
                list.Sort(new Liar(random, round % 2 == 0 ? int.MaxValue : random.Next(1_000)));
            }
            catch (NotSupportedException)
            {
                Assert.Equal(1, round % 2);
            }

            Assert.Equal(Enumerable.Range(0, list.Count), list.AsSpan().ToArray().Order());
        }
    }

    // Where each third element is the median that quicksort picks, it would be quadratic.
    [Fact]
    public void The_number_of_comparisons_is_bounded_in_every_case()
    {
        foreach (Func<int, int> shape in (Func<int, int>[])[i => i, i => -i, i => 0, i => i % 2, i => i ^ 0x2AAA, i => Math.Abs(i - 10_000)])
        {
            Assert.InRange(CountComparisons(20_000, shape), 0, 20_000 * 15 * 3);
        }

        // An order made up while it is asked: whatever is compared turns out as bad as can be (M. D. McIlroy, "A killer adversary for quicksort", 1999).
        int[] solid = new int[20_000];
        Adversary.Counter counter = new();
        int[] items = [.. Enumerable.Range(0, solid.Length)];
        Array.Fill(solid, int.MaxValue);
        IntroSort<int, Adversary>.Sort(items, new Adversary(solid, counter));
        Assert.InRange(counter.Comparisons, 0, 20_000 * 15 * 6);
        Assert.Equal(Enumerable.Range(0, solid.Length), items.Order());
    }

    [Fact]
    public void A_change_under_an_enumeration_is_an_error()
    {
        Action<NativeList<int>>[] changes =
        [
            list => list.Add(5), list => list.AddRange([5]), list => list.Insert(0, 5), list => list.InsertRange(0, [5]), list => list.RemoveAt(0), list => list.RemoveAtSwapBack(0),
            list => list.RemoveRange(0, 1), list => list.RemoveAll(&IsEven), list => list.Remove(1), list => list.Clear(), list => list.SetCount(1), list => list.Sort(), list => list.Reverse(),
            list => list.Sort(Comparer<int>.Default),
        ];
        foreach (Action<NativeList<int>> change in changes)
        {
            using NativeList<int> list = [1, 2, 3];
            NativeList<int> same = list;
            CollectionChecks.AssertSays<InvalidOperationException>(
                () =>
                {
                    foreach (ref int item in same)
                    {
                        change(same);
                    }
                },
                "This NativeList<Int32> was changed while it was gone through");
        }

        using NativeList<int> written = [1, 2, 3];
        foreach (ref int item in written)
        {
            item = written[2]++;
        }

        Assert.Equal([3, 4, 5], written.AsSpan().ToArray());
    }

    [Fact]
    public void Impossible_indexes_ranges_and_counts_are_named()
    {
        using Heap heap = new();
        using NativeList<int> list = new(heap);
        NativeList<int> same = list;
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same[0], "This NativeList<Int32> has no items, and so none of index 0");
        list.AddRange([1, 2, 3]);
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same[3], "has 3 items, of indexes 0 to 2, and none of index 3");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.RemoveAt(-1), "none of index -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.RemoveAtSwapBack(3), "none of index 3");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.Insert(4, 0), "one can be inserted at 0 to 3, and not at 4");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.InsertRange(-1, [1]), "and not at -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.InsertRange(9, same.AsSpan()), "and not at 9");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.RemoveRange(2, 2), "range of 2 items from index 2 is not within the 3 items");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.Slice(0, -1), "range of -1 items");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.EnsureCapacity(-1), "and not for -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.SetCount(int.MaxValue), "0 to 2,147,483,591 items, and not for 2,147,483,647");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => new NativeList<int>(heap, -1), "and not for -1");
        CollectionChecks.AssertSays<ArgumentException>(() => same.CopyTo(new int[2]), "length of 2, and 3 items");
        Assert.Throws<ArgumentNullException>(() => new NativeList<int>(null!));
        Assert.Equal([1, 2, 3], list.AsSpan().ToArray());
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void More_items_than_a_list_can_hold_are_an_error_before_anything_is_asked_for()
    {
        using Heap heap = new();
        using NativeList<byte> list = new(heap);
        NativeList<byte> same = list;
        byte one = 0;
        byte* address = &one;

        // No memory is behind a span of this length, and none is looked at.
        CollectionChecks.AssertSays<InvalidOperationException>(() => same.AddRange(new ReadOnlySpan<byte>(address, int.MaxValue)), "can hold 2,147,483,591 items, and not 2,147,483,647");
        CollectionChecks.AssertSays<InvalidOperationException>(() => same.InsertRange(0, new ReadOnlySpan<byte>(address, int.MaxValue)), "Use several");
        Assert.Equal((0, 0L), (list.Count, heap.GetStatistics().LiveObjects));
    }

    [Fact]
    public void A_type_without_an_order_or_equality_of_its_own_is_refused_and_taken_with_a_comparer()
    {
        using NativeList<Plain> list = [new(2), new(1)];
        NativeList<Plain> same = list;
        CollectionChecks.AssertSays<InvalidOperationException>(same.Sort, "have no order by themselves: the type does not implement IComparable<Plain>");
        CollectionChecks.AssertSays<InvalidOperationException>(() => same.BinarySearch(new Plain(1)), "or pass a comparer");
        CollectionChecks.AssertSays<NotSupportedException>(() => same.IndexOf(new Plain(1)), "does not implement IEquatable<Plain>");
        CollectionChecks.AssertSays<NotSupportedException>(() => same.Contains(new Plain(1)), "IEquatable<Plain>");
        CollectionChecks.AssertSays<NotSupportedException>(() => same.Remove(new Plain(1)), "IEquatable<Plain>");
        list.Sort(default(ByNumber));
        Assert.Equal((1, 1), (list[0].Number, list.BinarySearch(new Plain(2), default(ByNumber))));
        using NativeList<DayOfWeek> days = [DayOfWeek.Friday, DayOfWeek.Monday];
        days.Sort();
        Assert.Equal((0, 1), (days.BinarySearch(DayOfWeek.Monday), days.IndexOf(DayOfWeek.Friday)));
    }

    private static bool IsEven(in int item) => item % 2 == 0;

    private static long CountComparisons(int count, Func<int, int> shape)
    {
        Adversary.Counter counter = new();
        int[] items = [.. Enumerable.Range(0, count).Select(shape)];
        IntroSort<int, Counting>.Sort(items, new Counting(counter));
        Assert.Equal(items.Order().ToArray(), items);
        return counter.Comparisons;
    }

    private readonly struct Plain(int number)
    {
        public int Number { get; } = number;
    }

    private readonly struct ByNumber : IComparer<Plain>
    {
        public int Compare(Plain x, Plain y) => x.Number.CompareTo(y.Number);
    }

    private readonly struct EvenUntil(int limit) : IItemCondition<int>
    {
        public bool IsMet(in int item) => item >= limit ? throw new NotSupportedException() : item % 2 == 0;
    }

    private readonly struct Meddler(NativeList<int> list, bool disposes) : IItemCondition<int>
    {
        public bool IsMet(in int item)
        {
            if (disposes)
            {
                list.Dispose();
            }
            else
            {
                list.Add(0);
            }

            return true;
        }
    }

    private sealed class Liar(Random random, int patience) : IComparer<int>
    {
        private int _patience = patience;

        public int Compare(int x, int y) => _patience-- == 0 ? throw new NotSupportedException() : random.Next(-1, 2);
    }

    private readonly struct Counting(Adversary.Counter counter) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            counter.Comparisons++;
            return x.CompareTo(y);
        }
    }

    private readonly struct Adversary(int[] solid, Adversary.Counter counter) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            counter.Comparisons++;
            if (solid[x] == int.MaxValue && solid[y] == int.MaxValue)
            {
                solid[x == counter.Candidate ? x : y] = counter.Solid++;
            }

            if (solid[x] == int.MaxValue)
            {
                counter.Candidate = x;
            }
            else if (solid[y] == int.MaxValue)
            {
                counter.Candidate = y;
            }

            return solid[x].CompareTo(solid[y]);
        }

        internal sealed class Counter
        {
            public long Comparisons { get; set; }

            public int Candidate { get; set; }

            public int Solid { get; set; }
        }
    }
}
