using System;
using System.Collections.Generic;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Heaps that come and go.</summary>
public sealed unsafe class HeapLifetimeTests
{
    [Fact]
    public void Dispose_gives_everything_back()
    {
        Heap.FlushThread();
        ProcessStatistics before = Heap.GetProcessStatistics();
        Heap heap = new();
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            void* block = heap.Alloc((nuint)random.Next(random.Next(50) == 0 ? 200_000 : 500));
            if (random.Next(3) == 0)
            {
                heap.Free(block);
            }
        }

        heap.Dispose();
        ProcessStatistics after = Heap.GetProcessStatistics();
        Assert.Equal(before.LiveBytes, after.LiveBytes);
        Assert.Equal(before.ThreadCachedBytes, after.ThreadCachedBytes);
        Assert.Equal(before.CentralCachedBytes, after.CentralCachedBytes);
    }

    [Fact]
    public void A_disposed_heap_says_so()
    {
        Heap heap = new();
        void* block = heap.Alloc(10);
        heap.Dispose();
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(() => heap.Alloc(10));
        Assert.Throws<ObjectDisposedException>(() => heap.Alloc(100_000));
        Assert.Throws<ObjectDisposedException>(() => heap.AllocZeroed(10));
        Assert.Throws<ObjectDisposedException>(() => heap.AllocZeroed(100_000));
        Assert.Throws<ObjectDisposedException>(() => heap.AllocAligned(10, 64));
        Assert.Throws<ObjectDisposedException>(() => heap.TryAlloc(10, out _));
        Assert.Throws<ObjectDisposedException>(() => heap.Alloc<Order>());
        Assert.Throws<ObjectDisposedException>(() => heap.Free(block));
        Assert.Throws<ObjectDisposedException>(() => heap.Realloc(block, 20));
        Assert.Throws<ObjectDisposedException>(() => heap.UsableSize(block));
        Assert.Throws<ObjectDisposedException>(() => heap.Owns(block));
        Assert.Throws<ObjectDisposedException>(() => heap.GetStatistics());
    }

    [Fact]
    public void The_shared_heap_cannot_be_disposed_of() => Assert.Throws<InvalidOperationException>(Heap.Shared.Dispose);

    [Fact]
    public void The_next_heap_starts_empty()
    {
        for (int round = 0; round < 50; round++)
        {
            using Heap heap = new();
            Assert.Equal(default, heap.GetStatistics());
            for (int i = 0; i < 500; i++)
            {
                HeapTests.Fill((byte*)heap.Alloc(200), 200);
            }

            Assert.Equal(500, heap.GetStatistics().LiveObjects);
        }
    }

    [Fact]
    public void A_thousand_heaps_at_once_keep_apart()
    {
        List<(Heap Heap, nint Block)> heaps = [];
        for (int i = 0; i < 1_000; i++)
        {
            Heap heap = new();
            byte* block = (byte*)heap.Alloc(64);
            HeapTests.Fill(block, 64);
            heaps.Add((heap, (nint)block));
        }

        foreach ((Heap heap, nint block) in heaps)
        {
            HeapTests.AssertFilled((byte*)block, 64, 64);
            Assert.True(heap.Owns((void*)block));
            Assert.Equal(1, heap.GetStatistics().LiveObjects);
            heap.Dispose();
        }
    }

    [Fact]
    public void A_thread_may_flush_its_caches_while_another_disposes_of_a_heap_it_has_used()
    {
        Heap? heap = null;
        using Barrier rounds = new(2);
        int count = LongTests.Scale(300, 5_000);
        Exception? error = null;
        Thread flusher = new(() =>
        {
            try
            {
                for (int round = 0; round < count; round++)
                {
                    rounds.SignalAndWait(CancellationToken.None);
                    for (int size = 8; size <= 4_096; size *= 2)
                    {
                        heap!.Free(heap.Alloc((nuint)size));
                    }

                    rounds.SignalAndWait(CancellationToken.None);
                    Heap.FlushThread();
                }
            }
            catch (Exception e)
            {
                error = e;
                rounds.RemoveParticipant();
            }
        });
        flusher.Start();
        for (int round = 0; round < count && error == null; round++)
        {
            heap = new Heap();
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
            heap.Dispose();
        }

        flusher.Join();
        Assert.True(error == null, error?.ToString());
    }

    [Fact]
    public void Threads_make_and_dispose_of_heaps_while_others_allocate_in_theirs()
    {
        int failures = 0;
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.Length; t++)
        {
            int seed = t;
            threads[t] = new Thread(() =>
            {
                Random random = new(seed);
                for (int round = 0; round < LongTests.Scale(100, 1_000); round++)
                {
                    using Heap heap = new();
                    List<nint> blocks = [];
                    for (int i = 0; i < 200; i++)
                    {
                        int size = random.Next(1, 2_000);
                        byte* block = (byte*)heap.Alloc((nuint)size);
                        new Span<byte>(block, size).Fill((byte)seed);
                        blocks.Add((nint)block);
                        if (random.Next(2) == 0)
                        {
                            int victim = random.Next(blocks.Count);
                            failures += *(byte*)blocks[victim] == seed ? 0 : 1;
                            heap.Free((void*)blocks[victim]);
                            blocks[victim] = blocks[^1];
                            blocks.RemoveAt(blocks.Count - 1);
                        }
                    }

                    failures += heap.GetStatistics().LiveObjects == blocks.Count ? 0 : 1;
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, failures);
    }
}
