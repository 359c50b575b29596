// The rows of `peers` for people: a line a cell, a column a subject, then the ratio that the goals are made of; and what the stubs
// cost the garbage collector.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static class PeersTable
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
        => new[] { Times(rows, touched: true), Times(rows, touched: false), Counts(rows) }.OfType<Section>();

    private static Section? Times(IReadOnlyList<Row> rows, bool touched)
    {
        string[] cells = [.. Cell.All.Select(cell => cell.NameWhen(touched)).Where(cell => rows.Any(row => row.Measure == PeersGoals.Speed && row.Cell == cell))];
        if (cells.Length == 0)
        {
            return null;
        }

        string[] subjects = [.. Subject.All.Select(subject => subject.Name).Where(name => cells.Any(cell => PeersGoals.TimeOf(rows, cell, name) is not null))];
        Table table = new(["cell", .. subjects, "fastest peer", "ratio", "spread", "new: GCs/M"]);
        foreach (string cell in cells)
        {
            Comparison comparison = PeersGoals.Compare(rows, cell);
            table.Add(
            [
                cell,
                .. subjects.Select(subject => Table.Figure(PeersGoals.TimeOf(rows, cell, subject))),
                comparison.Fastest?.Subject ?? "-",
                Table.Figure(comparison.Ratio),
                Table.Share(comparison.Spread),
                Table.Figure(rows.Median(PeersGoals.Speed, cell, Subject.NewName, PeersCommand.CollectionsPerMillion)),
            ]);
        }

        // Over what was measured, for whoever changes something and measures a few cells again; the goals take nothing less than all.
        double[] ratios = [.. cells.Select(cell => PeersGoals.Compare(rows, cell).Ratio).OfType<double>()];
        return new(
            PeersGoals.Speed,
            $"ns an allocation and free, median; objects {(touched ? "written and read" : "neither written nor read")}",
            table,
            $"Geometric mean of the ratios above: {Table.Figure(ratios.Length == 0 ? null : Statistics.GeometricMean(ratios))}.",
            "ns: time of the measuring thread on a core, so that a core taken away by others does not count.",
            "ratio: the fastest peer's time over NativeHeap's. spread: (max - min) / median of the wider of the two.",
            "new, Bump and ThreadStaticArray are shown beside the peers and are none. new: GCs/M: collections in a million `new`.");
    }

    private static Section? Counts(IReadOnlyList<Row> rows)
    {
        string[] operations = [.. HotCalls.Names.Where(name => rows.Any(row => row.Measure == PeersGoals.ZeroGC && row.Cell == name))];
        Table table = new("operation", PeersGoals.Bytes, PeersGoals.Collections);
        foreach (string operation in operations)
        {
            string Of(string unit) => Table.Figure(rows.Find(PeersGoals.ZeroGC, operation, Subject.NativeHeapName, unit)?.Value.Max);
            table.Add(operation, Of(PeersGoals.Bytes), Of(PeersGoals.Collections));
        }

        return operations.Length == 0 ? null : new(PeersGoals.ZeroGC, "allocated on the GC's heap by 10 million calls, all threads", table);
    }
}
