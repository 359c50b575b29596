// The goals of `peers`, from its rows. A cell counts only where NativeHeap and every peer were measured: without one of
// them the fastest is not known, and the goal stays unmet until it is installed.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static class PeersGoals
{
    public const string Speed = "M1";
    public const string ZeroGC = "M7";
    public const string Nanoseconds = "ns";
    public const string Bytes = "bytes";
    public const string Collections = "collections";

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new("M1.geomean", Speed, 2.0, Sense.Min, "speed over each cell's fastest peer, geometric mean", rows => OverCells(rows, SpeedRatio, Statistics.GeometricMean)),
        new("M1.worst", Speed, 1.0, Sense.Min, "speed over the fastest peer, worst cell", rows => OverCells(rows, SpeedRatio, ratios => ratios.Min())),
        new("M1.hot", Speed, 1.5, Sense.Max, "time over a thread-static array's push and pop, worst size", HotOverArray),
        new("M7.bytes", ZeroGC, 0, Sense.Max, "bytes allocated on the GC's heap by 10 million calls of each stub, sum", rows => SumOfCounts(rows, Bytes)),
        new("M7.collections", ZeroGC, 0, Sense.Max, "collections during them, sum", rows => SumOfCounts(rows, Collections)),
    ];

    /// <summary>The fastest peer's time over NativeHeap's; null where one of them was not measured.</summary>
    public static double? SpeedRatio(ILookup<string, Row> bySubject)
    {
        double? own = TimeOf(bySubject, Subject.NativeHeapName);
        double?[] peers = [.. Subject.PeerNames.Select(peer => TimeOf(bySubject, peer))];
        return peers.Contains(null) ? null : peers.Min() / own;
    }

    /// <summary>The rows of one cell of M1, by subject.</summary>
    public static ILookup<string, Row> TimesOf(IEnumerable<Row> rows, string cell)
        => rows.Where(row => row.Measure == Speed && row.Cell == cell && row.Unit == Nanoseconds).ToLookup(row => row.Subject);

    public static double? TimeOf(ILookup<string, Row> bySubject, string subject) => bySubject[subject].FirstOrDefault()?.Value.Median;

    private static Finding HotOverArray(IReadOnlyList<Row> rows)
        => OverCells(
            rows,
            times => TimeOf(times, Subject.NativeHeapName) / TimeOf(times, Subject.ThreadStaticArrayName),
            ratios => ratios.Max(),
            cell => cell.Pattern == Pattern.Hot);

    private static Finding OverCells(
        IReadOnlyList<Row> rows,
        Func<ILookup<string, Row>, double?> ratioOf,
        Func<IReadOnlyCollection<double>, double> combine,
        Func<Cell, bool>? belongs = null)
    {
        Cell[] cells = [.. Cell.All.Where(belongs ?? (_ => true))];
        double[] ratios = [.. cells.Select(cell => ratioOf(TimesOf(rows, cell.Name))).OfType<double>()];
        string? missing = ratios.Length == cells.Length
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{cells.Length - ratios.Length} of {cells.Length} cells with all peers");
        return new(ratios.Length == 0 ? null : combine(ratios), missing);
    }

    private static Finding SumOfCounts(IReadOnlyList<Row> rows, string unit)
    {
        Row[] counts = [.. rows.Where(row => row.Measure == ZeroGC && row.Unit == unit)];
        string[] missing = [.. StubCounts.Names.Where(name => !counts.Any(row => row.Cell == name))];
        return new(counts.Length == 0 ? null : counts.Sum(row => row.Value.Max), missing.Length == 0 ? null : string.Join(", ", missing));
    }
}
