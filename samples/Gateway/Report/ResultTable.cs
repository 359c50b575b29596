// The figures that are shown, and in what order.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using Gateway.Faults;
using Gateway.Memory;
using Gateway.Running;

using OrderBook.Report;

using SideBySide;

namespace Gateway.Report;

internal static class ResultTable
{
    private const int MinColumn = 14;

    public static void Write(TextWriter output, IReadOnlyList<RunResult> results, double? rate)
    {
        FigureTable.Write(output, [.. Rows(results)], MinColumn);
        string due = rate is null ? "it was given to the socket" : "it was due, sent or not";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Latency is from when {due}, until the book had it: over {results[0].Latencies.Count:#,0} events in {results[0].MeasuredSeconds:0.00} s, after {results[0].Messages - results[0].MeasuredMessages:#,0} messages to lead in."));
    }

    private static IEnumerable<(string Name, string[] Cells)> Rows(IReadOnlyList<RunResult> results)
    {
        yield return Row("", result => result.Pool.Name());
        yield return ("wire to book, us", []);
        yield return Row("p50", result => Microseconds(result.Latencies.P50));
        yield return Row("p99", result => Microseconds(result.Latencies.P99));
        yield return Row("p99.9", result => Microseconds(result.Latencies.P999));
        yield return Row("p99.99", result => Microseconds(result.Latencies.P9999));
        yield return Row("max", result => Microseconds(result.Latencies.Max));
        yield return ("messages", []);
        yield return Row("messages a second", result => FigureTable.Whole(result.MessagesPerSecond));
        yield return Count("applied", result => result.Messages);
        yield return Count("lost", result => result.Lost);
        yield return Count("out of order", result => result.OutOfOrder);
        yield return Count("snapshots that agreed", result => result.SnapshotsChecked);
        yield return Count("best prices answered", result => result.TopsOfBook);
        yield return ("memory", []);
        yield return FigureTable.Row(results, result => result.Collections);
        yield return Count("bytes allocated by the GC", result => result.AllocatedBytes);
        yield return Count("buffers not returned", result => result.BuffersOut);
        yield return Row("pool, KiB", result => FigureTable.Whole(result.PoolBytes / 1024.0));
        yield return Row("messages at most, KiB", result => FigureTable.Whole(result.MessageBytes / 1024.0));
        foreach ((string Name, string[] Cells) row in BookFigureRows.Of(results, result => result.Figures, result => result.RestingBySymbol))
        {
            yield return row;
        }

        if (results.Any(result => result.Events.Any(pair => pair.Value > 0)))
        {
            yield return ("events", []);
        }

        foreach (Incident kind in results[0].Events.Select(pair => pair.Key))
        {
            if (results.Any(result => CountOf(result, kind) > 0))
            {
                yield return Count(Words(kind), result => CountOf(result, kind));
            }
        }

        (string Name, string[] Cells) Row(string name, Func<RunResult, string> cell) => FigureTable.Row(name, results, cell);

        (string Name, string[] Cells) Count(string name, Func<RunResult, long> figure) => Row(name, result => FigureTable.Whole(figure(result)));
    }

    private static long CountOf(RunResult result, Incident kind) => result.Events.First(pair => pair.Key == kind).Value;

    // ConnectionTorn -> connection torn
    private static string Words(Incident kind)
        => string.Concat(kind.ToString().Select((letter, i) => char.IsUpper(letter) ? $"{(i == 0 ? "" : " ")}{char.ToLowerInvariant(letter)}" : letter.ToString()));

    private static string Microseconds(double nanoseconds) => (nanoseconds / 1000).ToString("#,0.0", CultureInfo.InvariantCulture);
}
