// The goals of `traces`, from its rows. They are about all traces of the folder: one that was not measured, or not with every peer, leaves them unmet.
//
// Peers are taken trace by trace: the fastest on each, the smallest on each. For memory they are those called from C#, whose processes are as NativeHeap's
// own; what the same ones need in C is printed beside them.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static class TracesGoals
{
    public const string Speed = "M2";
    public const string Memory = "M3";
    public const string Nanoseconds = "ns";
    public const string RawNanoseconds = "ns raw";
    public const string WallNanoseconds = "ns wall";
    public const string Mebibytes = "MiB";

    private const double AllowedAbove = 1.0;

    public static IReadOnlyList<GoalDefinition> For(IReadOnlyList<string> traces) =>
    [
        new(
            "M2.csharp",
            Speed,
            1.3,
            Sense.Min,
            "speed less the loop over each trace's fastest peer called from C#, geometric mean",
            rows => Over(rows, traces, SpeedOverCSharp, Statistics.GeometricMean)),
        new(
            "M2.c",
            Speed,
            1.0,
            Sense.Min,
            "speed less the loop over each trace's fastest allocator in C, geometric mean",
            rows => Over(rows, traces, SpeedOverC, Statistics.GeometricMean)),
        new(
            "M3.worst",
            Memory,
            1.0,
            Sense.Max,
            "peak memory over that of each trace's smallest C library + 1 MiB, worst trace",
            rows => Over(rows, traces, MemoryOverLibraries, ratios => ratios.Max())),
        new("M3.geomean", Memory, 1.05, Sense.Max, "peak memory over glibc's, geometric mean", rows => Over(rows, traces, MemoryOverGlibc, Statistics.GeometricMean)),
    ];

    public static string TimeCell(string trace) => "time/" + trace;

    public static string MemoryCell(string trace) => "memory/" + trace;

    public static double? SpeedOverCSharp(IReadOnlyList<Row> rows, string trace) => SpeedOver(rows, trace, TraceSubjects.Peers);

    public static double? SpeedOverC(IReadOnlyList<Row> rows, string trace) => SpeedOver(rows, trace, TraceSubjects.CPeers);

    public static double? MemoryOverLibraries(IReadOnlyList<Row> rows, string trace)
        => ValueOf(rows, MemoryCell(trace), Subject.NativeHeapName, Mebibytes) / (Least(rows, MemoryCell(trace), TraceSubjects.Libraries, Mebibytes) + AllowedAbove);

    public static double? MemoryOverGlibc(IReadOnlyList<Row> rows, string trace)
        => ValueOf(rows, MemoryCell(trace), Subject.NativeHeapName, Mebibytes) / ValueOf(rows, MemoryCell(trace), TraceSubjects.NativeMemoryName, Mebibytes);

    public static double? ValueOf(IEnumerable<Row> rows, string cell, string subject, string unit)
        => rows.FirstOrDefault(row => row.Cell == cell && row.Subject == subject && row.Unit == unit)?.Value.Median;

    private static double? SpeedOver(IReadOnlyList<Row> rows, string trace, IReadOnlyList<string> peers)
        => Least(rows, TimeCell(trace), peers, Nanoseconds) / ValueOf(rows, TimeCell(trace), Subject.NativeHeapName, Nanoseconds);

    // Null where one was not measured: it could be the least.
    private static double? Least(IReadOnlyList<Row> rows, string cell, IReadOnlyList<string> subjects, string unit)
    {
        double?[] values = [.. subjects.Select(subject => ValueOf(rows, cell, subject, unit))];
        return values.Contains(null) ? null : values.Min();
    }

    private static Finding Over(
        IReadOnlyList<Row> rows,
        IReadOnlyList<string> traces,
        Func<IReadOnlyList<Row>, string, double?> ratioOf,
        Func<IReadOnlyCollection<double>, double> combine)
    {
        // A time that the loop's exceeds says that the machine was too busy to tell: not a figure to take means of.
        double[] ratios = [.. traces.Select(trace => ratioOf(rows, trace)).OfType<double>().Where(ratio => ratio > 0 && double.IsFinite(ratio))];
        string? missing = ratios.Length == traces.Count
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{traces.Count - ratios.Length} of {traces.Count} traces with all peers");
        return new(ratios.Length == 0 ? null : combine(ratios), missing);
    }
}
