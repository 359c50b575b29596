// `buffers`: M12, buffers rented and returned, on one thread and across two, beside the pools that .NET programs use; and objects handed over between threads.
//
// Every subject in a process of its own, the workers of a cell started together and asked in turn. A worker that dies, or whose buffers are not what they must be, ends the command.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal sealed class BuffersCommand
{
    public const string Name = "buffers";

    private readonly CommandLine _line;
    private readonly Samples _samples = new(BuffersGoals.Measure);

    private BuffersCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(BufferSubjects.All);
        line.CheckCells(BufferCell.All.Select(cell => cell.Name));
        return new BuffersCommand(line).Measure();
    }

    private Report Measure()
    {
        BufferCell[] cells = [.. BufferCell.All.Where(cell => _line.WantsCell(cell.Name))];
        Progress progress = new(cells.Length * _line.Effort.Turns);
        foreach (BufferCell cell in cells)
        {
            for (int turn = 0; turn < _line.Effort.Turns; turn++)
            {
                progress.Step(cell.Name);
                SampleTogether(cell);
            }
        }

        progress.Clear();
        Dictionary<string, string> versions = Machine.Versions();
        BufferSubjects.AddVersions(versions);
        Row[] rows = [.. _samples.Rows.Where(row => row.Unit != BuffersGoals.CollectionsPerMillion || row.Value.Max > 0)];
        return new(rows, versions, [.. BuffersGoals.All.Select(goal => goal.Judge(rows))]);
    }

    private void SampleTogether(BufferCell cell)
    {
        using WorkerGroup<string> workers = new(cell.Subjects.Where(_line.WantsSubject), subject => WorkerProcess.Start(Name, cell.Name, subject));

        // One after the other: settling threads that share their cores would be settled later.
        workers.ForEach((subject, worker) => Ask(BuffersWorker.Settle, cell, subject, worker));
        string milliseconds = _line.Effort.SampleTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        for (int round = 0; round < _line.Effort.Rounds; round++)
        {
            workers.ForEach((subject, worker) =>
            {
                Sample sample = Sample.Parse(Ask(milliseconds, cell, subject, worker));
                _samples.Add(cell.Name, subject, BuffersGoals.Nanoseconds, sample.Nanoseconds);
                _samples.Add(cell.Name, subject, BuffersGoals.CollectionsPerMillion, sample.CollectionsPerMillion);
            });
        }

        workers.ForEach((subject, worker) =>
        {
            if (subject == Subject.NativeHeapName)
            {
                _samples.Add(cell.Name, subject, BuffersGoals.Bytes, double.Parse(Ask(BuffersWorker.Bytes, cell, subject, worker), CultureInfo.InvariantCulture));
            }
        });
    }

    private static string Ask(string request, BufferCell cell, string subject, WorkerProcess worker)
        => worker.Ask(request) ?? throw new FaultException($"{subject} failed in {cell.Name}; what it said is above.");
}
