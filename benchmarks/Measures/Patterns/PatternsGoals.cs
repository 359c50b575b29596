// The goals of `patterns`, from its rows. As in `peers`, a cell counts only where NativeHeap and all its peers were
// measured.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class PatternsGoals
{
    public const string Measure = "M4";
    public const string Nanoseconds = "ns";
    public const string CoreNanoseconds = "core-ns";
    public const string PeakMemory = "MiB";

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new("M4.geomean", Measure, 1.5, Sense.Min, "speed over each pattern's fastest peer, geometric mean", rows => Over(rows, cell => cell.Counts == Counts.Speed, Statistics.GeometricMean)),
        new("M4.worst", Measure, 1.0, Sense.Min, "speed over the fastest peer, worst pattern", rows => Over(rows, cell => cell.Counts == Counts.Speed, ratios => ratios.Min())),
        new("M4.kernel", Measure, 0.9, Sense.Min, "the same in malloc-large, mleak, and against tcmalloc in cache-scratch, worst", rows => Over(rows, cell => cell.Counts != Counts.Speed, ratios => ratios.Min())),
    ];

    public static Comparison Compare(IReadOnlyList<Row> rows, PatternCell cell) => new(rows, Measure, cell.Name, Nanoseconds, cell.Peers);

    private static Finding Over(IReadOnlyList<Row> rows, Func<PatternCell, bool> belongs, Func<IReadOnlyCollection<double>, double> combine)
        => Finding.Over([.. PatternCell.All.Where(belongs).Select(cell => cell.Name)], cell => Compare(rows, PatternCell.Parse(cell)).RatioToAll, combine);
}
