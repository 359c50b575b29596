using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Heaps;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>The members of <see cref="BumpAllocator"/>, one by one.</summary>
public sealed unsafe class BumpAllocatorTests
{
    [Fact]
    public void Objects_of_like_kind_lie_one_after_the_other()
    {
        using BumpAllocator bump = new();
        long* first = bump.Alloc<long>();
        Order* order = bump.Alloc<Order>();
        double* last = bump.Alloc<double>();
        Assert.Equal((nint)(first + 1), (nint)order);
        Assert.Equal((nint)(order + 1), (nint)last);
    }

    [Fact]
    public void A_byte_between_two_longs_costs_a_byte()
    {
        using BumpAllocator bump = new();
        byte* lastByte = bump.Alloc<byte>();
        long* lastLong = bump.Alloc<long>();
        for (int i = 1; i < 60; i++)
        {
            byte* b = bump.Alloc<byte>();
            long* l = bump.Alloc<long>();
            Assert.Equal((nint)(lastByte + 1), (nint)b);
            Assert.Equal((nint)(lastLong + 1), (nint)l);
            lastByte = b;
            lastLong = l;
        }
    }

    [Fact]
    public void Tiny_objects_are_packed_at_their_own_alignment()
    {
        using BumpAllocator bump = new();
        byte* a = bump.Alloc<byte>();
        short* b = bump.Alloc<short>();
        byte* c = bump.Alloc<byte>();
        int* d = bump.Alloc<int>();
        Triple* e = bump.Alloc<Triple>();
        Assert.Equal(2, (byte*)b - a);
        Assert.Equal(4, c - a);
        Assert.Equal(8, (byte*)d - a);
        Assert.Equal(12, (byte*)e - a);
    }

    [Fact]
    public void A_run_of_tiny_objects_has_no_gaps()
    {
        using BumpAllocator bump = new();
        Triple* first = bump.Alloc<Triple>();
        for (int i = 1; i < 1_000; i++)
        {
            Assert.Equal((nint)(first + i), (nint)bump.Alloc<Triple>());
        }
    }

    [Fact]
    public void Every_type_is_aligned_as_it_needs_and_as_it_asks()
    {
        using BumpAllocator bump = new();
        for (int i = 0; i < 50; i++)
        {
            _ = bump.Alloc<byte>();
            AssertAligned(bump.Alloc<short>(), 2);
            AssertAligned(bump.Alloc<int>(), 4);
            AssertAligned(bump.Alloc<long>(), 8);
            AssertAligned(bump.Alloc<Aligned>(), 64);
            AssertAligned(bump.AllocZeroed<Aligned>(), 64);
            AssertAligned(bump.Alloc<Wide>(), (nuint)TypeLayout.AlignmentOf<Wide>());
            AssertAligned(bump.Alloc<decimal>(32), 32);
            AssertAligned(bump.Alloc<long>(2), 8);
            fixed (Aligned* span = bump.AllocSpan<Aligned>(3))
            {
                AssertAligned(span, 64);
            }

            fixed (float* span = bump.AllocSpan<float>(5, 32))
            {
                AssertAligned(span, 32);
            }
        }
    }

    [Fact]
    public void Untyped_blocks_are_aligned_as_those_of_a_heap()
    {
        using BumpAllocator bump = new();
        for (int size = 0; size < 200; size++)
        {
            AssertAligned(bump.Alloc((nuint)size), size <= 8 ? 8u : 16u);
            Assert.True(bump.TryAlloc((nuint)size, out void* block));
            AssertAligned(block, size <= 8 ? 8u : 16u);
        }
    }

    [Fact]
    public void AllocAligned_aligns_to_every_power_of_two()
    {
        using BumpAllocator bump = new();
        for (nuint size = 1; size < 300_000; size = (size * 3) + 1)
        {
            for (nuint alignment = 1; alignment <= Heap.MaxAlignment; alignment *= 2)
            {
                byte* block = (byte*)bump.AllocAligned(size, alignment);
                AssertAligned(block, alignment);
                block[0] = block[size - 1] = 1;
            }
        }
    }

