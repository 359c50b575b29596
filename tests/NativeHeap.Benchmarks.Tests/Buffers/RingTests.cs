using System.Threading;

using NativeHeap.Benchmarks.Measures.Buffers;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Buffers;

public sealed class RingTests
{
    [Fact]
    public void The_managed_ring_is_bounded_and_gives_items_in_their_order() => FillAndEmpty(new ManagedRing<int>(8), 8);

    [Fact]
    public void The_native_ring_is_bounded_and_gives_items_in_their_order()
    {
        using NativeSpscRing<int> ring = new(8);
        FillAndEmpty(new NativeRing<int>(ring), 8);
    }

    [Fact]
    public void Nothing_is_lost_between_two_threads()
    {
        const int Count = 200_000;
        ManagedRing<int> ring = new(64);
        Thread adder = new(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                SpinWait wait = default;
                while (!ring.TryAdd(i))
                {
                    wait.SpinOnce();
                }
            }
        });
        adder.Start();
        int wrong = 0;
        for (int i = 0; i < Count; i++)
        {
            SpinWait wait = default;
            int item;
            while (!ring.TryTake(out item))
            {
                wait.SpinOnce();
            }

            wrong += item == i ? 0 : 1;
        }

        adder.Join();
        Assert.Equal(0, wrong);
        Assert.False(ring.TryTake(out _));
    }

    private static void FillAndEmpty<TRing>(TRing ring, int capacity)
        where TRing : struct, IRing<int>
    {
        int added = 0;
        int taken = 0;
        for (int round = 0; round < 10; round++)
        {
            for (; added - taken < capacity; added++)
            {
                Assert.True(ring.TryAdd(added));
            }

            Assert.False(ring.TryAdd(-1));
            for (int i = 0; i < capacity - (round % 3); i++)
            {
                Assert.True(ring.TryTake(out int item));
                Assert.Equal(taken++, item);
            }
        }

        while (ring.TryTake(out int rest))
        {
            Assert.Equal(taken++, rest);
        }

        Assert.Equal(added, taken);
    }
}
