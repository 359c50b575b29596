// How others see the books while they change: a request, which the book's thread serves between two messages.
//
//     asker:    takes the turn; asks; wakes the book's thread; waits          book's thread:  asked? -> copies the best levels -> says so
//
// A message pays for it with one load of a flag. The copy is the asker's until it gives up its turn.

using System;
using System.Threading;

using Gateway.Wire;

using OrderBook.Book;

namespace Gateway.Session;

/// <summary>A price level of a book.</summary>
internal readonly record struct LevelView(long Price, long Quantity, int Orders);

/// <summary>The best levels of one symbol's book.</summary>
internal sealed record SymbolView(string Symbol, int RestingOrders, LevelView[] Bids, LevelView[] Asks);

internal sealed class BookView : IDisposable
{
    public const int Depth = 10;
    private const int PatienceMilliseconds = 2_000;

    private readonly Lock _turn = new();
    private readonly ManualResetEventSlim _isServed = new();
    private SymbolView[] _views = [];
    private volatile bool _isAsked;
    private volatile bool _hasEnded;

    /// <summary>Wakes the book's thread if it sleeps.</summary>
    public Action Wake { get; set; } = static () => { };

    /// <summary>The books as they are now, each with its best levels.</summary>
    /// <returns>Null if the book's thread has ended or has no time.</returns>
    public SymbolView[]? Look()
    {
        lock (_turn)
        {
            if (_hasEnded)
            {
                return null;
            }

            _isServed.Reset();
            _isAsked = true;
            Wake();
            return _isServed.Wait(PatienceMilliseconds, CancellationToken.None) && !_hasEnded ? _views : null;
        }
    }

    /// <summary>For the book's thread, between two messages.</summary>
    public void ServeIfAsked(ExchangeBooks<NativeOrder, NativeLevel, NativeSlots>? books, string[] symbols)
    {
        if (_isAsked)
        {
            Serve(books, symbols);
        }
    }

    /// <summary>There will be no more answers. For the book's thread.</summary>
    public void End()
    {
        _hasEnded = true;
        _isServed.Set();
    }

    public static TopOfBook TopOf(ushort symbol, SymbolBook<NativeOrder, NativeLevel> book)
    {
        NativeLevel bid = book.Bids.Best;
        NativeLevel ask = book.Asks.Best;
        return new TopOfBook(symbol, bid.IsNull ? 0 : -bid.Rank, bid.IsNull ? 0 : bid.Quantity, ask.IsNull ? 0 : ask.Rank, ask.IsNull ? 0 : ask.Quantity);
    }

    public void Dispose() => _isServed.Dispose();

    private void Serve(ExchangeBooks<NativeOrder, NativeLevel, NativeSlots>? books, string[] symbols)
    {
        SymbolView[] views = new SymbolView[books is null ? 0 : symbols.Length];
        for (int i = 0; i < views.Length; i++)
        {
            SymbolBook<NativeOrder, NativeLevel> book = books!.Books[i];
            views[i] = new SymbolView(symbols[i], book.RestingOrders, Levels(book.Bids), Levels(book.Asks));
        }

        _views = views;
        _isAsked = false;
        _isServed.Set();
    }

    private static LevelView[] Levels(LevelTree<NativeOrder, NativeLevel> side)
    {
        LevelView[] levels = new LevelView[Math.Min(Depth, side.Count)];
        NativeLevel level = side.Best;
        for (int i = 0; i < levels.Length; i++, level = level.Worse)
        {
            levels[i] = new LevelView(Math.Abs(level.Rank), level.Quantity, level.Count);
        }

        return levels;
    }
}
