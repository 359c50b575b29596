// The rows of `buffers` for people: a line a cell, a column a subject, and the ratio that the goals are made of.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal static class BuffersTable
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
    {
        BufferCell[] cells = [.. BufferCell.All.Where(cell => rows.Any(row => row.Measure == BuffersGoals.Measure && row.Cell == cell.Name))];
        Table table = new(["cell", .. BufferSubjects.All, "ratio", "spread", "goal", "bytes", "ArrayPool: GCs/M"]);
        foreach (BufferCell cell in cells)
        {
            Comparison comparison = BuffersGoals.Compare(rows, cell.Name);
            table.Add(
            [
                cell.Name,
                .. BufferSubjects.All.Select(subject => Table.Figure(rows.Median(BuffersGoals.Measure, cell.Name, subject, BuffersGoals.Nanoseconds))),
                Table.Figure(comparison.Ratio),
                Table.Share(comparison.Spread),
                cell.Goal ?? string.Empty,
                Table.Figure(BuffersGoals.BytesOf(rows, cell.Name)),
                Table.Figure(rows.Median(BuffersGoals.Measure, cell.Name, Subject.ArrayPoolName, BuffersGoals.CollectionsPerMillion) ?? 0),
            ]);
        }

        return cells.Length == 0
            ? []
            :
            [
                new(
                    BuffersGoals.Measure,
                    "ns a buffer rented and returned, median",
                    table,
                    "Last part of a cell: bytes of a buffer. pair, batch and mixed: neither written nor read; write, cross and handoff: the first word is.",
                    "ratio: ArrayPool's time over NativeHeap's. spread: (max - min) / median of the wider of the two.",
                    "bytes: allocated on the GC's heap by 10 million operations of NativeHeap. GCs/M: collections in a million operations of ArrayPool's.",
                    "NativeHeap: NativeMemoryPool.Shared as a MemoryPool. RentExact: the same by its own type. Pinned: its buffers in pinned arrays.",
                    "handoff: an object of a type with stubs, and a MessageBuffer, by NativeSpscRing; ArrayPool's arrays by a ring of references that works the same.",
                    "ns: of cross and handoff wall time; else time of the measuring thread on a core."),
            ];
    }
}
