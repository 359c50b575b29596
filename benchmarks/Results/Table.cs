// Results for people: columns as wide as they need to be, the first to the left, figures to the right; the same table on a terminal and on a page.

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

    public void WriteMarkdown(TextWriter output)
    {
        IEnumerable<string> rule = _rows[0].Select((_, column) => column == 0 ? ":--" : "--:");
        foreach (IEnumerable<string> row in _rows.Take(1).Append(rule).Concat(_rows.Skip(1)))
        {
            output.WriteLine($"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
        }

        output.WriteLine();
    }

    /// <summary>Three digits, as far as a figure of a shared machine can be trusted.</summary>
    public static string Figure(double? value)
        => value switch
        {
            null => "-",
            0 => "0",
            double v when Math.Abs(v) < 0.1 => v.ToString("0.0000", CultureInfo.InvariantCulture),
            double v when Math.Abs(v) < 10 => v.ToString("0.00", CultureInfo.InvariantCulture),
            double v when Math.Abs(v) < 100 => v.ToString("0.0", CultureInfo.InvariantCulture),
            double v => v.ToString("0", CultureInfo.InvariantCulture),
        };

    public static string Share(double value) => value.ToString("0 %", CultureInfo.InvariantCulture);
}

/// <summary>A table of a measure, such as M1, with its title and the lines that say how to read it.</summary>
internal sealed record Section(string Measure, string Title, Table Table, params string[] Notes)
{
    public void Print(TextWriter output)
    {
        output.WriteLine($"{Measure}: {Title}");
        Table.Print(output);
        foreach (string note in Notes)
        {
            output.WriteLine(note);
        }

        output.WriteLine();
    }

    public void WriteMarkdown(TextWriter output)
    {
        output.WriteLine($"**{Title}**");
        output.WriteLine();
        Table.WriteMarkdown(output);
        foreach (string note in Notes)
        {
            output.WriteLine($"- {note}");
        }

        output.WriteLine();
    }
}
