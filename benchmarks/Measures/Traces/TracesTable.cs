// The rows of `traces` for people: a line a trace, a column a subject, then the ratios that the goals are made of, and means over the traces.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static class TracesTable
{
    public static void Print(IReadOnlyList<Row> rows, TextWriter output)
    {
        PrintUnit(rows, TracesGoals.Nanoseconds, "ns an event, less the loop", output, ("C# ratio", TracesGoals.SpeedOverCSharp), ("C ratio", TracesGoals.SpeedOverC));
        PrintUnit(rows, TracesGoals.RawNanoseconds, "ns an event, raw", output);
        PrintUnit(rows, TracesGoals.WallNanoseconds, "ns an event, several threads", output);
        PrintUnit(rows, TracesGoals.Mebibytes, "peak MiB", output, ("of allowed", TracesGoals.MemoryOverLibraries), ("of glibc", TracesGoals.MemoryOverGlibc));
        if (rows.Count > 0)
        {
            output.WriteLine("Medians of fresh processes in turn; one thread: its time on a core, several: on the wall, loop included. C-: the replayer in C.");
            output.WriteLine("ratio: the fastest peer's time over NativeHeap's. spread: (max - min) / median, the widest of the line.");
            output.WriteLine("peak MiB: growth since before the first event, every page of an object touched; the loop's is what the process itself adds.");
            output.WriteLine();
        }
    }

    private static void PrintUnit(
        IReadOnlyList<Row> all,
        string unit,
        string title,
        TextWriter output,
        params (string Title, Func<IReadOnlyList<Row>, string, double?> Of)[] ratios)
    {
        Row[] rows = [.. all.Where(row => row.Unit == unit)];
        if (rows.Length == 0)
        {
            return;
        }

        string[] subjects = [.. TraceSubjects.Managed.Select(subject => subject.Name).Concat(TraceSubjects.Native).Where(name => rows.Any(row => row.Subject == name))];
        string[] cells = [.. rows.Select(row => row.Cell).Distinct()];
        Table table = new([title, .. subjects, .. ratios.Select(ratio => ratio.Title), "spread"]);
        foreach (string cell in cells)
        {
            IEnumerable<double?> figures = [.. subjects.Select(subject => TracesGoals.ValueOf(rows, cell, subject, unit)), .. ratios.Select(ratio => ratio.Of(rows, TraceOf(cell)))];
            table.Add([cell, .. figures.Select(Table.Figure), Spread(rows, cell)]);
        }

        double?[] means = [.. subjects.Select(subject => Mean([.. cells.Select(cell => TracesGoals.ValueOf(rows, cell, subject, unit))]))];
        double?[] ratioMeans = [.. ratios.Select(ratio => Mean([.. cells.Select(cell => ratio.Of(rows, TraceOf(cell)))]))];
        table.Add(["geometric mean", .. means.Concat(ratioMeans).Select(Table.Figure), string.Empty]);
        table.Print(output);
    }

    private static string TraceOf(string cell) => cell[(cell.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static double? Mean(double?[] values)
        => values.All(value => value > 0) ? Statistics.GeometricMean([.. values.OfType<double>()]) : null;

    private static string Spread(Row[] rows, string cell)
        => rows.Where(row => row.Cell == cell && row.Value.Median > 0)
            .Select(row => (row.Value.Max - row.Value.Min) / row.Value.Median)
            .DefaultIfEmpty()
            .Max()
            .ToString("0 %", CultureInfo.InvariantCulture);
}
