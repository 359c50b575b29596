// The figures that are shown, and in what order.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

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
        foreach ((string Name, string[] Cells) row in BookFigureRows.Of(results, result => result.Figures, result => result.RestingBySymbol))
        {
            yield return row;
        }

        (string Name, string[] Cells) Row(string name, Func<HeapResult, string> cell) => FigureTable.Row(name, results, cell);
    }
}
