// The figures side by side, as aligned text: one row a figure, one column a heap.
//
// Plain text on purpose: it can be piped, compared and compiled ahead of time.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace SideBySide;

internal static class FigureTable
{
    private const string Indent = "  ";

    /// <summary>A row: what a figure is called, and its value for each result.</summary>
    public static (string Name, string[] Cells) Row<TResult>(string name, IReadOnlyList<TResult> results, Func<TResult, string> cell)
        => (Indent + name, [.. results.Select(cell)]);

    /// <summary>The row of collections.</summary>
    public static (string Name, string[] Cells) Row<TResult>(IReadOnlyList<TResult> results, Func<TResult, Collections> collections)
        => Row("collections of gen 0 / 1 / 2", results, result =>
        {
            Collections figures = collections(result);
            return string.Create(CultureInfo.InvariantCulture, $"{figures.Gen0} / {figures.Gen1} / {figures.Gen2}");
        });

    public static void Write(TextWriter output, IReadOnlyList<(string Name, string[] Cells)> rows, int minColumn)
    {
        int nameWidth = rows.Max(row => row.Name.Length);
        int width = Math.Max(minColumn, rows.SelectMany(row => row.Cells).Max(cell => cell.Length) + 2);
        output.WriteLine();
        foreach ((string name, string[] cells) in rows)
        {
            output.WriteLine((name.PadRight(nameWidth) + string.Concat(cells.Select(cell => cell.PadLeft(width)))).TrimEnd());
        }

        output.WriteLine();
    }

    public static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
