using System;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>The generated stubs that take a heap.</summary>
public sealed unsafe class HeapStubTests
{
    [Fact]
    public void An_object_is_the_heaps_and_holds_what_is_written()
    {
        using Heap heap = new();
        Order* order = Order.Alloc(heap);
        *order = new Order { Id = 1, Price = 2, Quantity = 3 };
        Order* copy = Order.Alloc(heap, in *order);
        Assert.True(heap.Owns(order));
        Assert.False(Heap.Shared.Owns(order));
        Assert.Equal((1L, 2L, 3), (copy->Id, copy->Price, copy->Quantity));
        Assert.Equal(2, heap.GetStatistics().LiveObjects);
        Order.Free(heap, order);
        Order.Free(heap, copy);
        Order.Free(heap, null);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void AllocZeroed_clears_memory_used_before()
    {
        using Heap heap = new();
        for (int i = 0; i < 100; i++)
        {
            Order* order = Order.AllocZeroed(heap);
            LargeMessage* message = LargeMessage.AllocZeroed(heap);
            Assert.Equal(default, *order);
            Assert.Equal(-1, new ReadOnlySpan<byte>(message, sizeof(LargeMessage)).IndexOfAnyExcept((byte)0));
            order->Id = -1;
            new Span<byte>(message, sizeof(LargeMessage)).Fill(0xff);
            Order.Free(heap, order);
            LargeMessage.Free(heap, message);
        }
    }

    [Fact]
    public void Objects_of_every_layout_come_and_go()
    {
        using Heap heap = new();
        for (int i = 0; i < 300; i++)
        {
            Aligned* aligned = Aligned.Alloc(heap);
            Wide* wide = Wide.Alloc(heap);
            LargeMessage* large = LargeMessage.Alloc(heap);
            Pair<decimal>* pair = Pair<decimal>.Alloc(heap, new Pair<decimal> { Left = 1, Right = 2 });
            Assert.Equal(0u, (nuint)aligned % 64);
            Assert.Equal(0u, (nuint)wide % (nuint)NativeHeap.Heaps.TypeLayout.AlignmentOf<Wide>());
            Assert.Equal(3, pair->Left + pair->Right);
            Aligned.Free(heap, aligned);
            Wide.Free(heap, wide);
            LargeMessage.Free(heap, large);
            heap.Free(pair);
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void The_shared_heap_is_a_heap_as_well()
    {
        Order* order = Order.Alloc(Heap.Shared);
        Order.Free(order);
        Assert.True(Order.Alloc() == order);
        Order.Free(Heap.Shared, order);
        using NativeOwner<Order> owner = Order.Rent(Heap.Shared);
        Assert.True(Heap.Shared.Owns(owner.DangerousGetPointer()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(5_000)]
    public void A_batch_is_distinct_objects_and_goes_back_whole(int count)
    {
        using Heap heap = new();
        NativePointer<Order>[] orders = new NativePointer<Order>[count];
        Order.AllocBatch(heap, orders);
        for (int i = 0; i < count; i++)
        {
            orders[i].Value = new Order { Id = i };
        }

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i, orders[i].Value.Id);
            Assert.True(heap.Owns(orders[i].ToPointer()));
        }

        Assert.Equal(count, heap.GetStatistics().LiveObjects);
        Order.FreeBatch(heap, [.. orders, default]);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void An_owner_frees_to_its_heap_once_and_can_hand_on()
    {
        using Heap heap = new();
        using (NativeOwner<Order> owner = Order.Rent(heap, new Order { Id = 9 }))
        {
            Assert.Equal(9, owner.Value.Id);
            Assert.True(heap.Owns(owner.DangerousGetPointer()));
        }

        using (NativeOwner<LargeMessage> large = LargeMessage.Rent(heap))
        {
            Assert.Equal(1, heap.GetStatistics().LiveObjects);
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);

        NativeOwner<Order> first = Order.Rent(heap);
        Assert.Equal(default, first.Value);
        NativeOwner<Order> second = first.Move();
        first.Dispose();
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        second.Dispose();
        second.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);

        NativeOwner<Order> third = Order.Rent(heap);
        Order* detached = third.Detach();
        third.Dispose();
        Order.Free(heap, detached);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void An_owner_may_be_disposed_of_by_another_thread_than_has_ever_used_the_heap()
    {
        using Heap heap = new();
        nint pointer = (nint)Order.Rent(heap).Detach();
        NativeOwner<Order> owner = Order.Rent(heap);
        nint other = (nint)owner.Move().Detach();
        Thread thread = new(() =>
        {
            Order.Free(heap, (Order*)pointer);
            Order.Free(heap, (Order*)other);
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_value_without_a_named_type_is_a_value_and_no_heap()
    {
        using NativeOwner<Order> made = Order.Rent(new() { Id = 4 });
        using NativeOwner<Order> empty = Order.Rent(default);
        Order* copy = Order.Alloc(new() { Id = 5 });
        Assert.Equal((4L, 0L, 5L), (made.Value.Id, empty.Value.Id, copy->Id));
        Order.Free(copy);
    }

    [Fact]
    public void Stubs_of_a_disposed_heap_say_so()
    {
        Heap heap = new();
        Order* order = Order.Alloc(heap);
        LargeMessage* large = LargeMessage.Alloc(heap);
        heap.Dispose();
        NativePointer<Order>[] batch = new NativePointer<Order>[3];
        Assert.Throws<ObjectDisposedException>(() => Order.Alloc(heap));
        Assert.Throws<ObjectDisposedException>(() => Order.Alloc(heap, default));
        Assert.Throws<ObjectDisposedException>(() => Order.AllocZeroed(heap));
        Assert.Throws<ObjectDisposedException>(() => Order.Free(heap, order));
        Assert.Throws<ObjectDisposedException>(() => LargeMessage.Alloc(heap));
        Assert.Throws<ObjectDisposedException>(() => LargeMessage.Free(heap, large));
        Assert.Throws<ObjectDisposedException>(() => Order.AllocBatch(heap, batch));
        Assert.Throws<ObjectDisposedException>(() => Order.AllocBatch(heap, default));
        Assert.Throws<ObjectDisposedException>(() => Order.FreeBatch(heap, batch));
        Assert.Throws<ObjectDisposedException>(() => Order.Rent(heap).Dispose());
        Assert.Throws<ObjectDisposedException>(() => Order.Rent(heap, default).Dispose());
    }

    [Fact]
    public void An_owner_that_outlives_its_heap_frees_nothing_not_even_the_next_heaps()
    {
        Heap heap = new();
        NativeOwner<Order> owner = Order.Rent(heap);
        NativeOwner<LargeMessage> large = LargeMessage.Rent(heap);
        nint index = heap.Index;
        heap.Dispose();
        using Heap next = new();
        Assert.Equal(index, next.Index);
        Order* order = Order.Alloc(next);
        LargeMessage* message = LargeMessage.Alloc(next);
        Assert.True(order == owner.DangerousGetPointer() && message == large.DangerousGetPointer(), "The next heap was to get the memory of the one before.");
        owner.Dispose();
        large.Dispose();
        Assert.Equal(2, next.GetStatistics().LiveObjects);
        Assert.False(Order.Alloc(next) == order);
        Heap.FlushThread();
    }

    [Fact]
    public void An_object_freed_to_another_heap_is_reported_when_it_reaches_that_heaps_span()
    {
        Heap.FlushThread();
        using Heap first = new();
        using Heap second = new();
        Order* order = Order.Alloc(first);
        HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(() => Order.Free(second, order));
        Assert.Equal((nint)order, error.Address);
        Order* other = Order.Alloc(second);
        Order.Free(second, order);
        Order.Free(second, other);
        error = Assert.Throws<HeapCorruptionException>(Heap.FlushThread);
        Assert.Equal((nint)order, error.Address);
        Assert.Equal(1, first.GetStatistics().LiveObjects);
        LargeMessage* large = LargeMessage.Alloc(first);
        Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free(second, large));
        Assert.Equal(2, first.GetStatistics().LiveObjects);
    }
}
