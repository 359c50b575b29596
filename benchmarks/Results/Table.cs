// Results for people: columns as wide as they need to be, words to the left, figures to the right; the same table on a terminal and on a page.

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
        int[] widths = [.. Columns.Select(column => _rows.Max(row => row[column].Length))];
        bool[] figures = [.. Columns.Select(HoldsFigures)];
        foreach (string[] row in _rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => figures[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }

        output.WriteLine();
    }

    public void WriteMarkdown(TextWriter output)
    {
        IEnumerable<string> rule = Columns.Select(column => HoldsFigures(column) ? "--:" : ":--");
        foreach (IEnumerable<string> row in _rows.Take(1).Append(rule).Concat(_rows.Skip(1)))
        {
            output.WriteLine($"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
        }

        output.WriteLine();
    }

    private IEnumerable<int> Columns => Enumerable.Range(0, _rows[0].Length);

    private bool HoldsFigures(int column) => _rows.Skip(1).All(row => row[column] is "" or ['-' or (>= '0' and <= '9'), ..]);

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
        WriteNotes(output, string.Empty);
    }

    public void WriteMarkdown(TextWriter output)
    {
        output.WriteLine($"**{Title}**");
        output.WriteLine();
        Table.WriteMarkdown(output);
        WriteNotes(output, "- ");
    }

    private void WriteNotes(TextWriter output, string bullet)
    {
        foreach (string note in Notes)
        {
            output.WriteLine(bullet + note);
        }

        if (Notes.Length > 0)
        {
            output.WriteLine();
        }
    }
}
