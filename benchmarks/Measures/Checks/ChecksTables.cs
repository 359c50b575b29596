// The rows of `checks` for people: a line a cell and a column a subject, once for times, once for ratios, once for memory.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Checks;

internal static class ChecksTables
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
        => new[]
        {
            Section(
                rows,
                ChecksGoals.Nanoseconds,
                "ns an allocation and free, median",
                "hot: one object at a time. window-random/256: so many live, freed in a random order. heap: hot, in a heap of one's own. All written and read. Last part: bytes of an object.",
                "handoff: allocated by one thread and freed by another, through a ring; wall time. orderbook: the replay of an order book's allocations, by untyped calls. Other times are of the measuring thread on a core.",
                "spread: (max - min) / median of the widest."),
            Section(
                rows,
                ChecksGoals.OverOff,
                "time over that at Off in the same round, median",
                "Off has no ratio: the stubs' instructions are the same at every level, which tests/NativeHeap.Tests/Golden holds."),
            Section(rows, ChecksGoals.Resident, "memory for each byte of 256 MiB of objects, as the kernel counts it", "Last part of a cell: bytes of an object. Full keeps up to 16 MiB of what was freed besides."),
        }.OfType<Section>();

    private static Section? Section(IReadOnlyList<Row> all, string unit, string title, params string[] notes)
    {
        Row[] rows = [.. all.Where(row => row.Measure == ChecksGoals.Measure && row.Unit == unit)];
        string[] subjects = [.. CheckSubject.Names.Where(subject => rows.Any(row => row.Subject == subject))];
        Table table = new(["cell", .. subjects, "spread"]);
        foreach (IGrouping<string, Row> cell in rows.GroupBy(row => row.Cell))
        {
            table.Add([cell.Key, .. subjects.Select(subject => Table.Figure(cell.FirstOrDefault(row => row.Subject == subject)?.Value.Median)), Table.Share(cell.Max(row => row.Spread))]);
        }

        return rows.Length == 0 ? null : new(ChecksGoals.Measure, title, table, notes);
    }
}
