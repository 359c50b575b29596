// The goals of `patterns`, from its rows. As in `peers`, a cell counts only where NativeHeap and all its peers were
// measured.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class PatternsGoals
{
    public const string Measure = "M4";
    public const string Nanoseconds = "ns";
    public const string CoreNanoseconds = "core-ns";
    public const string PeakMemory = "MiB";

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new("M4.geomean", Measure, 1.5, Sense.Min, "speed over each pattern's fastest peer, geometric mean", rows => OverCells(rows, cell => cell.Counts == Counts.Speed, Statistics.GeometricMean)),
        new("M4.worst", Measure, 1.0, Sense.Min, "speed over the fastest peer, worst pattern", rows => OverCells(rows, cell => cell.Counts == Counts.Speed, ratios => ratios.Min())),
        new("M4.kernel", Measure, 0.9, Sense.Min, "the same in malloc-large, mleak, and against tcmalloc in cache-scratch, worst", rows => OverCells(rows, cell => cell.Counts != Counts.Speed, ratios => ratios.Min())),
    ];

    /// <summary>The peers that a cell is compared with.</summary>
    public static IEnumerable<string> PeersOf(PatternCell cell)
        => cell.Counts == Counts.KernelAgainstTcmalloc ? [PatternCell.Tcmalloc] : PatternCell.Subjects.Where(subject => subject.Role == Role.Peer).Select(subject => subject.Name);

    /// <summary>The fastest peer's time over NativeHeap's; null where one of them was not measured.</summary>
    public static double? SpeedRatio(IReadOnlyList<Row> rows, PatternCell cell)
    {
        double? own = Find(rows, cell, Subject.NativeHeapName, Nanoseconds)?.Value.Median;
        double?[] peers = [.. PeersOf(cell).Select(peer => Find(rows, cell, peer, Nanoseconds)?.Value.Median)];
        return peers.Contains(null) ? null : peers.Min() / own;
    }

    public static Row? Find(IReadOnlyList<Row> rows, PatternCell cell, string subject, string unit)
        => rows.FirstOrDefault(row => row.Measure == Measure && row.Cell == cell.Name && row.Subject == subject && row.Unit == unit);

    private static Finding OverCells(IReadOnlyList<Row> rows, Func<PatternCell, bool> belongs, Func<IReadOnlyCollection<double>, double> combine)
    {
        PatternCell[] cells = [.. PatternCell.All.Where(belongs)];
        double[] ratios = [.. cells.Select(cell => SpeedRatio(rows, cell)).OfType<double>()];
        string? missing = ratios.Length == cells.Length
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{cells.Length - ratios.Length} of {cells.Length} patterns with all peers");
        return new(ratios.Length == 0 ? null : combine(ratios), missing);
    }
}
