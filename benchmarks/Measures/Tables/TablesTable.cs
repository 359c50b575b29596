// The rows of `tables` for people: a line a cell.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal static class TablesTable
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
    {
        TableCell[] cells = [.. TableCell.All.Where(cell => rows.Any(row => row.Measure == TablesGoals.Measure && row.Cell == cell.Name))];
        Table table = new("cell", Subject.NativeHeapName, "beside", "its ns", "ratio", "spread", "goal", "its GCs/M");
        foreach (TableCell cell in cells)
        {
            Comparison comparison = TablesGoals.Compare(rows, cell);
            table.Add(
                cell.Name,
                Table.Figure(comparison.Own?.Value.Median),
                cell.Beside,
                Table.Figure(comparison.Fastest?.Value.Median),
                Table.Figure(comparison.Ratio),
                Table.Share(comparison.Spread),
                cell.Goal ?? string.Empty,
                Table.Figure(rows.Median(TablesGoals.Measure, cell.Name, cell.Beside, TablesCommand.CollectionsPerMillion) ?? 0));
        }

        return cells.Length == 0
            ? []
            :
            [
                new(
                    TablesGoals.Measure,
                    "ns an operation, median",
                    table,
                    "Last part of a cell: bytes of an element; before it, how many there are.",
                    "ratio: the other's time over NativeHeap's. spread: (max - min) / median of the wider of the two. its GCs/M: collections in a million of its operations.",
                    "ns: time of the measuring thread on a core. What the garbage collector does on threads of its own is not in it."),
            ];
    }
}
