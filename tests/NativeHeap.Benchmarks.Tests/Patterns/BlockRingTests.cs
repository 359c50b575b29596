using System;
using System.Collections.Generic;
using System.Linq;

using CsCheck;

using NativeHeap.Benchmarks.Measures.Patterns;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Patterns;

public sealed unsafe class BlockRingTests
{
    /// <summary>Whatever is put in comes out once, and a fifth stays whenever the ring is emptied.</summary>
    [Fact]
    public void Every_block_is_handed_over_once()
        => Gen.Select(Gen.Int[1, 8], Gen.Int[0, 300]).Sample((fifth, count) =>
        {
            int length = fifth * BlockRing.Parts;
            nint* places = stackalloc nint[length];
            nint* freed = stackalloc nint[length];
            BlockRing ring = new(places, length);
            List<nint> handedOver = [];
            for (int block = 1; block <= count; block++)
            {
                while (!ring.HasPlace())
                {
                    int emptied = ring.Empty(freed);
                    Assert.Equal(length - fifth, emptied);
                    handedOver.AddRange(new ReadOnlySpan<nint>(freed, emptied));
                }

                ring.Add((void*)block);
            }

            handedOver.AddRange(new ReadOnlySpan<nint>(freed, ring.EmptyAll(freed)));
            Assert.Equal(Enumerable.Range(1, count).Select(block => (nint)block), handedOver.Order());
        });

    [Fact]
    public void What_lies_below_goes_in_order_and_what_lies_above_against_it()
    {
        nint* places = stackalloc nint[10];
        nint* freed = stackalloc nint[10];
        BlockRing ring = new(places, 10);
        for (int block = 0; block < 10; block++)
        {
            ring.Add((void*)block);
        }

        Assert.False(ring.HasPlace());
        Assert.Equal([0, 1, 9, 8, 7, 6, 5, 4], new ReadOnlySpan<nint>(freed, ring.Empty(freed)).ToArray());
    }
}
