// The goals of `peers`, from its rows. A cell counts for a goal only where NativeHeap and every peer were measured: without one of
// them the fastest is not known, and the goal stays unmet until it is installed.

using System.Collections.Generic;
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

    private static readonly string[] s_cells = [.. Cell.All.Select(cell => cell.Name)];
    private static readonly string[] s_hotCells = [.. Cell.All.Where(cell => cell.Pattern == Pattern.Hot).Select(cell => cell.Name)];

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new("M1.geomean", Speed, 2.0, Sense.Min, "speed over each cell's fastest peer, geometric mean", rows => Finding.Over(s_cells, cell => Compare(rows, cell).RatioToAll, Statistics.GeometricMean)),
        new("M1.worst", Speed, 1.0, Sense.Min, "speed over the fastest peer, worst cell", rows => Finding.Over(s_cells, cell => Compare(rows, cell).RatioToAll, ratios => ratios.Min())),
        new("M1.hot", Speed, 1.5, Sense.Max, "time over a thread-static array's push and pop, worst size", rows => Finding.Over(s_hotCells, cell => TimeOverArray(rows, cell), ratios => ratios.Max())),
        new("M7.bytes", ZeroGC, 0, Sense.Max, "bytes allocated on the GC's heap by 10 million calls of each hot operation, sum", rows => Sum(rows, Bytes)),
        new("M7.collections", ZeroGC, 0, Sense.Max, "collections during them, sum", rows => Sum(rows, Collections)),
    ];

    public static Comparison Compare(IReadOnlyList<Row> rows, string cell) => new(rows, Speed, cell, Nanoseconds, Subject.PeerNames);

    public static double? TimeOf(IReadOnlyList<Row> rows, string cell, string subject) => rows.Median(Speed, cell, subject, Nanoseconds);

    private static double? TimeOverArray(IReadOnlyList<Row> rows, string cell)
        => TimeOf(rows, cell, Subject.NativeHeapName) / TimeOf(rows, cell, Subject.ThreadStaticArrayName);

    private static Finding Sum(IReadOnlyList<Row> rows, string unit)
        => Finding.Over(HotCalls.Names, operation => rows.Find(ZeroGC, operation, Subject.NativeHeapName, unit)?.Value.Max, counts => counts.Sum());
}
