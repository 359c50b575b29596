using System;
using System.Collections.Generic;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>The members of <see cref="Heap"/>, one by one.</summary>
public sealed unsafe class HeapTests
{
    public static TheoryData<int> Sizes => [.. SizesOfInterest()];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_block_is_large_enough_aligned_and_writable(int size)
    {
        using Heap heap = new();
        byte* block = (byte*)heap.Alloc((nuint)size);
        Assert.True(heap.UsableSize(block) >= (nuint)size);
        Assert.Equal(0u, (nuint)block % (size <= 8 ? 8u : 16u));
        new Span<byte>(block, size).Fill(0xa5);
        Assert.True(heap.Owns(block));
        Assert.True(heap.Owns(block + size - 1));
        heap.Free(block);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void AllocZeroed_is_zero_after_use(int size)
    {
        using Heap heap = new();
        for (int i = 0; i < 3; i++)
        {
            byte* block = (byte*)heap.AllocZeroed((nuint)size);
            Assert.Equal(-1, new Span<byte>(block, size).IndexOfAnyExcept((byte)0));
            new Span<byte>(block, (int)heap.UsableSize(block)).Fill(0xff);
            heap.Free(block);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void AllocAligned_aligns_to_every_power_of_two(int size)
    {
        using Heap heap = new();
        List<nint> blocks = [];
        for (int alignment = 1; alignment <= Heap.MaxAlignment; alignment *= 2)
        {
            byte* block = (byte*)heap.AllocAligned((nuint)size, (nuint)alignment);
            Assert.Equal(0u, (nuint)block % (nuint)alignment);
            block[0] = block[size - 1] = 1;
            blocks.Add((nint)block);
        }

        foreach (nint block in blocks)
        {
            heap.Free((void*)block);
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_size_of_zero_is_a_block_of_its_own()
    {
        using Heap heap = new();
        void* first = heap.Alloc(0);
        void* second = heap.AllocZeroed(0);
        void* third = heap.AllocAligned(0, 4096);
        Assert.True(first != second && second != third && third != first && first != null && second != null && third != null);
        heap.Free(first);
        heap.Free(second);
        heap.Free(third);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Realloc_keeps_the_content_over_every_pair_of_sizes()
    {
        using Heap heap = new();
        foreach (int from in SizesOfInterest())
        {
            foreach (int to in SizesOfInterest())
            {
                byte* block = (byte*)heap.Alloc((nuint)from);
                Fill(block, from);
                block = (byte*)heap.Realloc(block, (nuint)to);
                AssertFilled(block, Math.Min(from, to), from);
                Assert.True(heap.UsableSize(block) >= (nuint)to);
                heap.Free(block);
            }
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Realloc_of_a_types_block_in_place_keeps_the_alignment_of_an_untyped_one()
    {
        using Heap heap = new();
        for (int i = 0; i < 20; i++)
        {
            // Slots of 24 bytes: every other one is at a multiple of 8 only, which will do for up to 8 bytes.
            void* block = heap.Realloc(Order.Alloc(heap), (nuint)sizeof(Order) - 1);
            Assert.Equal(0, (nint)block % 16);
            Order* order = Order.Alloc(heap);
            order->Id = i;
            block = heap.Realloc(order, 5);
            Assert.Equal(0, (nint)block % 8);
            Assert.Equal(i, *(byte*)block);
        }
    }

    [Fact]
    public void Realloc_of_null_allocates_and_to_zero_keeps_a_block()
    {
        using Heap heap = new();
        void* block = heap.Realloc(null, 100);
        block = heap.Realloc(block, 0);
        Assert.True(block != null);
        heap.Free(block);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Realloc_takes_the_pages_after_a_large_block_if_they_are_free()
    {
        using Heap heap = new();
        byte* block = (byte*)heap.Alloc(200_000);
        byte* after = (byte*)heap.Alloc(400_000);
        new Span<byte>(block, 200_000).Fill(7);
        heap.Free(after);

        // Other tests may have taken the place; what must hold is the same then.
        byte* same = (byte*)heap.Realloc(block, 500_000);
        Assert.InRange(heap.UsableSize(same), 500_000u, 500_000u + 8192);
        Assert.Equal((long)heap.UsableSize(same), heap.GetStatistics().LiveBytes);
        Assert.True(heap.Owns(same + 499_999));
        Assert.False(new ReadOnlySpan<byte>(same, 200_000).ContainsAnyExcept((byte)7));
        new Span<byte>(same, 500_000).Fill(8);
        heap.Free(same);
        Assert.Equal(0, heap.GetStatistics().LiveBytes);
    }

    [Fact]
    public void Realloc_gives_the_end_of_a_large_block_back_in_place()
    {
        using Heap heap = new();
        void* block = heap.Alloc(10_000_000);
        void* same = heap.Realloc(block, 1_000_000);
        Assert.Equal((nint)block, (nint)same);
        Assert.InRange(heap.GetStatistics().LiveBytes, 1_000_000, 1_008_192);
        heap.Free(same);
        Assert.Equal(0, heap.GetStatistics().SpanBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4_194_304)]
    public void A_bad_alignment_is_refused_by_name(int alignment)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Heap.Shared.AllocAligned(8, (nuint)alignment));
        Assert.Equal("alignment", error.ParamName);
        Assert.Contains(alignment.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_over_the_limit_is_refused_by_name()
    {
        nuint size = ((nuint)1 << 46) + 1;
        Assert.Contains("70,368,744,177,665", Assert.Throws<ArgumentOutOfRangeException>(() => Heap.Shared.Alloc(size)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Heap.Shared.AllocZeroed(size));
        Assert.Throws<ArgumentOutOfRangeException>(() => Heap.Shared.AllocAligned(size, 4096));
        Assert.False(Heap.Shared.TryAlloc(size, out void* block));
        Assert.True(block == null);
        Assert.False(Heap.Shared.TryAlloc(nuint.MaxValue, out _));
    }

    [Fact]
    public void Without_memory_the_error_names_the_size_and_the_heap_stays_usable()
    {
        nuint size = (nuint)1 << 45;
        ProcessStatistics before = Heap.GetProcessStatistics();
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() => Heap.Shared.Alloc(size));
        Assert.Contains("35,184,372,088,832", error.Message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => Heap.Shared.AllocZeroed(size));
        Assert.False(Heap.Shared.TryAlloc(size, out _));

        void* block = Heap.Shared.Alloc(100);
        void* moved = null;
        Assert.Throws<OutOfMemoryException>(() => moved = Heap.Shared.Realloc(block, size));
        Assert.Equal(112u, Heap.Shared.UsableSize(block));
        Heap.Shared.Free(block);
        Assert.Equal(before.MappedBytes, Heap.GetProcessStatistics().MappedBytes);
        Assert.Equal(before.LiveObjects, Heap.GetProcessStatistics().LiveObjects);
    }

    [Fact]
    public void A_foreign_pointer_is_refused_by_name()
    {
        int local = 0;
        nint address = (nint)(&local);
        ArgumentException error = Assert.Throws<ArgumentException>(() => Heap.Shared.Free((void*)address));
        Assert.Contains($"0x{address:x}", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Heap.Shared.Free((void*)0x1234));
        Assert.Throws<ArgumentException>(() => Heap.Shared.Free((void*)nuint.MaxValue));
        Assert.Throws<ArgumentException>(() => Heap.Shared.UsableSize((void*)address));
        Assert.Throws<ArgumentException>(() => Heap.Shared.Realloc((void*)address, 10));
    }

    [Fact]
    public void A_pointer_into_a_large_block_is_refused_with_its_start()
    {
        using Heap heap = new();
        byte* block = (byte*)heap.Alloc(100_000);
        ArgumentException error = Assert.Throws<ArgumentException>(() => heap.Free(block + 5_000));
        Assert.Contains("5,000 bytes into", error.Message, StringComparison.Ordinal);
        Assert.Contains($"0x{(nuint)block:x}", error.Message, StringComparison.Ordinal);
        heap.Free(block);
        Assert.Throws<ArgumentException>(() => heap.Free(block));
    }

    [Fact]
    public void Another_heaps_block_is_refused()
    {
        using Heap first = new();
        using Heap second = new();
        foreach (nuint size in (nuint[])[64, 100_000])
        {
            void* block = first.Alloc(size);
            Assert.False(second.Owns(block));
            Assert.Contains("another heap", Assert.Throws<ArgumentException>(() => second.Free(block)).Message, StringComparison.Ordinal);
            first.Free(block);
        }
    }

    [Fact]
    public void Owns_takes_any_value()
    {
        using Heap heap = new();
        foreach (ulong value in (ulong[])[0, 1, 0xffff_ffff_ffff, 0x1_0000_0000_0000, ulong.MaxValue, 0x8000_0000_0000_0000])
        {
            Assert.False(heap.Owns((void*)value));
        }
    }

    [Fact]
    public void A_typed_object_of_a_heap_is_freed_by_it()
    {
        using Heap heap = new();
        Wide* wide = heap.Alloc<Wide>();
        LargeMessage* large = heap.Alloc<LargeMessage>();
        Assert.Equal(0u, (nuint)wide % 64);
        heap.Free(wide);
        heap.Free(large);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    internal static IEnumerable<int> SizesOfInterest() =>
        [1, 7, 8, 9, 16, 17, 24, 25, 32, 100, 1_000, 1_024, 1_025, 4_096, 8_191, 8_192, 8_193, 20_000, 32_768, 32_769, 65_536, 100_001, 1_048_577];

    internal static void Fill(byte* block, int size)
    {
        for (int i = 0; i < size; i++)
        {
            block[i] = (byte)((i * 31) + size);
        }
    }

    internal static void AssertFilled(byte* block, int count, int size)
    {
        for (int i = 0; i < count; i++)
        {
            if (block[i] != (byte)((i * 31) + size))
            {
                Assert.Fail($"Byte {i} of a block of {size} is {block[i]}.");
            }
        }
    }
}
