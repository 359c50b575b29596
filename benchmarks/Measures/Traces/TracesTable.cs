// The rows of `traces` for people: a line a trace, a column a subject, then the ratios that the goals are made of, and means over the traces.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static class TracesTable
{
    private const string Legend = "Medians of fresh processes in turn. C-: the same allocators, called by the replayer in C. spread: (max - min) / median of NativeHeap's.";

    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
    {
        (string Title, Func<IReadOnlyList<Row>, string, double?> Of)[] speeds = [("C# ratio", TracesGoals.SpeedOverCSharp), ("C ratio", TracesGoals.SpeedOverC)];
        (string Title, Func<IReadOnlyList<Row>, string, double?> Of)[] sizes = [("of allowed", TracesGoals.MemoryOverLibraries), ("of glibc", TracesGoals.MemoryOverGlibc)];
        Section?[] sections =
        [
            Of(
                rows,
                TracesGoals.Nanoseconds,
                "ns an event on one thread, less the loop, median",
                speeds,
                "C# ratio: the time of the fastest peer called from C# over NativeHeap's. C ratio: the time of the fastest allocator in C over NativeHeap's.",
                "Time of the thread on a core; the loop is the replay without an allocator, in each language."),
            Of(rows, TracesGoals.RawNanoseconds, "ns an event on one thread, loop included, median", []),
            Of(rows, TracesGoals.WallNanoseconds, "ns an event on several threads, on the wall, loop included, median", []),
            Of(
                rows,
                TracesGoals.Mebibytes,
                "peak MiB, median",
                sizes,
                "peak MiB: growth since before the first event, every page of an object touched; the loop's is what the process itself adds.",
                "of allowed: NativeHeap's over the least of mimalloc, jemalloc and tcmalloc called from C#, + 1 MiB. of glibc: over NativeMemory's."),
        ];
        return sections.OfType<Section>();
    }

    private static Section? Of(
        IReadOnlyList<Row> all,
        string unit,
        string title,
        (string Title, Func<IReadOnlyList<Row>, string, double?> Of)[] ratios,
        params string[] notes)
    {
        Row[] rows = [.. all.Where(row => row.Unit == unit && (row.Measure is TracesGoals.Speed or TracesGoals.Memory))];
        if (rows.Length == 0)
        {
            return null;
        }

        string[] subjects = [.. TraceSubjects.Managed.Select(subject => subject.Name).Concat(TraceSubjects.Native).Where(name => rows.Any(row => row.Subject == name))];
        string[] cells = [.. rows.Select(row => row.Cell).Distinct()];
        double?[] Figures(string cell)
            => [.. subjects.Select(subject => rows.Median(rows[0].Measure, cell, subject, unit)), .. ratios.Select(ratio => ratio.Of(all, TraceOf(cell)))];

        Table table = new(["trace", .. subjects, .. ratios.Select(ratio => ratio.Title), "spread"]);
        foreach (string cell in cells)
        {
            double spread = rows.Find(rows[0].Measure, cell, Subject.NativeHeapName, unit)?.Spread ?? 0;
            table.Add([cell, .. Figures(cell).Select(Table.Figure), Table.Share(spread)]);
        }

        double?[][] lines = [.. cells.Select(Figures)];
        table.Add(["geometric mean", .. Enumerable.Range(0, lines[0].Length).Select(column => Table.Figure(Mean([.. lines.Select(line => line[column])]))), string.Empty]);
        return new(rows[0].Measure, title, table, [Legend, .. notes]);
    }

    private static string TraceOf(string cell) => cell[(cell.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static double? Mean(double?[] values)
        => values.All(value => value > 0) ? Statistics.GeometricMean([.. values.OfType<double>()]) : null;
}
