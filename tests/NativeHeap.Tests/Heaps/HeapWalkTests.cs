using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Walks over the blocks that are alive.</summary>
public sealed unsafe class HeapWalkTests
{
    [Fact]
    public void Every_live_block_is_visited_once_in_the_order_of_addresses_with_its_size()
    {
        using Heap heap = new();
        Random random = new(8);
        SortedDictionary<nint, nuint> live = [];
        for (int i = 0; i < 30_000; i++)
        {
            if (random.Next(100) < 60 || live.Count == 0)
            {
                void* block = heap.Alloc((nuint)random.Next(random.Next(100) == 0 ? 200_000 : 2_000));
                live.Add((nint)block, heap.UsableSize(block));
            }
            else
            {
                // Of those that are freed, many lie in this thread's bins and in depots from then on.
                nint victim = live.Keys.ElementAt(random.Next(int.Min(live.Count, 500)));
                live.Remove(victim);
                heap.Free((void*)victim);
            }
        }

        AssertVisits(heap, live);
        Heap.FlushThread();
        AssertVisits(heap, live);
    }

    [Fact]
    public void What_depots_hold_is_not_alive()
    {
        using Heap heap = new();
        nint[] blocks = new nint[20_000];
        foreach (ref nint block in blocks.AsSpan())
        {
            block = (nint)heap.Alloc(64);
        }

        // More than a thread's bin parks.
        foreach (nint block in blocks.AsSpan(100))
        {
            heap.Free((void*)block);
        }

        Assert.Equal<nint>([.. blocks.Take(100).Order()], Visited(heap));
        Assert.Equal(100, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void What_other_threads_have_parked_is_not_alive_whether_they_have_ended_or_not()
    {
        using Heap heap = new();
        List<nint> kept = [];
        using ManualResetEventSlim parked = new();
        using ManualResetEventSlim seen = new();
        Thread ended = new(() => ParkSome(heap, kept));
        ended.Start();
        ended.Join();
        Thread running = new(() =>
        {
            ParkSome(heap, kept);
            parked.Set();
            seen.Wait();
        });
        running.Start();
        parked.Wait(TestContext.Current.CancellationToken);
        Assert.True(heap.GetStatistics().ThreadCachedBytes > 0);
        List<nint> visited = Visited(heap);
        seen.Set();
        running.Join();
        Assert.Equal<nint>([.. kept.Order()], visited);
    }

    [Fact]
    public void A_walk_over_a_type_visits_its_objects_and_nothing_of_another_class()
    {
        using Heap heap = new();
        List<nint> orders = [];
        List<nint> messages = [];
        for (int i = 0; i < 2_000; i++)
        {
            Order* order = Order.Alloc(heap, new Order { Id = i });
            orders.Add((nint)order);
            _ = Aligned.Alloc(heap);
            _ = heap.Alloc(24);
            _ = heap.Alloc(200_000);
            messages.Add((nint)LargeMessage.Alloc(heap, new LargeMessage { Length = i }));
        }

        for (int i = 0; i < 2_000; i += 3)
        {
            Order.Free(heap, (Order*)orders[i]);
            LargeMessage.Free(heap, (LargeMessage*)messages[i]);
        }

        long sum = 0;
        List<nint> visited = [];
        foreach (NativePointer<Order> order in heap.Walk<Order>())
        {
            visited.Add((nint)order.ToPointer());
            sum += order.Value.Id;
        }

        foreach (NativePointer<LargeMessage> message in heap.Walk<LargeMessage>())
        {
            visited.Add((nint)message.ToPointer());
            sum += message.Value.Length;
        }

        int[] kept = [.. Enumerable.Range(0, 2_000).Where(i => i % 3 != 0)];
        Assert.Equal(2L * kept.Sum(), sum);
        Assert.Equal<nint>([.. kept.Select(i => orders[i]).Order(), .. kept.Select(i => messages[i]).Order()], visited);
    }

    [Fact]
    public void Whether_a_block_may_hold_pointers_is_known()
    {
        using Heap heap = new();
        Order* order = Order.Alloc(heap);
        void* untyped = heap.Alloc(24);
        void* large = heap.Alloc(50_000);
        LargeMessage* message = LargeMessage.Alloc(heap);
        int visited = 0;
        foreach (HeapBlock block in heap.Walk())
        {
            visited++;
            bool isTyped = block.Address == order || block.Address == message;
            Assert.True(isTyped || block.Address == untyped || block.Address == large);
            Assert.Equal(!isTyped, block.MayHoldPointers);
            Assert.Equal(heap.UsableSize(block.Address), block.UsableSize);
        }

        Assert.Equal(4, visited);
    }

    [Fact]
    public void Blocks_may_be_freed_during_the_walk_and_those_not_come_to_yet_are_not_visited()
    {
        using Heap heap = new();
        HashSet<nint> live = [];
        for (int i = 0; i < 20_000; i++)
        {
            live.Add((nint)heap.Alloc(48));
        }

        nint[] ascending = [.. live.Order()];
        int at = 0;
        foreach (HeapBlock block in heap.Walk())
        {
            Assert.True(live.Remove((nint)block.Address), "A block was visited that had been freed, or visited before.");
            heap.Free(block.Address);

            // And one further on, in a span that the walk has not come to: spans of 48 bytes have 682 slots.
            at = int.Max(at, Array.BinarySearch(ascending, (nint)block.Address) + 1_000);
            if (at < ascending.Length && live.Remove(ascending[at]))
            {
                heap.Free((void*)ascending[at]);
                at += 7;
            }
        }

        Assert.Empty(live.ToArray());
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void An_empty_heap_and_no_walk_at_all_have_no_blocks()
    {
        using Heap heap = new();
        Assert.Empty(Visited(heap));
        heap.Free(heap.Alloc(10));
        heap.Free(heap.Alloc(100_000));
        Assert.Empty(Visited(heap));
        Assert.False(default(HeapWalk).MoveNext());
        Assert.False(default(HeapWalk<Order>).MoveNext());
    }

    [Fact]
    public void The_shared_heap_can_be_walked_over()
    {
        Order* order = Order.Alloc();
        Assert.Equal(1, Visited(Heap.Shared).Count(block => block == (nint)order));
        Order.Free(order);
        Assert.DoesNotContain((nint)order, Visited(Heap.Shared));
    }

    [Fact]
    public void A_walk_ends_with_an_error_when_the_heap_is_reset_or_disposed_of()
    {
        Heap heap = new();
        _ = heap.Alloc(100);
        _ = heap.Alloc(100_000);
        InvalidOperationException? reset = null;
        HeapWalk walk = heap.Walk();
        Assert.True(walk.MoveNext());
        heap.Reset();
        try
        {
            _ = walk.MoveNext();
        }
        catch (InvalidOperationException error)
        {
            reset = error;
        }

        Assert.Contains("reset during the walk", reset?.Message ?? "", StringComparison.Ordinal);
        walk = heap.Walk();
        heap.Dispose();
        bool isDisposed = false;
        try
        {
            _ = walk.MoveNext();
        }
        catch (ObjectDisposedException)
        {
            isDisposed = true;
        }

        Assert.True(isDisposed);
        Assert.Throws<ObjectDisposedException>(() => Visited(heap));
    }

    [Fact]
    public void A_walk_beside_threads_at_work_visits_all_that_stays_and_never_one_twice()
    {
        using Heap heap = new();
        HashSet<nint> staying = [];
        for (int i = 0; i < 5_000; i++)
        {
            staying.Add((nint)heap.Alloc((nuint)(16 + (i % 500))));
        }

        bool isOver = false;
        Thread[] threads = new Thread[2];
        for (int t = 0; t < threads.Length; t++)
        {
            int seed = t;
            threads[t] = new Thread(() =>
            {
                Random random = new(seed);
                List<nint> own = [];
                while (!Volatile.Read(ref isOver))
                {
                    own.Add((nint)heap.Alloc((nuint)random.Next(1, random.Next(200) == 0 ? 100_000 : 600)));
                    if (own.Count > 500)
                    {
                        int index = random.Next(own.Count);
                        heap.Free((void*)own[index]);
                        own[index] = own[^1];
                        own.RemoveAt(own.Count - 1);
                    }
                }

                own.ForEach(block => heap.Free((void*)block));
            });
            threads[t].Start();
        }

        try
        {
            for (int round = 0; round < LongTests.Scale(20, 150); round++)
            {
                List<nint> visited = Visited(heap);
                Assert.True(staying.IsSubsetOf(visited), "A block that stays was not visited.");
                Assert.True(visited.Zip(visited.Skip(1)).All(pair => pair.First < pair.Second), "Not in the order of addresses.");
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }

        Assert.Equal<nint>([.. staying.Order()], Visited(heap));
    }

    [Fact]
    public void A_walk_allocates_nothing()
    {
        using Heap heap = new();
        for (int i = 0; i < 3_000; i++)
        {
            _ = Order.Alloc(heap);
        }

        Assert.Equal(3_000, Count(heap));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = Count(heap);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(3_000, count);

        static int Count(Heap heap)
        {
            int count = 0;
            foreach (HeapBlock block in heap.Walk())
            {
                count += block.UsableSize == 24 ? 1 : 0;
            }

            foreach (NativePointer<Order> order in heap.Walk<Order>())
            {
                count -= order.IsNull ? 1 : 0;
            }

            return count;
        }
    }

    internal static List<nint> Visited(Heap heap)
    {
        List<nint> visited = [];
        foreach (HeapBlock block in heap.Walk())
        {
            visited.Add((nint)block.Address);
        }

        return visited;
    }

    private static void AssertVisits(Heap heap, SortedDictionary<nint, nuint> live)
    {
        List<KeyValuePair<nint, nuint>> visited = [];
        foreach (HeapBlock block in heap.Walk())
        {
            visited.Add(new((nint)block.Address, block.UsableSize));
        }

        Assert.Equal<KeyValuePair<nint, nuint>>([.. live], visited);
    }

    private static void ParkSome(Heap heap, List<nint> kept)
    {
        List<nint> blocks = [];
        for (int i = 0; i < 600; i++)
        {
            blocks.Add((nint)heap.Alloc((nuint)(64 + (i % 3 * 100))));
        }

        for (int i = 0; i < blocks.Count; i++)
        {
            if (i % 2 == 0)
            {
                heap.Free((void*)blocks[i]);
            }
            else
            {
                kept.Add(blocks[i]);
            }
        }
    }
}
