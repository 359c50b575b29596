// Heaps with guarded samples: which allocations are, how they look to every member, what is said of wrong frees, and that they end up where they came from. What happens when one is touched where
// it should not be is GuardedProcessTests' matter, since it ends the process.

using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Guards;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Heaps with guarded samples.</summary>
public sealed unsafe class GuardedHeapTests
{
    private static ref GuardedPages Guarded => ref HeapProcess.Pages->Guarded;

    [Fact]
    public void One_allocation_in_so_many_bytes_stands_alone()
    {
        const int Size = 1024;
        const int Count = 100_000;
        const int Between = 1 << 20;
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = Between });
        heap.Free(heap.Alloc(Size));
        ThreadRecord.Current->Samples = default;
        ThreadRecord.Current->Samples.Begin(seed: 1);
        List<int> distances = [];
        int last = 0;
        for (int i = 0; i < Count; i++)
        {
            void* block = heap.Alloc(Size);
            if (Guarded.Holds(block))
            {
                distances.Add(i - last);
                last = i;
                heap.Free(block);
            }
        }

        // About 98, whose standard deviation is their root, if the distances are exponential: then that of the distances is their mean. Both are made a little more even by magazines of 64 KiB.
        double mean = (double)last / distances.Count;
        double variance = 0;
        foreach (int distance in distances)
        {
            variance += (distance - mean) * (distance - mean) / distances.Count;
        }

        Assert.InRange(distances.Count, 98 - 40, 98 + 40);
        Assert.InRange(Math.Sqrt(variance) / mean, 0.7, 1.3);
    }

    [Fact]
    public void No_more_stand_alone_than_there_are_places_and_the_next_are_ordinary()
    {
        using Heap heap = EveryTime();
        HashSet<nint> guarded = [];
        HashSet<nint> all = [];
        for (int i = 0; i < 2_000; i++)
        {
            int size = 1 + (i * 37 % 32_768);
            byte* block = (byte*)heap.Alloc((nuint)size);
            Assert.Equal(0, (nint)block % (size <= 8 ? 8 : 16));
            block[0] = block[size - 1] = (byte)i;
            Assert.True(all.Add((nint)block));
            if (Guarded.Holds(block))
            {
                guarded.Add((nint)block);
            }
        }

        Assert.Equal(GuardedPages.PlaceCount, guarded.Count);
        Assert.Equal(GuardedPages.PlaceCount, Heap.GetProcessStatistics().GuardedObjects);
        Assert.Equal(2_000, heap.GetStatistics().LiveObjects);
        StatisticsChecks.AssertAllAddUp();
        foreach (nint block in all)
        {
            heap.Free((void*)block);
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.Equal(0, Guarded.Used);
        StatisticsChecks.AssertAllAddUp();

        // All places serve again.
        for (int i = 0; Guarded.Used < GuardedPages.PlaceCount; i++)
        {
            Assert.True(i < 100_000, "Places are lost.");
            _ = heap.Alloc(64);
        }
    }

    [Fact]
    public void What_was_freed_is_used_again_after_all_other_places()
    {
        using Heap heap = EveryTime();
        nint first = Take(heap);
        heap.Free((void*)first);
        for (int i = 1; i < GuardedPages.PlaceCount; i++)
        {
            nint other = Take(heap);
            Assert.NotEqual(PlaceOf(first), PlaceOf(other));
            heap.Free((void*)other);
        }

        Assert.Equal(PlaceOf(first), PlaceOf(Take(heap)));
    }

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void Every_member_takes_it_for_a_block_like_any_other(CheckLevel level)
    {
        using Heap heap = EveryTime(level);
        using Heap other = new();
        byte* block = (byte*)Take(heap, 100);
        Assert.Equal(112u, heap.UsableSize(block));
        Assert.True(heap.Owns(block));
        Assert.True(heap.Owns(block + 111));

        // Where it does not end its place, the rest of its page is the heap's, as that of a large object is.
        Assert.Equal((nuint)(block + 112) % 8_192 != 0, heap.Owns(block + 112));
        Assert.False(heap.Owns(block - 1));
        Assert.False(other.Owns(block));
        new Span<byte>(block, 112).Fill(7);
        Assert.True(IsVisited(heap, block));
        byte* moved = (byte*)heap.Realloc(block, 5_000);
        Assert.True(moved != block);
        Assert.Equal(-1, new Span<byte>(moved, 112).IndexOfAnyExcept((byte)7));
        Assert.False(heap.Owns(block));
        Assert.True(moved == heap.Realloc(moved, 4_000));
        Order* order = TakeOrder(heap);
        bool isFound = false;
        foreach (NativePointer<Order> found in heap.Walk<Order>())
        {
            isFound |= found == order;
        }

        Assert.True(isFound);
        Order.Free(heap, order);
        heap.Free(moved);
        Assert.False(IsVisited(heap, order));
        StatisticsChecks.AssertAllAddUp();
    }

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void A_reset_and_the_heaps_end_give_the_places_back(CheckLevel level)
    {
        int before = Guarded.Used;
        Heap heap = EveryTime(level);
        for (int i = 0; i < 10; i++)
        {
            Take(heap);
            heap.Alloc(100_000);
        }

        Assert.Equal(before + 10, Guarded.Used);
        heap.Reset();
        Assert.Equal(before, Guarded.Used);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        nint kept = Take(heap);
        StatisticsChecks.AssertAllAddUp();
        heap.Dispose();
        Assert.Equal(before, Guarded.Used);
        Assert.Equal(0, Heap.GetProcessStatistics().GuardedObjects);
        using Heap other = new();
        Assert.Throws<HeapCorruptionException>(() => other.Free((void*)kept));
    }

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void Wrong_frees_are_told_at_once_and_change_nothing(CheckLevel level)
    {
        using Heap heap = EveryTime(level);
        using Heap other = new();
        Order* order = TakeOrder(heap);
        int used = Guarded.Used;
        string interior = Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, (Order*)((byte*)order + 8))).Message;
        Assert.Contains("is not that of a block's first byte: it is 8 bytes into a guarded block of 24 bytes at", interior, StringComparison.Ordinal);
        Assert.Contains("was freed as another type's", Assert.Throws<HeapCorruptionException>(() => Aligned.Free(heap, (Aligned*)order)).Message, StringComparison.Ordinal);
        Assert.Contains("was freed to", Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free(other, (LargeMessage*)order)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => other.Free(order));
        Assert.Throws<ArgumentException>(() => heap.Free((byte*)order + 8));
        Assert.Equal(used, Guarded.Used);
        Order.Free(heap, order);
        Assert.Equal(used - 1, Guarded.Used);
        HeapCorruptionException twice = Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free(heap, (LargeMessage*)order));
        Assert.Equal((nint)order, twice.Address);
        Assert.Contains("was freed before: it is a guarded block of 24 bytes at", twice.Message, StringComparison.Ordinal);
        Assert.Contains($"by thread {Environment.CurrentManagedThreadId}", twice.Message, StringComparison.Ordinal);
        Assert.Throws<HeapCorruptionException>(() => heap.Free(order));
        Assert.Throws<HeapCorruptionException>(() => heap.Free((byte*)order + 8));
        Assert.Throws<HeapCorruptionException>(() => heap.Realloc(order, 100));
        Assert.Throws<HeapCorruptionException>(() => heap.UsableSize(order));
        Assert.Equal(used - 1, Guarded.Used);
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void The_lines_that_allocated_and_freed_are_named_where_they_are_known()
    {
        using Heap heap = EveryTime();
        Order* order = TakeOrder(heap);
        Order.Free(heap, order);
        ThreadRecord.Current->Site = Origins.NumberOf("/src/Book/OrderBook.cs", 88);
        order = TakeOrder(heap);
        ThreadRecord.Current->Site = Origins.NumberOf(new string('n', 300), 131);
        Order.Free(heap, order);
        ThreadRecord.Current->Site = 0;
        string message = Assert.Throws<HeapCorruptionException>(() => heap.Free(order)).Message;
        Assert.Contains(", of type Order, allocated at OrderBook.cs:88 by thread ", message, StringComparison.Ordinal);
        Assert.Contains("nnn:131 by thread ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_frees_of_a_thread_that_has_been_given_one_are_watched_until_it_comes_back_or_many_have_passed()
    {
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = 1 << 30 });
        Order* order = TakeOrder(heap);
        Bin* bin = ThreadRecord.HeapBin(ThreadRecord.Current, heap.Index, TypeLayout.SpanClassOf<Order>());
        Assert.Equal((1, ThreadCache.WatchedFrees), (bin->WatchedObjects, bin->WatchedFrees));
        Assert.True(bin->End == null);
        for (int i = 0; i < 300; i++)
        {
            Order.Free(heap, Order.Alloc(heap));
        }

        Assert.Equal(ThreadCache.WatchedFrees - 300, bin->WatchedFrees);
        Order.Free(heap, order);
        Assert.Equal(0, bin->WatchedFrees);
        Assert.True(bin->End == bin->Base + bin->Limit);
        order = TakeOrder(heap);
        for (int i = 0; i < ThreadCache.WatchedFrees; i++)
        {
            Order.Free(heap, Order.Alloc(heap));
        }

        Assert.Equal(0, bin->WatchedFrees);
        Assert.True(bin->End == bin->Base + bin->Limit);
    }

    [Fact]
    public void One_that_a_bin_has_taken_unseen_is_freed_when_it_is_flushed()
    {
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = 1 << 30 });
        Order* order = TakeOrder(heap);
        int used = Guarded.Used;
        long live = heap.GetStatistics().LiveObjects;
        RunThread(() =>
        {
            // A bin that has place.
            Order* first = Order.Alloc(heap);
            Order* second = Order.Alloc(heap);
            Order.Free(heap, first);
            Order.Free(heap, order);
            Assert.Equal(used, Guarded.Used);
            Order.Free(heap, second);
            Heap.FlushThread();
        });
        Assert.Equal(used - 1, Guarded.Used);
        Assert.Throws<HeapCorruptionException>(() => heap.Free(order));
        Assert.Equal(live - 1, heap.GetStatistics().LiveObjects);
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void One_that_came_back_unseen_is_freed_when_its_magazine_is_full()
    {
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = 1 << 30 });
        Order* order = TakeOrder(heap);
        int used = Guarded.Used;
        RunThread(() =>
        {
            Order*[] orders = new Order*[1_000];
            for (int i = 0; i < orders.Length; i++)
            {
                orders[i] = Order.Alloc(heap);
            }

            Order.Free(heap, order);
            Assert.Equal(used, Guarded.Used);
            foreach (Order* other in orders)
            {
                Order.Free(heap, other);
            }

            Assert.Equal(used - 1, Guarded.Used);
            Assert.Contains($"freed by thread {Environment.CurrentManagedThreadId}.", Assert.Throws<HeapCorruptionException>(() => heap.Free(order)).Message, StringComparison.Ordinal);
        });
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void One_that_came_back_unseen_twice_is_told_when_its_magazine_is_full()
    {
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = 1 << 30 });
        Order* order = TakeOrder(heap);
        int used = Guarded.Used;
        List<nint> told = [];
        RunThread(() =>
        {
            Order*[] orders = new Order*[1_000];
            for (int i = 0; i < orders.Length; i++)
            {
                orders[i] = Order.Alloc(heap);
            }

            Order.Free(heap, order);
            Order.Free(heap, order);
            foreach (Order* other in orders)
            {
                try
                {
                    Order.Free(heap, other);
                }
                catch (HeapCorruptionException error)
                {
                    told.Add(error.Address);
                }
            }
        });
        Assert.Equal([(nint)order], told);
        Assert.Equal(used - 1, Guarded.Used);
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void Threads_that_hand_objects_on_lose_none()
    {
        const int Threads = 4;
        int before = Guarded.Used;
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = 2_000 });
        nint[] slots = new nint[64];
        long expected = 0;
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int seed = t;
            threads[t] = new(() =>
            {
                Random random = new(seed);
                for (int i = 0; i < 20_000; i++)
                {
                    if (i % 500 == 0)
                    {
                        // A thread that is not disturbed lives on what it frees itself, and then comes by no place where samples are taken.
                        Heap.FlushThread();
                    }

                    Order* order = Order.Alloc(heap);
                    order->Id = (nint)order;
                    Interlocked.Add(ref expected, 1);
                    Order* old = (Order*)Interlocked.Exchange(ref slots[random.Next(slots.Length)], (nint)order);
                    if (old != null)
                    {
                        Assert.Equal((nint)old, old->Id);
                        Order.Free(heap, old);
                        Interlocked.Add(ref expected, -1);
                    }
                }

                Heap.FlushThread();
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.True(Guarded.Taken > 0);
        Heap.Trim();
        Assert.Equal(expected, heap.GetStatistics().LiveObjects);
        foreach (nint slot in slots)
        {
            Order.Free(heap, (Order*)slot);
        }

        Heap.FlushThread();
        Heap.Trim();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.Equal(before, Guarded.Used);
    }

    [Fact]
    public void A_distance_that_is_none_is_refused() =>
        Assert.Contains("There are no -1 bytes between samples.", Assert.Throws<ArgumentOutOfRangeException>(() => new HeapOptions { GuardedSampleBytes = -1 }).Message, StringComparison.Ordinal);

    private static Heap EveryTime(CheckLevel level = CheckLevel.Off) => new(new HeapOptions { GuardedSampleBytes = 1, Check = level });

    private static int PlaceOf(nint block) => (int)(GuardedPages.Nearest(Guarded.Places, (void*)block) - Guarded.Places);

    private static bool IsVisited(Heap heap, void* address)
    {
        bool isVisited = false;
        foreach (HeapBlock block in heap.Walk())
        {
            isVisited |= block.Address == address;
        }

        return isVisited;
    }

    // A guarded block. Those before it that are not stay alive.
    private static nint Take(Heap heap, int size = 64)
    {
        while (true)
        {
            void* block = heap.Alloc((nuint)size);
            if (Guarded.Holds(block))
            {
                return (nint)block;
            }
        }
    }

    private static Order* TakeOrder(Heap heap)
    {
        Order.Free(heap, Order.Alloc(heap));
        while (true)
        {
            ThreadRecord.Current->Samples.Count(1_000);
            Order* order = Order.Alloc(heap);
            if (Guarded.Holds(order))
            {
                return order;
            }
        }
    }

    private static void RunThread(Action action)
    {
        Exception? error = null;
        Thread thread = new(() =>
        {
            try
            {
                // Its record may be that of a thread that was due a sample when it ended.
                Heap.Shared.Free(Heap.Shared.Alloc(1));
                ThreadRecord.Current->Samples.Begin(seed: 1);
                action();
            }
            catch (Exception caught)
            {
                error = caught;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(error);
    }
}
