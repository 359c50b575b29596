using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Heaps;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Heaps;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Threads;

/// <summary>What a thread may park, and that nothing is lost on the way.</summary>
public sealed unsafe class ThreadCacheTests
{
    [Fact]
    public void A_bin_is_a_cache_line() => Assert.Equal(64, sizeof(Bin));

    [Theory]
    [InlineData(64, 0)]
    [InlineData(65, 128)]
    [InlineData(256, 24_576)]
    public void What_two_magazines_park_beyond_8_KiB_is_the_threads_allowance(int limit, long allowance) => Assert.Equal(allowance, Bin.AllowanceOf(limit, slotSize: 64));

    [Fact]
    public void A_threads_bins_park_no_more_than_their_bound_whatever_is_freed() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            Random random = new(5);
            List<nint> blocks = [];
            for (int round = 0; round < 40; round++)
            {
                for (int i = 0; i < 2_000; i++)
                {
                    blocks.Add((nint)heap.Alloc((nuint)random.Next(1, SizeClass.MaxSmallSize)));
                }

                foreach (nint block in blocks)
                {
                    heap.Free((void*)block);
                    Assert.InRange(ThreadRecord.Current->Allowed, 0, ThreadRecord.AllowedMax);
                }

                blocks.Clear();
                HeapStatistics statistics = heap.GetStatistics();
                Assert.InRange(statistics.ThreadCachedBytes, 1, ThreadRecord.AllowedMax + (SizeClass.Count * Bin.FreeBytes));
                Assert.Equal(0, statistics.LiveObjects);
            }
        });

    [Fact]
    public void The_bound_holds_over_several_heaps() =>
        ThreadTests.Run(() =>
        {
            Heap[] heaps = new Heap[12];
            for (int h = 0; h < heaps.Length; h++)
            {
                heaps[h] = new Heap();
                List<nint> blocks = [];
                for (int i = 0; i < 4_000; i++)
                {
                    blocks.Add((nint)heaps[h].Alloc(1_000));
                }

                foreach (nint block in blocks)
                {
                    heaps[h].Free((void*)block);
                }

                Assert.Equal(0, heaps[h].GetStatistics().LiveObjects);
            }

            long cached = 0;
            foreach (Heap heap in heaps)
            {
                cached += heap.GetStatistics().ThreadCachedBytes;
            }

            Assert.InRange(cached, 1, ThreadRecord.AllowedMax + (heaps.Length * Bin.FreeBytes));
            Assert.InRange(ThreadRecord.Current->Allowed, cached - (heaps.Length * Bin.FreeBytes), ThreadRecord.AllowedMax);
            foreach (Heap heap in heaps)
            {
                heap.Dispose();
            }

            Heap.FlushThread();
            Assert.Equal(0, ThreadRecord.Current->Allowed);
        });

    [Fact]
    public void A_bin_starts_small_and_grows_with_use() =>
        ThreadTests.Run(() =>
        {
            Order.Free(Order.Alloc());
            int spanClass = TypeLayout.SpanClassOf<Order>();
            Heap.FlushThread();
            Bin* bin = ThreadRecord.SharedBin(ThreadRecord.Current, spanClass);
            Assert.False(bin->IsOpen);

            Order* first = Order.Alloc();
            Assert.InRange(bin->Limit, 8, 16);
            List<nint> orders = [];
            for (int i = 0; i < 10_000; i++)
            {
                orders.Add((nint)Order.Alloc());
            }

            Assert.Equal(256, bin->Limit);
            foreach (nint order in orders)
            {
                Order.Free((Order*)order);
            }

            Order.Free(first);
            Assert.InRange(bin->Count, 1, 512);
            Heap.FlushThread();
            Assert.Equal(0, bin->Count);
        });

    [Fact]
    public void Busy_bins_share_the_allowance_and_none_is_robbed_to_nothing() =>
        ThreadTests.Run(() =>
        {
            // Twenty classes that would take 512 KiB a magazine each.
            using Heap heap = new();
            int[] sizes = [.. Enumerable.Range(0, 20).Select(i => 2048 + (i * 128))];
            int[] spanClasses = [.. sizes.Select(SizeClass.UntypedSpanClassOf).Distinct()];
            List<nint> blocks = [];
            for (int round = 0; round < 30; round++)
            {
                for (int i = 0; i < 4_000; i++)
                {
                    blocks.Add((nint)heap.Alloc((nuint)sizes[i % sizes.Length]));
                }

                foreach (nint block in blocks)
                {
                    heap.Free((void*)block);
                }

                blocks.Clear();
            }

            ThreadCache* cache = ThreadRecord.Current->FindCache(heap.Set->Index);
            long share = ThreadRecord.AllowedMax / spanClasses.Length;
            foreach (int spanClass in spanClasses)
            {
                Assert.InRange(cache->GetBin(spanClass)->Allowance, share / 4, share * 4);
            }
        });

    [Fact]
    public void A_small_bin_opens_and_grows_to_its_free_share_whatever_the_others_have() =>
        ThreadTests.Run(() =>
        {
            using Heap large = new();
            using Heap small = new();
            foreach (Heap heap in (Heap[])[large, small])
            {
                nuint size = heap == large ? 16_384u : 64u;
                List<nint> blocks = [];
                for (int i = 0; i < 2_000; i++)
                {
                    blocks.Add((nint)heap.Alloc(size));
                }

                foreach (nint block in blocks)
                {
                    heap.Free((void*)block);
                }
            }

            Bin* bin = ThreadRecord.Current->FindCache(small.Set->Index)->GetBin(SizeClass.UntypedSpanClassOf(64));
            Assert.InRange(bin->Limit, Bin.FreeBytes / 64 / 2, 256);
        });

    [Fact]
    public void FlushThread_leaves_the_thread_usable()
    {
        for (int i = 0; i < 200; i++)
        {
            Order* order = Order.Alloc();
            order->Id = i;
            Heap.FlushThread();
            Assert.Equal(i, order->Id);
            Order.Free(order);
            Heap.FlushThread();
            Assert.Equal(0, Heap.Shared.GetStatistics().ThreadCachedBytes);
        }
    }
}
