// `scale`: M14, whether an operation costs the same when the heap, the threads that have been, or the heaps are many.
//
// The cells of a series are measured together, each in a process of its own, in turn, so that the smallest and the largest
// see the same machine. The largest heap takes 10 GB: it is left out by --quick and where so much is not free, and
// the goal says so.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Scale;

internal sealed class ScaleCommand
{
    public const string Name = "scale";

    private const string Measure = "M14";
    private const string Nanoseconds = "ns";
    private const string BytesBefore = "bytes before";
    private const string BytesAfter = "bytes after";
    private const long QuickFootprint = 2_000_000_000;

    private static readonly GoalDefinition[] s_goals =
    [
        new("M14.flat", Measure, 1.3, Sense.Max, "largest cost of an operation over the smallest, worst series", Flatness),
        new("M14.threads", Measure, 1.0, Sense.Max, "bytes live and cached after 10,000 threads over those before", Left),
    ];

    private readonly CommandLine _line;
    private readonly List<Row> _rows = [];

    private ScaleCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects([Subject.NativeHeapName]);
        line.CheckCells([.. ScaleCell.All.Select(cell => cell.Name), ThreadBytes.Cell]);
        return new ScaleCommand(line).MeasureAll();
    }

    private Report MeasureAll()
    {
        ScaleCell[] cells = [.. ScaleCell.All.Where(cell => _line.WantsCell(cell.Name) && Fits(cell))];
        Progress progress = new(cells.Select(cell => cell.Series).Distinct().Count() + 1);
        foreach (IGrouping<Series, ScaleCell> series in cells.GroupBy(cell => cell.Series))
        {
            progress.Step(ScaleCell.NameOf(series.Key));
            MeasureSeries([.. series]);
        }

        if (_line.WantsCell(ThreadBytes.Cell))
        {
            progress.Step(ThreadBytes.Cell);
            MeasureLeft();
        }

        progress.Clear();
        Print(Console.Out);
        return new(_rows, Machine.Versions(), [.. s_goals.Select(goal => goal.Judge(_rows))]);
    }

    private bool Fits(ScaleCell cell)
        => cell.Footprint < (_line.Quick ? QuickFootprint : Machine.FreeMemory / 4 * 3);

    private void MeasureSeries(ScaleCell[] cells)
    {
        Dictionary<ScaleCell, List<double>> samples = cells.ToDictionary(cell => cell, _ => new List<double>());
        for (int turn = 0; turn < _line.Effort.Turns; turn++)
        {
            WorkerProcess[] workers = [.. cells.Select(cell => WorkerProcess.Start(Name, cell.Name))];
            try
            {
                // A worker that died leaves its cell without a row.
                bool[] ready = [.. workers.Select(worker => worker.Receive() is not null)];
                for (int round = 0; round < _line.Effort.Rounds * 2; round++)
                {
                    for (int i = 0; i < cells.Length; i++)
                    {
                        if (ready[i] && workers[i].Ask("sample") is string answer)
                        {
                            samples[cells[i]].Add(double.Parse(answer, CultureInfo.InvariantCulture));
                        }
                    }
                }
            }
            finally
            {
                foreach (WorkerProcess worker in workers)
                {
                    worker.Dispose();
                }
            }
        }

        _rows.AddRange(samples.Where(cell => cell.Value.Count > 0).Select(cell => RowOf(cell.Key.Name, Nanoseconds, cell.Value)));
    }

    private void MeasureLeft()
    {
        using WorkerProcess worker = WorkerProcess.Start(Name, ThreadBytes.Cell);
        if (worker.Receive() is string answer)
        {
            double[] bytes = [.. answer.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            _rows.Add(RowOf(ThreadBytes.Cell, BytesBefore, [bytes[0]]));
            _rows.Add(RowOf(ThreadBytes.Cell, BytesAfter, [bytes[1]]));
        }
    }

    private static Row RowOf(string cell, string unit, IReadOnlyCollection<double> samples) => new(Measure, cell, Subject.NativeHeapName, unit, Summary.Of(samples));

    private static double? ValueOf(IReadOnlyList<Row> rows, string cell, string unit)
        => rows.FirstOrDefault(row => row.Measure == Measure && row.Cell == cell && row.Unit == unit)?.Value.Median;

    private static Finding Flatness(IReadOnlyList<Row> rows)
    {
        string[] missing = [.. ScaleCell.All.Select(cell => cell.Name).Where(cell => ValueOf(rows, cell, Nanoseconds) is null)];
        double?[] ratios = [.. Enum.GetValues<Series>().Select(series => Flatness(rows, series))];
        return new(ratios.Max(), missing.Length == 0 ? null : string.Join(", ", missing));
    }

    private static double? Flatness(IReadOnlyList<Row> rows, Series series)
    {
        double[] times = [.. ScaleCell.All.Where(cell => cell.Series == series).Select(cell => ValueOf(rows, cell.Name, Nanoseconds)).OfType<double>()];
        return times.Length == 0 ? null : times.Max() / times.Min();
    }

    private static Finding Left(IReadOnlyList<Row> rows)
    {
        double? ratio = ValueOf(rows, ThreadBytes.Cell, BytesAfter) / ValueOf(rows, ThreadBytes.Cell, BytesBefore);
        return new(ratio, ratio is null ? ThreadBytes.Cell : null);
    }

    private void Print(TextWriter output)
    {
        Table table = new("M14", "unit", "median", "min", "max", "largest/smallest");
        foreach (Row row in _rows)
        {
            // A series' ratio stands in its last line.
            ScaleCell? cell = ScaleCell.All.FirstOrDefault(cell => cell.Name == row.Cell);
            bool isLast = cell is not null && _rows.Last(other => other.Cell.StartsWith(ScaleCell.NameOf(cell.Series) + "/", StringComparison.Ordinal) && other.Unit == Nanoseconds) == row;
            string ratio = isLast ? Table.Figure(Flatness(_rows, cell!.Series)) : string.Empty;
            table.Add(row.Cell, row.Unit, Table.Figure(row.Value.Median), Table.Figure(row.Value.Min), Table.Figure(row.Value.Max), ratio);
        }

        table.Print(output);
        output.WriteLine("ns: an allocation and a free, by the time of their thread on a core, objects neither written nor read.");
        output.WriteLine();
    }
}
