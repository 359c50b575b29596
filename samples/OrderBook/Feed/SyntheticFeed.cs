// A feed for when there is none: an exchange of four symbols, simulated from a seed, which publishes what the Shanghai feed would.
//
// The simulation is a small matching engine of its own (sorted dictionaries of queues, no code shared with the books that will
// replay the feed), so the replay's checks have something to disagree with. The day:
//
//     09:15-09:25   orders come in and cross; nothing is matched
//     09:25         the auction: best bid against best ask until they no longer cross, all at one price; both orders rest (side N)
//     09:30-14:57   continuous: an incoming order is matched against the best price's oldest order until it is filled, reaches its
//                   limit, or finds the side empty; an A is published for what is left
//
// Prices walk around a middle that drifts. Of a hundred orders in the continuous session about half come to rest, a fifth cancel
// one that rests, and the others take; the proportions of A, D and T come out near those of a real day. Same seed, same feed.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;

namespace OrderBook.Feed;

internal sealed class SyntheticFeed
{
    public const int DefaultEvents = 200_000;
    public const int DefaultSeed = 20_230_711;

    private const int Symbols = 4;
    private const int Tick = 10;
    private const int LotSize = 100;
    private const int Minute = 60_000;
    private const int AuctionOpens = ((9 * 60) + 15) * Minute;
    private const int AuctionMatches = ((9 * 60) + 25) * Minute;

    private readonly Random _random;
    private readonly ArrayBufferWriter<FeedEvent> _events;
    private readonly Market[] _markets = new Market[Symbols];
    private long _lastId;
    private int _milliseconds = AuctionOpens;

    private SyntheticFeed(int seed, int events)
    {
        _random = new Random(seed);
        _events = new(events + 64);
        for (int i = 0; i < Symbols; i++)
        {
            _markets[i] = new Market((ushort)i, 5_000 + (i * 6_000));
        }
    }

    /// <summary>Makes a feed.</summary>
    /// <param name="seed">What all chance comes from.</param>
    /// <param name="events">How many events to make, give or take the trades of the last order.</param>
    public static LoadedFeed Create(int seed = DefaultSeed, int events = DefaultEvents)
    {
        SyntheticFeed feed = new(seed, events);
        feed.Simulate(events);
        return new LoadedFeed
        {
            Name = FormattableString.Invariant($"synthetic feed, seed {seed}"),
            Format = FeedFormat.Sse,
            Events = feed._events.WrittenMemory,
            Symbols = [.. Enumerable.Range(1, Symbols).Select(number => FormattableString.Invariant($"SYN{number}"))],
        };
    }

    private void Simulate(int events)
    {
        int auctionEvents = events / 40;
        while (_events.WrittenCount < auctionEvents)
        {
            _milliseconds = At(AuctionOpens, AuctionMatches, _events.WrittenCount, auctionEvents);
            Market market = Any();
            Rest(market, new Resting(++_lastId, AnySide(), market.Middle + (_random.Next(-20, 21) * Tick), Lots(20)));
        }

        _milliseconds = AuctionMatches;
        foreach (Market market in _markets)
        {
            MatchAuction(market);
        }

        int opened = _events.WrittenCount;
        while (_events.WrittenCount < events)
        {
            _milliseconds = At(TradingHours.Sse.From, TradingHours.Sse.Until, _events.WrittenCount - opened, events - opened);
            Market market = Any();
            market.Middle = Math.Max(1_000, market.Middle + (_random.Next(-1, 2) * (_random.Next(8) == 0 ? Tick : 0)));
            switch (_random.Next(100))
            {
                case < 48:
                    Enter(market, distance: -_random.Next(1, 2 + _random.Next(60)), Lots(20));
                    break;
                case < 68:
                    Cancel(market);
                    break;
                default:
                    Enter(market, distance: _random.Next(2, 8), Lots(20));
                    break;
            }
        }
    }

    private static int At(int from, int until, int done, int total) => from + (int)((long)(until - from) * done / Math.Max(1, total));

    private Market Any() => _markets[_random.Next(Symbols)];

    private Side AnySide() => _random.Next(2) == 0 ? Side.Buy : Side.Sell;

    private int Lots(int most) => LotSize * (1 + _random.Next(_random.Next(1, most + 1)));

