using System;
using System.Runtime.CompilerServices;

using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>The members of <see cref="NativeArray{T}"/>, one by one.</summary>
public sealed unsafe class NativeArrayTests
{
    [Fact]
    public void Items_are_zero_and_are_read_and_written_by_reference()
    {
        for (int round = 0; round < 10; round++)
        {
            using NativeArray<Order> array = new(100);
            Assert.Equal(100, array.Length);
            foreach (ref Order order in array)
            {
                Assert.Equal((0L, 0L, 0), (order.Id, order.Price, order.Quantity));
                order = new Order { Id = -1, Price = -1, Quantity = -1 };
            }

            array[99].Id = 5;
            Assert.Equal(5, array.AsSpan()[99].Id);
            Assert.True(Unsafe.AreSame(ref array[0], ref array.GetPinnableReference()));
        }
    }

    [Fact]
    public void Slices_and_copies_are_those_of_a_span()
    {
        using Heap heap = new();
        using NativeArray<int> array = new(heap, [1, 2, 3, 4, 5]);
        Assert.Equal([2, 3], array[1..3].ToArray());
        Assert.Equal([4, 5], array.AsSpan(3).ToArray());
        Assert.Empty(array.AsSpan(5).ToArray());
        Assert.Equal([3, 4, 5], array.Slice(2, 3).ToArray());
        int[] copy = new int[6];
        array.CopyTo(copy);
        Assert.Equal([1, 2, 3, 4, 5, 0], copy);
        fixed (int* first = array)
        {
            Assert.Equal(1, *first);
            Assert.True(heap.Owns(first));
        }

        NativeArray<int> same = array;
        Assert.True(same == array && same.Equals((object)array) && array != new NativeArray<int>(heap, 1));
    }

    [Fact]
    public void An_array_of_no_items_has_no_block()
    {
        using Heap heap = new();
        using NativeArray<int> array = new(heap, 0);
        Assert.Equal((0, 0L), (array.Length, heap.GetStatistics().LiveObjects));
        Assert.False(array.IsDefault);
        Assert.True(array.AsSpan().IsEmpty && Unsafe.IsNullRef(ref array.GetPinnableReference()));
        foreach (ref int item in array)
        {
            Assert.Fail("There is no item.");
        }

        array.Resize(3);
        Assert.Equal([0, 0, 0], array.AsSpan().ToArray());
        array.Resize(0);
        Assert.Equal((0, 0L), (array.Length, heap.GetStatistics().LiveObjects));
    }

    [Fact]
    public void A_large_array_changes_its_length_where_it_is()
    {
        using Heap heap = new();
        using NativeArray<long> array = new(heap, 1_000_000);
        long* first = (long*)Unsafe.AsPointer(ref array[0]);
        array.Resize(200_000);
        Assert.True(first == Unsafe.AsPointer(ref array[0]));
        Assert.InRange(heap.GetStatistics().LiveBytes, 1_600_000, 1_700_000);
        array.Resize(1_000_000);
        Assert.True(first == Unsafe.AsPointer(ref array[0]));
        Assert.True(array.AsSpan().IndexOfAnyExcept(0) < 0);
    }

    [Fact]
    public void The_alignment_is_kept_by_every_change_of_length()
    {
        using Heap heap = new();
        foreach (int alignment in (int[])[1, 2, 16, 64, 4_096, 65_536])
        {
            using NativeArray<byte> array = new(heap, 10, clear: true, alignment);
            foreach (int length in (int[])[10, 100, 5_000, 50, 1_000_000, 70_000, 1])
            {
                array.Resize(length, clear: false);
                Assert.Equal(0u, (nuint)Unsafe.AsPointer(ref array[0]) % (nuint)alignment);
            }
        }

        using NativeArray<Aligned> over = new(heap, 3);
        Assert.Equal(0u, (nuint)Unsafe.AsPointer(ref over[0]) % 64);
        using NativeArray<double> least = new(heap, 3, clear: true, alignment: 1);
        Assert.Equal(0u, (nuint)Unsafe.AsPointer(ref least[0]) % 8);
    }

    [Fact]
    public void Impossible_lengths_indexes_and_alignments_are_named()
    {
        using Heap heap = new();
        using NativeArray<int> array = new(heap, 5);
        NativeArray<int> same = array;
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => new NativeArray<int>(heap, -1), "A NativeArray<Int32> can have room for 0 to 2,147,483,591 items, and not for -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => new NativeArray<Huge>(heap, int.MaxValue), "67,108,864 items, and not for 2,147,483,647");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.Resize(-3), "not for -3");
        foreach (int alignment in (int[])[0, -1, 3, Heap.MaxAlignment * 2, int.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new NativeArray<int>(heap, 1, clear: true, alignment));
        }

        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same[5], "has 5 items, of indexes 0 to 4, and none of index 5");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same[-1], "none of index -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.Slice(3, 3), "range of 3 items from index 3 is not within the 5 items");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.Slice(-1, 1), "from index -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.AsSpan(6), "from index 6");
        CollectionChecks.AssertSays<ArgumentException>(() => same.CopyTo(new int[4]), "length of 4, and 5 items");
        Assert.Throws<ArgumentNullException>(() => new NativeArray<int>(null!, 5));
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
    }

    [InlineArray(1 << 20)]
    private struct Huge
    {
        private byte _first;
    }
}
