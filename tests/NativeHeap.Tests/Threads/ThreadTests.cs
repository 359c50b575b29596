using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Tests.Heaps;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Threads;

/// <summary>Several threads: hand-over of objects, threads that come and go, threads that only free, first calls of every kind.</summary>
public sealed unsafe class ThreadTests
{
    public static TheoryData<string> FirstCalls => [.. s_firstCalls.Keys];

    private static readonly Dictionary<string, Action> s_firstCalls = new()
    {
        ["Alloc and Free"] = () => Heap.Shared.Free(Heap.Shared.Alloc(40)),
        ["TryAlloc"] = () =>
        {
            Assert.True(Heap.Shared.TryAlloc(40, out void* block));
            Heap.Shared.Free(block);
        },
        ["AllocZeroed"] = () => Heap.Shared.Free(Heap.Shared.AllocZeroed(40)),
        ["AllocZeroed, large"] = () => Heap.Shared.Free(Heap.Shared.AllocZeroed(400_000)),
        ["AllocAligned"] = () => Heap.Shared.Free(Heap.Shared.AllocAligned(40, 128)),
        ["AllocAligned, pages"] = () => Heap.Shared.Free(Heap.Shared.AllocAligned(40, 65_536)),
        ["Realloc of null"] = () => Heap.Shared.Free(Heap.Shared.Realloc(null, 40)),
        ["Large"] = () => Heap.Shared.Free(Heap.Shared.Alloc(100_000)),
        ["Free of null"] = () => Heap.Shared.Free(null),
        ["Free of a foreign pointer"] = () => Assert.Throws<ArgumentException>(() => Heap.Shared.Free((void*)4_711)),
        ["UsableSize of a foreign pointer"] = () => Assert.Throws<ArgumentException>(() => Heap.Shared.UsableSize((void*)4_711)),
        ["Owns"] = () => Assert.False(Heap.Shared.Owns((void*)4_711)),
        ["Statistics"] = () => Assert.True(Heap.Shared.GetStatistics().LiveObjects >= 0),
        ["Process statistics"] = () => Assert.True(Heap.GetProcessStatistics().ReservedBytes >= 0),
        ["FlushThread"] = Heap.FlushThread,
        ["Trim"] = () => _ = Heap.Trim(),
        ["Typed Alloc and Free"] = () => Order.Free(Order.Alloc()),
        ["Typed AllocZeroed"] = () => Order.Free(Order.AllocZeroed()),
        ["Typed large"] = () => LargeMessage.Free(LargeMessage.Alloc()),
        ["Typed Free of null"] = () => Order.Free(null),
        ["Rent"] = () => Order.Rent().Dispose(),
        ["Batch"] = () =>
        {
            NativePointer<Order>[] orders = new NativePointer<Order>[600];
            Order.AllocBatch(orders);
            Order.FreeBatch(orders);
        },
        ["A heap of its own"] = () =>
        {
            using Heap heap = new();
            heap.Free(heap.Alloc(40));
            heap.Free(heap.Alloc<Order>());
        },
    };