    /// <summary>An order comes in: it is matched as far as it goes, and what is left comes to rest.</summary>
    /// <param name="market">Where.</param>
    /// <param name="distance">How many ticks beyond the middle its price is, on the other side's half if positive.</param>
    /// <param name="quantity">How much it wants.</param>
    private void Enter(Market market, int distance, int quantity)
    {
        Side side = AnySide();
        bool buys = side == Side.Buy;
        Resting order = new(++_lastId, side, market.Middle + (distance * (buys ? Tick : -Tick)), quantity);
        SortedDictionary<long, LinkedList<Resting>> against = buys ? market.Asks : market.Bids;
        while (order.Quantity > 0 && against.Count > 0)
        {
            (long rank, LinkedList<Resting> queue) = against.First();
            long price = Math.Abs(rank);
            if (buys ? price > order.Price : price < order.Price)
            {
                break;
            }

            Resting oldest = queue.First!.Value;
            int traded = Math.Min(order.Quantity, oldest.Quantity);
            Publish(market, EventKind.Trade, side, buys ? order.Id : oldest.Id, buys ? oldest.Id : order.Id, price, traded);
            order.Quantity -= traded;
            Take(market, oldest, traded);
        }

        if (order.Quantity > 0)
        {
            Rest(market, order);
        }
    }

    private void MatchAuction(Market market)
    {
        while (market.Bids.Count > 0 && market.Asks.Count > 0)
        {
            Resting bid = market.Bids.First().Value.First!.Value;
            Resting ask = market.Asks.First().Value.First!.Value;
            if (bid.Price < ask.Price)
            {
                return;
            }

            int traded = Math.Min(bid.Quantity, ask.Quantity);
            Publish(market, EventKind.Trade, Side.None, bid.Id, ask.Id, market.Middle, traded);
            Take(market, bid, traded);
            Take(market, ask, traded);
        }
    }

    private void Cancel(Market market)
    {
        if (market.All.Count > 0)
        {
            Resting order = market.All[_random.Next(market.All.Count)];
            Publish(market, EventKind.Delete, order.Side, order.Id, 0, order.Price, order.Quantity);
            market.Remove(order);
        }
    }

    private void Rest(Market market, Resting order)
    {
        Publish(market, EventKind.Add, order.Side, order.Id, 0, order.Price, order.Quantity);
        market.Add(order);
    }

    private static void Take(Market market, Resting order, int quantity)
    {
        order.Quantity -= quantity;
        if (order.Quantity == 0)
        {
            market.Remove(order);
        }
    }

    private void Publish(Market market, EventKind kind, Side side, long id, long otherId, long price, int quantity)
    {
        _events.GetSpan(1)[0] = new FeedEvent
        {
            Kind = kind,
            Side = side,
            Symbol = market.Symbol,
            Id = id,
            OtherId = otherId,
            Price = price,
            Quantity = quantity,
            Milliseconds = _milliseconds,
            Line = _events.WrittenCount + 1,
        };
        _events.Advance(1);
    }

    private sealed class Resting(long id, Side side, long price, int quantity)
    {
        public long Id { get; } = id;

        public Side Side { get; } = side;

        public long Price { get; } = price;

        public int Quantity { get; set; } = quantity;

        /// <summary>Where the order stands in its market's list of all, so that a random one can be taken out in one step.</summary>
        public int Place { get; set; }
    }

    private sealed class Market(ushort symbol, long middle)
    {
        public ushort Symbol { get; } = symbol;

        public long Middle { get; set; } = middle;

        /// <summary>Queues by negated price: the best comes first.</summary>
        public SortedDictionary<long, LinkedList<Resting>> Bids { get; } = [];

        public SortedDictionary<long, LinkedList<Resting>> Asks { get; } = [];

        public List<Resting> All { get; } = [];

        public void Add(Resting order)
        {
            (SortedDictionary<long, LinkedList<Resting>> side, long rank) = Place(order);
            if (!side.TryGetValue(rank, out LinkedList<Resting>? queue))
            {
                side.Add(rank, queue = new());
            }

            queue.AddLast(order);
            order.Place = All.Count;
            All.Add(order);
        }

        public void Remove(Resting order)
        {
            (SortedDictionary<long, LinkedList<Resting>> side, long rank) = Place(order);
            LinkedList<Resting> queue = side[rank];
            queue.Remove(order);
            if (queue.Count == 0)
            {
                side.Remove(rank);
            }

            All[order.Place] = All[^1];
            All[order.Place].Place = order.Place;
            All.RemoveAt(All.Count - 1);
        }

        private (SortedDictionary<long, LinkedList<Resting>> Side, long Rank) Place(Resting order)
            => order.Side == Side.Buy ? (Bids, -order.Price) : (Asks, order.Price);
    }
}
