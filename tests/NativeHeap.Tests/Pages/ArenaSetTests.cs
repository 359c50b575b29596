using System;
using System.Collections.Generic;

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>A set of arena numbers, against a sorted set.</summary>
public sealed class ArenaSetTests : IDisposable
{
    private const ulong Numbers = 1UL << (ArenaMap.AddressBits - HeapArena.SizeShift);

    private ArenaSet _set;

    public ArenaSetTests() => Assert.True(_set.Initialize());

    public void Dispose() => _set.Release();

    [Fact]
    public void An_empty_set_has_no_highest()
    {
        Assert.Equal(ArenaSet.None, _set.HighestBelow(0));
        Assert.Equal(ArenaSet.None, _set.HighestBelow(1));
        Assert.Equal(ArenaSet.None, _set.HighestBelow((nuint)Numbers));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(63UL)]
    [InlineData(64UL)]
    [InlineData(4_095UL)]
    [InlineData(4_096UL)]
    [InlineData(262_144UL)]
    [InlineData(1_234_567UL)]
    [InlineData(Numbers - 1)]
    public void The_only_one_is_found_from_anywhere_above(ulong number)
    {
        _set.Add((nuint)number);
        Assert.Equal(ArenaSet.None, _set.HighestBelow((nuint)number));
        for (ulong above = number + 1; above < Numbers; above += 1 + ((above - number) * 3 / 2))
        {
            Assert.Equal((nuint)number, _set.HighestBelow((nuint)above));
        }

        Assert.Equal((nuint)number, _set.HighestBelow((nuint)Numbers));
        _set.Remove((nuint)number);
        Assert.Equal(ArenaSet.None, _set.HighestBelow((nuint)Numbers));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_walk(int seed)
    {
        Random random = new(seed);
        SortedSet<nuint> model = [];
        for (int step = 0; step < LongTests.Scale(10_000, 300_000); step++)
        {
            // Neighbours, and all over.
            nuint number = (nuint)random.NextInt64(1L << random.Next(1, 23)) & ((nuint)Numbers - 1);
            if (random.Next(2) == 0)
            {
                _set.Add(number);
                _ = model.Add(number);
            }
            else
            {
                _set.Remove(number);
                _ = model.Remove(number);
            }

            // The view's count would take a walk over it; its maximum is 0 also if there is none.
            nuint end = (nuint)random.NextInt64((long)Numbers + 1);
            nuint highest = end == 0 ? 0 : model.GetViewBetween(0, end - 1).Max;
            Assert.Equal(highest != 0 || (end != 0 && model.Contains(0)) ? highest : ArenaSet.None, _set.HighestBelow(end));
        }
    }
}
