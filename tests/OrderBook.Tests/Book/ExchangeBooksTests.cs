using System;
using System.Linq;

using CsCheck;

using OrderBook.Book;
using OrderBook.Feed;

using Xunit;

namespace OrderBook.Tests.Book;

public class ExchangeBooksTests
{
    private const int Symbols = 2;

    // Few ids and prices, so that events meet: duplicates, wrong sides, overfills and crossed books come by themselves.
    private static readonly Gen<FeedEvent> s_event =
        from kind in Gen.Frequency((6, Gen.Const(EventKind.Add)), (2, Gen.Const(EventKind.Delete)), (3, Gen.Const(EventKind.Trade)), (2, Gen.Const(EventKind.Execute)), (1, Gen.Const(EventKind.Reduce)), (1, Gen.Const(EventKind.Hidden)), (1, Gen.Const(EventKind.Notice)))
        from id in Gen.Int[1, 40]
        from otherId in Gen.Int[1, 40]
        from price in Gen.Int[1, 25]
        from quantity in Gen.Int[1, 4]
        from side in Gen.Int[0, 1]
        from symbol in Gen.Int[0, 9]
        from time in Gen.Int[0, 3]
        select new FeedEvent
        {
            Kind = kind,
            Id = id,
            OtherId = otherId,
            Price = price,
            Quantity = quantity,
            Side = (Side)side,
            Symbol = (ushort)(symbol == 0 ? 1 : 0),
            Milliseconds = time == 0 ? TradingHours.Sse.From - 1 : TradingHours.Sse.From + time,
        };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Native_managed_and_tracked_books_do_what_the_model_does(bool sse)
    {
        FeedFormat format = sse ? FeedFormat.Sse : FeedFormat.Lobster;
        s_event.Array[1, 250].Sample(
            events =>
            {
                Compare<NativeOrder, NativeLevel, NativeSlots>(events, format);
                Compare<ManagedOrder, ManagedLevel, ManagedSlots>(events, format);
                Compare<TrackedOrder, TrackedLevel, TrackedSlots>(events, format);
                Assert.Equal(0, Tracked<TrackedOrderFields>.Live);
                Assert.Equal(0, Tracked<TrackedLevelFields>.Live);
            },
            iter: 120,
            threads: 1,
            seed: "0000KOIKUNL5");
    }

    [Fact]
    public void Many_levels_come_and_go_and_the_tree_stays_balanced()
    {
        Random random = new(7);
        using ExchangeBooks<TrackedOrder, TrackedLevel, TrackedSlots> books = new(FeedFormat.Sse, 1, TradingHours.Sse);
        BookModel model = new(FeedFormat.Sse, TradingHours.Sse);
        for (int round = 0; round < 6; round++)
        {
            // Ascending, descending and shuffled prices in, then out in another order: each rotation, each kind of removal.
            long[] ids = [.. Enumerable.Range(1, 300).Select(i => (long)i)];
            foreach (long id in round % 3 == 0 ? ids : round % 3 == 1 ? ids.Reverse() : ids.OrderBy(_ => random.Next()))
            {
                Apply(new FeedEvent { Kind = EventKind.Add, Id = id, Price = id, Quantity = 5, Side = round % 2 == 0 ? Side.Buy : Side.Sell });
            }

            BookInvariants.Check(books.Books[0].Bids, Side.Buy);
            foreach (long id in ids.OrderBy(_ => random.Next()))
            {
                Apply(new FeedEvent { Kind = EventKind.Delete, Id = id, Quantity = 5, Side = round % 2 == 0 ? Side.Buy : Side.Sell });
                if (id % 5 != 0)
                {
                    continue;
                }

                Assert.Equal(model.Describe(0, Side.Buy), BookInvariants.Check(books.Books[0].Bids, Side.Buy));
                Assert.Equal(model.Describe(0, Side.Sell), BookInvariants.Check(books.Books[0].Asks, Side.Sell));
            }
        }

        Assert.Equal(0, Tracked<TrackedLevelFields>.Live);

        void Apply(FeedEvent e) => Assert.Equal(model.Apply(e), books.Apply(in e));
    }

    [Fact]
    public void A_clear_releases_everything_and_the_next_pass_starts_from_nothing()
    {
        LoadedFeed feed = SyntheticFeed.Create(seed: 3, events: 5_000);
        using (ExchangeBooks<TrackedOrder, TrackedLevel, TrackedSlots> books = new(feed.Format, feed.Symbols.Count, feed.Hours))
        {
            BookFigures first = Replay(books, feed);
            Assert.Equal(first.Resting, Tracked<TrackedOrderFields>.Live);
            books.Clear();

            Assert.Equal(0, Tracked<TrackedOrderFields>.Live + Tracked<TrackedLevelFields>.Live + books.Index.Count);
            Assert.Equal(default, books.Figures());
            Assert.Equal(first, Replay(books, feed));
        }

        Assert.Equal(0, Tracked<TrackedOrderFields>.Live + Tracked<TrackedLevelFields>.Live);
    }

    [Fact]
    public void A_replay_on_the_native_heap_allocates_nothing_managed_not_even_while_the_index_grows()
    {
        LoadedFeed feed = SyntheticFeed.Create(seed: 5, events: 60_000);
        using (ExchangeBooks<NativeOrder, NativeLevel, NativeSlots> compiled = new(feed.Format, feed.Symbols.Count, feed.Hours))
        {
            Replay(compiled, feed);
            compiled.Clear();
        }

        using ExchangeBooks<NativeOrder, NativeLevel, NativeSlots> books = new(feed.Format, feed.Symbols.Count, feed.Hours);
        int capacity = books.Index.Capacity;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Replay(books, feed);
        books.Clear();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(books.Index.Capacity > capacity, "The feed is meant to make the index grow.");
    }

    private static BookFigures Replay<TOrder, TLevel, TSlots>(ExchangeBooks<TOrder, TLevel, TSlots> books, LoadedFeed feed)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
        where TSlots : struct, IIndexSlots<TSlots, TOrder>
    {
        foreach (ref readonly FeedEvent feedEvent in feed.Events.Span)
        {
            books.Apply(in feedEvent);
        }

        return books.Figures();
    }

    private static void Compare<TOrder, TLevel, TSlots>(FeedEvent[] events, FeedFormat format)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
        where TSlots : struct, IIndexSlots<TSlots, TOrder>
    {
        using ExchangeBooks<TOrder, TLevel, TSlots> books = new(format, Symbols, TradingHours.Sse);
        BookModel model = new(format, TradingHours.Sse);
        foreach (FeedEvent feedEvent in events)
        {
            Assert.Equal(model.Apply(feedEvent), books.Apply(in feedEvent));
            Assert.Equal(model.Figures, books.Figures());
        }

        for (int symbol = 0; symbol < Symbols; symbol++)
        {
            Assert.Equal(model.Describe(symbol, Side.Buy), BookInvariants.Check(books.Books[symbol].Bids, Side.Buy));
            Assert.Equal(model.Describe(symbol, Side.Sell), BookInvariants.Check(books.Books[symbol].Asks, Side.Sell));
        }

        Assert.Equal(model.Figures.Resting, books.Index.Count);
    }
}
