using System.Collections.Generic;
using System.IO;

namespace NativeHeap.Benchmarks.Results;

/// <summary>The goals as lines on a terminal and as a table on a page.</summary>
internal static class GoalsTable
{
    public static void Print(IEnumerable<Goal> goals, TextWriter output)
    {
        foreach (Goal goal in goals)
        {
            output.WriteLine($"{(goal.Met ? "met" : "unmet"),-6} {goal.Id,-16} {Table.Figure(goal.Value),8}  {goal.Wanted}: {goal.Meaning}{Missing(goal)}");
        }
    }

    public static void WriteMarkdown(IEnumerable<Goal> goals, TextWriter output)
    {
        Table table = new("goal", "wanted", "value", "met", "what");
        foreach (Goal goal in goals)
        {
            table.Add(goal.Id, goal.Wanted, Table.Figure(goal.Value), goal.Met ? "yes" : "**no**", goal.Meaning + Missing(goal));
        }

        table.WriteMarkdown(output);
    }

    private static string Missing(Goal goal) => goal.Missing is null ? string.Empty : $" (not measured: {goal.Missing})";
}
