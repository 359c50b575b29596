// The figures side by side, as aligned text: one row a figure, one column a heap.
//
// Plain text on purpose: it can be piped, compared and compiled ahead of time.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using OrderBook.Book;
using OrderBook.Feed;
using OrderBook.Replay;

namespace OrderBook.Report;

internal static class ResultTable
{
    private const int MinColumn = 14;
    private const string Indent = "  ";

    public static void Write(TextWriter output, LoadedFeed feed, int passes, IReadOnlyList<HeapResult> results)
    {
        List<(string Name, string[] Cells)> rows = [.. Rows(results)];
        int nameWidth = rows.Max(row => row.Name.Length);
        int width = Math.Max(MinColumn, rows.SelectMany(row => row.Cells).Max(cell => cell.Length) + 2);
        output.WriteLine();
        foreach ((string name, string[] cells) in rows)
        {
            output.WriteLine((name.PadRight(nameWidth) + string.Concat(cells.Select(cell => cell.PadLeft(width)))).TrimEnd());
        }

        output.WriteLine();
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
        yield return Row("", result => result.Heap == HeapKind.Native ? "native" : "managed");
        yield return ("speed", []);
        yield return Row("events a second", result => Whole(1e9 / result.NanosecondsPerEvent));
        yield return Row("ns an event, mean", result => result.NanosecondsPerEvent.ToString("0.0", CultureInfo.InvariantCulture));
        yield return Row("p50", result => Whole(result.P50));
        yield return Row("p99", result => Whole(result.P99));
        yield return Row("p99.9", result => Whole(result.P999));
        yield return Row("max", result => Whole(result.Max));
        yield return ("memory", []);
        yield return Row("collections of gen 0 / 1 / 2", result => string.Create(
            CultureInfo.InvariantCulture, $"{result.Collections.Gen0} / {result.Collections.Gen1} / {result.Collections.Gen2}"));
        yield return Row("bytes allocated by the GC", result => Whole(result.AllocatedBytes));
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
            yield return Row("  " + symbol, result => Whole(result.RestingBySymbol.First(pair => pair.Key == symbol).Value));
        }

        yield return Count("resting quantity", figures => figures.RestingQuantity);
        yield return ("checks", []);
        yield return Count("errors", figures => figures.Errors);
        yield return Count("unknown ids", figures => figures.Unknown);
        yield return Count("crossed states", figures => figures.CrossedStates);
        yield return Count("fills not at the best price", figures => figures.FillsNotAtBest);
        yield return Count("fills not at the front", figures => figures.FillsNotAtFront);

        (string Name, string[] Cells) Row(string name, Func<HeapResult, string> cell) => (Indent + name, [.. results.Select(cell)]);

        (string Name, string[] Cells) Count(string name, Func<BookFigures, long> figure)
            => Row(name, result => Whole(figure(result.Figures)));
    }

    private static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
