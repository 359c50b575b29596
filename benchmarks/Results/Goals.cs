// Goals and how they are judged. Each command defines its own; what they have in common is that a goal is a function of the rows,
// that it is there whatever came out, and that one computed from a part of its cells or without one of its peers is not met.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

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
internal readonly record struct Finding(double? Value, string? Missing)
{
    private const int NamedAtMost = 4;

    /// <summary>One figure made of a figure for each cell.</summary>
    /// <param name="cells">All cells that belong to the goal, measured or not.</param>
    /// <param name="valueOf">A cell's figure; null where something that it needs was not measured.</param>
    /// <param name="combine">The figure of those that were.</param>
    public static Finding Over(IReadOnlyCollection<string> cells, Func<string, double?> valueOf, Func<IReadOnlyCollection<double>, double> combine)
    {
        double?[] found = [.. cells.Select(valueOf)];
        double[] values = [.. found.OfType<double>()];
        string[] missing = [.. cells.Where((_, index) => found[index] is null)];
        return new(values.Length == 0 ? null : combine(values), Name(missing, cells.Count));
    }

    private static string? Name(string[] missing, int all)
        => missing.Length switch
        {
            0 => null,
            <= NamedAtMost => string.Join(", ", missing),
            _ => string.Create(CultureInfo.InvariantCulture, $"{missing.Length} of {all} cells, or a peer in them"),
        };
}

internal sealed record GoalDefinition(string Id, string Measure, double Bound, Sense Sense, string Meaning, Func<IReadOnlyList<Row>, Finding> Find)
{
    public Goal Judge(IReadOnlyList<Row> rows)
    {
        Finding finding = Find(rows);
        bool reached = finding.Value is double value && (Sense == Sense.Min ? value >= Bound : value <= Bound);
        return new(Id, Measure, Bound, Sense, Meaning, finding.Value, reached && finding.Missing is null, finding.Missing);
    }
}

/// <summary>A goal as a run left it.</summary>
internal sealed record Goal(string Id, string Measure, double Bound, Sense Sense, string Meaning, double? Value, bool Met, string? Missing)
{
    /// <summary>What is wanted, such as "at least 1.5".</summary>
    public string Wanted => string.Create(CultureInfo.InvariantCulture, $"{(Sense == Sense.Min ? "at least" : "at most")} {Bound:#,0.###}");
}
