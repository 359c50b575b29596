// The goals of `tables`, from its rows: the worst of a goal's cells, each over the one thing that it is measured beside. Speeds are what must be at least so much, times what may be at
// most so much.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal static class TablesGoals
{
    public const string Measure = "M11";
    public const string Nanoseconds = "ns";

    public const string Iterate = "M11.iterate";
    public const string Lookup = "M11.lookup";
    public const string Churn = "M11.churn";
    public const string Dispose = "M11.dispose";
    public const string Bump = "M11.bump";

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        Speed(Iterate, 0.95, "speed over a plain span's of a table's values, worst size"),
        Time(Lookup, 1.5, "time over an array's of a lookup in a table by handle, worst cell"),
        Speed(Churn, 3, "speed over a dictionary's of class objects of a removal from a table and an addition, worst cell"),
        Speed(Dispose, 50, "speed over freeing each object of the end of a heap of objects of 64 bytes, worst order"),
        Time(Bump, 1.2, "time over a bare pointer's of linear allocation, worst size"),
    ];

    public static Comparison Compare(IReadOnlyList<Row> rows, TableCell cell) => new(rows, Measure, cell.Name, Nanoseconds, [cell.Beside]);

    private static GoalDefinition Speed(string id, double bound, string meaning)
        => new(id, Measure, bound, Sense.Min, meaning, rows => Finding.Over(CellsOf(id), cell => RatioOf(rows, cell), ratios => ratios.Min()));

    private static GoalDefinition Time(string id, double bound, string meaning)
        => new(id, Measure, bound, Sense.Max, meaning, rows => Finding.Over(CellsOf(id), cell => 1 / RatioOf(rows, cell), ratios => ratios.Max()));

    private static string[] CellsOf(string goal) => [.. TableCell.All.Where(cell => cell.Goal == goal).Select(cell => cell.Name)];

    private static double? RatioOf(IReadOnlyList<Row> rows, string cell) => Compare(rows, TableCell.Parse(cell)).Ratio;
}
