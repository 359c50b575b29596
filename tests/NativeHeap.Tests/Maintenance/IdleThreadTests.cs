using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Threads;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>What threads that do nothing keep from the system: bounded, in the statistics, and given back when they end.</summary>
public sealed unsafe class IdleThreadTests
{
    private const int Threads = 4;
    private const int Count = 20_000;
    private const int Size = 64;

    [Fact]
    public void What_idle_threads_pin_is_bounded_and_reported_and_goes_when_they_flush()
    {
        ThreadTests.Settle();
        using Heap heap = new();
        using Barrier barrier = new(Threads + 1);
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int seed = t;
            threads[t] = new(() => FreeAtRandom(heap, seed, barrier));
            threads[t].Start();
        }

        barrier.SignalAndWait(CancellationToken.None);
        Pass();
        HeapStatistics idle = heap.GetStatistics();
        Assert.False(idle.IsApproximate);
        Assert.Equal((0, 0), (idle.LiveObjects, idle.LiveBytes));

        // The slots in their bins: one bin each, of 8 KiB for everybody and what the allowance of a thread adds.
        Assert.InRange(idle.ThreadCachedBytes, Size, Threads * (ThreadRecord.AllowedMax + Bin.FreeBytes));

        // And with each slot at most the system's page, or ours where it is larger, that it lies in: all else has gone back, and what they keep of it is in the figures.
        long page = long.Max((long)VirtualMemory.PageSize, SizeClass.PageSize);
        long pinned = idle.SpanBytes - idle.ReturnedBytes;
        Assert.Equal(pinned, idle.ThreadCachedBytes + idle.CentralCachedBytes);
        Assert.InRange(pinned, idle.ThreadCachedBytes, (idle.ThreadCachedBytes / Size * page) + (2 * SizeClass.Pages(SizeClass.ClassOf(Size)) * (long)SizeClass.PageSize));
        Assert.InRange(Heap.GetProcessStatistics().ThreadFreeBytes, 0, (Threads + 1) * 256L * 1024);

        barrier.SignalAndWait(CancellationToken.None);
        barrier.SignalAndWait(CancellationToken.None);
        Pass();
        HeapStatistics flushed = heap.GetStatistics();
        Assert.Equal((0, 0), (flushed.ThreadCachedBytes, flushed.SpanBytes));
        barrier.SignalAndWait(CancellationToken.None);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    [Fact]
    public void A_thread_that_is_idle_in_every_class_keeps_no_more_than_its_share() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            List<nint> blocks = [];
            for (int sizeClass = 1; sizeClass < SizeClass.Count; sizeClass++)
            {
                for (long bytes = 0; bytes < 1 << 20; bytes += SizeClass.SlotSize(sizeClass))
                {
                    blocks.Add((nint)heap.Alloc((nuint)SizeClass.SlotSize(sizeClass)));
                }
            }

            LimitTests.FreeAll(heap, blocks);
            Pass();
            HeapStatistics idle = heap.GetStatistics();
            Assert.InRange(idle.ThreadCachedBytes, 100 << 10, ThreadRecord.AllowedMax + (SizeClass.Count * Bin.FreeBytes));
            Assert.Equal(idle.SpanBytes - idle.ReturnedBytes, idle.ThreadCachedBytes + idle.CentralCachedBytes);
            Heap.FlushThread();
            Pass();
            Assert.Equal(0, heap.GetStatistics().SpanBytes);
        });

    private static void FreeAtRandom(Heap heap, int seed, Barrier barrier)
    {
        nint[] blocks = new nint[Count];
        for (int i = 0; i < Count; i++)
        {
            blocks[i] = (nint)heap.Alloc(Size);
            *(long*)blocks[i] = i;
        }

        new Random(seed).Shuffle(blocks);
        foreach (nint block in blocks)
        {
            heap.Free((void*)block);
        }

        barrier.SignalAndWait(CancellationToken.None);
        barrier.SignalAndWait(CancellationToken.None);
        Heap.FlushThread();
        barrier.SignalAndWait(CancellationToken.None);
        barrier.SignalAndWait(CancellationToken.None);
    }

    private static void Pass()
    {
        for (int pass = 0; pass < 3; pass++)
        {
            HeapProcess.Scavenger->BeginPass(PassReach.Idle);
            Assert.True(HeapProcess.Scavenger->WorkFor(1_000_000_000_000));
        }
    }
}
