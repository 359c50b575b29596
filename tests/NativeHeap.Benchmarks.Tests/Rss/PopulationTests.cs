using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Subjects;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Rss;

/// <summary>What `rss` allocates and frees.</summary>
public sealed class PopulationTests
{
    private const int PageSize = 4096;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1_000)]
    [InlineData(100, 10)]
    public void All_are_freed_but_those_that_are_kept(int keptEvery, int kept)
    {
        ListedUntyped.Live.Clear();
        Population<ListedUntyped> population = new(new("test", 1_000, _ => 200, keptEvery));
        population.Allocate();
        Assert.Equal(1_000, ListedUntyped.Live.Count);
        population.Free();
        Assert.Equal(kept, ListedUntyped.Live.Count);
        Assert.All(ListedUntyped.Live.Values, size => Assert.Equal(200u, size));
        Assert.Equal(ListedUntyped.PagesOfLive(), population.LivePages());
    }

    [Fact]
    public void Pages_between_the_ends_of_an_object_hold_it_too()
    {
        ListedUntyped.Live.Clear();
        Population<ListedUntyped> population = new(new("test", 50, random => 1 + (int)(random * 20_000), 7));
        population.Allocate();
        population.Free();
        Assert.Equal(8, ListedUntyped.Live.Count);
        Assert.Equal(ListedUntyped.PagesOfLive(), population.LivePages());
    }

    [Fact]
    public void A_burst_is_of_two_gibibytes_as_many_in_each_doubling_of_the_size()
    {
        Experiment burst = Experiment.All.Single(experiment => experiment.Name == Experiment.BurstName);
        Random random = new(1);
        double[] doublings = new double[15];
        for (int i = 0; i < burst.Objects; i++)
        {
            int size = burst.NextSize(random);
            doublings[int.Log2(size) - 5] += size;
        }

        Assert.InRange(doublings.Sum() / (1L << 31), 0.99, 1.01);
        Assert.All(doublings, bytes => Assert.InRange(bytes * doublings.Length / (1L << 31), 0.9, 1.1));
    }

    /// <summary>An allocator that knows what is live.</summary>
    private readonly unsafe struct ListedUntyped : IUntyped
    {
        public static Dictionary<nint, uint> Live { get; } = [];

        public static int PagesOfLive()
            => Live.SelectMany(block => Enumerable.Range(0, (int)block.Value).Select(offset => (block.Key + offset) / PageSize)).Distinct().Count();

        public static void* Alloc(nuint size)
        {
            void* block = NativeMemory.Alloc(size);
            Live.Add((nint)block, (uint)size);
            return block;
        }

        public static void Free(void* block)
        {
            Assert.True(Live.Remove((nint)block));
            NativeMemory.Free(block);
        }

        public static void* AllocZeroed(nuint size) => throw new NotSupportedException();

        public static void* AllocAligned(nuint size, nuint alignment) => throw new NotSupportedException();

        public static void* Realloc(void* block, nuint size) => throw new NotSupportedException();

        public static void FreeSized(void* block, nuint size) => throw new NotSupportedException();
    }
}
