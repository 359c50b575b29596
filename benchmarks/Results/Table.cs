// Results for people: columns as wide as they need to be, the first to the left, figures to the right.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NativeHeap.Benchmarks.Results;

internal sealed class Table(params string[] header)
{
    private readonly List<string[]> _rows = [header];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Print(TextWriter output)
    {
        int[] widths = [.. Enumerable.Range(0, _rows[0].Length).Select(column => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }

        output.WriteLine();
    }

    public static void PrintGoals(IEnumerable<Goal> goals, TextWriter output)
    {
        foreach (Goal goal in goals)
        {
            string verdict = goal.Met ? "met" : "unmet";
            string missing = goal.Missing is null ? string.Empty : $" (not measured: {goal.Missing})";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{verdict,-6} {goal.Definition.Id,-16} {Figure(goal.Value),8}  {Bound(goal.Definition)}{missing}"));
        }
    }

    /// <summary>Three digits, as far as a figure of a shared machine can be trusted.</summary>
    public static string Figure(double? value)
        => value switch
        {
            null => "-",
            0 => "0",
            double v when Math.Abs(v) < 10 => v.ToString("0.00", CultureInfo.InvariantCulture),
            double v when Math.Abs(v) < 100 => v.ToString("0.0", CultureInfo.InvariantCulture),
            double v => v.ToString("0", CultureInfo.InvariantCulture),
        };

    private static string Bound(GoalDefinition goal)
        => string.Create(CultureInfo.InvariantCulture, $"{(goal.Sense == Sense.Min ? "at least" : "at most")} {goal.Bound}: {goal.Meaning}");
}
