// What the books counted, as rows of the table.

using System;
using System.Collections.Generic;
using System.Linq;

using OrderBook.Book;

using SideBySide;

namespace OrderBook.Report;

internal static class BookFigureRows
{
    public static IEnumerable<(string Name, string[] Cells)> Of<TResult>(
        IReadOnlyList<TResult> results, Func<TResult, BookFigures> figures, Func<TResult, IReadOnlyList<KeyValuePair<string, int>>> restingBySymbol)
    {
        yield return ("books", []);
        yield return Count("events", counted => counted.Events);
        yield return Count("adds", counted => counted.Adds);
        yield return Count("deletes", counted => counted.Deletes);
        yield return Count("trades", counted => counted.Trades);
        yield return Count("traded quantity", counted => counted.TradedQuantity);
        yield return Count("fills of resting orders", counted => counted.Fills);
        yield return Count("  filled completely", counted => counted.Filled);
        yield return Count("most resting at once", counted => counted.PeakResting);
        yield return Count("resting at the end", counted => counted.Resting);
        foreach (string symbol in restingBySymbol(results[0]).Select(pair => pair.Key))
        {
            yield return FigureTable.Row(
                "  " + symbol, results, result => FigureTable.Whole(restingBySymbol(result).First(pair => pair.Key == symbol).Value));
        }

        yield return Count("resting quantity", counted => counted.RestingQuantity);
        yield return ("checks", []);
        yield return Count("errors", counted => counted.Errors);
        yield return Count("unknown ids", counted => counted.Unknown);
        yield return Count("crossed states", counted => counted.CrossedStates);
        yield return Count("fills not at the best price", counted => counted.FillsNotAtBest);
        yield return Count("fills not at the front", counted => counted.FillsNotAtFront);

        (string Name, string[] Cells) Count(string name, Func<BookFigures, long> figure)
            => FigureTable.Row(name, results, result => FigureTable.Whole(figure(figures(result))));
    }
}
