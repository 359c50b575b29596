// The order books of all symbols of a feed, and the rules by which an event changes them.
//
//     event     does
//     Add       a new order at the end of its price's queue
//     Delete    the order is gone; what the event says was left must have been left
//     Trade     each of the two orders that rests is filled; the other never came to rest, which is no error
//     Execute   the order, which must rest, is filled
//     Reduce    the order, which must rest, gets smaller and keeps its place
//
// An order is filled down to 0 and is gone there. Whether an event makes sense is judged before anything is changed, and after a
// fault the books are consistent: an event that names a wrong order changes nothing, one that takes too much takes all there is.
//
// One index of ids serves all books. Memory: Apply and Clear allocate orders, levels and (growing) index slots through the
// handles' Create, and nothing else; with native handles the garbage collector is never asked. One thread owns all this.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using OrderBook.Feed;

namespace OrderBook.Book;

internal sealed class ExchangeBooks<TOrder, TLevel, TSlots> : IDisposable
    where TOrder : struct, IOrderHandle<TOrder, TLevel>
    where TLevel : struct, ILevelHandle<TLevel, TOrder>
    where TSlots : struct, IIndexSlots<TSlots, TOrder>
{
    private readonly OrderIndex<TOrder, TLevel, TSlots> _index = new();
    private readonly SymbolBook<TOrder, TLevel>[] _books;
    private readonly int _hoursFrom;
    private readonly uint _hoursLength;
    private readonly bool _unknownIdsAreErrors;
    private BookFigures _figures;

    public ExchangeBooks(FeedFormat format, int symbols, TradingHours hours)
    {
        _books = new SymbolBook<TOrder, TLevel>[symbols];
        for (int i = 0; i < symbols; i++)
        {
            _books[i] = new SymbolBook<TOrder, TLevel>();
        }

        _hoursFrom = hours.From;
        _hoursLength = (uint)(hours.Until - hours.From);
        _unknownIdsAreErrors = format == FeedFormat.Sse;
    }

    public ReadOnlySpan<SymbolBook<TOrder, TLevel>> Books => _books;

    public OrderIndex<TOrder, TLevel, TSlots> Index => _index;

    /// <summary>The counts since the books were empty.</summary>
    public BookFigures Figures()
    {
        BookFigures figures = _figures;
        foreach (SymbolBook<TOrder, TLevel> book in _books)
        {
            figures.RestingQuantity += book.RestingQuantity();
        }

        return figures;
    }

    /// <summary>How many orders rest in each book, in the order of the symbols' names.</summary>
    /// <param name="symbols">The names, by number.</param>
    public KeyValuePair<string, int>[] RestingBySymbol(IReadOnlyList<string> symbols)
    {
        KeyValuePair<string, int>[] resting = new KeyValuePair<string, int>[symbols.Count];
        for (int i = 0; i < resting.Length; i++)
        {
            resting[i] = new(symbols[i], _books[i].RestingOrders);
        }

        Array.Sort(resting, (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return resting;
    }

    /// <summary>Changes the books as the event says, and counts it.</summary>
    /// <returns>What was wrong with it; of two faults the first.</returns>
    public Fault Apply(in FeedEvent feedEvent)
    {
        SymbolBook<TOrder, TLevel> book = _books[feedEvent.Symbol];
        bool isContinuous = (uint)(feedEvent.Milliseconds - _hoursFrom) < _hoursLength;
        _figures.Events++;
        Fault fault = feedEvent.Kind switch
        {
            EventKind.Add => Add(book, in feedEvent),
            EventKind.Delete => Delete(book, in feedEvent),
            EventKind.Trade => Trade(book, in feedEvent, isContinuous),
            EventKind.Execute => Execute(book, in feedEvent, isContinuous),
            EventKind.Reduce => Reduce(book, in feedEvent),
            EventKind.Hidden => Count(in feedEvent),
            _ => Fault.None,
        };

        if (isContinuous && book.IsCrossed)
        {
            _figures.CrossedStates++;
        }

        return fault;
    }

    /// <summary>Releases all orders and levels, and counts from 0 again. The index keeps its capacity.</summary>
    public void Clear()
    {
        foreach (SymbolBook<TOrder, TLevel> book in _books)
        {
            book.Clear();
        }

        _index.Clear();
        _figures = default;
    }

    public void Dispose()
    {
        Clear();
        _index.Release();
    }

    private Fault Add(SymbolBook<TOrder, TLevel> book, in FeedEvent feedEvent)
    {
        _figures.Adds++;
        if (!_index.Find(feedEvent.Id, out _).IsNull)
        {
            return Failed(Fault.AlreadyRests);
        }

        TOrder order = TOrder.Create(in feedEvent);
        book.Append(order, feedEvent.Price);
        _index.Add(feedEvent.Id, order);
        if (++_figures.Resting > _figures.PeakResting)
        {
            _figures.PeakResting = _figures.Resting;
        }

        return Fault.None;
    }

    private Fault Delete(SymbolBook<TOrder, TLevel> book, in FeedEvent feedEvent)
    {
        _figures.Deletes++;
        TOrder order = _index.Find(feedEvent.Id, out int slot);
        Fault fault = Judge(order, in feedEvent, feedEvent.Side);
        if (fault != Fault.None)
        {
            return Failed(fault);
        }

        bool differs = order.Quantity != feedEvent.Quantity;
        End(book, order, slot);
        return differs ? Failed(Fault.QuantityDiffers) : Fault.None;
    }

    private Fault Trade(SymbolBook<TOrder, TLevel> book, in FeedEvent feedEvent, bool isContinuous)
    {
        Count(in feedEvent);
        Fault buyer = FillIfResting(book, in feedEvent, feedEvent.Id, Side.Buy, isContinuous);
        Fault seller = FillIfResting(book, in feedEvent, feedEvent.OtherId, Side.Sell, isContinuous);
        return buyer != Fault.None ? buyer : seller;
    }

    private Fault Execute(SymbolBook<TOrder, TLevel> book, in FeedEvent feedEvent, bool isContinuous)
    {
        Count(in feedEvent);
        TOrder order = _index.Find(feedEvent.Id, out int slot);
        Fault fault = Judge(order, in feedEvent, feedEvent.Side);
        return fault != Fault.None ? Failed(fault) : Fill(book, order, slot, feedEvent.Quantity, isContinuous);
    }

    private Fault Reduce(SymbolBook<TOrder, TLevel> book, in FeedEvent feedEvent)
    {
        TOrder order = _index.Find(feedEvent.Id, out int slot);
        Fault fault = Judge(order, in feedEvent, feedEvent.Side);
        if (fault != Fault.None)
        {
            return Failed(fault);
        }

        int left = order.Quantity;
        if (feedEvent.Quantity < left)
        {
            SymbolBook<TOrder, TLevel>.Reduce(order, feedEvent.Quantity);
            return Fault.None;
        }

        End(book, order, slot);
        return feedEvent.Quantity > left ? Failed(Fault.TakesTooMuch) : Fault.None;
    }

    private Fault Count(in FeedEvent feedEvent)
    {
        _figures.Trades++;
        _figures.TradedQuantity += feedEvent.Quantity;
        return Fault.None;
    }

    private Fault FillIfResting(SymbolBook<TOrder, TLevel> book, in FeedEvent feedEvent, long id, Side side, bool isContinuous)
    {
        TOrder order = _index.Find(id, out int slot);
        if (order.IsNull)
        {
            return Fault.None;
        }

        Fault fault = Judge(order, in feedEvent, side);
        return fault != Fault.None ? Failed(fault) : Fill(book, order, slot, feedEvent.Quantity, isContinuous);
    }

    private Fault Fill(SymbolBook<TOrder, TLevel> book, TOrder order, int slot, int quantity, bool isContinuous)
    {
        _figures.Fills++;
        if (isContinuous)
        {
            TLevel level = order.Level;
            if (!level.Better.IsNull)
            {
                _figures.FillsNotAtBest++;
            }

            if (!order.Previous.IsNull)
            {
                _figures.FillsNotAtFront++;
            }
        }

        int left = order.Quantity;
        if (quantity < left)
        {
            SymbolBook<TOrder, TLevel>.Reduce(order, quantity);
            return Fault.None;
        }

        End(book, order, slot);
        _figures.Filled++;
        return quantity > left ? Failed(Fault.TakesTooMuch) : Fault.None;
    }

    private void End(SymbolBook<TOrder, TLevel> book, TOrder order, int slot)
    {
        _index.RemoveAt(slot);
        book.Unlink(order);
        order.Release();
        _figures.Resting--;
    }

    private static Fault Judge(TOrder order, in FeedEvent feedEvent, Side side)
    {
        if (order.IsNull)
        {
            return Fault.DoesNotRest;
        }

        return order.Symbol != feedEvent.Symbol || order.Side != side ? Fault.RestsElsewhere : Fault.None;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Fault Failed(Fault fault)
    {
        if (fault == Fault.DoesNotRest && !_unknownIdsAreErrors)
        {
            _figures.Unknown++;
        }
        else
        {
            _figures.Errors++;
        }

        return fault;
    }
}
