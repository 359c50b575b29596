using System;
using System.Collections.Generic;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>The members of <see cref="FreeListAllocator"/>, one by one, and what each policy is named for.</summary>
public sealed unsafe class FreeListAllocatorTests
{
    public static TheoryData<FitPolicy> Policies => [FitPolicy.FirstFit, FitPolicy.NextFit, FitPolicy.BestFit, FitPolicy.SegregatedFit];

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_block_can_be_used_to_the_last_byte_and_is_one_range_again_when_all_is_freed(FitPolicy policy)
    {
        using FreeListAllocator list = Make(64 * 100, policy);
        List<nuint> offsets = [];
        while (list.TryAlloc(64, out nuint offset))
        {
            offsets.Add(offset);
        }

        Assert.Equal(100, offsets.Count);
        Assert.Equal(new FreeListStatistics { TotalBytes = 6_400, UsedBytes = 6_400, Allocations = 100 }, list.GetStatistics());
        for (int i = 0; i < 100; i++)
        {
            list.Free(offsets[i * 37 % 100]);
        }

        Assert.Equal(new FreeListStatistics { TotalBytes = 6_400, FreeBytes = 6_400, FreeRanges = 1, LargestFreeBytes = 6_400 }, list.GetStatistics());
        Assert.Equal((nuint)0, list.Alloc(6_400));
    }

    // Used and free from the start: 10 used, 40 free, 10 used, 20 free, 10 used, 30 free, 10 used, 70 free.
    [Theory]
    [InlineData(FitPolicy.FirstFit, 20, 10)]
    [InlineData(FitPolicy.BestFit, 20, 60)]
    [InlineData(FitPolicy.SegregatedFit, 20, 60)]
    [InlineData(FitPolicy.NextFit, 20, 130)]
    [InlineData(FitPolicy.FirstFit, 25, 10)]
    [InlineData(FitPolicy.BestFit, 25, 90)]
    [InlineData(FitPolicy.SegregatedFit, 25, 90)]
    [InlineData(FitPolicy.FirstFit, 60, 130)]
    [InlineData(FitPolicy.BestFit, 60, 130)]
    public void Each_policy_takes_the_range_that_it_is_named_for(FitPolicy policy, int size, int expected)
    {
        using FreeListAllocator list = Make(200, policy);
        foreach (uint length in new uint[] { 10, 40, 10, 20, 10, 30, 10 })
        {
            _ = list.Alloc(length);
        }

        list.Free(10);
        list.Free(60);
        list.Free(90);
        Assert.Equal((nuint)expected, list.Alloc((nuint)size));
    }

    [Fact]
    public void Next_fit_goes_on_where_it_left_off_and_starts_over_at_the_end()
    {
        using FreeListAllocator list = Make(100, FitPolicy.NextFit);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal((nuint)i * 10, list.Alloc(10));
        }

