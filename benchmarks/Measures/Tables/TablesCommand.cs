// `tables`: M11, what a program does with entities, scenes and frames, beside what it would use otherwise.
//
// The two subjects of a cell are measured in a process each, in turn.

using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal sealed class TablesCommand
{
    public const string Name = "tables";
    public const string CollectionsPerMillion = "collections/M";

    private readonly CommandLine _line;
    private readonly Samples _samples = new(TablesGoals.Measure);

    private TablesCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(TableCell.All.SelectMany(cell => cell.Subjects).Distinct());
        line.CheckCells(TableCell.All.Select(cell => cell.Name));
        return new TablesCommand(line).Measure();
    }

    private Report Measure()
    {
        TableCell[] cells = [.. TableCell.All.Where(cell => _line.WantsCell(cell.Name))];
        Progress progress = new(cells.Length * _line.Effort.Turns);
        foreach (TableCell cell in cells)
        {
            for (int turn = 0; turn < _line.Effort.Turns; turn++)
            {
                progress.Step(cell.Name);
                SampleTogether(cell);
            }
        }

        progress.Clear();
        Row[] rows = [.. _samples.Rows.Where(row => row.Unit != CollectionsPerMillion || row.Value.Max > 0)];
        return new(rows, Machine.Versions(), [.. TablesGoals.All.Select(goal => goal.Judge(rows))]);
    }

    private void SampleTogether(TableCell cell)
    {
        using WorkerGroup<string> workers = new(cell.Subjects.Where(_line.WantsSubject), subject => WorkerProcess.Start(Name, cell.Name, subject));
        _ = workers.AskAll(TablesWorker.Settle);
        for (int round = 0; round < _line.Effort.Rounds; round++)
        {
            workers.ForEach((subject, worker) => Take(cell, subject, worker));
        }
    }

    private void Take(TableCell cell, string subject, WorkerProcess worker)
    {
        // A worker that died leaves its cell without a row, and so the goal unmet.
        if (worker.Ask(_line.Effort.SampleTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)) is string answer)
        {
            Sample sample = Sample.Parse(answer);
            _samples.Add(cell.Name, subject, TablesGoals.Nanoseconds, sample.Nanoseconds);
            _samples.Add(cell.Name, subject, CollectionsPerMillion, sample.CollectionsPerMillion);
        }
    }
}
