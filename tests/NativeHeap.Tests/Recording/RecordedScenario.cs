using System;
using System.Threading;

using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Recording;

/// <summary>Calls of every kind on the shared heap and another, to be made by a process that is recorded as a whole. By itself it says only that they work.</summary>
public sealed unsafe class RecordedScenario
{
    [Fact]
    public void Runs() => _ = Run();

    /// <summary>Makes the calls.</summary>
    /// <returns>What a recorder of the process should have seen.</returns>
    internal static ExpectedTrace Run()
    {
        ExpectedTrace expected = new();
        ExpectedThread calls = expected.Thread(0);

        Order* order = Order.Alloc();
        long orderNumber = calls.Alloc(sizeof(Order));
        Order* zeroed = Order.AllocZeroed();
        long zeroedNumber = calls.Alloc(sizeof(Order), RecordedEvent.AllocZeroed);
        Assert.Equal(0, zeroed->Price);
        Order.Free(order);
        calls.Free(orderNumber);
        Order.Free(null);

        Aligned* aligned = Aligned.AllocZeroed();
        long alignedNumber = calls.Alloc(sizeof(Aligned), RecordedEvent.AllocAligned, 6);
        LargeMessage* large = LargeMessage.AllocZeroed();
        long largeNumber = calls.Alloc(sizeof(LargeMessage), RecordedEvent.AllocZeroed);
        Assert.Equal(-1, new Span<byte>(large, sizeof(LargeMessage)).IndexOfAnyExcept((byte)0));
        LargeMessage.Free(large);
        calls.Free(largeNumber);
        Aligned.Free(aligned);
        calls.Free(alignedNumber);
        using (NativeOwner<Order> owner = Order.Rent())
        {
            largeNumber = calls.Alloc(sizeof(Order), RecordedEvent.AllocZeroed);
            owner.Value.Id = 1;
        }

        calls.Free(largeNumber);
        Batch(calls);
        Untyped(calls);
        OfItsOwn(calls);

        // Allocated here, freed by another thread, which has allocated before.
        Thread other = new(() =>
        {
            ExpectedThread its = expected.Thread(1);
            void* block = Heap.Shared.Alloc(77);
            long number = its.Alloc(77);
            Order.Free(zeroed);
            its.Free(zeroedNumber);
            Heap.Shared.Free(block);
            its.Free(number);
        });
        other.Start();
        other.Join();
        return expected;
    }

    private static void Batch(ExpectedThread calls)
    {
        NativePointer<Order>[] orders = new NativePointer<Order>[500];
        long[] numbers = new long[orders.Length];
        Order.AllocBatch(orders);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = calls.Alloc(sizeof(Order));
        }

        Order.FreeBatch(orders);
        foreach (long number in numbers)
        {
            calls.Free(number);
        }
    }

    private static void Untyped(ExpectedThread calls)
    {
        RecordedProgram program = new(Heap.Shared, calls);
        foreach (RecordedOperation operation in Enum.GetValues<RecordedOperation>())
        {
            for (int size = 0; size < 200_000; size = (size * 2) + 1)
            {
                program.Do(operation, size, 1 << (size % 9), size);
            }
        }

        while (program.Blocks.Count != 0)
        {
            program.Do(RecordedOperation.Free, 0, 0, 0);
        }
    }

    // Another heap's calls are in the same trace; what it holds when it is disposed of is freed there.
    private static void OfItsOwn(ExpectedThread calls)
    {
        long held;
        using (Heap heap = new())
        {
            _ = heap.Alloc(100);
            held = calls.Alloc(100);
            heap.Free(heap.Alloc<Order>());
            calls.Free(calls.Alloc(sizeof(Order)));
        }

        calls.Free(held);
    }
}
