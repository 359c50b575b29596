using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>
/// Pools on several threads: nothing handed to two, nothing lost; and those who wait at the limit. Of heaps of their own, since threads of the thread pool outlive a test, and what they keep of the shared heap is
/// in the process's statistics.
/// </summary>
public sealed class MemoryPoolConcurrencyTests
{
    // For the same reason: whoever awaits leaves this thread, and the tests go on with another.
    public MemoryPoolConcurrencyTests() => Heap.FlushThread();

    [Theory]
    [InlineData(BufferBacking.Native, null, false)]
    [InlineData(BufferBacking.Native, null, true)]
    [InlineData(BufferBacking.PinnedObjectHeap, null, true)]
    [InlineData(BufferBacking.Native, 2_000_000L, true)]
    public void A_buffer_is_one_threads_at_a_time_whoever_returns_it_and_whoever_trims(BufferBacking backing, long? maximum, bool isTrimmed)
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, Backing = backing, MaximumBytes = maximum, IdleTime = Timeout.InfiniteTimeSpan });
        ConcurrentQueue<(NativeMemoryOwner Owner, byte Mark)> passed = new();
        ConcurrentQueue<Exception> failures = new();
        bool isOver = false;
        Thread[] threads = [.. Enumerable.Range(1, 4).Select(number => new Thread(() => Work(pool, passed, failures, number)))];
        Thread trimmer = new(() => Trim(pool, ref isOver));
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        if (isTrimmed)
        {
            trimmer.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Volatile.Write(ref isOver, true);
        if (isTrimmed)
        {
            trimmer.Join();
        }

        Assert.Empty(failures.ToArray());
        while (passed.TryDequeue(out (NativeMemoryOwner Owner, byte Mark) left))
        {
            left.Owner.Dispose();
        }

        NativeMemoryPoolStatistics statistics = pool.GetStatistics();
        Assert.Equal((0, 0), (statistics.RentedBuffers, statistics.RentedBytes));
        _ = pool.Trim();
        Assert.Equal((0, 0, 0), (pool.GetStatistics().TotalBytes, pool.GetStatistics().TotalBuffers, heap.GetStatistics().LiveObjects));
        TableChecks.AssertEquations();
    }

    [Fact]
    public async Task Who_waits_is_served_in_order_when_buffers_come_back()
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, MaximumBytes = 2_048 });
        NativeMemoryOwner[] all = [pool.RentExact(1_024), pool.RentExact(1_024)];
        Task<NativeMemoryOwner>[] waiting = [.. Enumerable.Range(0, 4).Select(_ => pool.RentAsync(1_000, TestContext.Current.CancellationToken).AsTask())];
        Assert.Equal(4, pool.GetStatistics().WaitingRents);
        Assert.False(pool.TryRent(1, out _));
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        all[0].Dispose();
        NativeMemoryOwner first = await waiting[0];
        Assert.Equal((3, false), (pool.GetStatistics().WaitingRents, waiting[1].IsCompleted));
        await Task.Run(all[1].Dispose, TestContext.Current.CancellationToken);
        NativeMemoryOwner second = await waiting[1];
        first.Dispose();
        second.Dispose();
        (await waiting[2]).Dispose();
        (await waiting[3]).Dispose();
        Assert.Equal((0, 0), (pool.GetStatistics().WaitingRents, pool.GetStatistics().RentedBuffers));
        Task<NativeMemoryOwner> last = pool.RentAsync(1, TestContext.Current.CancellationToken).AsTask();
        Assert.True(last.IsCompletedSuccessfully);
        (await last).Dispose();
    }

    [Fact]
    public async Task A_small_buffer_does_not_overtake_a_large_one_and_idle_ones_make_room_for_it()
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, MaximumBytes = 4_096 });
        NativeMemoryOwner[] all = [.. Enumerable.Range(0, 4).Select(_ => pool.RentExact(1_024))];
        Task<NativeMemoryOwner> large = pool.RentAsync(4_096, TestContext.Current.CancellationToken).AsTask();
        Task<NativeMemoryOwner> small = pool.RentAsync(64, TestContext.Current.CancellationToken).AsTask();
        foreach (NativeMemoryOwner owner in all)
        {
            Assert.False(large.IsCompleted || small.IsCompleted);
            owner.Dispose();
        }

        (await large).Dispose();
        (await small).Dispose();
        Assert.Equal(0, pool.GetStatistics().RentedBuffers);
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled_or_the_pool_is_disposed_of()
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, MaximumBytes = 1_024 });
        NativeMemoryOwner owner = pool.RentExact(1_024);
        using CancellationTokenSource source = new();
        Task<NativeMemoryOwner> cancelled = pool.RentAsync(1, source.Token).AsTask();
        Task<NativeMemoryOwner> next = pool.RentAsync(1, TestContext.Current.CancellationToken).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(1, pool.GetStatistics().WaitingRents);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.RentAsync(1, source.Token).AsTask());
        owner.Dispose();
        NativeMemoryOwner served = await next;
        await source.CancelAsync();
        Assert.Equal(64, served.Length);

        NativeMemoryOwner rest = pool.RentExact(896);
        Task<NativeMemoryOwner> refused = pool.RentAsync(65, TestContext.Current.CancellationToken).AsTask();
        pool.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => refused);
        served.Dispose();
        rest.Dispose();
        Assert.Equal((0, 0), (pool.GetStatistics().TotalBuffers, pool.GetStatistics().WaitingRents));
    }

    [Fact]
    public void What_no_return_could_make_room_for_is_refused_at_once()
    {
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { MaximumBytes = 1_024 });
        using NativeMemoryOwner owner = pool.RentExact(64);
        Assert.Throws<OutOfMemoryException>(() => { _ = pool.RentAsync(1_025, TestContext.Current.CancellationToken).AsTask(); });
        using Heap heap = new(new HeapOptions { MaximumBytes = 8_192 });
        using NativeMemoryPool ofHeap = new(new NativeMemoryPoolOptions { Heap = heap });
        Assert.Throws<OutOfMemoryException>(() => { _ = ofHeap.RentAsync(1 << 20, TestContext.Current.CancellationToken).AsTask(); });
        Assert.Equal((0, 0), (ofHeap.GetStatistics().TotalBytes, pool.GetStatistics().WaitingRents));
    }

    [Fact]
    public void What_goes_back_by_itself_does_not_stay_in_the_cache_of_the_thread_that_looks_for_it()
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, IdleTime = TimeSpan.FromMilliseconds(10) });
        NativeMemoryOwner[] owners = [.. Enumerable.Range(1, 100).Select(length => pool.RentExact(length))];
        Heap.FlushThread();
        foreach (NativeMemoryOwner owner in owners)
        {
            owner.Dispose();
        }

        Assert.True(SpinWait.SpinUntil(() => pool.GetStatistics().TotalBytes == 0, TimeSpan.FromSeconds(20)));
        Assert.True(SpinWait.SpinUntil(() => heap.GetStatistics().ThreadCachedBytes == 0, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Everybody_at_the_limit_is_served_and_nobody_passes_it()
    {
        const int Maximum = 16 * 1024;
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, MaximumBytes = Maximum, IdleTime = TimeSpan.FromMilliseconds(10) });
        int rounds = LongTests.Scale(300, 3_000);
        long inUse = 0;
        async Task Work(int seed)
        {
            Random random = new(seed);
            for (int round = 0; round < rounds; round++)
            {
                NativeMemoryOwner owner = await pool.RentAsync(random.Next(1, 4_000));
                byte mark = (byte)random.Next();
                owner.Span.Fill(mark);
                Assert.InRange(Interlocked.Add(ref inUse, owner.Capacity), 0, Maximum);
                if (random.Next(4) == 0)
                {
                    await Task.Yield();
                }

                Assert.True(owner.Span.IndexOfAnyExcept(mark) < 0);
                _ = Interlocked.Add(ref inUse, -owner.Capacity);
                owner.Dispose();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 12).Select(seed => Task.Run(() => Work(seed)))).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (pool.GetStatistics().RentedBuffers, pool.GetStatistics().WaitingRents));
        _ = pool.Trim();
        Assert.Equal((0, 0), (pool.GetStatistics().TotalBytes, heap.GetStatistics().LiveObjects));
    }

    [Fact]
    public async Task Waiting_allocates_nothing_managed_but_what_the_task_library_does()
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, MaximumBytes = 64 });
        async ValueTask<long> Wait()
        {
            NativeMemoryOwner only = pool.RentExact(1);
            long before = GC.GetAllocatedBytesForCurrentThread();
#pragma warning disable CA2012 // Awaited once, a few lines below: between them is what is measured.
            ValueTask<NativeMemoryOwner> waiting = pool.RentAsync(1);
#pragma warning restore CA2012
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            only.Dispose();
            (await waiting).Dispose();
            return allocated;
        }

        _ = await Wait();
        _ = await Wait();
        Assert.Equal(0, await Wait());
    }

    private static void Trim(NativeMemoryPool pool, ref bool isOver)
    {
        while (!Volatile.Read(ref isOver))
        {
            pool.TrimIdle();
            _ = pool.Trim();
        }
    }

    // Each buffer is filled with its renter's mark, and passed on or returned; who takes one on checks the mark.
    private static void Work(NativeMemoryPool pool, ConcurrentQueue<(NativeMemoryOwner Owner, byte Mark)> passed, ConcurrentQueue<Exception> failures, int number)
    {
        try
        {
            Random random = new(number);
            Stack<(NativeMemoryOwner Owner, byte Mark)> mine = new();
            for (int round = 0; round < LongTests.Scale(10_000, 100_000); round++)
            {
                (NativeMemoryOwner Owner, byte Mark) taken;
                switch (random.Next(5))
                {
                    case < 2:
                        if (pool.TryRent(random.Next(1, 3_000), out NativeMemoryOwner? owner))
                        {
                            byte mark = (byte)((number * 50) + random.Next(50));
                            owner!.Span.Fill(mark);
                            mine.Push((owner, mark));
                        }

                        break;
                    case 2 when mine.TryPop(out taken):
                        passed.Enqueue(taken);
                        break;
                    case 3 when passed.TryDequeue(out taken):
                    case 4 when mine.TryPop(out taken):
                        Assert.True(taken.Owner.Span.IndexOfAnyExcept(taken.Mark) < 0);
                        taken.Owner.Dispose();
                        break;
                    default:
                        break;
                }
            }

            while (mine.TryPop(out (NativeMemoryOwner Owner, byte Mark) left))
            {
                left.Owner.Dispose();
            }
        }
        catch (Exception failure)
        {
            failures.Enqueue(failure);
        }
    }
}
