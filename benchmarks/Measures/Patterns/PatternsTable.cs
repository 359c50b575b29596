// The rows of `patterns` for people: times, with the ratio that the goals are made of; times of the cores, which a busy
// machine disturbs less; and peaks of memory.

using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class PatternsTable
{
    public static void Print(IReadOnlyList<Row> rows, IReadOnlyList<Subject> subjects, TextWriter output)
    {
        PatternCell[] cells = [.. PatternCell.All.Where(cell => rows.Any(row => row.Cell == cell.Name))];
        Table times = new(["ns an operation, median", .. subjects.Select(subject => subject.Name), "fastest peer", "ratio", "spread", "clock"]);
        Table coreTimes = new(["core-ns an operation, median", .. subjects.Select(subject => subject.Name)]);
        Table peaks = new(["MiB at the peak, median", .. subjects.Select(subject => subject.Name)]);
        foreach (PatternCell cell in cells)
        {
            times.Add(
            [
                cell.Name,
                .. subjects.Select(subject => FigureOf(rows, cell, subject, PatternsGoals.Nanoseconds)),
                Fastest(rows, cell)?.Subject ?? "-",
                Table.Figure(PatternsGoals.SpeedRatio(rows, cell)),
                Spread(PatternsGoals.Find(rows, cell, Subject.NativeHeapName, PatternsGoals.Nanoseconds), Fastest(rows, cell)),
                cell.Clock,
            ]);
            coreTimes.Add([cell.Name, .. subjects.Select(subject => FigureOf(rows, cell, subject, PatternsGoals.CoreNanoseconds))]);
            peaks.Add([cell.Name, .. subjects.Select(subject => FigureOf(rows, cell, subject, PatternsGoals.PeakMemory))]);
        }

        times.Print(output);
        output.WriteLine("ratio: the fastest peer's time over NativeHeap's; in cache-scratch, tcmalloc's. spread: (max - min) / median of the wider of the two.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"clock: wall time, for {Load.Threads} threads (twice as many in sh6bench, sh8bench and xmalloc-test), or one thread's time on a core."));
        output.WriteLine();
        coreTimes.Print(output);
        output.WriteLine("core-ns: time of all threads on their cores, for information: preparing and waiting are in it, but a core taken away by others is not.");
        output.WriteLine();
        peaks.Print(output);
        output.WriteLine("MiB: the most that was resident, over what was before the first call; a few MiB of it are the runtime's own code.");
        output.WriteLine();
    }

    private static string FigureOf(IReadOnlyList<Row> rows, PatternCell cell, Subject subject, string unit)
        => Table.Figure(PatternsGoals.Find(rows, cell, subject.Name, unit)?.Value.Median);

    private static Row? Fastest(IReadOnlyList<Row> rows, PatternCell cell)
        => PatternsGoals.PeersOf(cell).Select(peer => PatternsGoals.Find(rows, cell, peer, PatternsGoals.Nanoseconds)).OfType<Row>().MinBy(row => row.Value.Median);

    private static string Spread(params Row?[] rows)
    {
        double widest = rows.Max(row => row is null ? 0 : (row.Value.Max - row.Value.Min) / row.Value.Median);
        return widest.ToString("0 %", CultureInfo.InvariantCulture);
    }
}
