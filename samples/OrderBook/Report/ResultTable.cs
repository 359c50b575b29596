// The figures that are shown, and in what order.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using OrderBook.Book;
using OrderBook.Feed;
using OrderBook.Replay;

using SideBySide;

namespace OrderBook.Report;

internal static class ResultTable
{
    private const int MinColumn = 14;

    public static void Write(TextWriter output, LoadedFeed feed, int passes, IReadOnlyList<HeapResult> results)
    {
        FigureTable.Write(output, [.. Rows(results)], MinColumn);
        double clock = results.Max(result => result.ClockOverhead);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ns over {passes} measured passes each. Percentiles include the clock, {clock:0} ns an event; the mean does not."));
        if (feed.Format == FeedFormat.Lobster)
        {
            output.WriteLine("A LOBSTER extract leaves out most of the book: crossed states and places of fills say nothing here.");
        }
    }

    private static IEnumerable<(string Name, string[] Cells)> Rows(IReadOnlyList<HeapResult> results)
    {
        yield return Row("", result => result.Heap.Name());
        yield return ("speed", []);
        yield return Row("events a second", result => FigureTable.Whole(1e9 / result.NanosecondsPerEvent));
        yield return Row("ns an event, mean", result => result.NanosecondsPerEvent.ToString("0.0", CultureInfo.InvariantCulture));
        yield return Row("p50", result => FigureTable.Whole(result.P50));
        yield return Row("p99", result => FigureTable.Whole(result.P99));
        yield return Row("p99.9", result => FigureTable.Whole(result.P999));
        yield return Row("max", result => FigureTable.Whole(result.Max));
        yield return ("memory", []);
        yield return FigureTable.Row(results, result => result.Collections);
        yield return Row("bytes allocated by the GC", result => FigureTable.Whole(result.AllocatedBytes));
        yield return Row("peak memory, MiB", result => (result.PeakMemory / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture));
        yield return ("books", []);
        yield return Count("events", figures => figures.Events);
        yield return Count("adds", figures => figures.Adds);
        yield return Count("deletes", figures => figures.Deletes);
        yield return Count("trades", figures => figures.Trades);
        yield return Count("traded quantity", figures => figures.TradedQuantity);
        yield return Count("fills of resting orders", figures => figures.Fills);
        yield return Count("  filled completely", figures => figures.Filled);
        yield return Count("most resting at once", figures => figures.PeakResting);
        yield return Count("resting at the end", figures => figures.Resting);
        foreach (string symbol in results[0].RestingBySymbol.Select(pair => pair.Key))
        {
            yield return Row("  " + symbol, result => FigureTable.Whole(result.RestingBySymbol.First(pair => pair.Key == symbol).Value));
        }

        yield return Count("resting quantity", figures => figures.RestingQuantity);
        yield return ("checks", []);
        yield return Count("errors", figures => figures.Errors);
        yield return Count("unknown ids", figures => figures.Unknown);
        yield return Count("crossed states", figures => figures.CrossedStates);
        yield return Count("fills not at the best price", figures => figures.FillsNotAtBest);
        yield return Count("fills not at the front", figures => figures.FillsNotAtFront);

        (string Name, string[] Cells) Row(string name, Func<HeapResult, string> cell) => FigureTable.Row(name, results, cell);

        (string Name, string[] Cells) Count(string name, Func<BookFigures, long> figure)
            => Row(name, result => FigureTable.Whole(figure(result.Figures)));
    }
}
