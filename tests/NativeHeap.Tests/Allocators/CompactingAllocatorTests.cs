using System;
using System.Collections.Generic;

using NativeHeap.Heaps;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>The members of <see cref="CompactingAllocator"/>, one by one.</summary>
public sealed unsafe class CompactingAllocatorTests
{
    [Fact]
    public void A_block_holds_what_is_written_before_and_after_it_is_moved()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<long> gone = blocks.Alloc<long>(100);
        NativeHandle<int> kept = blocks.Alloc<int>(1_000);
        Span<int> before = blocks.GetSpan(kept);
        Assert.Equal(1_000, before.Length);
        for (int i = 0; i < 1_000; i++)
        {
            before[i] = i;
        }

        blocks.Free(gone);
        Assert.Equal(new CompactionResult(4_000, 1, 800, true), blocks.Compact());
        Span<int> after = blocks.GetSpan(kept);
        Assert.True(AddressOf(before) == AddressOf(after) + 800);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(i, after[i]);
        }
    }

    [Fact]
    public void Compaction_keeps_the_order_and_leaves_no_holes()
    {
        using CompactingAllocator blocks = new();
        List<NativeHandle<long>> handles = [];
        for (int i = 0; i < 1_000; i++)
        {
            NativeHandle<long> handle = blocks.Alloc<long>(1 + (i % 7));
            blocks.GetSpan(handle).Fill(i);
            handles.Add(handle);
        }

        for (int i = 0; i < 1_000; i += 3)
        {
            blocks.Free(handles[i]);
        }

        long live = blocks.GetStatistics().LiveBytes;
        Assert.True(blocks.GetStatistics().HoleBytes > 0);
        CompactionResult result = blocks.Compact();
        Assert.True(result.IsComplete);
        CompactingStatistics after = blocks.GetStatistics();
        Assert.Equal((live, 0L, 666), (after.LiveBytes, after.HoleBytes, after.Blocks));
        nint last = 0;
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(i % 3 != 0, blocks.TryGetSpan(handles[i], out Span<long> span));
            Assert.Equal(-1, span.IndexOfAnyExcept(i));
            Assert.True(span.IsEmpty || AddressOf(span) > last);
            last = span.IsEmpty ? last : AddressOf(span);
        }
    }

    [Fact]
    public void A_pinned_block_stays_and_the_others_slide_up_to_it()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<byte> a = blocks.Alloc<byte>(64);
        NativeHandle<byte> b = blocks.Alloc<byte>(64);
        NativeHandle<byte> c = blocks.Alloc<byte>(64);
        NativeHandle<byte> d = blocks.Alloc<byte>(64);
        NativeHandle<byte> e = blocks.Alloc<byte>(64);
        byte* pinned = blocks.Pin(c);
        blocks.Free(a);
        blocks.Free(d);
        Assert.Equal(new CompactionResult(128, 2, 64, true), blocks.Compact());
        Assert.Equal((nint)pinned, AddressOf(blocks.GetSpan(c)));
        Assert.Equal((nint)(pinned - 128), AddressOf(blocks.GetSpan(b)));
        Assert.Equal((nint)(pinned + 64), AddressOf(blocks.GetSpan(e)));
        Assert.Equal(new CompactionResult(0, 0, 0, true), blocks.Compact());

        blocks.Unpin(c);
        Assert.Equal(new CompactionResult(128, 2, 64, true), blocks.Compact());
        Assert.Equal((nint)(pinned - 64), AddressOf(blocks.GetSpan(c)));
    }

    [Fact]
    public void Pins_are_counted()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<int> handle = blocks.Alloc<int>();
        int* pointer = blocks.Pin(handle);
        Assert.Equal((nint)pointer, (nint)blocks.Pin(handle));
        Assert.Equal(1, blocks.GetStatistics().PinnedBlocks);
        blocks.Unpin(handle);
        Assert.Equal(1, blocks.GetStatistics().PinnedBlocks);
        AssertError<InvalidOperationException>(() => blocks.Free(handle), "1 pinned block");
        AssertError<InvalidOperationException>(() => blocks.TryFree(handle), "1 pinned block");
        AssertError<InvalidOperationException>(blocks.Reset, "1 pinned block");
        blocks.Unpin(handle);
        AssertError<InvalidOperationException>(() => blocks.Unpin(handle), "not pinned");
        blocks.Free(handle);
        Assert.Equal(0, blocks.GetStatistics().PinnedBlocks);
    }

    [Fact]
    public void A_pass_in_parts_moves_no_more_than_asked_and_comes_to_the_same_end()
    {
        using CompactingAllocator blocks = new();
        List<NativeHandle<byte>> handles = [];
        for (int i = 0; i < 500; i++)
        {
            handles.Add(blocks.Alloc<byte>(100));
            blocks.GetSpan(handles[i]).Fill((byte)i);
        }

        for (int i = 0; i < 500; i += 2)
        {
            blocks.Free(handles[i]);
        }

        int calls = 0;
        CompactionResult result;
        do
        {
            result = blocks.Compact(1_050);
            calls++;
            Assert.InRange(result.MovedBytes, 0, 1_050);
            for (int i = 1; i < 500; i += 2)
            {
                Assert.Equal(-1, blocks.GetSpan(handles[i]).IndexOfAnyExcept((byte)i));
            }
        }
        while (!result.IsComplete);

        Assert.Equal(25, calls);
        Assert.Equal(0, blocks.GetStatistics().HoleBytes);
    }

    [Fact]
    public void A_block_larger_than_a_part_is_moved_alone()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<byte> gone = blocks.Alloc<byte>(8);
        NativeHandle<byte> large = blocks.Alloc<byte>(10_000);
        NativeHandle<byte> small = blocks.Alloc<byte>(8);
        blocks.Free(gone);
        Assert.Equal(new CompactionResult(10_000, 1, 0, false), blocks.Compact(0));
        Assert.Equal(new CompactionResult(8, 1, 8, true), blocks.Compact(0));
        Assert.True(blocks.Contains(large) && blocks.Contains(small));
    }

    [Fact]
    public void Freeing_the_last_blocks_frees_their_memory_at_once()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<byte> a = blocks.Alloc<byte>(100);
        nint address = 0;
        for (int i = 0; i < 10; i++)
        {
            NativeHandle<byte> b = blocks.Alloc<byte>(1_000);
            NativeHandle<byte> c = blocks.Alloc<byte>(1_000);
            Assert.True(address == 0 || address == AddressOf(blocks.GetSpan(b)));
            address = AddressOf(blocks.GetSpan(b));
            blocks.Free(b);
            blocks.Free(c);
        }

        Assert.Equal((100L, 0L), (blocks.GetStatistics().LiveBytes, blocks.GetStatistics().HoleBytes));
        Assert.True(blocks.Contains(a));
    }

    [Fact]
    public void Alignment_is_kept_when_blocks_move()
    {
        using CompactingAllocator blocks = new();
        List<(NativeHandle<byte> Handle, int Alignment)> aligned = [];
        List<NativeHandle<byte>> odd = [];
        for (int i = 0; i < 60; i++)
        {
            odd.Add(blocks.Alloc<byte>(1 + (i % 5)));
            int alignment = 1 << (i % 13);
            aligned.Add((blocks.Alloc<byte>(3, (nuint)alignment), alignment));
        }

        NativeHandle<Aligned> asked = blocks.Alloc<Aligned>();
        NativeHandle<Wide> needed = blocks.Alloc<Wide>(3);
        odd.ForEach(blocks.Free);
        _ = blocks.Compact();
        foreach ((NativeHandle<byte> handle, int alignment) in aligned)
        {
            Assert.Equal(0, (int)(AddressOf(blocks.GetSpan(handle)) % alignment));
        }

        Assert.Equal(0, (int)(AddressOf(blocks.GetSpan(asked)) % 64));
        Assert.Equal(0, (int)(AddressOf(blocks.GetSpan(needed)) % TypeLayout.AlignmentOf<Wide>()));
    }

    [Fact]
    public void Memory_that_holes_fill_is_there_after_a_compaction()
    {
        using Heap heap = new();
        using CompactingAllocator blocks = new(heap, 1 << 20);
        List<NativeHandle<byte>> handles = [];
        while (blocks.TryAlloc(10_000, out NativeHandle<byte> handle))
        {
            handles.Add(handle);
        }

        Assert.Equal(104, handles.Count);
        for (int i = 0; i < handles.Count; i += 2)
        {
            blocks.Free(handles[i]);
        }

        AssertError<OutOfMemoryException>(() => blocks.Alloc<byte>(100_000), "520,000 lie in holes");
        _ = blocks.Compact();
        _ = blocks.Alloc<byte>(500_000);
    }

    [Fact]
    public void TrimExcess_gives_back_what_is_behind_the_last_block()
    {
        using Heap heap = new();
        using CompactingAllocator blocks = new(heap, 64 << 20);
        NativeHandle<byte> large = blocks.Alloc<byte>(32 << 20);
        NativeHandle<byte> small = blocks.Alloc<byte>(100);
        blocks.GetSpan(small).Fill(3);
        blocks.Free(large);
        _ = blocks.Compact();
        long before = blocks.GetStatistics().CommittedBytes;
        blocks.TrimExcess();
        Assert.True(before >= 32 << 20);
        Assert.InRange(blocks.GetStatistics().CommittedBytes, 100, 1 << 17);
        Assert.Equal(-1, blocks.GetSpan(small).IndexOfAnyExcept((byte)3));
        _ = blocks.Alloc<byte>(32 << 20);
    }

    [Fact]
    public void Reset_frees_everything_and_keeps_the_memory()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<byte> handle = default;
        nint first = 0;
        for (int round = 0; round < 3; round++)
        {
            handle = blocks.Alloc<byte>(1_000);
            Assert.True(round == 0 || first == AddressOf(blocks.GetSpan(handle)));
            first = AddressOf(blocks.GetSpan(handle));
            _ = blocks.Alloc<byte>(1_000);
            blocks.Reset();
            Assert.False(blocks.Contains(handle));
            Assert.Equal((0L, 0L, 0), (blocks.GetStatistics().LiveBytes, blocks.GetStatistics().HoleBytes, blocks.GetStatistics().Blocks));
        }
    }

    [Fact]
    public void A_handle_whose_block_is_gone_is_an_error_by_name()
    {
        using CompactingAllocator blocks = new();
        using CompactingAllocator other = new();
        NativeHandle<int> gone = blocks.Alloc<int>(3);
        blocks.Free(gone);
        NativeHandle<int> heir = blocks.Alloc<int>(3);
        Assert.Equal(gone.Index, heir.Index);
        NativeHandle<int> foreign = other.Alloc<int>();
        foreach (NativeHandle<int> handle in new[] { gone, foreign })
        {
            Assert.False(blocks.Contains(handle));
            Assert.False(blocks.TryGetSpan(handle, out _));
            Assert.False(blocks.TryFree(handle));
            AssertError<KeyNotFoundException>(() => { _ = blocks.GetSpan(handle); }, handle.ToString());
            AssertError<KeyNotFoundException>(() => { _ = blocks.GetValue(handle); }, handle.ToString());
            AssertError<KeyNotFoundException>(() => blocks.Free(handle), handle.ToString());
            AssertError<KeyNotFoundException>(() => { _ = blocks.Pin(handle); }, handle.ToString());
            AssertError<KeyNotFoundException>(() => blocks.Unpin(handle), handle.ToString());
        }

        blocks.Free(NativeHandle<int>.Null);
        AssertError<KeyNotFoundException>(() => { _ = blocks.GetSpan(NativeHandle<int>.Null); }, "null");
    }

    [Fact]
    public void An_empty_block_is_one_nevertheless()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<int> empty = blocks.Alloc<int>(0);
        NativeHandle<int> one = blocks.Alloc<int>();
        blocks.GetValue(one) = 5;
        Assert.True(blocks.Contains(empty));
        Assert.Equal(0, blocks.GetSpan(empty).Length);
        _ = blocks.Compact();
        Assert.Equal(5, blocks.GetValue(one));
        Assert.Throws<IndexOutOfRangeException>(() => { _ = blocks.GetValue(empty); });
        blocks.Free(empty);
        Assert.False(blocks.Contains(empty));
    }

    [Fact]
    public void Arguments_out_of_range_are_errors()
    {
        using CompactingAllocator blocks = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Alloc<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Alloc<Order>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Alloc<int>(1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Alloc<int>(1, 8_192));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Compact(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompactingAllocator(Heap.Shared, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompactingAllocator(Heap.Shared, long.MaxValue));
        Assert.Throws<OutOfMemoryException>(() => blocks.Alloc<LargeBytes>(int.MaxValue));
        Assert.Equal(0, blocks.GetStatistics().Blocks);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_allocator_that_is_gone_or_whose_heap_is_says_so(bool byHeap)
    {
        using Heap heap = new();
        CompactingAllocator blocks = new(heap, 1 << 20);
        NativeHandle<int> handle = blocks.Alloc<int>();
        if (byHeap)
        {
            heap.Dispose();
        }

        blocks.Dispose();
        blocks.Dispose();
        Assert.Throws<ObjectDisposedException>(() => blocks.Alloc<int>());
        Assert.Throws<ObjectDisposedException>(() => blocks.TryAlloc(1, out NativeHandle<int> _));
        Assert.Throws<ObjectDisposedException>(() => { _ = blocks.GetSpan(handle); });
        Assert.Throws<ObjectDisposedException>(() => blocks.TryGetSpan(handle, out _));
        Assert.Throws<ObjectDisposedException>(() => blocks.Contains(handle));
        Assert.Throws<ObjectDisposedException>(() => blocks.Free(handle));
        Assert.Throws<ObjectDisposedException>(() => blocks.TryFree(handle));
        Assert.Throws<ObjectDisposedException>(() => { _ = blocks.Pin(handle); });
        Assert.Throws<ObjectDisposedException>(() => { _ = blocks.Compact(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = blocks.GetStatistics(); });
        Assert.Throws<ObjectDisposedException>(blocks.Reset);
        Assert.Throws<ObjectDisposedException>(blocks.TrimExcess);
        if (!byHeap)
        {
            Assert.Equal(0, heap.GetStatistics().LiveBytes);
        }
    }

    [Fact]
    public void A_handler_of_a_soft_limit_may_use_the_allocator_that_has_passed_it()
    {
        CompactingAllocator? blocks = null;
        List<(NativeHandle<byte> Handle, byte Tag)> added = [];
        int calls = 0;
        using Heap heap = new(new HeapOptions
        {
            SoftLimitBytes = 3 << 20,
            OnPressure = pressure =>
            {
                calls++;
                Add(blocks!, added, 70_000);
                _ = blocks!.Compact();
            },
        });
        blocks = new CompactingAllocator(heap, 64 << 20);
        for (int i = 0; i < 1_000; i++)
        {
            Add(blocks, added, 5_000);
        }

        Assert.True(calls > 0);
        foreach ((NativeHandle<byte> handle, byte tag) in added)
        {
            Assert.Equal(-1, blocks.GetSpan(handle).IndexOfAnyExcept(tag));
        }

        blocks.Dispose();
        static void Add(CompactingAllocator blocks, List<(NativeHandle<byte>, byte)> added, int size)
        {
            NativeHandle<byte> handle = blocks.Alloc<byte>(size);
            byte tag = (byte)(added.Count * 7);
            blocks.GetSpan(handle).Fill(tag);
            added.Add((handle, tag));
        }
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using CompactingAllocator blocks = new();
        NativeHandle<byte>[] live = new NativeHandle<byte>[300];
        Work(blocks, live);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(blocks, live);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Work(CompactingAllocator blocks, NativeHandle<byte>[] live)
    {
        uint state = 7;
        for (int i = 0; i < 20_000; i++)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            ref NativeHandle<byte> handle = ref live[(state >> 8) % (uint)live.Length];
            _ = blocks.TryFree(handle);
            handle = blocks.Alloc<byte>((int)((state >> 10) % 3_000));
            if (i % 100 == 0)
            {
                _ = blocks.Compact(i % 1_000 == 0 ? long.MaxValue : 20_000);
            }
        }

        blocks.TrimExcess();
        _ = blocks.GetStatistics();
        blocks.Reset();
    }

    private static nint AddressOf<T>(Span<T> span)
        where T : unmanaged
    {
        fixed (T* pointer = span)
        {
            return (nint)pointer;
        }
    }

    private static void AssertError<T>(Action action, string part)
        where T : Exception
        => Assert.Contains(part, Assert.Throws<T>(action).Message, StringComparison.Ordinal);
}
