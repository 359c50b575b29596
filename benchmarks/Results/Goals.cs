// Goals and how they are judged. Each command defines its own; what they have in common is that a goal is a function of the rows,
// that it is there whatever came out, and that one computed from a part of its cells or without one of its peers is not met.

using System;
using System.Collections.Generic;

namespace NativeHeap.Benchmarks.Results;

internal enum Sense
{
    /// <summary>The value must be at least the goal.</summary>
    Min,

    /// <summary>The value must be at most the goal.</summary>
    Max,
}

/// <param name="Value">The figure; null if nothing that it is computed from was measured.</param>
/// <param name="Missing">What was not measured though it belongs to the goal; null if all was.</param>
internal readonly record struct Finding(double? Value, string? Missing);

internal sealed record GoalDefinition(string Id, string Measure, double Bound, Sense Sense, string Meaning, Func<IReadOnlyList<Row>, Finding> Find)
{
    public Goal Judge(IReadOnlyList<Row> rows)
    {
        Finding finding = Find(rows);
        bool reached = finding.Value is double value && (Sense == Sense.Min ? value >= Bound : value <= Bound);
        return new(this, finding.Value, reached && finding.Missing is null, finding.Missing);
    }
}

internal sealed record Goal(GoalDefinition Definition, double? Value, bool Met, string? Missing);
