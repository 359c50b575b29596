using System;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>No managed memory on any path after the first calls, slow paths included.</summary>
public sealed unsafe class ZeroGarbageTests
{
    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        nint[] blocks = new nint[20_000];
        NativePointer<Order>[] orders = new NativePointer<Order>[3_000];
        using Heap heap = new();
        Work(heap, blocks, orders);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(heap, blocks, orders);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Work(Heap heap, nint[] blocks, NativePointer<Order>[] orders)
    {
        for (int h = 0; h < 2; h++)
        {
            Heap each = h == 0 ? Heap.Shared : heap;
            uint state = 12_345;
            for (int i = 0; i < blocks.Length; i++)
            {
                state = (state * 1_664_525) + 1_013_904_223;
                nuint size = (state >> 8) % (i % 50 == 0 ? 100_000u : 3_000u);
                blocks[i] = (nint)(i % 3 == 0 ? each.AllocZeroed(size) : i % 3 == 1 ? each.AllocAligned(size, 64) : each.Alloc(size));
            }

            for (int i = 0; i < blocks.Length; i++)
            {
                void* block = (void*)blocks[(i * 7_919) % blocks.Length];
                each.Free(i % 10 == 0 ? each.Realloc(block, 500) : block);
            }

            Heap.FlushThread();
            _ = each.GetStatistics();
        }

        _ = Heap.GetProcessStatistics();
        Order.AllocBatch(orders);
        Order.FreeBatch(orders);
        for (int i = 0; i < 100_000; i++)
        {
            Order* order = i % 2 == 0 ? Order.Alloc() : Order.AllocZeroed();
            using NativeOwner<Order> owner = Order.Rent();
            owner.Value.Id = order->Id;
            Order.Free(order);
        }
    }
}
