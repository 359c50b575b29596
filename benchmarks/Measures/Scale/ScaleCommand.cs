// `scale`: M14, whether an operation costs the same when the heap, the threads that have been, or the heaps are many.
//
// The cells of a series are measured together, each in a process of its own, in turn, so that the smallest and the largest
// see the same machine. The largest heap takes 10 GB: it is left out by --quick and where so much is not free, and
// the goal says so.

using System;
using System.Collections.Generic;
using System.Globalization;
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

    private static readonly string[] s_cells = [.. ScaleCell.All.Select(cell => cell.Name)];

    private readonly CommandLine _line;
    private readonly Samples _samples = new(Measure);

    private ScaleCommand(CommandLine line) => _line = line;

    public static IReadOnlyList<GoalDefinition> Goals { get; } =
    [
        new("M14.flat", Measure, 1.3, Sense.Max, "largest cost of an operation over the smallest, worst series", Flatness),
        new("M14.threads", Measure, 1.0, Sense.Max, "bytes live and cached after 10,000 threads over those before", rows => Finding.Over([ThreadBytes.Cell], cell => Left(rows, cell), left => left.Max())),
    ];

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects([Subject.NativeHeapName]);
        line.CheckCells([.. s_cells, ThreadBytes.Cell]);
        return new ScaleCommand(line).MeasureAll();
    }

    public static IEnumerable<Section> Tables(IReadOnlyList<Row> rows)
    {
        Row[] shown = [.. rows.Where(row => row.Measure == Measure)];
        Table table = new("cell", "unit", "median", "min", "max", "spread", "largest/smallest");
        foreach (Row row in shown)
        {
            // A series' ratio stands in its last line.
            ScaleCell? cell = ScaleCell.All.FirstOrDefault(cell => cell.Name == row.Cell);
            bool isLast = cell is not null && shown.Last(other => ScaleCell.All.Any(of => of.Name == other.Cell && of.Series == cell.Series)) == row;
            string ratio = isLast ? Table.Figure(Flatness(shown, cell!.Series)) : string.Empty;
            table.Add(row.Cell, row.Unit, Table.Figure(row.Value.Median), Table.Figure(row.Value.Min), Table.Figure(row.Value.Max), Table.Share(row.Spread), ratio);
        }

        return shown.Length == 0
            ? []
            : [new(Measure, "an allocation and a free as heap, threads and heaps grow", table, "ns: by the time of their thread on a core, objects neither written nor read.")];
    }

    private Report MeasureAll()
    {
        ScaleCell[] cells = [.. ScaleCell.All.Where(cell => _line.WantsCell(cell.Name) && Fits(cell))];
        IGrouping<Series, ScaleCell>[] allSeries = [.. cells.GroupBy(cell => cell.Series)];
        Progress progress = new((allSeries.Length * _line.Effort.Turns) + 1);
        foreach (IGrouping<Series, ScaleCell> series in allSeries)
        {
            for (int turn = 0; turn < _line.Effort.Turns; turn++)
            {
                progress.Step(ScaleCell.NameOf(series.Key));
                SampleTogether(series);
            }
        }

        if (_line.WantsCell(ThreadBytes.Cell))
        {
            progress.Step(ThreadBytes.Cell);
            MeasureLeft();
        }

        progress.Clear();
        return new(_samples.Rows, Machine.Versions(), [.. Goals.Select(goal => goal.Judge(_samples.Rows))]);
    }

    private bool Fits(ScaleCell cell)
        => cell.Footprint < (_line.Quick ? QuickFootprint : Machine.FreeMemory / 4 * 3);

    private void SampleTogether(IEnumerable<ScaleCell> cells)
    {
        using WorkerGroup<ScaleCell> workers = new(cells, cell => WorkerProcess.Start(Name, cell.Name));

        // Building a large heap takes seconds; all are built at once.
        _ = workers.AskAll(ScaleWorker.Build);
        for (int round = 0; round < _line.Effort.Rounds * 2; round++)
        {
            // A worker that died leaves its cell without a row.
            workers.ForEach((cell, worker) =>
            {
                if (worker.Ask(ScaleWorker.Sample) is string answer)
                {
                    Add(cell.Name, Nanoseconds, answer);
                }
            });
        }
    }

    private void MeasureLeft()
    {
        using WorkerProcess worker = WorkerProcess.Start(Name, ThreadBytes.Cell);
        if (worker.Receive()?.Split(' ') is [string before, string after])
        {
            Add(ThreadBytes.Cell, BytesBefore, before);
            Add(ThreadBytes.Cell, BytesAfter, after);
        }
    }

    private void Add(string cell, string unit, string value) => _samples.Add(cell, Subject.NativeHeapName, unit, double.Parse(value, CultureInfo.InvariantCulture));

    private static double? ValueOf(IReadOnlyList<Row> rows, string cell, string unit) => rows.Median(Measure, cell, Subject.NativeHeapName, unit);

    private static Finding Flatness(IReadOnlyList<Row> rows)
        => Finding.Over(s_cells, cell => ValueOf(rows, cell, Nanoseconds), _ => Enum.GetValues<Series>().Max(series => Flatness(rows, series)) ?? double.NaN);

    private static double? Flatness(IReadOnlyList<Row> rows, Series series)
    {
        double[] times = [.. ScaleCell.All.Where(cell => cell.Series == series).Select(cell => ValueOf(rows, cell.Name, Nanoseconds)).OfType<double>()];
        return times.Length == 0 ? null : times.Max() / times.Min();
    }

    private static double? Left(IReadOnlyList<Row> rows, string cell) => ValueOf(rows, cell, BytesAfter) / ValueOf(rows, cell, BytesBefore);
}
