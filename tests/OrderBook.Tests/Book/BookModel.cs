// The rules of the books once more, as slowly and plainly as they can be said: one list of orders, searched from the front.
//
// The oldest order stands first, so time priority is the order of the list.

using System;
using System.Collections.Generic;
using System.Linq;

using OrderBook.Book;
using OrderBook.Feed;

namespace OrderBook.Tests.Book;

internal sealed class BookModel(FeedFormat format, TradingHours hours)
{
    private readonly List<Resting> _resting = [];
    private BookFigures _figures;

    public BookFigures Figures => _figures with { Resting = _resting.Count, RestingQuantity = _resting.Sum(order => (long)order.Quantity) };

    /// <summary>The queues of one side, best price first: "price: id x quantity, ..." each.</summary>
    public IEnumerable<string> Describe(int symbol, Side side)
        => _resting.Where(order => order.Symbol == symbol && order.Side == side)
            .GroupBy(order => order.Price)
            .OrderBy(level => side == Side.Buy ? -level.Key : level.Key)
            .Select(level => $"{level.Key}: {string.Join(", ", level.Select(order => $"{order.Id} x {order.Quantity}"))}");

    public Fault Apply(FeedEvent e)
    {
        bool continuous = e.Milliseconds >= hours.From && e.Milliseconds < hours.Until;
        _figures.Events++;
        Fault fault = Fault.None;
        switch (e.Kind)
        {
            case EventKind.Add:
                _figures.Adds++;
                fault = Add(e);
                break;
            case EventKind.Delete:
                _figures.Deletes++;
                fault = Delete(e);
                break;
            case EventKind.Trade:
                Traded(e);
                fault = Fill(e.Id, Side.Buy, e, continuous, mustRest: false);
                Fault other = Fill(e.OtherId, Side.Sell, e, continuous, mustRest: false);
                fault = fault == Fault.None ? other : fault;
                break;
            case EventKind.Execute:
                Traded(e);
                fault = Fill(e.Id, e.Side, e, continuous, mustRest: true);
                break;
            case EventKind.Hidden:
                Traded(e);
                break;
            case EventKind.Reduce:
                fault = Reduce(e);
                break;
        }

        _figures.CrossedStates += continuous && IsCrossed(e.Symbol) ? 1 : 0;
        _figures.PeakResting = Math.Max(_figures.PeakResting, _resting.Count);
        return fault;
    }

    private Fault Add(FeedEvent e)
    {
        if (_resting.Any(order => order.Id == e.Id))
        {
            return Failed(Fault.AlreadyRests);
        }

        _resting.Add(new(e.Id, e.Symbol, e.Side, e.Price) { Quantity = e.Quantity });
        return Fault.None;
    }

    private Fault Delete(FeedEvent e)
    {
        Resting? order = Find(e.Id, e.Symbol, e.Side, out Fault fault);
        if (order is null)
        {
            return Failed(fault);
        }

        _resting.Remove(order);
        return order.Quantity == e.Quantity ? Fault.None : Failed(Fault.QuantityDiffers);
    }

    private Fault Reduce(FeedEvent e)
    {
        Resting? order = Find(e.Id, e.Symbol, e.Side, out Fault fault);
        return order is null ? Failed(fault) : Take(order, e.Quantity);
    }

    private Fault Fill(long id, Side side, FeedEvent e, bool continuous, bool mustRest)
    {
        Resting? order = Find(id, e.Symbol, side, out Fault fault);
        if (order is null)
        {
            return fault == Fault.DoesNotRest && !mustRest ? Fault.None : Failed(fault);
        }

        List<Resting> same = [.. _resting.Where(other => other.Symbol == order.Symbol && other.Side == side)];
        bool atBest = order.Price == (side == Side.Buy ? same.Max(other => other.Price) : same.Min(other => other.Price));
        bool atFront = same.First(other => other.Price == order.Price) == order;
        _figures.Fills++;
        _figures.FillsNotAtBest += continuous && !atBest ? 1 : 0;
        _figures.FillsNotAtFront += continuous && !atFront ? 1 : 0;
        _figures.Filled += order.Quantity <= e.Quantity ? 1 : 0;
        return Take(order, e.Quantity);
    }

    private Fault Take(Resting order, int quantity)
    {
        order.Quantity -= quantity;
        if (order.Quantity > 0)
        {
            return Fault.None;
        }

        _resting.Remove(order);
        return order.Quantity < 0 ? Failed(Fault.TakesTooMuch) : Fault.None;
    }

    private Resting? Find(long id, int symbol, Side side, out Fault fault)
    {
        Resting? order = _resting.FirstOrDefault(order => order.Id == id);
        fault = order is null ? Fault.DoesNotRest : order.Symbol != symbol || order.Side != side ? Fault.RestsElsewhere : Fault.None;
        return fault == Fault.None ? order : null;
    }

    private bool IsCrossed(int symbol)
        => _resting.Any(bid => bid.Symbol == symbol && bid.Side == Side.Buy
            && _resting.Any(ask => ask.Symbol == symbol && ask.Side == Side.Sell && ask.Price <= bid.Price));

    private void Traded(FeedEvent e)
    {
        _figures.Trades++;
        _figures.TradedQuantity += e.Quantity;
    }

    private Fault Failed(Fault fault)
    {
        if (fault == Fault.DoesNotRest && format == FeedFormat.Lobster)
        {
            _figures.Unknown++;
        }
        else
        {
            _figures.Errors++;
        }

        return fault;
    }

    private sealed record Resting(long Id, int Symbol, Side Side, long Price)
    {
        public int Quantity { get; set; }
    }
}
