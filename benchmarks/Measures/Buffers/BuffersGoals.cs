// The goals of `buffers`, from its rows: NativeHeap beside ArrayPool.Shared, the worst cell of each; and not a byte of garbage in any.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal static class BuffersGoals
{
    public const string Measure = "M12";
    public const string Nanoseconds = "ns";
    public const string Bytes = "bytes";
    public const string CollectionsPerMillion = "collections/M";

    public const string Worst = "M12.worst";
    public const string HandOff = "M12.handoff";

    private static readonly string[] s_cells = [.. BufferCell.All.Select(cell => cell.Name)];

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new(Worst, Measure, 1, Sense.Min, "speed over ArrayPool.Shared's of renting and returning, on one thread and across two, worst cell", rows => Finding.Over(CellsOf(Worst), cell => Compare(rows, cell).Ratio, ratios => ratios.Min())),
        new("M12.bytes", Measure, 0, Sense.Max, "bytes allocated on the GC's heap by 10 million operations of each cell, sum", rows => Finding.Over(s_cells, cell => BytesOf(rows, cell), bytes => bytes.Sum())),
        new(HandOff, Measure, 0.5, Sense.Max, "time over ArrayPool.Shared's of handing an object over to another thread, worst kind", rows => Finding.Over(CellsOf(HandOff), cell => 1 / Compare(rows, cell).Ratio, ratios => ratios.Max())),
    ];

    public static Comparison Compare(IReadOnlyList<Row> rows, string cell) => new(rows, Measure, cell, Nanoseconds, [Subject.ArrayPoolName]);

    public static double? BytesOf(IReadOnlyList<Row> rows, string cell) => rows.Find(Measure, cell, Subject.NativeHeapName, Bytes)?.Value.Max;

    private static string[] CellsOf(string goal) => [.. BufferCell.All.Where(cell => cell.Goal == goal).Select(cell => cell.Name)];
}
