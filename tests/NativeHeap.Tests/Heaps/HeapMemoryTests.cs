using System;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>The shared heap by static calls.</summary>
public sealed unsafe class HeapMemoryTests
{
    [Fact]
    public void Blocks_of_every_size_are_the_shared_heaps_and_keep_their_content()
    {
        foreach (int size in (int[])[0, 1, 8, 9, 16, 24, 100, 1024, 1025, 32_768, 32_769, 1_000_000])
        {
            byte* block = (byte*)HeapMemory.Alloc((nuint)size);
            Assert.True(Heap.Shared.Owns(block));
            Assert.InRange((long)Heap.Shared.UsableSize(block), Math.Max(size, 1), long.MaxValue);
            Assert.Equal(0u, (nuint)block % (size <= 8 ? 8u : 16u));
            new Span<byte>(block, size).Fill(3);
            block = (byte*)HeapMemory.Realloc(block, (nuint)size * 3);
            Assert.False(new ReadOnlySpan<byte>(block, size).ContainsAnyExcept((byte)3));
            HeapMemory.Free(block);

            byte* zeroed = (byte*)HeapMemory.AllocZeroed((nuint)size);
            Assert.False(new ReadOnlySpan<byte>(zeroed, size).ContainsAnyExcept((byte)0));
            Heap.Shared.Free(zeroed);
            void* aligned = HeapMemory.AlignedAlloc((nuint)size, 256);
            Assert.Equal(0u, (nuint)aligned % 256);
            HeapMemory.Free(aligned);
        }
    }

    [Fact]
    public void A_block_of_the_shared_heap_is_one_however_it_was_allocated()
    {
        void* block = Heap.Shared.Alloc(48);
        HeapMemory.Free(block);
        Assert.True(HeapMemory.Alloc(48) == block);
        Heap.Shared.Free(block);
    }

    [Fact]
    public void What_is_no_block_of_the_shared_heap_is_refused()
    {
        HeapMemory.Free(null);
        long onStack = 0;
        nint stack = (nint)(&onStack);
        using Heap other = new();
        nint foreign = (nint)other.Alloc(64);
        foreach (nint address in (nint[])[stack, foreign, -1, 1])
        {
            Assert.Throws<ArgumentException>(() => HeapMemory.Free((void*)address));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => HeapMemory.Alloc(nuint.MaxValue));
        other.Free((void*)foreign);
    }
}