        list.Free(20);
        list.Free(40);
        list.Free(70);
        Assert.Equal((nuint)20, list.Alloc(10));
        list.Free(0);
        Assert.Equal((nuint)40, list.Alloc(5));
        Assert.Equal((nuint)45, list.Alloc(5));
        Assert.Equal((nuint)70, list.Alloc(10));
        Assert.Equal((nuint)0, list.Alloc(10));
    }

    [Fact]
    public void Best_fit_takes_the_lowest_of_ranges_as_short()
    {
        using FreeListAllocator list = Make(100, FitPolicy.BestFit);
        for (int i = 0; i < 10; i++)
        {
            _ = list.Alloc(10);
        }

        foreach (uint offset in new uint[] { 70, 10, 50 })
        {
            list.Free(offset);
        }

        Assert.Equal((nuint)10, list.Alloc(8));
        Assert.Equal((nuint)18, list.Alloc(2));
        Assert.Equal((nuint)50, list.Alloc(3));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Alignment_costs_nothing_but_the_way_to_it(FitPolicy policy)
    {
        using FreeListAllocator list = Make(1 << 20, policy);
        _ = list.Alloc(1);
        for (nuint alignment = 2; alignment <= 1 << 18; alignment *= 2)
        {
            Assert.Equal((nuint)0, list.Alloc(1, alignment) % alignment);
        }

        FreeListStatistics statistics = list.GetStatistics();
        Assert.Equal(19, (int)statistics.UsedBytes);
        Assert.Equal(statistics.TotalBytes, statistics.UsedBytes + statistics.FreeBytes);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_request_that_only_one_range_fits_by_luck_of_its_alignment_is_met(FitPolicy policy)
    {
        using FreeListAllocator list = Make(1_024, policy);
        nuint[] offsets = new nuint[16];
        for (int i = 0; i < 16; i++)
        {
            offsets[i] = list.Alloc(64);
        }

        list.Free(offsets[1]);
        list.Free(offsets[8]);
        Assert.Equal((nuint)512, list.Alloc(64, 512));
        Assert.False(list.TryAlloc(64, out _, 512));
    }

    [Fact]
    public void Granularity_rounds_sizes_and_offsets()
    {
        using FreeListAllocator list = new(1_000, new FreeListOptions { Granularity = 256, Policy = FitPolicy.FirstFit });
        Assert.Equal((nuint)768, list.TotalBytes);
        Assert.Equal((nuint)0, list.Alloc(0));
        Assert.Equal((nuint)256, list.Alloc(257, 4));
        Assert.Equal((nuint)512, list.UsableSize(256));
        Assert.False(list.TryAlloc(1, out _));
    }

    [Fact]
    public void A_block_of_memory_has_pointers_and_aligns_addresses()
    {
        byte* memory = (byte*)Heap.Shared.AllocAligned(4_096, 4_096);
        using (FreeListAllocator list = new(memory + 48, 4_000))
        {
            nuint offset = list.Alloc(100, 512);
            byte* pointer = (byte*)list.ToPointer(offset);
            Assert.Equal((nint)(memory + 512), (nint)pointer);
            Assert.Equal(offset, list.ToOffset(pointer));
            new Span<byte>(pointer, 100).Fill(1);
            list.Free(list.ToOffset(pointer));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.ToOffset(memory));
            Assert.Throws<ArgumentOutOfRangeException>(() => list.ToPointer(4_000));
        }

        Heap.Shared.Free(memory);
    }

    [Fact]
    public void Blocks_far_longer_than_memory_can_be_divided()
    {
        using FreeListAllocator list = new((nuint)1 << 60, new FreeListOptions { Granularity = 1 });
        nuint first = list.Alloc((nuint)1 << 59);
        nuint second = list.Alloc((nuint)1 << 58, (nuint)1 << 58);
        Assert.Equal((nuint)0, second % ((nuint)1 << 58));
        list.Free(first);
        list.Free(second);
        Assert.Equal((nuint)0, list.Alloc((nuint)1 << 60));
    }

    [Fact]
    public void All_ranges_can_be_gone_through_in_order()
    {
        using FreeListAllocator list = Make(100, FitPolicy.FirstFit);
        _ = list.Alloc(10);
        _ = list.Alloc(20);
        _ = list.Alloc(30);
        list.Free(10);
        List<FreeListRange> ranges = [];
        foreach (FreeListRange range in list)
        {
            ranges.Add(range);
        }

        Assert.Equal("0+10 10+20 free 30+30 60+40 free", string.Join(' ', ranges.ConvertAll(range => $"{range.Offset}+{range.Size}{(range.IsFree ? " free" : "")}")));
        Assert.Equal(1 - (40.0 / 60), list.GetStatistics().Fragmentation);
    }

    [Fact]
    public void A_change_during_enumeration_is_an_error()
    {
        using FreeListAllocator list = Make(100, FitPolicy.FirstFit);
        Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (FreeListRange range in list)
            {
                _ = list.Alloc(range.Size / 2);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Reset_frees_everything_at_once(FitPolicy policy)
    {
        using FreeListAllocator list = Make(10_000, policy);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                nuint offset = list.Alloc(50);
                Assert.Equal((nuint)i * 50, offset);
            }

            list.Free(450);
            list.Reset();
            Assert.Equal(1, list.GetStatistics().FreeRanges);
            Assert.Throws<ArgumentException>(() => list.Free(0));
        }
    }

    [Fact]
    public void A_wrong_free_says_what_is_there_and_changes_nothing()
    {
        using FreeListAllocator list = Make(100, FitPolicy.BestFit);
        _ = list.Alloc(10);
        nuint offset = list.Alloc(20);
        list.Free(offset);
        FreeListStatistics before = list.GetStatistics();
        AssertError(() => list.Free(offset), "freed before");
        AssertError(() => list.Free(3), "3 bytes into the one at 0");
        AssertError(() => list.Free(50), "in a free range");
        Assert.Contains("not in the block", Assert.Throws<ArgumentOutOfRangeException>(() => list.Free(100)).Message, StringComparison.Ordinal);
        AssertError(() => list.UsableSize(offset), "freed before");
        Assert.Equal(before, list.GetStatistics());
    }

    [Fact]
    public void A_request_that_fits_nowhere_says_what_there_is()
    {
        using FreeListAllocator list = Make(100, FitPolicy.BestFit);
        _ = list.Alloc(10);
        _ = list.Alloc(20);
        list.Free(0);
        string message = Assert.Throws<OutOfMemoryException>(() => list.Alloc(71)).Message;
        Assert.Contains("80 bytes are free in 2 ranges, the longest of 70", message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => list.Alloc(nuint.MaxValue));
    }

    [Fact]
    public void Arguments_out_of_range_are_errors()
    {
        using FreeListAllocator list = Make(100, FitPolicy.BestFit);
        foreach (nuint alignment in new nuint[] { 0, 3, nuint.MaxValue, (nuint)1 << 61 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => list.Alloc(1, alignment));
            Assert.Throws<ArgumentOutOfRangeException>(() => new FreeListAllocator(100, new FreeListOptions { Granularity = alignment }));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new FreeListAllocator(15));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FreeListAllocator(nuint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FreeListAllocator(100, new FreeListOptions { Policy = (FitPolicy)4 }));
        Assert.Throws<ArgumentException>(() => new FreeListAllocator((void*)24, 100));
        Assert.Throws<InvalidOperationException>(() => list.ToPointer(0));
        Assert.Throws<InvalidOperationException>(() => list.ToOffset(null));
    }

    [Fact]
    public void A_disposed_allocator_says_so_and_has_given_its_tables_back()
    {
        using Heap heap = new();
        FreeListAllocator list = new(1 << 20, new FreeListOptions { Heap = heap });
        for (int i = 0; i < 1_000; i++)
        {
            _ = list.Alloc(100);
        }

        Assert.True(heap.GetStatistics().LiveObjects > 0);
        list.Dispose();
        list.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.Throws<ObjectDisposedException>(() => list.Alloc(1));
        Assert.Throws<ObjectDisposedException>(() => list.TryAlloc(1, out _));
        Assert.Throws<ObjectDisposedException>(() => list.Free(0));
        Assert.Throws<ObjectDisposedException>(() => list.UsableSize(0));
        Assert.Throws<ObjectDisposedException>(() => { _ = list.GetStatistics(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = list.GetEnumerator(); });
        Assert.Throws<ObjectDisposedException>(list.Reset);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Nothing_allocates_managed_memory_and_a_steady_state_takes_none_of_the_heap(FitPolicy policy)
    {
        using Heap heap = new();
        using FreeListAllocator list = new(1 << 20, new FreeListOptions { Heap = heap, Policy = policy });
        nuint[] live = new nuint[500];
        Array.Fill(live, nuint.MaxValue);
        Work(list, live);
        HeapStatistics before = heap.GetStatistics();
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        Work(list, live);
        Assert.Equal(bytes, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(before, heap.GetStatistics());
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_handler_of_a_soft_limit_may_use_the_allocator_whose_tables_have_passed_it(FitPolicy policy)
    {
        FreeListAllocator? list = null;
        int calls = 0;
        using Heap heap = new(new HeapOptions
        {
            SoftLimitBytes = 300_000,
            OnPressure = pressure =>
            {
                calls++;
                for (int i = 0; i < 3_000; i++)
                {
                    _ = list!.Alloc(16);
                }
            },
        });
        list = new FreeListAllocator(1 << 20, new FreeListOptions { Heap = heap, Policy = policy });
        for (int i = 0; i < 10_000; i++)
        {
            _ = list.Alloc(16);
        }

        Assert.True(calls > 0);
        int used = 0;
        foreach (FreeListRange range in list)
        {
            used += range.IsFree ? 0 : 1;
        }

        Assert.Equal(10_000 + (3_000 * calls), used);
        Assert.Equal(used, list.GetStatistics().Allocations);
        list.Dispose();
    }

    private static void Work(FreeListAllocator list, nuint[] live)
    {
        uint state = 99;
        for (int i = 0; i < 20_000; i++)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            ref nuint offset = ref live[(state >> 8) % (uint)live.Length];
            if (offset != nuint.MaxValue)
            {
                list.Free(offset);
            }

            offset = list.TryAlloc((state >> 10) % 3_000, out nuint found, 1u << (int)(state >> 29)) ? found : nuint.MaxValue;
        }

        foreach (FreeListRange range in list)
        {
            Assert.True(range.Size > 0);
        }

        list.Reset();
        Array.Fill(live, nuint.MaxValue);
    }

    private static FreeListAllocator Make(nuint length, FitPolicy policy) => new(length, new FreeListOptions { Granularity = 1, Policy = policy });

    private static void AssertError(Action action, string part) => Assert.Contains(part, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
}