    [Theory]
    [MemberData(nameof(FirstCalls))]
    public void Any_call_may_be_a_threads_first(string call)
    {
        long before = Heap.Shared.GetStatistics().LiveObjects;
        Run(s_firstCalls[call]);
        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Free_may_be_a_threads_first_call()
    {
        long before = Heap.Shared.GetStatistics().LiveObjects;
        nint typed = (nint)Order.Alloc();
        nint untyped = (nint)Heap.Shared.Alloc(40);
        nint large = (nint)Heap.Shared.Alloc(40_000);
        nint resized = (nint)Heap.Shared.Alloc(40);
        Run(() => Order.Free((Order*)typed));
        Run(() => Heap.Shared.Free((void*)untyped));
        Run(() => Heap.Shared.Free((void*)large));
        Run(() => resized = (nint)Heap.Shared.Realloc((void*)resized, 4_000));
        Run(() => Assert.True(Heap.Shared.UsableSize((void*)resized) >= 4_000));
        Run(() => Order.FreeBatch([(Order*)null]));
        Heap.Shared.Free((void*)resized);
        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Objects_handed_to_another_thread_arrive_whole_and_go_back()
    {
        Settle();
        HeapStatistics before = Heap.Shared.GetStatistics();
        int count = LongTests.Scale(200_000, 5_000_000);
        using BlockingCollection<nint[]> channel = new(16);
        long wrong = 0;
        Thread consumer = new(() =>
        {
            foreach (nint[] batch in channel.GetConsumingEnumerable(CancellationToken.None))
            {
                foreach (nint pointer in batch)
                {
                    Order* order = (Order*)pointer;
                    wrong += order->Price == order->Id * 3 && order->Quantity == (int)order->Id ? 0 : 1;
                    Order.Free(order);
                }
            }
        });
        consumer.Start();
        for (int i = 0; i < count;)
        {
            nint[] batch = new nint[500];
            for (int j = 0; j < batch.Length; j++, i++)
            {
                Order* order = Order.Alloc();
                *order = new Order { Id = i, Price = i * 3L, Quantity = i };
                batch[j] = (nint)order;
            }

            channel.Add(batch, TestContext.Current.CancellationToken);
        }

        channel.CompleteAdding();
        consumer.Join();
        Assert.Equal(0, wrong);
        Settle();
        Assert.Equal(before.LiveObjects, Heap.Shared.GetStatistics().LiveObjects);
        Assert.Equal(0, Heap.Shared.GetStatistics().ThreadCachedBytes);
    }

    [Fact]
    public void Ten_thousand_threads_leave_nothing_behind()
    {
        const int Together = 20;
        int rounds = (Emulation.IsAny ? 1_000 : 10_000) / Together;

        // What a class keeps (one empty span) and the most threads at a time are settled by a first round.
        Churn(Together);
        Settle();
        ProcessStatistics before = Heap.GetProcessStatistics();
        int records = HeapProcess.Registry->Count;
        for (int round = 0; round < rounds; round++)
        {
            Churn(Together);
        }

        Settle();
        ProcessStatistics after = Heap.GetProcessStatistics();
        Assert.False(after.IsApproximate);
        Assert.Equal(before.LiveBytes, after.LiveBytes);
        Assert.Equal(0, after.ThreadCachedBytes);
        Assert.Equal(before.ThreadCachedBytes, after.ThreadCachedBytes);
        Assert.InRange(after.CentralCachedBytes, 0, before.CentralCachedBytes + (1 << 20));

        // A record serves one thread after the other. A flag may be late, and a search looks at a few records only, so some more may have been made than threads run
        // together, on a busy machine above all; without reuse it would be one a thread.
        Assert.InRange(HeapProcess.Registry->Count, records, records + (rounds * Together / 4));
    }

    [Fact]
    public void Threads_that_only_free_do_not_hoard()
    {
        Settle();
        long before = Heap.Shared.GetStatistics().LiveObjects;
        for (int round = 0; round < 20; round++)
        {
            nint[] orders = new nint[20_000];
            for (int i = 0; i < orders.Length; i++)
            {
                orders[i] = (nint)Order.Alloc();
            }

            Run(() =>
            {
                foreach (nint order in orders)
                {
                    Order.Free((Order*)order);
                }

                Assert.InRange(ThreadRecord.Current->Allowed, 0, ThreadRecord.AllowedMax);
            });
        }

        // Without reuse it would be 20 * 20,000 * 24 bytes.
        HeapStatistics after = Heap.Shared.GetStatistics();
        Assert.Equal(before, after.LiveObjects);
        Assert.InRange(after.ThreadCachedBytes, 0, 21 * ThreadRecord.AllowedMax);
        Settle();
        Assert.Equal(0, Heap.Shared.GetStatistics().ThreadCachedBytes);
    }

    [Fact]
    public void Many_threads_at_random_keep_content_and_count()
    {
        Settle();
        long before = Heap.Shared.GetStatistics().LiveObjects;
        nint[] exchange = new nint[256];
        long wrong = 0;
        Thread[] threads = new Thread[6];
        for (int t = 0; t < threads.Length; t++)
        {
            int seed = t;
            threads[t] = new Thread(() => Mix(exchange, seed, ref wrong));
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        foreach (nint block in exchange)
        {
            Heap.Shared.Free((void*)block);
        }

        Assert.Equal(0, wrong);
        Settle();
        Assert.Equal(before, Heap.Shared.GetStatistics().LiveObjects);
    }

    /// <summary>Flushes this thread's caches and those of ended threads, as soon as their flags are there.</summary>
    internal static void Settle()
    {
        for (int attempt = 0; attempt < 2_000; attempt++)
        {
            Heap.FlushThread();
            if (Heap.GetProcessStatistics().ThreadCachedBytes == 0)
            {
                return;
            }

            if (attempt == 0)
            {
                FlushPoolThreads();
            }

            Thread.Sleep(1);
        }
    }

    // The thread pool's threads live on for a while when their work is done, with what they have parked; and an asynchronous test may end on another of them than it began on. Each is kept until all have come, so that no two of the calls are one thread's.
    private static void FlushPoolThreads()
    {
        const int Patience = 1_000;
        int threads = ThreadPool.ThreadCount - (Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
        if (threads <= 0)
        {
            return;
        }

        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, threads + 1), completions);
        CountdownEvent coming = new(threads);
        for (int i = 0; i < threads; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    Heap.FlushThread();
                    coming.Signal();
                    coming.Wait(Patience);
                },
                null);
        }

        coming.Wait(Patience);
        ThreadPool.SetMinThreads(workers, completions);
    }

    internal static void Run(Action action)
    {
        Exception? error = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        if (error != null)
        {
            Assert.Fail(error.ToString());
        }
    }

    private static void Churn(int count)
    {
        Thread[] threads = new Thread[count];
        for (int t = 0; t < count; t++)
        {
            int seed = t;
            threads[t] = new Thread(() =>
            {
                Random random = new(seed);
                nint[] blocks = new nint[50];
                for (int i = 0; i < blocks.Length; i++)
                {
                    blocks[i] = (nint)Heap.Shared.Alloc((nuint)random.Next(1, 1_000));
                }

                foreach (nint block in blocks)
                {
                    Heap.Shared.Free((void*)block);
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    // Each block begins with its size and is filled with the size's low byte; slots of the exchange are swapped atomically.
    private static void Mix(nint[] exchange, int seed, ref long wrong)
    {
        Random random = new(seed);
        for (int i = 0; i < LongTests.Scale(20_000, 500_000); i++)
        {
            int size = random.Next(200) == 0 ? random.Next(8, 100_000) : random.Next(8, 600);
            byte* block = (byte*)Heap.Shared.Alloc((nuint)size);
            *(int*)block = size;
            new Span<byte>(block + 4, size - 4).Fill((byte)size);
            byte* other = (byte*)Interlocked.Exchange(ref exchange[random.Next(exchange.Length)], (nint)block);
            if (other != null)
            {
                int otherSize = *(int*)other;
                if (new Span<byte>(other + 4, otherSize - 4).ContainsAnyExcept((byte)otherSize))
                {
                    Interlocked.Increment(ref wrong);
                }

                Heap.Shared.Free(other);
            }
        }
    }
}
