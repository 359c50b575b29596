using System;
using System.Collections.Generic;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>The limit of the process. It is the same process as all other tests', so each sets the limit from what is in use.</summary>
public sealed unsafe class ProcessLimitTests : IDisposable
{
    private const long Mega = 1 << 20;

    private readonly long? _atStart = ProcessLimits.MaximumBytes;
    private readonly long? _softAtStart = ProcessLimits.SoftLimitBytes;

    public void Dispose()
    {
        ProcessLimits.MaximumBytes = _atStart;
        ProcessLimits.SoftLimitBytes = _softAtStart;
        ProcessLimits.OnPressure = null;
    }

    [Fact]
    public void The_process_maps_up_to_its_limit_and_no_more()
    {
        using Heap heap = new();
        long maximum = LimitTo(32 * Mega);
        for (int count = 0; heap.TryAlloc(3_000, out _); count++)
        {
            // The statistics of the heaps of all tests, each time, would take minutes.
            Assert.True(count % 256 != 0 || InUse() <= maximum);
        }

        Assert.InRange(InUse(), maximum - (256 * 1024) + 1, maximum);
        LimitTests.AssertAddsUp(heap);
        string message = Assert.Throws<OutOfMemoryException>(() => heap.Alloc(4_567)).Message;
        Assert.Contains("request for 4,567 bytes would take the process over its limit of", message, StringComparison.Ordinal);
        Assert.Contains($"{maximum:N0} bytes (ProcessLimits.MaximumBytes)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_a_limit_below_what_is_in_use_nothing_more_is_granted_and_nothing_lost()
    {
        using Heap heap = new();
        byte* block = (byte*)heap.Alloc(1 << 20);
        new Span<byte>(block, 1 << 20).Fill(5);
        ProcessLimits.MaximumBytes = 8_192;
        Assert.Equal(8_192, ProcessLimits.MaximumBytes);
        long inUse = InUse();
        Assert.False(heap.TryAlloc((nuint)(inUse + Mega), out _));
        Assert.False(heap.TryAlloc((nuint)Mega, out _));
        Assert.Equal(-1, new Span<byte>(block, 1 << 20).IndexOfAnyExcept((byte)5));
        Assert.InRange(InUse(), Mega, inUse);

        ProcessLimits.MaximumBytes = null;
        Assert.True(heap.TryAlloc((nuint)(inUse + Mega), out _));
    }

    [Fact]
    public void A_limit_that_is_lowered_gives_back_what_is_free()
    {
        using Heap heap = new();
        List<nint> blocks = [];
        for (int i = 0; i < 100; i++)
        {
            blocks.Add((nint)heap.Alloc(100_000));
        }

        long before = InUse();
        LimitTests.FreeAll(heap, blocks);
        ProcessLimits.MaximumBytes = before - (5 * Mega);
        Assert.InRange(InUse(), 0, before - (5 * Mega));
    }

    [Fact]
    public void Free_pages_go_back_for_those_that_are_needed_elsewhere()
    {
        using Heap heap = new();
        long maximum = LimitTo(32 * Mega);
        List<nint> blocks = [];
        while (heap.TryAlloc(500_000, out void* block))
        {
            blocks.Add((nint)block);
        }

        // Free, and in pieces that have whole system pages, of 64 KiB at most.
        for (int i = 0; i < blocks.Count; i += 2)
        {
            heap.Free((void*)blocks[i]);
        }

        Assert.True(heap.TryAlloc((nuint)(10 * Mega), out _));
        Assert.InRange(InUse(), 0, maximum);
        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.InRange(process.ReturnedBytes, 8 * Mega, long.MaxValue);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
    }

    [Fact]
    public void Pages_that_have_gone_back_count_again_when_they_are_used_again()
    {
        using Heap heap = new();
        using (Heap other = new())
        {
            _ = other.Alloc((nuint)(40 * Mega));
        }

        _ = Heap.Trim();
        long maximum = LimitTo(8 * Mega);
        Assert.InRange(Heap.GetProcessStatistics().ReturnedBytes, 40 * Mega, long.MaxValue);
        Assert.False(heap.TryAlloc((nuint)(9 * Mega), out _));
        while (heap.TryAlloc(500, out _) || heap.TryAlloc(40_000, out _))
        {
            Assert.InRange(InUse(), 0, maximum);
        }

        Assert.InRange(InUse(), maximum - (256 * 1024) + 1, maximum);
        LimitTests.AssertAddsUp(heap);
    }

    [Fact]
    public void What_is_parked_is_used_before_the_limit_refuses()
    {
        using Heap heap = new();
        _ = LimitTo(16 * Mega);
        List<nint> small = [];
        while (heap.TryAlloc(500, out void* block))
        {
            small.Add((nint)block);
        }

        LimitTests.FreeAll(heap, small);
        Assert.True(heap.TryAlloc((nuint)(8 * Mega), out _));
    }

    [Fact]
    public void At_the_limit_new_threads_and_new_heaps_work_and_fail_cleanly()
    {
        // What threads of other tests left would be found late, and be room then.
        ThreadTests.Settle();
        using Heap heap = new();
        _ = LimitTo(8 * Mega);
        while (heap.TryAlloc(8_192, out _) || heap.TryAlloc(100_000, out _))
        {
        }

        // Runs that are too short for a span of those may be long enough for these.
        while (heap.TryAlloc(100_000, out _))
        {
        }

        ThreadTests.Run(() =>
        {
            // Longer than the span that was not to be had.
            Assert.False(heap.TryAlloc(200_000, out _));
            using Heap other = new();
            Assert.False(other.TryAlloc(200_000, out _));
            Assert.Throws<OutOfMemoryException>(() => heap.Alloc(200_000));
            LimitTests.AssertAddsUp(other);
        });
        LimitTests.AssertAddsUp(heap);
    }

    [Fact]
    public void The_processes_handler_is_told_once_and_what_it_frees_serves_a_refused_request()
    {
        using Heap heap = new();
        using Heap cache = new();
        void* cached = cache.Alloc((nuint)(4 * Mega));
        long maximum = LimitTo(32 * Mega);
        long soft = maximum - (8 * Mega);
        ProcessLimits.SoftLimitBytes = soft;
        Assert.Equal(soft, ProcessLimits.SoftLimitBytes);
        List<HeapPressure> told = [];
        ProcessLimits.OnPressure = told.Add;
        while (told.Count == 0)
        {
            _ = heap.Alloc(50_000);
        }

        HeapPressure pressure = told[0];
        Assert.Equal((null, soft, 0L), (pressure.Heap, pressure.LimitBytes, pressure.RefusedBytes));
        Assert.InRange(pressure.UsedBytes, soft + 1, soft + (4 * Mega));
        while (heap.TryAlloc(50_000, out _))
        {
        }

        _ = Assert.Single(told);

        // A handler set anew has not been told, and hears of the next refusal.
        ProcessLimits.OnPressure = refused =>
        {
            told.Add(refused);
            cache.Free(cached);
        };
        Assert.True(heap.TryAlloc((nuint)(3 * Mega), out _));
        Assert.Equal(3 * Mega, told[1].RefusedBytes);
    }

    // What is free already goes back first, so that the limit is met soon.
    private static long LimitTo(long more)
    {
        _ = Heap.Trim();
        long maximum = InUse() + more;
        ProcessLimits.MaximumBytes = maximum;
        return maximum;
    }

    private static long InUse()
    {
        PageHeapTotals totals = HeapProcess.Pages->GetTotals();
        long inUse = (long)(totals.Mapped - totals.Returned);
        Assert.Equal(inUse, HeapProcess.Pages->Quota.Used);
        return inUse;
    }
}
