using System.Collections.Generic;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Threads;

/// <summary>The free pages that threads have in hand: bounded, counted, and given back by whoever is asked to.</summary>
public sealed unsafe class ThreadPagesTests
{
    private const int Threads = 6;
    private const long Block = 256 * 1024;

    public ThreadPagesTests() => _ = Heap.Trim();

    [Fact]
    public void FlushThread_gives_the_threads_pages_back() =>
        ThreadTests.Run(() =>
        {
            long before = InHand();
            TakeSpans();
            Assert.InRange(InHand() - before, 1, Block);
            AssertAddsUp();
            Heap.FlushThread();
            Assert.Equal(before, InHand());
            AssertAddsUp();
        });

    [Fact]
    public void Threads_that_have_ended_leave_none_for_long()
    {
        long before = InHand();
        for (int t = 0; t < Threads; t++)
        {
            ThreadTests.Run(TakeSpans);
        }

        // A thread's end is seen a moment after it can be waited for.
        for (int attempt = 0; InHand() != before; attempt++)
        {
            Assert.True(attempt < 5_000, "An ended thread's pages were never given back.");
            Heap.FlushThread();
            Thread.Sleep(1);
        }
    }

    [Fact]
    public void Idle_threads_have_a_block_each_and_Trim_takes_it()
    {
        long before = InHand();
        using Barrier barrier = new(Threads + 1);
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            threads[t] = new(() =>
            {
                TakeSpans();
                barrier.SignalAndWait(CancellationToken.None);
                barrier.SignalAndWait(CancellationToken.None);

                // Its cache was emptied by another, and works as before.
                TakeSpans();
                barrier.SignalAndWait(CancellationToken.None);
                barrier.SignalAndWait(CancellationToken.None);
            });
            threads[t].Start();
        }

        barrier.SignalAndWait(CancellationToken.None);
        Assert.InRange(InHand() - before, 1, Threads * Block);
        AssertAddsUp();
        _ = Heap.Trim();
        Assert.Equal(0, InHand());
        AssertAddsUp();
        barrier.SignalAndWait(CancellationToken.None);
        barrier.SignalAndWait(CancellationToken.None);
        Assert.InRange(InHand(), 1, Threads * Block);
        AssertAddsUp();
        barrier.SignalAndWait(CancellationToken.None);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    // Of a heap of its own, so that the slots come from new spans; they go back when it is disposed of, and not to the cache.
    private static void TakeSpans()
    {
        using Heap heap = new();
        List<nint> blocks = [];
        for (int size = 16; size <= 600; size += 100)
        {
            blocks.Add((nint)heap.Alloc((nuint)size));
        }

        blocks.ForEach(block => heap.Free((void*)block));
    }

    private static long InHand() => Heap.GetProcessStatistics().ThreadFreeBytes;

    private static void AssertAddsUp()
    {
        ProcessStatistics statistics = Heap.GetProcessStatistics();
        Assert.False(statistics.IsApproximate);
        Assert.InRange(statistics.ThreadFreeBytes, 0, statistics.FreeBytes);
        Assert.Equal(
            statistics.MappedBytes,
            statistics.LiveBytes + statistics.ThreadCachedBytes + statistics.CentralCachedBytes + statistics.FreeBytes + statistics.ReturnedBytes);
    }
}
