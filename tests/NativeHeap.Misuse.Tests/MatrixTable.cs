// The matrix as the documentation shows it: a line a pattern, a column a level, and in it what became of most of its blocks, and of which blocks something else.

extern alias probe;

using System.Collections.Generic;
using System.Linq;
using System.Text;

using probe::NativeHeap.MisuseProbe;

namespace NativeHeap.Misuse.Tests;

/// <summary>Writes the matrix.</summary>
internal static class MatrixTable
{
    /// <summary>As text in Markdown.</summary>
    public static string Write(Matrix matrix, IEnumerable<Pattern> patterns)
    {
        StringBuilder text = new();
        _ = text.Append("| pattern | what the program does |");
        foreach (Mode mode in Mode.All)
        {
            _ = text.Append($" `{mode}` |");
        }

        _ = text.Append("\n|---|---|").Insert(text.Length, "---|", Mode.All.Count).Append('\n');
        foreach (Pattern pattern in patterns)
        {
            _ = text.Append($"| `{pattern.Name}` | {pattern.Does} |");
            foreach (Mode mode in Mode.All)
            {
                _ = text.Append($" {Describe(matrix.Of(pattern, mode))} |");
            }

            _ = text.Append('\n');
        }

        return text.ToString();
    }

    private static string Describe(IReadOnlyList<(Cell Cell, Outcome Outcome)> cells)
    {
        IReadOnlyList<IGrouping<Outcome, BlockKind?>> groups =
            [.. cells.GroupBy(static cell => cell.Outcome, static cell => cell.Cell.Kind).OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key)];
        return string.Join("; ", groups.Select((group, i) => i == 0 ? Describe(group.Key) : $"{Describe(group.Key)}: {Describe([.. group.Select(static kind => kind!)])}"));
    }

    private static string Describe(Outcome outcome) => outcome switch
    {
        Outcome.AtOnce => "at once",
        Outcome.Late => "late",
        Outcome.SeesFill => "sees fill",
        Outcome.Prevented => "prevented",
        _ => "**not**",
    };

    // As the sizes that it is true of by whatever call, and the others with theirs.
    private static string Describe(IReadOnlyList<BlockKind> kinds)
    {
        IReadOnlyList<BlockKind> all = BlockKind.All;
        foreach (bool isTyped in (bool[])[true, false])
        {
            if (kinds.Count > 1 && kinds.All(kind => kind.IsTyped == isTyped) && kinds.Count == all.Count(kind => kind.IsTyped == isTyped))
            {
                return isTyped ? "by stubs" : "untyped";
            }
        }

        return string.Join(", ", kinds.GroupBy(static kind => kind.Size).Select(static group => group.Count() == 2 ? group.Key : group.First().ToString()));
    }
}
