using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Soft limits, and what their handlers may do.</summary>
public sealed unsafe class PressureTests
{
    private const int Maximum = 4 << 20;
    private const int Soft = 2 << 20;
    private const int Size = 100_000;

    private readonly List<HeapPressure> _told = [];

    [Fact]
    public void A_handler_is_told_heap_use_and_limit_once_for_each_crossing()
    {
        using Heap heap = Make(_told.Add);
        Stack<nint> blocks = [];
        for (int crossing = 1; crossing <= 3; crossing++)
        {
            while (_told.Count < crossing)
            {
                blocks.Push((nint)heap.Alloc(Size));
                Assert.True(heap.GetStatistics().SpanBytes <= Soft || _told.Count == crossing);
            }

            Assert.Equal(new HeapPressure { Heap = heap, UsedBytes = heap.GetStatistics().SpanBytes, LimitBytes = Soft }, _told[^1]);

            // Around the limit nothing more is told.
            for (int i = 0; i < 5; i++)
            {
                heap.Free((void*)blocks.Pop());
                blocks.Push((nint)heap.Alloc(Size));
            }

            Assert.Equal(crossing, _told.Count);
            heap.Free((void*)blocks.Pop());
            heap.Free((void*)blocks.Pop());
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(3_000)]
    [InlineData(Size)]
    [InlineData(Maximum)]
    public void What_a_handler_frees_counts_at_once(int size)
    {
        List<nint> cache = [];
        using Heap heap = Make(pressure => LimitTests.FreeAll(pressure.Heap!, Taken(cache)), soft: null);
        for (int i = 0; i < 20; i++)
        {
            cache.Add((nint)heap.Alloc(100_000));
        }

        int count = 0;
        while (cache.Count != 0)
        {
            Assert.True(heap.TryAlloc((nuint)size, out _));
            count++;
        }

        // Nothing is left to be freed: now it fails.
        while (count > 0 && heap.TryAlloc((nuint)size, out _))
        {
            count++;
        }

        Assert.InRange(heap.GetStatistics().SpanBytes, Maximum - LimitTests.SpanBytes(size) + 1, Maximum);
        LimitTests.AssertAddsUp(heap);
    }

    [Fact]
    public void A_refused_request_is_told_with_its_size()
    {
        using Heap heap = Make(_told.Add, soft: null);
        Assert.False(heap.TryAlloc(Maximum + 1, out _));
        Assert.Equal(new HeapPressure { Heap = heap, UsedBytes = 0, LimitBytes = Maximum, RefusedBytes = Maximum + 1 }, Assert.Single(_told));
    }

    [Fact]
    public void What_a_handler_throws_reaches_the_caller_who_then_has_nothing()
    {
        using Heap heap = Make(_ => throw new NotSupportedException("Enough."));
        Func<nint>[] ways =
        [
            () => (nint)heap.Alloc(Size),
            () => (nint)heap.AllocZeroed(Size),
            () => (nint)heap.AllocAligned(Size, 16_384),
            () => (nint)heap.Alloc<LargeMessage>(),
            () => heap.TryAlloc(Size, out void* block) ? (nint)block : 0,
            () => (nint)heap.Alloc(30_000),
        ];
        foreach (Func<nint> way in ways)
        {
            List<nint> blocks = [];
            bool isThrown = false;
            while (!isThrown)
            {
                try
                {
                    blocks.Add(way());
                }
                catch (NotSupportedException)
                {
                    isThrown = true;
                }

                Assert.Equal(blocks.Count, heap.GetStatistics().LiveObjects);
            }

            LimitTests.AssertAddsUp(heap);
            LimitTests.FreeAll(heap, blocks);
            Heap.FlushThread();
        }
    }

    [Fact]
    public void A_block_that_cannot_be_moved_because_a_handler_throws_is_as_it_was()
    {
        using Heap heap = Make(_ => throw new NotSupportedException("Enough."));
        byte* block = (byte*)heap.Alloc(1_000);
        new Span<byte>(block, 1_000).Fill(9);
        Assert.Throws<NotSupportedException>(() => heap.Realloc(block, Soft + 1));
        Assert.Equal(-1, new Span<byte>(block, 1_000).IndexOfAnyExcept((byte)9));
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        heap.Free(block);
    }

    [Fact]
    public void A_block_that_grows_in_place_over_the_limit_is_told_at_once()
    {
        using Heap heap = Make(_told.Add);
        using Heap others = new();
        void* block = null;
        void* before;
        do
        {
            // Where it had to move, what other tests have left free is too short: another heap's block goes there.
            heap.Free(block);
            _told.Clear();
            _ = others.Alloc(Soft / 2);
            before = heap.Alloc(Soft / 2);
            Assert.Empty(_told);
            block = heap.Realloc(before, Soft + 100_000);
        }
        while (block != before);

        Assert.Equal(heap.GetStatistics().SpanBytes, Assert.Single(_told).UsedBytes);
    }

    [Fact]
    public void A_handler_that_allocates_from_the_heap_does_not_call_itself()
    {
        int depth = 0;
        int deepest = 0;
        using Heap heap = Make(pressure =>
        {
            deepest = Math.Max(deepest, ++depth);
            LimitTests.FreeAll(pressure.Heap!, Enumerable.Range(0, 10).Select(_ => (nint)pressure.Heap!.Alloc(Size)).ToList());
            depth--;
        });
        for (int i = 0; i < 30; i++)
        {
            _ = heap.TryAlloc(Size, out _);
        }

        Assert.Equal(1, deepest);
    }

    [Fact]
    public void A_handler_may_wait_for_threads_that_use_the_heap()
    {
        using Heap heap = Make(pressure => ThreadTests.Run(() =>
        {
            pressure.Heap!.Free(pressure.Heap.Alloc(64));
            pressure.Heap.Free(pressure.Heap.Alloc(Size));
            Heap.FlushThread();
            _ = Heap.GetProcessStatistics();
            new Heap().Dispose();
            _told.Add(pressure);
        }));
        while (_told.Count == 0)
        {
            _ = heap.Alloc(Size);
        }
    }

    [Fact]
    public void Of_many_threads_that_pass_the_limit_together_one_tells()
    {
        for (int round = 0; round < LongTests.Scale(20, 500); round++)
        {
            int told = 0;
            using Heap heap = Make(_ => Interlocked.Increment(ref told));
            using Barrier start = new(4);
            Thread[] threads =
            [
                .. Enumerable.Range(0, 4).Select(t => new Thread(() =>
                {
                    start.SignalAndWait();
                    for (int i = 0; i < 8; i++)
                    {
                        _ = heap.Alloc(Size);
                    }
                })),
            ];
            foreach (Thread thread in threads)
            {
                thread.Start();
            }

            foreach (Thread thread in threads)
            {
                thread.Join();
            }

            Assert.Equal(1, told);
        }
    }

    [Fact]
    public void Telling_allocates_no_managed_memory()
    {
        int told = 0;
        using Heap heap = Make(_ => told++);
        long before = 0;
        for (int round = 0; round < 10; round++)
        {
            void* block = heap.Alloc(Soft + 1);
            heap.Free(block);
            before = round == 4 ? GC.GetAllocatedBytesForCurrentThread() : before;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(10, told);
    }

    [Fact]
    public void A_disposed_heaps_handler_is_not_the_next_ones()
    {
        Make(_told.Add).Dispose();
        using Heap heap = new(new HeapOptions { SoftLimitBytes = 8_192 });
        _ = heap.Alloc(Size);
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8_191)]
    public void A_soft_limit_below_a_page_is_refused_by_name(long limit)
    {
        Assert.Equal("SoftLimitBytes", Assert.Throws<ArgumentOutOfRangeException>(() => new HeapOptions { SoftLimitBytes = limit }).ParamName);
        Assert.Equal("SoftLimitBytes", Assert.Throws<ArgumentOutOfRangeException>(() => ProcessLimits.SoftLimitBytes = limit).ParamName);
    }

    private static List<nint> Taken(List<nint> blocks)
    {
        List<nint> taken = [.. blocks];
        blocks.Clear();
        return taken;
    }

    private static Heap Make(Action<HeapPressure> handler, long? soft = Soft) =>
        new(new HeapOptions { MaximumBytes = Maximum, SoftLimitBytes = soft, OnPressure = handler });
}
