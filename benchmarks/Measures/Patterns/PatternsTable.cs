// The rows of `patterns` for people: times, with the ratio that the goals are made of; times of the cores, which a busy
// machine disturbs less; and peaks of memory.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class PatternsTable
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
    {
        PatternCell[] cells = [.. PatternCell.All.Where(cell => rows.Any(row => row.Measure == PatternsGoals.Measure && row.Cell == cell.Name))];
        return cells.Length == 0 ? [] : [Times(rows, cells), CoreTimes(rows, cells), Peaks(rows, cells)];
    }

    private static Section Times(IReadOnlyList<Row> rows, PatternCell[] cells)
    {
        string[] subjects = SubjectsOf(rows);
        Table table = new(["pattern", .. subjects, "fastest peer", "ratio", "spread", "clock"]);
        foreach (PatternCell cell in cells)
        {
            Comparison comparison = PatternsGoals.Compare(rows, cell);
            table.Add(
            [
                .. Line(rows, cell, subjects, PatternsGoals.Nanoseconds),
                comparison.Fastest?.Subject ?? "-",
                Table.Figure(comparison.Ratio),
                Table.Share(comparison.Spread),
                cell.Clock,
            ]);
        }

        return new(
            PatternsGoals.Measure,
            "ns an operation, median",
            table,
            "ratio: the fastest peer's time over NativeHeap's; in cache-scratch, tcmalloc's. spread: (max - min) / median of the wider of the two.",
            "clock: wall time, of a thread for each core (two in sh6bench, sh8bench and xmalloc-test), or one thread's time on a core.");
    }

    private static Section CoreTimes(IReadOnlyList<Row> rows, PatternCell[] cells)
        => new(
            PatternsGoals.Measure,
            "core-ns an operation, median",
            Plain(rows, cells, PatternsGoals.CoreNanoseconds),
            "core-ns: time of all threads on their cores, for information: preparing and waiting are in it, but a core taken away by others is not.");

    private static Section Peaks(IReadOnlyList<Row> rows, PatternCell[] cells)
        => new(
            PatternsGoals.Measure,
            "MiB at the peak, median",
            Plain(rows, cells, PatternsGoals.PeakMemory),
            "MiB: the most that was resident, over what was before the first call; a few MiB of it are the runtime's own code.");

    private static Table Plain(IReadOnlyList<Row> rows, PatternCell[] cells, string unit)
    {
        string[] subjects = SubjectsOf(rows);
        Table table = new(["pattern", .. subjects]);
        foreach (PatternCell cell in cells)
        {
            table.Add([.. Line(rows, cell, subjects, unit)]);
        }

        return table;
    }

    private static IEnumerable<string> Line(IReadOnlyList<Row> rows, PatternCell cell, string[] subjects, string unit)
        => [cell.Name, .. subjects.Select(subject => Table.Figure(rows.Median(PatternsGoals.Measure, cell.Name, subject, unit)))];

    private static string[] SubjectsOf(IReadOnlyList<Row> rows)
        => [.. UntypedSubjects.All.Select(subject => subject.Name).Where(name => rows.Any(row => row.Measure == PatternsGoals.Measure && row.Subject == name))];
}
