using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

using OrderBook.Feed;
using OrderBook.Replay;

using SideBySide;

using Xunit;

namespace OrderBook.Tests.Feed;

public class SyntheticFeedTests
{
    [Fact]
    public void The_same_seed_makes_the_same_feed_and_another_seed_another()
    {
        ReadOnlySpan<byte> first = BytesOf(SyntheticFeed.Create(seed: 1, events: 3_000));

        Assert.True(first.SequenceEqual(BytesOf(SyntheticFeed.Create(seed: 1, events: 3_000))));
        Assert.False(first.SequenceEqual(BytesOf(SyntheticFeed.Create(seed: 2, events: 3_000))));
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 1_000)]
    [InlineData(3, 30_000)]
    [InlineData(SyntheticFeed.DefaultSeed, 60_000)]
    public void Its_replay_finds_nothing_wrong_on_either_heap(int seed, int events)
    {
        LoadedFeed feed = SyntheticFeed.Create(seed, events);
        HeapResult native = FeedReplay.Run(HeapKind.Native, feed, passes: 1, strict: true, (_, _) => { });
        HeapResult managed = FeedReplay.Run(HeapKind.Managed, feed, passes: 1, strict: true, (_, _) => { });

        Assert.Equal(native.Figures, managed.Figures);
        Assert.Equal(native.RestingBySymbol, managed.RestingBySymbol);
        Assert.Equal((0, 0, 0, 0, 0), (native.Figures.Errors, native.Figures.Unknown, native.Figures.CrossedStates, native.Figures.FillsNotAtBest, native.Figures.FillsNotAtFront));
        Assert.Equal(feed.Events.Length, native.Figures.Adds + native.Figures.Deletes + native.Figures.Trades);
        Assert.Equal(native.Figures.Resting, native.Figures.Adds - native.Figures.Deletes - native.Figures.Filled);
        Assert.Equal(native.Figures.Resting, native.RestingBySymbol.Sum(pair => pair.Value));
    }

    [Fact]
    public void It_has_the_shape_of_a_trading_day()
    {
        FeedEvent[] events = SyntheticFeed.Create().Events.ToArray();

        Assert.InRange(events.Length, SyntheticFeed.DefaultEvents, SyntheticFeed.DefaultEvents + 100);
        Assert.InRange(events.Count(e => e.Kind == EventKind.Add), 0.38 * events.Length, 0.50 * events.Length);
        Assert.InRange(events.Count(e => e.Kind == EventKind.Delete), 0.12 * events.Length, 0.20 * events.Length);
        Assert.InRange(events.Count(e => e.Kind == EventKind.Trade), 0.35 * events.Length, 0.48 * events.Length);
        Assert.Contains(events, e => e is { Kind: EventKind.Trade, Side: Side.None });
        Assert.Equal(4, events.Select(e => e.Symbol).Distinct().Count());
        Assert.True(events.Zip(events.Skip(1)).All(pair => pair.First.Milliseconds <= pair.Second.Milliseconds));
        Assert.DoesNotContain(events, e => e.Price <= 0 || e.Quantity <= 0);
        HashSet<long> ids = [];
        Assert.True(events.Where(e => e.Kind == EventKind.Add).All(e => ids.Add(e.Id)));
    }

    private static ReadOnlySpan<byte> BytesOf(LoadedFeed feed) => MemoryMarshal.AsBytes(feed.Events.Span);
}
