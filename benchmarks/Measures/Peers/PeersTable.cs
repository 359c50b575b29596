// The rows of `peers` for people: a line a cell, a column a subject, then the ratio that the goals are made of.

using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static class PeersTable
{
    public static void Print(IReadOnlyList<Row> rows, IReadOnlyList<Subject> subjects, TextWriter output)
    {
        PrintTimes(rows, subjects, output);
        PrintCounts(rows, output);
    }

    private static void PrintTimes(IReadOnlyList<Row> rows, IReadOnlyList<Subject> subjects, TextWriter output)
    {
        string[] cells = [.. rows.Where(row => row.Measure == PeersGoals.Speed).Select(row => row.Cell).Distinct()];
        if (cells.Length > 0)
        {
            Table table = new(["ns a pair, median", .. subjects.Select(subject => subject.Name), "fastest peer", "ratio", "spread", "new: GCs/M"]);
            foreach (string cell in cells)
            {
                table.Add(LineOf(cell, rows, subjects));
            }

            table.Print(output);

            // Over what was measured, for whoever changes something and measures a few cells again; the goals take nothing less than all.
            string MeanRatio(bool touched)
            {
                double[] ratios = [.. Cell.All.Select(cell => RatioOf(PeersGoals.TimesOf(rows, cell.NameWhen(touched)))).OfType<double>()];
                return Table.Figure(ratios.Length == 0 ? null : Statistics.GeometricMean(ratios));
            }

            output.WriteLine($"Geometric mean of the ratios above: {MeanRatio(touched: true)} touched, {MeanRatio(touched: false)} untouched.");
            output.WriteLine("ns: time of the measuring thread on a core, so that a core taken away by others does not count.");
            output.WriteLine("ratio: the fastest peer's time over NativeHeap's. spread: (max - min) / median of the wider of the two.");
            output.WriteLine("new: GCs/M: collections in a million `new`. untouched/: the same cell, objects neither written nor read.");
            output.WriteLine();
        }
    }

    private static void PrintCounts(IReadOnlyList<Row> rows, TextWriter output)
    {
        ILookup<string, Row> counts = rows.Where(row => row.Measure == PeersGoals.ZeroGC).ToLookup(row => row.Cell);
        if (counts.Count > 0)
        {
            Table table = new("10 million calls", PeersGoals.Bytes, PeersGoals.Collections);
            foreach (IGrouping<string, Row> operation in counts)
            {
                table.Add(operation.Key, FigureOf(operation, PeersGoals.Bytes), FigureOf(operation, PeersGoals.Collections));
            }

            table.Print(output);
        }
    }

    private static string FigureOf(IEnumerable<Row> rows, string unit) => Table.Figure(rows.FirstOrDefault(row => row.Unit == unit)?.Value.Max);

    private static string[] LineOf(string cell, IReadOnlyList<Row> rows, IReadOnlyList<Subject> subjects)
    {
        ILookup<string, Row> times = PeersGoals.TimesOf(rows, cell);
        Row? own = times[Subject.NativeHeapName].FirstOrDefault();
        Row? fastest = Fastest(times);
        Row? collections = rows.FirstOrDefault(row => row.Cell == cell && row.Subject == Subject.NewName && row.Unit == PeersCommand.CollectionsPerMillion);
        return
        [
            cell,
            .. subjects.Select(subject => Table.Figure(PeersGoals.TimeOf(times, subject.Name))),
            fastest?.Subject ?? "-",
            Table.Figure(RatioOf(times)),
            Spread(own, fastest),
            Table.Figure(collections?.Value.Median),
        ];
    }

    private static Row? Fastest(ILookup<string, Row> times) => Subject.PeerNames.SelectMany(peer => times[peer]).MinBy(row => row.Value.Median);

    private static double? RatioOf(ILookup<string, Row> times) => Fastest(times)?.Value.Median / PeersGoals.TimeOf(times, Subject.NativeHeapName);

    private static string Spread(params Row?[] rows)
    {
        double widest = rows.Max(row => row is null ? 0 : (row.Value.Max - row.Value.Min) / row.Value.Median);
        return widest.ToString("0 %", CultureInfo.InvariantCulture);
    }
}
