using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>The members of <see cref="NativeBox{T}"/>, one by one.</summary>
public sealed unsafe class NativeBoxTests
{
    [Fact]
    public void A_box_owns_an_object_of_zeros_or_of_a_value_until_it_is_disposed_of()
    {
        using Heap heap = new();
        NativeBox<Order> zeros = new(heap);
        NativeBox<Order> box = new(heap, new Order { Id = 5, Price = 6 });
        Assert.Equal((0L, 0L), (zeros.Value.Id, zeros.Value.Price));
        Assert.Equal((5L, 6L), (box.Value.Id, box.Value.Price));
        box.Value.Id++;
        NativeBox<Order> copy = box;
        Assert.Equal(6, copy.Value.Id);
        Assert.True(copy == box && box.Equals((object)copy) && box != zeros && box.GetHashCode() == copy.GetHashCode());
        Assert.Equal(2, heap.GetStatistics().LiveObjects);
        Assert.False(box.IsNull);
        box.Dispose();
        zeros.Dispose();
        Assert.True(box.IsNull && copy.IsNull);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Memory_that_was_used_before_is_zero_in_a_new_box()
    {
        for (int i = 0; i < 100; i++)
        {
            using NativeBox<Order> box = new();
            Assert.Equal((0L, 0L, 0), (box.Value.Id, box.Value.Price, box.Value.Quantity));
            box.Value = new Order { Id = -1, Price = -1, Quantity = -1 };
        }
    }

    [Fact]
    public void A_detached_object_of_a_type_with_stubs_is_freed_as_the_types_own()
    {
        using Heap heap = new();
        Order* shared = new NativeBox<Order>(new Order { Id = 1 }).Detach();
        Assert.Equal(1, shared->Id);
        Order.Free(shared);
        NativeBox<Order> box = new(heap, new Order { Id = 2 });
        NativeBox<Order> copy = box;
        Order* own = box.Detach();
        Assert.True(copy.IsNull);
        copy.Dispose();
        Assert.Equal((2L, 1L), (own->Id, heap.GetStatistics().LiveObjects));
        Order.Free(heap, own);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        heap.Free(new NativeBox<Guid>(heap).Detach());
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Move_empties_the_box_and_its_copies()
    {
        using Heap heap = new();
        NativeBox<long> box = new(heap, 7);
        NativeBox<long> copy = box;
        NativeBox<long> moved = box.Move();
        Assert.True(box.IsNull && copy.IsNull);
        Assert.Equal(7, moved.Value);
        Assert.True(moved != box);
        box.Dispose();
        copy.Dispose();
        Assert.Equal(7, moved.Value);
        moved.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void The_types_hook_is_called_once_and_the_object_is_freed_whatever_it_throws()
    {
        Ship.Freed.Clear();
        using Heap heap = new();
        NativeBox<Ship> box = new(heap, new Ship { Id = 1 });
        NativeBox<Ship> copy = box;
        box.Dispose();
        copy.Dispose();
        NativeBox<Ship> detached = new(heap, new Ship { Id = 2 });
        Ship* ship = detached.Detach();
        detached.Dispose();
        Assert.Equal([1], Ship.Freed);
        Ship.Free(heap, ship);
        Assert.Equal([1, 2], Ship.Freed);
        NativeBox<Ship> bad = new(heap, new Ship { Id = Ship.Refuses });
        Assert.Throws<NotSupportedException>(bad.Dispose);
        Assert.True(bad.IsNull);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Fields_of_classes_structs_boxes_and_lists_hold_boxes()
    {
        using Heap heap = new();
        Holder holder = new() { Box = new NativeBox<Node>(heap) };
        holder.Box.Value = new Node { Value = 1, Next = new NativeBox<Node>(heap, new Node { Value = 2 }) };
        Assert.Equal(2, holder.Box.Value.Next.Value.Value);
        Assert.True(holder.Box.Value.Next.Value.Next.IsNull);
        using NativeList<NativeBox<Node>> list = [holder.Box, holder.Box.Value.Next];
        holder.Box.Value.Next.Dispose();
        Assert.True(list[1].IsNull && !list[0].IsNull);
        holder.Box.Dispose();
        Assert.True(list[0].IsNull);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Objects_of_any_size_lie_at_their_alignment()
    {
        using Heap heap = new();
        AssertBox<byte>(heap, 1);
        AssertBox<short>(heap, 2);
        AssertBox<Guid>(heap, 4);
        AssertBox<Aligned>(heap, 64);
        AssertBox<Wide>(heap, 8);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void Every_word_is_another_for_more_boxes_than_a_header_serves()
    {
        using Heap heap = new();
        HashSet<NativeBox<int>> seen = [];
        for (int i = 0; i < 150_000; i++)
        {
            NativeBox<int> box = new(heap, i);
            Assert.True(seen.Add(box));
            box.Dispose();
        }

        Assert.All(seen, box => Assert.True(box.IsNull));
    }

    private static void AssertBox<T>(Heap heap, nuint alignment)
        where T : unmanaged
    {
        for (int i = 0; i < 20; i++)
        {
            NativeBox<T> box = new(heap);
            Assert.Equal(0u, (nuint)box.DangerousGetPointer() % alignment);
            Assert.True(Unsafe.AreSame(ref box.Value, ref *box.DangerousGetPointer()));
            Unsafe.InitBlock(box.DangerousGetPointer(), 0xAB, (uint)sizeof(T));
            Assert.True(new ReadOnlySpan<byte>(box.DangerousGetPointer(), sizeof(T)).IndexOfAnyExcept((byte)0xAB) < 0);
            box.Dispose();
        }
    }

    private sealed class Holder
    {
        public NativeBox<Node> Box;
    }

    private struct Node
    {
        public int Value;
        public NativeBox<Node> Next;
    }

    [InlineArray(100 * 1024 / 8)]
    private struct Wide
    {
        private long _first;
    }
}
