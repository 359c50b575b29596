using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Rss;

/// <summary>The rows of `rss` as tables; the moments are for the picture.</summary>
internal static class RssTables
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows) => new[] { Returned(rows), Overhead(rows) }.OfType<Section>();

    private static Section? Returned(IReadOnlyList<Row> rows)
    {
        Table table = new("experiment", "subject", "MiB with all", "MiB 2 s after the free", "of all", "MiB allowed", "of allowed", "spread");
        var lines = from experiment in Experiment.All
                    from subject in UntypedSubjects.All
                    let left = rows.Find(RssGoals.Returned, experiment.Name, subject.Name, RssGoals.Left)
                    where left is not null
                    select (experiment.Name, Subject: subject.Name, Left: left);
        foreach ((string experiment, string subject, Row left) in lines)
        {
            bool hasHoles = experiment == Experiment.HolesName;
            table.Add(
                experiment,
                subject,
                Table.Figure(rows.Median(RssGoals.Returned, experiment, subject, RssGoals.Full)),
                Table.Figure(left.Value.Median),
                Table.Figure(RssGoals.OverFull(rows, experiment, subject)),
                hasHoles ? Table.Figure(RssGoals.Allowed(rows, subject)) : string.Empty,
                hasHoles ? Table.Figure(RssGoals.OverAllowed(rows, subject)) : string.Empty,
                Table.Share(left.Spread));
        }

        return !lines.Any()
            ? null
            : new(
                RssGoals.Returned,
                "memory that stays when nobody touches the heap any more, median",
                table,
                "holes: 2 million objects of 200 bytes, freed but for every 100th; allowed are the pages in which those lie + 5 % + 4 MiB. burst: 2 GiB in sizes of 32 B to 1 MiB, all freed.",
                "MiB: growth since before the first object, as the kernel counts it. NativeMemory is glibc. spread: (max - min) / median of what is left.");
    }

    private static Section? Overhead(IReadOnlyList<Row> rows)
    {
        Table table = new("size", RssGoals.Live, RssGoals.Mapped, RssGoals.Metadata, RssGoals.Grown, "metadata", "resident", "waste");
        SizeCell[] cells = [.. SizeCell.All.Where(cell => RssGoals.MetadataShare(rows, cell.Name) is not null)];
        foreach (SizeCell cell in cells)
        {
            double? ValueOf(string unit) => RssGoals.ValueOf(rows, cell.Name, unit);
            table.Add(
                cell.Size.ToString(CultureInfo.InvariantCulture),
                Table.Figure(ValueOf(RssGoals.Live)),
                Table.Figure(ValueOf(RssGoals.Mapped)),
                Table.Figure(ValueOf(RssGoals.Metadata)),
                Table.Figure(ValueOf(RssGoals.Grown)),
                Percent(RssGoals.MetadataShare(rows, cell.Name)),
                Percent((ValueOf(RssGoals.Grown) / ValueOf(RssGoals.Live)) - 1),
                cell.IsLarge ? Table.Figure(ValueOf(RssGoals.Waste)) + " pages" : Percent(ValueOf(RssGoals.Waste)));
        }

        return cells.Length == 0
            ? null
            : new(
                RssGoals.Overhead,
                "256 MiB of live objects of one size, and what they take besides",
                table,
                "metadata: of what is mapped, magazines included; the system's memory for it as it was asked for, touched or not. resident: the growth of the process beyond the live slots.",
                "waste: the share of spans that is in no slot of Go's table; of large objects (those above 32 KiB) what they leave over of their last page.");
    }

    private static string Percent(double? share) => share?.ToString("0.00 %", CultureInfo.InvariantCulture) ?? "-";
}
