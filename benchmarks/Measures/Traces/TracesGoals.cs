// The goals of `traces`, from its rows. They are about all traces of the folder: one that was not measured, or not with every peer, leaves them unmet.
//
// Peers are taken trace by trace: the fastest on each, the smallest on each. For memory they are those called from C#, whose processes are as NativeHeap's
// own; what the same ones need in C is printed beside them.

using System.Collections.Generic;
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
            rows => Finding.Over(traces, trace => SpeedOverCSharp(rows, trace), Statistics.GeometricMean)),
        new(
            "M2.c",
            Speed,
            1.0,
            Sense.Min,
            "speed less the loop over each trace's fastest allocator in C, geometric mean",
            rows => Finding.Over(traces, trace => SpeedOverC(rows, trace), Statistics.GeometricMean)),
        new(
            "M3.worst",
            Memory,
            1.0,
            Sense.Max,
            "peak memory over that of each trace's smallest C library + 1 MiB, worst trace",
            rows => Finding.Over(traces, trace => MemoryOverLibraries(rows, trace), ratios => ratios.Max())),
        new("M3.geomean", Memory, 1.05, Sense.Max, "peak memory over glibc's, geometric mean", rows => Finding.Over(traces, trace => MemoryOverGlibc(rows, trace), Statistics.GeometricMean)),
    ];

    public static string TimeCell(string trace) => "time/" + trace;

    public static string MemoryCell(string trace) => "memory/" + trace;

    public static double? SpeedOverCSharp(IReadOnlyList<Row> rows, string trace) => CompareCSharp(rows, trace).RatioToAll;

    public static double? SpeedOverC(IReadOnlyList<Row> rows, string trace) => new Comparison(rows, Speed, TimeCell(trace), Nanoseconds, TraceSubjects.CPeers).RatioToAll;

    public static double? MemoryOverLibraries(IReadOnlyList<Row> rows, string trace)
        => CompareMemory(rows, trace) is { RatioToAll: not null } all
            ? all.Own!.Value.Median / (all.Fastest!.Value.Median + AllowedAbove)
            : null;

    public static double? MemoryOverGlibc(IReadOnlyList<Row> rows, string trace)
        => rows.Median(Memory, MemoryCell(trace), Subject.NativeHeapName, Mebibytes) / rows.Median(Memory, MemoryCell(trace), Subject.NativeMemoryName, Mebibytes);

    public static Comparison CompareCSharp(IReadOnlyList<Row> rows, string trace) => new(rows, Speed, TimeCell(trace), Nanoseconds, UntypedSubjects.PeerNames);

    public static Comparison CompareMemory(IReadOnlyList<Row> rows, string trace) => new(rows, Memory, MemoryCell(trace), Mebibytes, Subject.LibraryNames);
}
