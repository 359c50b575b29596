using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Statistics against the test's own count of what is alive.</summary>
public sealed unsafe class StatisticsTests
{
    private static readonly int[] s_sizes = [1, 8, 16, 24, 100, 1_000, 5_000, 32_768, 32_769, 100_000, 3_000_000];

    // What the test has not freed; by span class, 0 for large ones.
    private readonly List<(nint Block, int SpanClass, long Bytes)> _live = [];

    public static TheoryData<string> Operations => [.. s_operations.Keys];

    private static readonly Dictionary<string, Action<StatisticsTests, Heap>> s_operations = new()
    {
        ["allocate"] = (test, heap) => test.AllocAll(heap),
        ["allocate zeroed"] = (test, heap) => Array.ForEach(s_sizes, size => test.Add((nint)heap.AllocZeroed((nuint)size), size)),
        ["allocate aligned"] = (test, heap) => test._live.Add(((nint)heap.AllocAligned(100, 65_536), 0, SizeClass.PageSize)),
        ["allocate typed"] = (test, heap) => test.AllocTyped(heap),
        ["allocate in vain"] = (_, heap) => Assert.Throws<OutOfMemoryException>(() => heap.Alloc((nuint)1 << 45)),
        ["free half"] = (test, heap) => test.FreeSome(heap, 2),
        ["free all"] = (test, heap) => test.FreeSome(heap, 1),
        ["fill magazines and depots"] = (_, heap) => Churn(heap, 10_000),
        ["reallocate"] = (test, heap) => test.Realloc(heap),
        ["flush this thread"] = (_, heap) =>
        {
            Churn(heap, 1_000);
            Heap.FlushThread();
        },
        ["trim"] = (test, heap) =>
        {
            test.AllocAll(heap);
            test.FreeSome(heap, 3);
            _ = Heap.Trim();
        },
        ["let another thread free"] = (test, heap) => ThreadTests.Run(() => test.FreeSome(heap, 2)),
        ["let a thread end with full caches"] = (_, heap) => ThreadTests.Run(() => Churn(heap, 500)),
        ["dispose of another heap"] = (_, _) =>
        {
            using Heap other = new();
            for (int i = 0; i < 1_000; i++)
            {
                _ = other.Alloc((nuint)(i * 37));
            }
        },
        ["reset"] = (test, heap) =>
        {
            heap.Reset();
            test._live.Clear();
        },
        ["open a table and fill it"] = (test, heap) =>
        {
            using NativeTable<Order> table = new(heap);
            for (int i = 0; i < 1_000; i++)
            {
                table.Add(out _).Id = i;
            }

            _ = StatisticsChecks.Rows(heap, out HeapStatistics sum);
            Assert.Equal(1, sum.Containers);
            Assert.InRange(sum.ContainerBytes, 1_000 * sizeof(Order), 1 << 20);
            Assert.Equal(heap.Set->Quota.Used, sum.SpanBytes);
        },
        ["reach the limit"] = (test, heap) =>
        {
            while (heap.TryAlloc(500_000, out void* block))
            {
                test.Add((nint)block, 500_000);
            }
        },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void After_each_operation_every_term_is_what_the_test_counts(string operation)
    {
        using Heap heap = Make("counted");
        AllocAll(heap);
        AllocTyped(heap);
        s_operations[operation](this, heap);
        AssertCounted(heap);
        FreeSome(heap, 1);
        AssertCounted(heap);
    }

    [Fact]
    public void After_operations_in_any_order_every_term_is_what_the_test_counts()
    {
        using Heap heap = Make("counted");
        Random random = new(12);
        string[] names = [.. s_operations.Keys];
        for (int i = 0; i < LongTests.Scale(60, 2_000); i++)
        {
            try
            {
                s_operations[names[random.Next(names.Length)]](this, heap);
            }
            catch (OutOfMemoryException)
            {
                // At the limit any allocation may be refused; what an operation had before is counted.
            }

            AssertCounted(heap);
        }
    }

    [Fact]
    public void Readings_while_threads_work_are_possible_ones()
    {
        using Heap heap = Make("busy");
        bool isOver = false;
        Thread[] threads =
        [
            .. Enumerable.Range(0, 3).Select(seed => new Thread(() =>
            {
                Random random = new(seed);
                List<nint> blocks = [];
                while (!Volatile.Read(ref isOver))
                {
                    if (blocks.Count < 500 && heap.TryAlloc((nuint)random.Next(1, random.Next(30) == 0 ? 100_000 : 500), out void* block))
                    {
                        blocks.Add((nint)block);
                    }
                    else
                    {
                        LimitTests.FreeAll(heap, blocks.Slice(blocks.Count / 2, (blocks.Count + 1) / 2));
                        blocks.RemoveRange(blocks.Count / 2, (blocks.Count + 1) / 2);
                        using Heap other = new();
                        _ = other.Alloc(100);
                        if (random.Next(20) == 0)
                        {
                            Heap.FlushThread();
                        }
                    }
                }

                LimitTests.FreeAll(heap, blocks);
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        try
        {
            for (int i = 0; i < LongTests.Scale(500, 6_000); i++)
            {
                _ = StatisticsChecks.Rows(heap, out HeapStatistics sum);
                Assert.InRange(sum.SpanBytes, 0, long.MaxValue);
                StatisticsChecks.AssertAddsUp(Heap.GetProcessStatistics());
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            Array.ForEach(threads, thread => thread.Join());
        }

        ThreadTests.Settle();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        _ = StatisticsChecks.AssertAllAddUp();
    }

    // Slots on their way from a cache to their spans are in neither: a reading in between would take them for live ones, or count them twice.
    [Fact]
    public void A_reading_waits_for_who_empties_a_cache()
    {
        using Heap heap = Make("waits");
        _ = heap.Alloc(64);
        HeapProcess.Registry->EnterFlush();
        HeapStatistics statistics = default;
        Thread reader = new(() => statistics = heap.GetStatistics());
        reader.Start();
        bool hasWaited = !reader.Join(50);
        HeapProcess.Registry->ExitFlush();
        reader.Join();
        Assert.True(hasWaited);
        Assert.Equal(1, statistics.LiveObjects);
    }

    [Fact]
    public void Reading_allocates_no_managed_memory()
    {
        using Heap heap = Make("quiet");
        AllocAll(heap);
        SizeClassStatistics[] rows = new SizeClassStatistics[SizeClassStatistics.MaxCount];
        long before = 0;
        long names = 0;
        for (int round = 0; round < 20; round++)
        {
            before = round == 10 ? GC.GetAllocatedBytesForCurrentThread() : before;
            _ = heap.GetStatistics();
            _ = heap.GetStatistics(rows, out _);
            _ = Heap.GetProcessStatistics();
            foreach (Heap each in Heap.All)
            {
                names += each.Name?.Length ?? 0;
            }
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(names > 0);
    }

    [Fact]
    public void Peaks_and_limits_are_shown()
    {
        using Heap heap = Make("limited");
        void* block = heap.Alloc(5_000_000);
        heap.Free(block);
        _ = heap.Alloc(1_000_000);
        HeapStatistics statistics = heap.GetStatistics();
        Assert.Equal((5_005_312L, 1_007_616L), (statistics.PeakSpanBytes, statistics.SpanBytes));
        Assert.Equal((16L << 20, 12L << 20), (statistics.MaximumBytes, statistics.SoftLimitBytes));
        Assert.Null(Heap.Shared.GetStatistics().MaximumBytes);

        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.Equal((ProcessLimits.MaximumBytes, ProcessLimits.SoftLimitBytes, ProcessLimits.ContainerLimitBytes), (process.MaximumBytes, process.SoftLimitBytes, process.ContainerLimitBytes));
    }

    [Fact]
    public void Growth_and_what_goes_back_are_counted()
    {
        ProcessStatistics before = Heap.GetProcessStatistics();
        using (Heap heap = new())
        {
            _ = heap.Alloc((nuint)before.FreeBytes + (nuint)before.ReturnedBytes + (80 << 20));
        }

        ProcessStatistics after = Heap.GetProcessStatistics();
        Assert.Equal(before.Growths + 1, after.Growths);
        Assert.Equal(before.Reservations + (ArenaLayout.IsContiguous ? 0 : 1), after.Reservations);
        _ = Heap.Trim();
        Assert.InRange(Heap.GetProcessStatistics().Returns, after.Returns + 20, long.MaxValue);
    }

    [Fact]
    public void Threads_are_counted_until_their_caches_are_taken_over()
    {
        ThreadTests.Settle();
        ProcessStatistics before = Heap.GetProcessStatistics();
        ThreadTests.Run(() =>
        {
            Heap.Shared.Free(Heap.Shared.Alloc(100));
            Assert.Equal(before.Threads + 1, Heap.GetProcessStatistics().Threads);
        });
        ThreadTests.Settle();
        ProcessStatistics after = Heap.GetProcessStatistics();
        Assert.Equal((before.Threads, 0), (after.Threads, after.EndedThreads));
    }

    [Fact]
    public void All_heaps_are_enumerated_the_shared_one_first()
    {
        // Behind the shared one they come by their indexes, which others have had before.
        using Heap first = Make("first");
        Heap second = Make("second");
        Assert.Equal("Shared", Names()[0]);
        Assert.Equal(["first", "second"], [.. Names()[1..].Order()]);
        second.Dispose();
        Assert.Equal(["Shared", "first"], Names());
        using Heap third = Make("third");
        Assert.Equal("Shared", Names()[0]);
        Assert.Equal(["first", "third"], [.. Names()[1..].Order()]);
    }

    [Fact]
    public void A_span_that_is_too_short_for_the_rows_is_refused_with_the_length_that_is_wanted()
    {
        using Heap heap = new();
        ArgumentException error = Assert.Throws<ArgumentException>(() => heap.GetStatistics(new SizeClassStatistics[10], out _));
        Assert.Contains("10 size classes. A heap may have 134", error.Message, StringComparison.Ordinal);
    }

    // Tests of other classes may have left heaps that nobody has disposed of.
    private static List<string> Names()
    {
        List<string> names = [];
        foreach (Heap heap in Heap.All)
        {
            if (heap.Name is "Shared" or "first" or "second" or "third")
            {
                names.Add(heap.Name);
            }
        }

        return names;
    }

    private static Heap Make(string name) => new(new HeapOptions { Name = name, MaximumBytes = 16 << 20, SoftLimitBytes = 12 << 20 });

    private void AllocAll(Heap heap) => Array.ForEach(s_sizes, size =>
    {
        if (heap.TryAlloc((nuint)size, out void* block))
        {
            Add((nint)block, size);
        }
    });

    private void AllocTyped(Heap heap)
    {
        for (int i = 0; i < 300; i++)
        {
            Order* order = heap.Alloc<Order>();
            _live.Add(((nint)order, SizeClass.ToSpanClass(SizeClass.ClassOf(sizeof(Order)), noScan: true), 0));
        }
    }

    private void Realloc(Heap heap)
    {
        for (int i = 0; i < 5 && _live.Count > 0; i++)
        {
            (nint Block, int SpanClass, long Bytes) one = _live[0];
            _live.RemoveAt(0);
            try
            {
                void* block = heap.Realloc((void*)one.Block, (nuint)s_sizes[i]);
                if ((nint)block == one.Block && one.SpanClass != 0)
                {
                    // A typed object's slot may be of a class that an untyped block of its size has not.
                    _live.Add(one);
                }
                else
                {
                    Add((nint)block, (int)heap.UsableSize(block));
                }
            }
            catch (OutOfMemoryException)
            {
                // At the limit there may be no room to move to.
                _live.Add(one);
            }
        }
    }

    // Parks many slots of a class in magazines and in the depot.
    private static void Churn(Heap heap, int count)
    {
        List<nint> blocks = [];
        for (int i = 0; i < count && heap.TryAlloc(64, out void* block); i++)
        {
            blocks.Add((nint)block);
        }

        LimitTests.FreeAll(heap, blocks);
    }

    private void FreeSome(Heap heap, int everyNth)
    {
        for (int i = _live.Count - 1; i >= 0; i -= everyNth)
        {
            heap.Free((void*)_live[i].Block);
            _live.RemoveAt(i);
        }
    }

    private void Add(nint block, int size)
    {
        bool isLarge = size > SizeClass.MaxSmallSize;
        _live.Add((block, isLarge ? 0 : SizeClass.UntypedSpanClassOf(size), isLarge ? LimitTests.SpanBytes(size) : 0));
    }

    private void AssertCounted(Heap heap)
    {
        SizeClassStatistics[] rows = StatisticsChecks.Rows(heap, out HeapStatistics sum);
        Assert.False(sum.IsApproximate);
        Dictionary<int, int> counted = _live.CountBy(one => one.SpanClass).ToDictionary();
        foreach (SizeClassStatistics row in rows)
        {
            _ = counted.Remove((row.SizeClass * 2) + (row.HasPointers ? 0 : 1), out int count);
            Assert.Equal(count, row.LiveObjects);
        }

        _ = counted.Remove(0, out int large);
        Assert.Equal(large, sum.LargeObjects);
        Assert.Equal(_live.Sum(one => one.Bytes), sum.LargeBytes);
        Assert.Empty(counted.Keys.ToList());
        Assert.Equal(_live.Count, sum.LiveObjects);
        Assert.Equal(heap.Set->Quota.Used, sum.SpanBytes);
        _ = StatisticsChecks.AssertAllAddUp();
    }
}
