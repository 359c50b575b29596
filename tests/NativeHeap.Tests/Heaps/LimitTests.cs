using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.SizeClasses;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Heaps that may hold so much and no more.</summary>
public sealed unsafe class LimitTests
{
    private const int Maximum = 2 << 20;

    [Theory]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(1_024)]
    [InlineData(32_768)]
    [InlineData(50_000)]
    [InlineData(1 << 20)]
    public void A_heap_holds_as_much_as_fits_under_its_limit_and_no_more(int size)
    {
        using Heap heap = Limited();
        int count = Fill(heap, size).Count;
        Assert.Equal(Capacity(size), count);
        HeapStatistics statistics = heap.GetStatistics();
        Assert.Equal(count, statistics.LiveObjects);
        Assert.InRange(statistics.SpanBytes, Maximum - SpanBytes(size) + 1, Maximum);
        AssertAddsUp(heap);
    }

    [Fact]
    public void What_one_size_leaves_behind_serves_another()
    {
        using Heap heap = Limited();
        foreach (int size in (int[])[64, 1_024, 100_000, 16, 8_192, 1 << 20, 64])
        {
            List<nint> blocks = Fill(heap, size);
            Assert.Equal(Capacity(size), blocks.Count);
            FreeAll(heap, blocks);
        }
    }

    [Fact]
    public void What_a_reset_has_kept_serves_another_size()
    {
        using Heap heap = Limited();
        foreach (int size in (int[])[64, 1_024, 100_000, 16])
        {
            Assert.Equal(Capacity(size), Fill(heap, size).Count);
            heap.Reset();
            AssertAddsUp(heap);
        }
    }

    [Fact]
    public void What_an_ended_thread_has_parked_serves_another()
    {
        using Heap heap = Limited();
        ThreadTests.Run(() => FreeAll(heap, Fill(heap, 2_048)));
        List<nint> blocks = Fill(heap, 64);
        for (int attempt = 0; attempt < 2_000 && blocks.Count < Capacity(64); attempt++)
        {
            // The flag of the thread's end may be late.
            Thread.Sleep(1);
            blocks.AddRange(Fill(heap, 64));
        }

        Assert.Equal(Capacity(64), blocks.Count);
    }

    [Fact]
    public void At_the_limit_every_way_of_asking_fails_alike_and_the_heap_stays_usable()
    {
        using Heap heap = Limited("level 3");
        List<nint> blocks = Fill(heap, 4_096);
        new Span<byte>((void*)blocks[0], 4_096).Fill(77);
        HeapStatistics before = heap.GetStatistics();
        Func<nint>[] ways =
        [
            () => (nint)heap.Alloc(5_000),
            () => (nint)heap.AllocZeroed(100_000),
            () => (nint)heap.AllocAligned(5_000, 1_024),
            () => (nint)heap.AllocAligned(1, 1 << 20),
            () => (nint)heap.Alloc<Wide>(),
            () => (nint)heap.Realloc((void*)blocks[0], 100_000),
            () => (nint)heap.Realloc(null, 5_000),
            () => heap.TryAlloc(5_000, out void* block) ? (nint)block : throw new OutOfMemoryException("'level 3' 2,097,152"),
        ];
        foreach (Func<nint> way in ways)
        {
            string message = Assert.Throws<OutOfMemoryException>(() => { _ = way(); }).Message;
            Assert.Contains("'level 3'", message, StringComparison.Ordinal);
            Assert.Contains("2,097,152", message, StringComparison.Ordinal);
        }

        Assert.Equal(-1, new Span<byte>((void*)blocks[0], 4_096).IndexOfAnyExcept((byte)77));
        Assert.Equal(before.LiveBytes, heap.GetStatistics().LiveBytes);
        AssertAddsUp(heap);
        heap.Free((void*)blocks[^1]);
        blocks[^1] = (nint)heap.Alloc(4_096);
        FreeAll(heap, blocks);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void The_message_has_size_limit_use_and_totals()
    {
        using Heap heap = Limited("orders");
        _ = heap.Alloc(1_500_000);
        string message = Assert.Throws<OutOfMemoryException>(() => heap.Alloc(1_234_567)).Message;
        Assert.Contains("request for 1,234,567 bytes would take the heap 'orders' over its limit of 2,097,152 bytes (HeapOptions.MaximumBytes): it holds 1,507,328.", message, StringComparison.Ordinal);
        Assert.Contains("NativeHeap has reserved", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_grows_in_place_to_the_limit_and_not_beyond()
    {
        using Heap heap = Limited();
        byte* block = (byte*)heap.Alloc(1 << 20);
        *block = 5;
        block = (byte*)heap.Realloc(block, Maximum / 2);
        Assert.Throws<OutOfMemoryException>(() => heap.Realloc(block, Maximum + 1));
        Assert.Equal((nuint)(1 << 20), heap.UsableSize(block));
        block = (byte*)heap.Realloc(block, 400_000);
        Assert.Equal(SpanBytes(400_000), heap.GetStatistics().SpanBytes);
        Assert.Equal(5, *block);
        _ = heap.Alloc((nuint)(Maximum - SpanBytes(400_000)));
        Assert.Throws<OutOfMemoryException>(() => heap.Realloc(block, 401_409));
        AssertAddsUp(heap);
    }

    [Fact]
    public void A_limit_goes_with_its_heap()
    {
        for (int round = 0; round < 3; round++)
        {
            using (Heap limited = Limited())
            {
                Assert.False(limited.TryAlloc(Maximum + 1, out _));
            }

            // The same index, and no limit.
            using Heap heap = new();
            Assert.True(heap.TryAlloc(Maximum + 1, out _));
        }
    }

    [Fact]
    public void Many_threads_at_the_limit_never_pass_it_and_lose_nothing()
    {
        using Heap heap = Limited();
        int refused = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(seed => new Thread(() =>
            {
                Random random = new(seed);
                List<nint> blocks = [];
                for (int i = 0; i < LongTests.Scale(20_000, 200_000); i++)
                {
                    if (random.Next(5) < 3)
                    {
                        if (heap.TryAlloc((nuint)random.Next(1, random.Next(20) == 0 ? 200_000 : 4_000), out void* block))
                        {
                            blocks.Add((nint)block);
                        }
                        else
                        {
                            _ = Interlocked.Increment(ref refused);
                        }
                    }
                    else if (blocks.Count > 0)
                    {
                        int pick = random.Next(blocks.Count);
                        heap.Free((void*)blocks[pick]);
                        blocks[pick] = blocks[^1];
                        blocks.RemoveAt(blocks.Count - 1);
                    }
                }

                FreeAll(heap, blocks);
            })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        while (threads.Any(thread => thread.IsAlive))
        {
            Assert.InRange(heap.Set->Quota.Used, 0, Maximum);
        }

        ThreadTests.Settle();
        Assert.True(refused > 0);
        Assert.InRange(heap.Set->Quota.Peak, 1, Maximum);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        AssertAddsUp(heap);
        Assert.Equal(Capacity(1 << 20), Fill(heap, 1 << 20).Count);
    }

    // The largest sizes there are, and what rounding to pages or adding an alignment would carry over the end.
    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 8_191)]
    [InlineData(1UL << 63)]
    [InlineData(1UL << 48)]
    [InlineData((1UL << 46) + 1)]
    [InlineData(1UL << 46)]
    [InlineData((1UL << 46) - 8_191)]
    public void A_size_that_no_memory_could_hold_fails_cleanly(ulong size)
    {
        using Heap heap = Limited();
        byte* block = (byte*)heap.Alloc(100);
        *block = 3;
        HeapStatistics before = heap.GetStatistics();
        Assert.False(heap.TryAlloc((nuint)size, out _));
        Action[] ways =
        [
            () => heap.Alloc((nuint)size),
            () => heap.AllocZeroed((nuint)size),
            () => heap.AllocAligned((nuint)size, 16),
            () => heap.AllocAligned((nuint)size, Heap.MaxAlignment),
            () => heap.Realloc(block, (nuint)size),
            () => Heap.Shared.Alloc((nuint)size),
            () => HeapMemory.Alloc((nuint)size),
        ];
        foreach (Action way in ways)
        {
            if (size > 1UL << 46)
            {
                Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(way).ParamName);
            }
            else
            {
                _ = Assert.Throws<OutOfMemoryException>(way);
            }
        }

        Assert.Equal(3, *block);
        Assert.Equal(before.LiveBytes, heap.GetStatistics().LiveBytes);
        AssertAddsUp(heap);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(8_191)]
    [InlineData(long.MinValue)]
    public void A_limit_below_a_page_is_refused_by_name(long maximum)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new HeapOptions { MaximumBytes = maximum });
        Assert.Equal("MaximumBytes", error.ParamName);
        Assert.Contains(maximum.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ProcessLimits.MaximumBytes = maximum);
    }

    internal static long SpanBytes(int size) => size <= SizeClass.MaxSmallSize
        ? SizeClass.Pages(SizeClass.FromSpanClass(SizeClass.UntypedSpanClassOf(size))) * (long)SizeClass.PageSize
        : (size + (long)SizeClass.PageSize - 1) & -(long)SizeClass.PageSize;

    internal static void AssertAddsUp(Heap heap)
    {
        HeapStatistics statistics = heap.GetStatistics();
        Assert.False(statistics.IsApproximate);
        Assert.Equal(statistics.SpanBytes, statistics.LiveBytes + statistics.ThreadCachedBytes + statistics.CentralCachedBytes + statistics.ReturnedBytes);
        Assert.Equal(statistics.SpanBytes, heap.Set->Quota.Used);
    }

    internal static void FreeAll(Heap heap, List<nint> blocks)
    {
        foreach (nint block in blocks)
        {
            heap.Free((void*)block);
        }
    }

    private static Heap Limited(string? name = null) => new(new HeapOptions { MaximumBytes = Maximum, Name = name });

    // As many blocks as there are to be had.
    private static List<nint> Fill(Heap heap, int size)
    {
        List<nint> blocks = [];
        while (heap.TryAlloc((nuint)size, out void* block))
        {
            blocks.Add((nint)block);
        }

        return blocks;
    }

    private static long Capacity(int size) => Maximum / SpanBytes(size) *
        (size <= SizeClass.MaxSmallSize ? SpanBytes(size) / SizeClass.SlotSize(SizeClass.FromSpanClass(SizeClass.UntypedSpanClassOf(size))) : 1);
}
