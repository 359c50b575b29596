using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>Permanent memory for metadata. What these tests take stays taken, as all metadata does.</summary>
public sealed unsafe class MetadataAllocatorTests
{
    private readonly MetadataAllocator* _metadata = MetadataAllocator.Create();

    [Fact]
    public void Blocks_are_aligned_zeroed_and_apart()
    {
        Random random = new(1);
        List<Block> blocks = [];
        long sum = 0;
        for (int i = 0; i < LongTests.Scale(1_500, 20_000); i++)
        {
            int size = RandomSize(random);
            blocks.Add(TakeAndMark(_metadata, size, (byte)(1 + (i % 255))));
            sum += size;
            Assert.True(_metadata->Bytes >= (nuint)sum);
        }

        AssertMarks(blocks);
    }

    [Fact]
    public void Blocks_for_a_struct_hold_it()
    {
        Wide* first = _metadata->Alloc<Wide>();
        Wide* second = _metadata->Alloc<Wide>();
        Assert.Equal((nuint)0, (nuint)first % 64);
        Assert.True((byte*)second - (byte*)first >= sizeof(Wide) || (byte*)first - (byte*)second >= sizeof(Wide));
        first->Values[19] = 7;
        Assert.Equal(0, second->Values[0]);
    }

    [Fact]
    public void A_large_block_leaves_the_chunk_to_small_ones()
    {
        byte* before = (byte*)_metadata->Alloc(64);
        nuint bytes = _metadata->Bytes;
        Assert.True(_metadata->Alloc(5 << 20) != null);
        Assert.Equal(bytes + (5 << 20), _metadata->Bytes);
        Assert.True(_metadata->Alloc(60) == before + 64);
        Assert.Equal(bytes + (5 << 20) + 64, _metadata->Bytes);
    }

    [Theory]
    [InlineData((1 << 20) - 64)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 64)]
    [InlineData((1 << 18) - 64)]
    [InlineData(1 << 18)]
    [InlineData((1 << 18) + 1)]
    public void Sizes_about_the_chunk_are_whole_and_followed_by_others(int size)
    {
        List<Block> blocks = [];
        for (int i = 0; i < 12; i++)
        {
            blocks.Add(TakeAndMark(_metadata, size, (byte)(i + 1)));
            blocks.Add(TakeAndMark(_metadata, 100, (byte)(i + 101)));
        }

        AssertMarks(blocks);
    }

    [Fact]
    public void A_block_that_the_system_has_no_memory_for_is_null_and_costs_nothing()
    {
        nuint bytes = _metadata->Bytes;
        Assert.True(_metadata->Alloc((nuint)1 << 50) == null);
        Assert.Equal(bytes, _metadata->Bytes);
        AssertMarks([TakeAndMark(_metadata, 1000, 7)]);
    }

    [Fact]
    public void Threads_get_blocks_of_their_own()
    {
        const int Threads = 4;
        List<Block>[] blocks = new List<Block>[Threads];
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int number = t;
            threads[t] = new Thread(() =>
            {
                Random random = new(number);
                blocks[number] = [];
                for (int i = 0; i < LongTests.Scale(2_000, 50_000); i++)
                {
                    blocks[number].Add(TakeAndMark(_metadata, 1 + random.Next(1000), (byte)(1 + number)));
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        foreach (List<Block> own in blocks)
        {
            AssertMarks(own);
        }
    }

    private static int RandomSize(Random random) => random.Next(40) switch
    {
        0 => 1 + random.Next(1 << 20),
        < 4 => 1 + random.Next(70_000),
        _ => 1 + random.Next(700),
    };

    private static Block TakeAndMark(MetadataAllocator* metadata, int size, byte mark)
    {
        void* block = metadata->Alloc((nuint)size);
        Span<byte> bytes = new(block, size);
        if (block == null || (nuint)block % 64 != 0 || bytes.ContainsAnyExcept((byte)0))
        {
            throw new InvalidOperationException($"The block of {size} bytes at {(nuint)block:x} is not zeroed, aligned memory.");
        }

        bytes.Fill(mark);
        return new Block((nint)block, size, mark);
    }

    // Blocks that overlap have overwritten each other's marks.
    private static void AssertMarks(List<Block> blocks)
    {
        foreach (Block block in blocks)
        {
            Assert.Equal(-1, new ReadOnlySpan<byte>((void*)block.Address, block.Size).IndexOfAnyExcept(block.Mark));
        }
    }

    private sealed record Block(nint Address, int Size, byte Mark);

    private struct Wide
    {
        public fixed long Values[20];
    }
}
