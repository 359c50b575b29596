// The goals of `checks`, from its rows. That Off costs nothing is none of them: the stubs have the same instructions at every level, which golden files hold (tests/NativeHeap.Tests/Golden), and time could only show less clearly.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Checks;

internal static class ChecksGoals
{
    public const string Measure = "checks";
    public const string Nanoseconds = "ns";
    public const string OverOff = "of Off";
    public const string Resident = "bytes a byte";

    private static readonly string[] s_cells = [.. CheckCell.All.Select(cell => cell.Name)];

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new(
            "checks.basic",
            Measure,
            10,
            Sense.Max,
            $"ns an allocation and free at Basic, {CheckCell.Pair}",
            rows => Finding.Over([CheckCell.Pair], cell => TimeOf(rows, cell, CheckSubject.Basic), times => times.Max())),
        new("checks.full", Measure, 20, Sense.Max, "time at Full over that at Off, worst cell", rows => Finding.Over(s_cells, cell => RatioOf(rows, cell, CheckSubject.Full), ratios => ratios.Max())),
        new(
            "checks.guarded",
            Measure,
            1.01,
            Sense.Max,
            "time with guarded sampling over that without, geometric mean",
            rows => Finding.Over(s_cells, cell => RatioOf(rows, cell, CheckSubject.Sampled), Statistics.GeometricMean)),
    ];

    private static double? TimeOf(IReadOnlyList<Row> rows, string cell, CheckSubject subject) => rows.Median(Measure, cell, subject.Name, Nanoseconds);

    private static double? RatioOf(IReadOnlyList<Row> rows, string cell, CheckSubject subject) => rows.Median(Measure, cell, subject.Name, OverOff);
}
