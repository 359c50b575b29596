using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Tests.Results;

/// <summary>Rows as a command would have measured them.</summary>
internal static class SomeRows
{
    public static Row Row(string measure, string cell, string subject, string unit, double median)
        => new(measure, cell, subject, unit, new(median, median * 0.9, median * 1.1));

    /// <summary>A row for each cell and subject; the figure of each subject is the same in all cells.</summary>
    public static IReadOnlyList<Row> Of(string measure, string unit, IEnumerable<string> cells, params (string Subject, double Median)[] subjects)
        => [.. from cell in cells from subject in subjects select Row(measure, cell, subject.Subject, unit, subject.Median)];

    public static IReadOnlyList<Row> With(this IReadOnlyList<Row> rows, string cell, string subject, double median)
        => [.. rows.Select(row => row.Cell == cell && row.Subject == subject ? Row(row.Measure, cell, subject, row.Unit, median) : row)];

    public static IReadOnlyList<Row> Without(this IReadOnlyList<Row> rows, string cell, string subject)
        => [.. rows.Where(row => row.Cell != cell || row.Subject != subject)];

    public static Goal Goal(this IEnumerable<GoalDefinition> goals, string id, IReadOnlyList<Row> rows) => goals.Single(goal => goal.Id == id).Judge(rows);
}
