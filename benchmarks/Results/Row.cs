// One line of results: what was measured, where, of whom. Goals and tables are computed from rows and nothing else, so that a
// result file can be judged and shown by whoever reads it.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Results;

internal sealed record Row(string Measure, string Cell, string Subject, string Unit, Summary Value)
{
    /// <summary>How far the samples lie apart, as a share of their median.</summary>
    public double Spread => Value.Median == 0 ? 0 : (Value.Max - Value.Min) / Math.Abs(Value.Median);
}

/// <summary>Everything that a command found out.</summary>
/// <param name="Rows">The measured values.</param>
/// <param name="Versions">What was measured: the libraries by name.</param>
/// <param name="Goals">The goals of the command, judged.</param>
internal sealed record Report(IReadOnlyList<Row> Rows, IReadOnlyDictionary<string, string> Versions, IReadOnlyList<Goal> Goals);

internal static class RowSearch
{
    public static Row? Find(this IReadOnlyList<Row> rows, string measure, string cell, string subject, string unit)
        => rows.FirstOrDefault(row => row.Cell == cell && row.Subject == subject && row.Unit == unit && row.Measure == measure);

    public static double? Median(this IReadOnlyList<Row> rows, string measure, string cell, string subject, string unit)
        => rows.Find(measure, cell, subject, unit)?.Value.Median;
}