    [Fact]
    public void Zeroed_forms_are_zero_where_memory_was_used_before()
    {
        using BumpAllocator bump = new();
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(0L, *bump.AllocZeroed<long>());
            Assert.Equal((byte)0, *bump.AllocZeroed<byte>());
            Assert.Equal(default, *bump.AllocZeroed<Order>());
            Assert.Equal(-1, bump.AllocZeroedSpan<int>(100).IndexOfAnyExcept(0));
            Assert.Equal(-1, MemoryMarshal.AsBytes(bump.AllocZeroedSpan<Order>(100)).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, new Span<byte>(bump.AllocZeroed(5_000), 5_000).IndexOfAnyExcept((byte)0));
            bump.Reset();
            bump.AllocSpan<byte>(20_000).Fill(0xff);
            bump.Reset();
        }
    }

    [Fact]
    public void A_span_has_its_length_and_an_empty_one_takes_nothing()
    {
        using BumpAllocator bump = new();
        Assert.Equal(7, bump.AllocSpan<int>(7).Length);
        long used = bump.GetStatistics().UsedBytes;
        Assert.Equal(0, bump.AllocSpan<int>(0).Length);
        Assert.Equal(0, bump.AllocSpan<Order>(0).Length);
        Assert.Equal(used, bump.GetStatistics().UsedBytes);
    }

    [Fact]
    public void Chunks_double_up_to_a_bound()
    {
        using Heap heap = new();
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap, FirstChunkBytes = 4_096, MaximumChunkBytes = 32_768 });
        List<long> reserved = [];
        for (int i = 0; i < 20_000; i++)
        {
            _ = bump.Alloc<long>();
            long now = bump.GetStatistics().ReservedBytes;
            if (reserved.Count == 0 || now != reserved[^1])
            {
                reserved.Add(now);
            }
        }

        Assert.Equal("4096 8192 16384 32768 65536 98304 131072 163840", string.Join(' ', reserved));
    }

    [Fact]
    public void A_large_request_goes_aside_and_the_chunk_stays()
    {
        using Heap heap = new();
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap, FirstChunkBytes = 4_096, MaximumChunkBytes = 8_192 });
        long* before = bump.Alloc<long>();
        byte* large = (byte*)bump.Alloc(1_000_000);
        long* after = bump.Alloc<long>();
        Assert.Equal((nint)(before + 1), (nint)after);
        HeapTests.Fill(large, 1_000_000);
        HeapTests.AssertFilled(large, 1_000_000, 1_000_000);
        Assert.InRange(bump.GetStatistics().ReservedBytes, 1_004_096, 1_004_200);
        bump.Reset();
        Assert.InRange(bump.GetStatistics().ReservedBytes, 0, 4_096);
    }

    [Fact]
    public void Requests_somewhat_smaller_than_a_chunk_do_not_all_go_aside()
    {
        using Heap heap = new();
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap });
        for (int i = 0; i < 200; i++)
        {
            _ = bump.Alloc(20_000);
        }

        long objects = heap.GetStatistics().LiveObjects;
        Assert.InRange(objects, 1, 20);
    }

    [Fact]
    public void Frames_alike_take_nothing_from_the_heap_after_the_first()
    {
        using Heap heap = new();
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap });
        HeapStatistics afterFirst = default;
        for (int frame = 0; frame < 200; frame++)
        {
            for (int i = 0; i < 3_000; i++)
            {
                _ = bump.AllocSpan<int>(100);
            }

            HeapStatistics now = heap.GetStatistics();
            afterFirst = frame == 0 ? now : afterFirst;
            Assert.Equal(afterFirst, now);
            bump.Reset();
        }
    }

    [Fact]
    public void What_one_large_frame_needed_is_given_back_in_time_and_what_each_needs_is_kept()
    {
        using BumpAllocator bump = new();
        Frame(bump, 100);
        Frame(bump, 20_000);
        long large = bump.GetStatistics().ReservedBytes;
        long kept = large;
        for (int frame = 0; frame < 300; frame++)
        {
            Frame(bump, 100);
            long now = bump.GetStatistics().ReservedBytes;
            Assert.True(now <= kept, "Memory was taken again.");
            kept = now;
            if (frame == 10)
            {
                Assert.True(kept > large / 2, "Given back too soon.");
            }
        }

        Assert.InRange(kept, 100 * 512, 100 * 512 * 3);
        static void Frame(BumpAllocator bump, int blocks)
        {
            for (int i = 0; i < blocks; i++)
            {
                _ = bump.Alloc(512);
            }

            bump.Reset();
        }
    }

    [Fact]
    public void An_allocator_that_nobody_uses_gives_everything_back()
    {
        using BumpAllocator bump = new();
        _ = bump.Alloc(100_000);
        for (int i = 0; i < 1_000; i++)
        {
            bump.Reset();
        }

        Assert.Equal(0, bump.GetStatistics().ReservedBytes);
    }

    [Fact]
    public void Statistics_say_what_is_used_wasted_free_and_was_used_at_most()
    {
        using BumpAllocator bump = new(new BumpAllocatorOptions { FirstChunkBytes = 4_096 });
        Assert.Equal(default, bump.GetStatistics());
        _ = bump.Alloc(4_000);
        Assert.Equal(new BumpStatistics { ReservedBytes = 4_096, UsedBytes = 4_000, FreeBytes = 96, PeakUsedBytes = 4_000 }, bump.GetStatistics());
        _ = bump.Alloc(1_000);
        Assert.Equal(new BumpStatistics { ReservedBytes = 8_192, UsedBytes = 5_000, WastedBytes = 96, FreeBytes = 3_096, PeakUsedBytes = 5_000 }, bump.GetStatistics());
        bump.Reset();
        _ = bump.Alloc<byte>();
        Assert.Equal(new BumpStatistics { ReservedBytes = 8_192, UsedBytes = 64, FreeBytes = 8_128, PeakUsedBytes = 5_000 }, bump.GetStatistics());
    }

    [Fact]
    public void Dispose_gives_everything_back_to_the_heap()
    {
        using Heap heap = new();
        BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap });
        for (int i = 1; i < 200; i++)
        {
            _ = bump.Alloc((nuint)(i * i * 50));
            _ = bump.Mark();
        }

        Assert.True(heap.GetStatistics().LiveObjects > 0);
        bump.Dispose();
        bump.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_disposed_allocator_says_so()
    {
        BumpAllocator bump = new();
        _ = bump.Alloc<long>();
        _ = bump.Alloc<byte>();
        BumpMark mark = bump.Mark();
        bump.Dispose();
        Assert.Throws<ObjectDisposedException>(() => bump.Alloc<long>());
        Assert.Throws<ObjectDisposedException>(() => bump.Alloc<byte>());
        Assert.Throws<ObjectDisposedException>(() => bump.Alloc<Order>());
        Assert.Throws<ObjectDisposedException>(() => bump.Alloc(10));
        Assert.Throws<ObjectDisposedException>(() => bump.TryAlloc(10, out _));
        Assert.Throws<ObjectDisposedException>(() => bump.AllocAligned(10, 64));
        Assert.Throws<ObjectDisposedException>(() => { _ = bump.AllocSpan<int>(5); });
        Assert.Throws<ObjectDisposedException>(() => { _ = bump.AllocSpan<int>(0); });
        Assert.Throws<ObjectDisposedException>(() => { _ = bump.Mark(); });
        Assert.Throws<ObjectDisposedException>(() => bump.Rewind(mark));
        Assert.Throws<ObjectDisposedException>(() => { using BumpScope scope = bump.EnterScope(); });
        Assert.Throws<ObjectDisposedException>(bump.Reset);
        Assert.Throws<ObjectDisposedException>(() => { _ = bump.GetStatistics(); });
    }

    [Fact]
    public void An_allocator_over_a_disposed_heap_says_so()
    {
        Heap heap = new();
        BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap });
        _ = bump.Alloc<long>();
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(() => bump.Alloc(100_000));
        Assert.Throws<ObjectDisposedException>(bump.Dispose);
        bump.Dispose();
    }

    [Fact]
    public void Sizes_alignments_and_lengths_out_of_range_are_errors()
    {
        using BumpAllocator bump = new();
        nuint tooLarge = ((nuint)1 << 46) + 1;
        Assert.Throws<ArgumentOutOfRangeException>(() => bump.Alloc(tooLarge));
        Assert.Throws<ArgumentOutOfRangeException>(() => bump.Alloc(nuint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => bump.AllocZeroed(nuint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => bump.AllocAligned(tooLarge, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = bump.AllocSpan<LargeBytes>(int.MaxValue); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = bump.AllocSpan<int>(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = bump.AllocSpan<Order>(int.MinValue); });
        foreach (nuint alignment in new nuint[] { 0, 3, 24, Heap.MaxAlignment * 2, nuint.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => bump.AllocAligned(8, alignment));
            Assert.Throws<ArgumentOutOfRangeException>(() => bump.Alloc<long>(alignment));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = bump.AllocSpan<long>(4, alignment); });
        }

        Assert.False(bump.TryAlloc(tooLarge, out void* none));
        Assert.True(none == null);
        Assert.Equal(default, bump.GetStatistics());
    }

    [Fact]
    public void What_there_is_no_memory_for_changes_nothing()
    {
        using BumpAllocator bump = new();
        long* first = bump.Alloc<long>();
        BumpStatistics before = bump.GetStatistics();
        Assert.Throws<OutOfMemoryException>(() => bump.Alloc((nuint)1 << 46));
        Assert.False(bump.TryAlloc((nuint)1 << 46, out void* none));
        Assert.True(none == null);
        Assert.Equal(before, bump.GetStatistics());
        Assert.Equal((nint)(first + 1), (nint)bump.Alloc<long>());
    }

    [Fact]
    public void Near_a_heap_s_limit_a_request_goes_aside_before_it_fails()
    {
        using Heap heap = new(new HeapOptions { MaximumBytes = 1 << 20 });
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap, FirstChunkBytes = 512 * 1024 });
        _ = bump.Alloc(500_000);
        _ = bump.Alloc(100_000);
        Assert.Equal(512 * 1024, (int)bump.GetStatistics().FreeBytes + 500_000);
        Assert.Throws<OutOfMemoryException>(() => bump.Alloc(600_000));
        Assert.False(bump.TryAlloc(600_000, out _));
        Assert.Equal(600_000, (int)bump.GetStatistics().UsedBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_handler_of_a_soft_limit_may_use_the_allocator_that_has_passed_it(bool resets)
    {
        BumpAllocator? bump = null;
        List<(nint Address, byte Tag)> blocks = [];
        int calls = 0;
        using Heap heap = new(new HeapOptions
        {
            SoftLimitBytes = 700_000,
            OnPressure = pressure =>
            {
                calls++;
                bump!.AllocSpan<byte>(3_000).Fill(7);
                _ = bump.Mark();
                _ = bump.Alloc(200_000);
                if (resets)
                {
                    bump.Reset();
                    blocks.Clear();
                }
            },
        });
        bump = new BumpAllocator(new BumpAllocatorOptions { Heap = heap });
        for (int i = 0; i < 5_000; i++)
        {
            void* block = bump.Alloc(400);
            new Span<byte>(block, 400).Fill((byte)i);
            blocks.Add(((nint)block, (byte)i));
        }

        Assert.True(calls > 0);
        foreach ((nint address, byte tag) in blocks)
        {
            Assert.Equal(-1, new Span<byte>((void*)address, 400).IndexOfAnyExcept(tag));
        }

        BumpStatistics statistics = bump.GetStatistics();
        Assert.Equal(statistics.ReservedBytes, statistics.UsedBytes + statistics.WastedBytes + statistics.FreeBytes);
        bump.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Theory]
    [InlineData(0, 4_096)]
    [InlineData(2_048, 4_096)]
    [InlineData(5_000, 8_192)]
    [InlineData(8_192, 4_096)]
    [InlineData(4_096, 5_000)]
    [InlineData(-4_096, 4_096)]
    [InlineData(4_096, int.MinValue)]
    public void Chunks_of_no_use_are_refused(int first, int maximum) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BumpAllocator(new BumpAllocatorOptions { FirstChunkBytes = first, MaximumChunkBytes = maximum }));

    private static void AssertAligned(void* pointer, nuint alignment) => Assert.Equal((nuint)0, (nuint)pointer % alignment);

    [InlineArray(3)]
    private struct Triple
    {
        private int _first;
    }
}
