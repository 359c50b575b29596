using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.CompilerServices;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>The generated stubs over the real allocator.</summary>
public sealed unsafe class StubTests
{
    [Fact]
    public void An_object_holds_what_is_written()
    {
        Order* order = Order.Alloc();
        *order = new Order { Id = 1, Price = 2, Quantity = 3 };
        Order* copy = Order.Alloc(in *order);
        Assert.NotEqual((nint)order, (nint)copy);
        Assert.Equal((1L, 2L, 3), (copy->Id, copy->Price, copy->Quantity));
        Order.Free(order);
        Order.Free(copy);
    }

    [Fact]
    public void AllocZeroed_clears_memory_used_before()
    {
        for (int i = 0; i < 100; i++)
        {
            Order* order = Order.AllocZeroed();
            Assert.Equal(default, *order);
            Unsafe.InitBlock(order, 0xff, (uint)sizeof(Order));
            Order.Free(order);
        }
    }

    [Fact]
    public void A_large_object_is_zeroed_after_use()
    {
        for (int i = 0; i < 4; i++)
        {
            LargeMessage* message = LargeMessage.AllocZeroed();
            Assert.Equal(-1, new ReadOnlySpan<byte>(message, sizeof(LargeMessage)).IndexOfAnyExcept((byte)0));
            Unsafe.InitBlock(message, 0xff, (uint)sizeof(LargeMessage));
            LargeMessage.Free(message);
        }
    }

    [Fact]
    public void Alignment_is_kept()
    {
        // What a Vector512 wants is the machine's affair: 64 bytes on x64, 16 on arm64, whose registers are no larger.
        nuint vectorAlignment = (nuint)NativeHeap.Heaps.TypeLayout.AlignmentOf<Wide>();
        Assert.Equal(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 16u : 64u, vectorAlignment);
        for (int i = 0; i < 300; i++)
        {
            Aligned* aligned = Aligned.Alloc();
            Wide* wide = Wide.Alloc();
            Assert.Equal(0u, (nuint)aligned % 64);
            Assert.Equal(0u, (nuint)wide % vectorAlignment);
            if (i % 3 == 0)
            {
                Aligned.Free(aligned);
                Wide.Free(wide);
            }
        }
    }

    [Fact]
    public void A_generic_struct_gets_the_class_of_its_real_size()
    {
        Pair<byte>* small = Pair<byte>.Alloc();
        Pair<decimal>* large = Pair<decimal>.Alloc();
        Assert.Equal(8u, Heap.Shared.UsableSize(small));
        Assert.Equal(32u, Heap.Shared.UsableSize(large));
        Pair<byte>.Free(small);
        Pair<decimal>.Free(large);
    }

    [Fact]
    public void A_wrong_claim_is_not_believed()
    {
        AssertUsable<WrongSize>(48);
        AssertUsable<WrongTable>(48);
        AssertUsable<WrongClass>(8);
        AssertUsable<WrongAlignment>(64);

        static void AssertUsable<T>(nuint expected)
            where T : unmanaged, INativeAllocated<T>
        {
            T* pointer = NativeStubs.Alloc<T, T>();
            Assert.Equal(0u, (nuint)pointer % (nuint)NativeHeap.Heaps.TypeLayout.AlignmentOf<T>());
            Assert.Equal(expected, Heap.Shared.UsableSize(pointer));
            NativeStubs.Free<T, T>(pointer);
        }
    }

    [Fact]
    public void Null_is_ignored()
    {
        Order.Free(null);
        LargeMessage.Free(null);
        Order.FreeBatch([default, default]);
        Heap.Shared.Free(null);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    [InlineData(5_000)]
    public void A_batch_is_distinct_objects_and_goes_back_whole(int count)
    {
        Heap.FlushThread();
        long before = Heap.Shared.GetStatistics().LiveObjects;
        NativePointer<Order>[] orders = new NativePointer<Order>[count];
        Order.AllocBatch(orders);
        for (int i = 0; i < count; i++)
        {
            orders[i].Value = new Order { Id = i };
        }

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i, orders[i].Value.Id);
        }

        Assert.Equal(before + count, Heap.Shared.GetStatistics().LiveObjects);
        Order.FreeBatch(orders);
        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_batch_with_nulls_frees_the_rest()
    {
        long before = Heap.Shared.GetStatistics().LiveObjects;
        NativePointer<Order>[] orders = new NativePointer<Order>[1_000];
        Order.AllocBatch(orders);
        NativePointer<Order>[] holes = new NativePointer<Order>[2_000];
        for (int i = 0; i < orders.Length; i++)
        {
            holes[2 * i] = orders[i];
        }

        Order.FreeBatch(holes);
        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Batches_of_large_objects_work()
    {
        NativePointer<LargeMessage>[] messages = new NativePointer<LargeMessage>[5];
        LargeMessage.AllocBatch(messages);
        foreach (NativePointer<LargeMessage> message in messages)
        {
            message.Value.Length = 1;
        }

        LargeMessage.FreeBatch(messages);
    }

    [Fact]
    public void An_owner_frees_once_and_can_hand_on()
    {
        long before = Heap.Shared.GetStatistics().LiveObjects;
        using (NativeOwner<Order> owner = Make(9))
        {
            Assert.Equal(9, owner.Value.Id);
            Assert.Equal(before + 1, Heap.Shared.GetStatistics().LiveObjects);
        }

        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);

        NativeOwner<Order> first = Order.Rent();
        Assert.Equal(default, first.Value);
        NativeOwner<Order> second = first.Move();
        Assert.True(first.IsNull);
        first.Dispose();
        Order* detached = second.Detach();
        second.Dispose();
        Assert.Equal(before + 1, Heap.Shared.GetStatistics().LiveObjects);
        Order.Free(detached);
        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);
    }

    [Fact]
    public void An_object_freed_twice_is_reported_when_it_reaches_its_span()
    {
        Heap.FlushThread();
        Order* order = Order.Alloc();
        Order.Free(order);
        Order.Free(order);
        HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(Heap.FlushThread);
        Assert.Equal((nint)order, error.Address);
        Assert.Contains($"0x{(nuint)order:x}", error.Message, StringComparison.Ordinal);

        // The heap is intact: the next objects are distinct.
        Order* a = Order.Alloc();
        Order* b = Order.Alloc();
        Assert.NotEqual((nint)a, (nint)b);
        Order.Free(a);
        Order.Free(b);
        Heap.FlushThread();
    }

    [Fact]
    public void An_object_freed_as_another_type_is_reported_when_it_reaches_its_span()
    {
        Heap.FlushThread();
        Order* order = Order.Alloc();

        // Without a bin of that class the free takes the slow path, which looks; with one, inlined code takes the pointer as it is.
        HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(() => Aligned.Free((Aligned*)order));
        Assert.Equal((nint)order, error.Address);
        Aligned* other = Aligned.Alloc();
        Aligned.Free((Aligned*)order);
        Aligned.Free(other);
        error = Assert.Throws<HeapCorruptionException>(Heap.FlushThread);
        Assert.Equal((nint)order, error.Address);
        Order.Free(order);
        Heap.FlushThread();
    }

    [Fact]
    public void A_large_object_freed_twice_is_reported_at_once()
    {
        LargeMessage* message = LargeMessage.Alloc();
        LargeMessage.Free(message);
        Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free(message));
    }

    // The owner does not hold on to the value it was made from, so it may be returned.
    private static NativeOwner<Order> Make(long id) => Order.Rent(new Order { Id = id });
}
