using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Platform;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Memory that is there before it is needed.</summary>
public sealed unsafe class HeapPrewarmTests
{
    internal const string AloneVariable = "NATIVEHEAP_TEST_PREWARM_ALONE";
    private const long Mega = 1 << 20;

    // Beside what is measured, the process itself comes to hold some megabytes, or lets go of them: the collector's.
    private const long Slack = 8 * Mega;

    public HeapPrewarmTests()
    {
        Heap.FlushThread();
        _ = Heap.Trim();

        // What earlier tests left to the garbage collector would go in the middle of one.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    [Fact]
    public void What_is_prewarmed_is_mapped_and_in_memory_and_what_is_then_allocated_needs_nothing()
    {
        // The lowest run that is long enough is taken first, and other tests leave returned pages below what is prewarmed.
        Assert.SkipUnless(Environment.GetEnvironmentVariable(AloneVariable) is not null, "For a process of its own.");
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            long before = Resident();
            long free = Heap.GetProcessStatistics().FreeBytes;
            heap.Prewarm(40 << 20);
            ProcessStatistics warm = Heap.GetProcessStatistics();
            Assert.InRange(warm.FreeBytes, 40 * Mega, free + (48 * Mega));
            long resident = Resident();
            AssertGrew(before, 40 * Mega, resident);

            List<nint> blocks = [];
            for (long bytes = 0; bytes < 36 * Mega; bytes += 3_072)
            {
                byte* block = (byte*)heap.Alloc(3_000);
                new Span<byte>(block, 3_000).Fill(1);
                blocks.Add((nint)block);
            }

            ProcessStatistics used = Heap.GetProcessStatistics();
            Assert.Equal(warm.MappedBytes, used.MappedBytes);

            Assert.InRange(used.ReturnedBytes, warm.ReturnedBytes - Mega, warm.ReturnedBytes);

            // The test's list, and the magazines of the thread.
            AssertGrew(resident, 0, Resident());
            blocks.ForEach(block => heap.Free((void*)block));
        });
    }

    [Fact]
    public void Passes_leave_what_was_prewarmed_and_Trim_takes_it() =>
        ThreadTests.Run(() =>
        {
            // What other tests have mapped and never used is free, too.
            long free = Heap.GetProcessStatistics().FreeBytes;
            Heap.Shared.Prewarm((nuint)(20 * Mega));
            for (int pass = 0; pass < 4; pass++)
            {
                Pass(PassReach.Idle);
                Assert.InRange(Heap.GetProcessStatistics().FreeBytes, 19 * Mega, free + (40 * Mega));
            }

            Assert.InRange(Heap.Trim(), (nuint)(19 * Mega), (nuint)(60 * Mega));
            Assert.InRange(Heap.GetProcessStatistics().FreeBytes, 0, free + (16 * (long)VirtualMemory.PageSize));
        });

    [Fact]
    public void Objects_of_a_type_are_ready_in_the_heap_and_in_the_threads_cache() =>
        ThreadTests.Run(() =>
        {
            const int Count = 500_000;
            using Heap heap = new();
            nint[] orders = new nint[Count];
            Array.Fill(orders, 1);
            heap.Prewarm<Order>(Count);
            HeapStatistics warm = heap.GetStatistics();
            Assert.Equal(0, warm.LiveObjects);
            Assert.InRange(warm.ThreadCachedBytes, 100 * sizeof(Order), 1_000 * sizeof(Order));
            Assert.InRange(warm.SpanBytes, Count * sizeof(Order), (Count * sizeof(Order)) + Mega);
            long resident = Resident();
            for (int i = 0; i < Count; i++)
            {
                orders[i] = (nint)Order.Alloc(heap);
                *(Order*)orders[i] = new Order { Id = i };
            }

            Assert.Equal(warm.SpanBytes, heap.GetStatistics().SpanBytes);
            AssertGrew(resident, 0, Resident());
            Assert.Equal(Count, orders.Distinct().Count());

            // Passes leave as many free as were asked for, once they are free again, and no more.
            foreach (nint order in orders)
            {
                Order.Free(heap, (Order*)order);
            }

            Heap.FlushThread();
            for (int pass = 0; pass < 4; pass++)
            {
                Pass(PassReach.Idle);
            }

            HeapStatistics idle = heap.GetStatistics();
            Assert.InRange(idle.SpanBytes - idle.ReturnedBytes, Count * sizeof(Order), (Count * sizeof(Order)) + Mega);
            _ = Heap.Trim();
            Assert.Equal(0, heap.GetStatistics().SpanBytes);
        });

    [Fact]
    public void Large_objects_of_a_type_are_ready_too() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            heap.Prewarm<LargeMessage>(100);
            ProcessStatistics warm = Heap.GetProcessStatistics();
            nint[] messages = new nint[90];
            for (int i = 0; i < messages.Length; i++)
            {
                messages[i] = (nint)LargeMessage.Alloc(heap);
            }

            Assert.Equal(warm.MappedBytes, Heap.GetProcessStatistics().MappedBytes);
        });

    [Theory]
    [InlineData(1, 40_000)]
    [InlineData(700, 5_000)]
    [InlineData(32_768, 100)]
    [InlineData(40_000, 100)]
    public void Blocks_of_a_size_are_ready(int size, int count) =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            nint[] blocks = new nint[count];
            heap.Prewarm((nuint)size, count);
            ProcessStatistics warm = Heap.GetProcessStatistics();
            long spans = heap.GetStatistics().SpanBytes;
            for (int i = 0; i < count; i++)
            {
                blocks[i] = (nint)heap.Alloc((nuint)size);
                *(byte*)blocks[i] = 1;
            }

            // Large ones are pages until they are asked for, and may lie apart.
            ProcessStatistics used = Heap.GetProcessStatistics();
            Assert.InRange(used.MappedBytes - used.ReturnedBytes, 0, warm.MappedBytes - warm.ReturnedBytes + (size > 32_768 ? 4 * Mega : 0));
            Assert.Equal(size > 32_768 ? spans + heap.GetStatistics().LiveBytes : spans, heap.GetStatistics().SpanBytes);
        });

    [Fact]
    public void Asking_twice_for_the_same_takes_nothing_more() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            heap.Prewarm<Order>(10_000);
            HeapStatistics once = heap.GetStatistics();
            heap.Prewarm<Order>(10_000);
            heap.Prewarm<Order>(0);
            Assert.Equal(once, heap.GetStatistics());
        });

    [Fact]
    public void Bad_requests_are_refused_by_name() =>
        ThreadTests.Run(() =>
        {
            Heap heap = new(new HeapOptions { MaximumBytes = 4 << 20 });
            Assert.Contains("over the limit of", Assert.Throws<ArgumentOutOfRangeException>(() => heap.Prewarm((nuint)1 << 47)).Message, StringComparison.Ordinal);
            _ = Assert.Throws<ArgumentOutOfRangeException>(() => heap.Prewarm<Order>(-1));
            _ = Assert.Throws<ArgumentOutOfRangeException>(() => heap.Prewarm(100, -1));
            Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(() => heap.Prewarm((nuint)1 << 47, 1)).ParamName);
            Assert.Contains("over the limit of", Assert.Throws<ArgumentOutOfRangeException>(() => heap.Prewarm((nuint)1 << 46, int.MaxValue)).Message, StringComparison.Ordinal);
            Assert.Contains("HeapOptions.MaximumBytes", Assert.Throws<OutOfMemoryException>(() => heap.Prewarm<Order>(1_000_000)).Message, StringComparison.Ordinal);
            Assert.True(heap.TryAlloc(100, out _));
            heap.Dispose();
            _ = Assert.Throws<ObjectDisposedException>(() => heap.Prewarm(100));
            _ = Assert.Throws<ObjectDisposedException>(() => heap.Prewarm<Order>(1));
        });

    [Fact]
    public void A_compact_heap_parks_little_and_gives_back_what_is_idle_at_the_first_pass() =>
        ThreadTests.Run(() =>
        {
            using Heap compact = new(new HeapOptions { Profile = HeapProfile.Compact });
            using Heap balanced = new(new HeapOptions { Profile = HeapProfile.Balanced });
            foreach (Heap heap in new[] { compact, balanced })
            {
                List<nint> blocks = [];
                for (int i = 0; i < 20_000; i++)
                {
                    blocks.Add((nint)heap.Alloc(200));
                }

                blocks.ForEach(block => heap.Free((void*)block));
            }

            Assert.InRange(compact.GetStatistics().ThreadCachedBytes, 1, 8 << 10);
            Assert.InRange(balanced.GetStatistics().ThreadCachedBytes, 20 << 10, 200 << 10);
            Pass(PassReach.Busy);
            Assert.InRange(compact.GetStatistics().SpanBytes, 0, 128 << 10);
            Assert.InRange(balanced.GetStatistics().SpanBytes, 4 * Mega - (256 << 10), 5 * Mega);
        });

    [Fact]
    public void A_low_latency_heap_has_its_memory_before_it_is_used_and_keeps_it() =>
        ThreadTests.Run(() =>
        {
            const int Count = 20_000;
            using Heap heap = new(new HeapOptions { Profile = HeapProfile.LowLatency });
            nint[] blocks = new nint[Count];
            Array.Fill(blocks, 1);
            Heap.Trim();
            long before = Resident();
            for (int i = 0; i < Count; i++)
            {
                blocks[i] = (nint)heap.Alloc(1_000);
            }

            // Not written to, and in memory.
            AssertGrew(before, Count * 1_000L, Resident());
            HeapStatistics full = heap.GetStatistics();
            for (int round = 0; round < 3; round++)
            {
                foreach (nint block in blocks)
                {
                    heap.Free((void*)block);
                }

                Heap.FlushThread();
                for (int pass = 0; pass < 3; pass++)
                {
                    Pass(PassReach.Idle);
                }

                // Neither passes nor a new peak of another heap take any of it.
                using Heap other = new();
                _ = other.Alloc(8 << 20);
                HeapStatistics idle = heap.GetStatistics();
                Assert.Equal((full.SpanBytes, 0), (idle.SpanBytes, idle.ReturnedBytes));
                for (int i = 0; i < Count; i++)
                {
                    blocks[i] = (nint)heap.Alloc(1_000);
                }

                Assert.Equal(full.SpanBytes, heap.GetStatistics().SpanBytes);
            }

            // A reset keeps it, too, and Trim takes it.
            heap.Reset();
            Assert.Equal(full.SpanBytes, heap.GetStatistics().SpanBytes);
            _ = Heap.Trim();
            Assert.Equal(0, heap.GetStatistics().SpanBytes);
        });

    [Fact]
    public void Large_blocks_and_tables_of_a_low_latency_heap_are_in_memory_too() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new(new HeapOptions { Profile = HeapProfile.LowLatency });
            long before = Resident();
            void* block = heap.Alloc(20 << 20);
            AssertGrew(before, 20 * Mega, Resident());
            long whole = Resident();
            _ = heap.Realloc(block, 50 << 20);
            long grown = Resident();
            Assert.True(grown == 0 || grown - whole > 30 * Mega - Slack, "It has grown by thirty megabytes, where it was or elsewhere.");
            NativeTable<Order> table = new(heap, 1_000_000);
            table.EnsureCapacity(1_000_000);
            AssertGrew(grown, 1_000_000L * (sizeof(Order) + sizeof(NativeHandle<Order>) + sizeof(long)), Resident());
            table.Dispose();
        });

    [Theory]
    [InlineData(HeapProfile.LowLatency)]
    [InlineData(HeapProfile.Balanced)]
    public void After_its_warm_up_a_heap_does_not_grow_and_says_so(HeapProfile profile) =>
        ThreadTests.Run(() =>
        {
            List<long> told = [];
            using Heap heap = new(new HeapOptions { Name = "orders", Profile = profile, OnPressure = pressure => told.Add(pressure.RefusedBytes) });
            heap.Prewarm<Order>(10_000);
            List<nint> others = [];
            for (int i = 0; i < 1_000; i++)
            {
                others.Add((nint)heap.Alloc(2_000));
            }

            long held = heap.GetStatistics().SpanBytes;
            heap.EndWarmUp();
            List<nint> orders = [];
            for (int i = 0; i < 10_000; i++)
            {
                orders.Add((nint)heap.Alloc<Order>());
            }

            Assert.Equal(held, heap.GetStatistics().SpanBytes);
            Assert.Empty(told);
            while (heap.TryAlloc((nuint)sizeof(Order), out void* order))
            {
                orders.Add((nint)order);
            }

            Assert.True(told.Count != 0, "A refusal was not told.");
            string message = Assert.Throws<OutOfMemoryException>(() => heap.Alloc(1 << 20)).Message;
            Assert.Contains("the heap 'orders' grow beyond the", message, StringComparison.Ordinal);
            Assert.Contains("(Heap.EndWarmUp)", message, StringComparison.Ordinal);
            Assert.InRange(heap.GetStatistics().SpanBytes, 1, held);
            LimitTests.AssertAddsUp(heap);

            // What one size has no more need of another may take.
            others.ForEach(block => heap.Free((void*)block));
            Assert.True(heap.TryAlloc((nuint)sizeof(Order), out _));
            Assert.True(heap.TryAlloc(100_000, out _));
            Assert.InRange(heap.GetStatistics().SpanBytes, 1, held);
        });

    [Fact]
    public void A_limit_of_the_process_takes_memory_from_heaps_that_do_not_keep_theirs() =>
        ThreadTests.Run(() =>
        {
            using Heap low = new(new HeapOptions { Profile = HeapProfile.LowLatency });
            using Heap balanced = new();
            balanced.Prewarm<Order>(50_000);
            low.Prewarm<Order>(50_000);
            long kept = low.GetStatistics().SpanBytes;
            long? atStart = ProcessLimits.MaximumBytes;
            try
            {
                ProcessLimits.MaximumBytes = kept;
                Assert.Equal(kept, low.GetStatistics().SpanBytes);

                // But for what this thread's bin holds.
                Assert.InRange(balanced.GetStatistics().SpanBytes, 0, 128 << 10);
            }
            finally
            {
                ProcessLimits.MaximumBytes = atStart;
            }
        });

    [Fact]
    public void A_profile_that_is_none_is_refused_by_name()
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => new HeapOptions { Profile = (HeapProfile)77 }).Message;
        Assert.Contains("no HeapProfile 77", message, StringComparison.Ordinal);
    }

    private static void Pass(PassReach reach)
    {
        HeapProcess.Scavenger->BeginPass(reach);
        while (!HeapProcess.Scavenger->WorkFor(1_000_000_000))
        {
        }
    }

    private static void AssertGrew(long before, long by, long after)
    {
        if (OperatingSystem.IsLinux() && !Emulation.IsQemu)
        {
            Assert.InRange(after - before, by - Slack, (by * 5 / 4) + Slack);
        }
    }

    private static long Resident() => OperatingSystem.IsLinux() && !Emulation.IsQemu ? ProcessMap.Resident() : 0;
}
