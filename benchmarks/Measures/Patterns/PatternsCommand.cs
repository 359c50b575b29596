// `patterns`: M4, the patterns of mimalloc-bench, written anew from their descriptions.
//
// As `peers` does it: every subject in a process of its own, the workers of a cell started together and asked in turn, A B
// A B. While one works the others sleep with what they hold; there is memory for that, since no pattern holds more than
// some hundred MiB.
//
// A fault in a block's content, or a worker that dies, ends the command: figures of an allocator that loses data are worth
// nothing.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal sealed class PatternsCommand
{
    private const string Name = "patterns";

    private readonly CommandLine _line;
    private readonly List<Row> _rows = [];

    private PatternsCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(PatternCell.Subjects.Select(subject => subject.Name));
        line.CheckCells(PatternCell.All.Select(cell => cell.Name));
        return new PatternsCommand(line).Measure();
    }

    private Report Measure()
    {
        Dictionary<string, string> versions = Machine.Versions();
        Subject[] wanted = [.. PatternCell.Subjects.Where(subject => _line.WantsSubject(subject.Name))];
        Subject[] subjects = [.. Presence.Find(Name, wanted, versions)];
        PatternCell[] cells = [.. PatternCell.All.Where(cell => _line.WantsCell(cell.Name))];
        Progress progress = new(cells.Length);
        foreach (PatternCell cell in cells)
        {
            progress.Step(cell.Name);
            MeasureCell(cell, subjects);
        }

        progress.Clear();
        PatternsTable.Print(_rows, subjects, Console.Out);
        return new(_rows, versions, [.. PatternsGoals.All.Select(goal => goal.Judge(_rows))]);
    }

    private void MeasureCell(PatternCell cell, Subject[] subjects)
    {
        Dictionary<string, Samples> samples = subjects.ToDictionary(subject => subject.Name, _ => new Samples([], [], []));
        for (int turn = 0; turn < _line.Effort.Turns; turn++)
        {
            SampleTogether(cell, subjects, samples);
        }

        foreach (Subject subject in subjects)
        {
            Samples taken = samples[subject.Name];
            _rows.Add(new(PatternsGoals.Measure, cell.Name, subject.Name, PatternsGoals.Nanoseconds, Summary.Of(taken.Times)));
            _rows.Add(new(PatternsGoals.Measure, cell.Name, subject.Name, PatternsGoals.CoreNanoseconds, Summary.Of(taken.CoreTimes)));
            _rows.Add(new(PatternsGoals.Measure, cell.Name, subject.Name, PatternsGoals.PeakMemory, Summary.Of(taken.Peaks)));
        }
    }

    private void SampleTogether(PatternCell cell, Subject[] subjects, Dictionary<string, Samples> samples)
    {
        WorkerProcess[] workers = [.. subjects.Select(subject => WorkerProcess.Start(Name, PatternsWorker.CellVerb, subject.Name, cell.Name))];
        try
        {
            // One after the other: settling threads that share their cores would be settled later.
            foreach ((Subject subject, WorkerProcess worker) in subjects.Zip(workers))
            {
                Ask(PatternsWorker.Settle, cell, subject, worker);
            }

            for (int round = 0; round < _line.Effort.Rounds; round++)
            {
                foreach ((Subject subject, WorkerProcess worker) in subjects.Zip(workers))
                {
                    string[] answer = Ask(PatternsWorker.Time, cell, subject, worker).Split(' ');
                    samples[subject.Name].Times.Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
                    samples[subject.Name].CoreTimes.Add(double.Parse(answer[1], CultureInfo.InvariantCulture));
                }
            }

            foreach ((Subject subject, WorkerProcess worker) in subjects.Zip(workers))
            {
                samples[subject.Name].Peaks.Add(double.Parse(Ask(PatternsWorker.Peak, cell, subject, worker), CultureInfo.InvariantCulture));
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

    private static string Ask(string request, PatternCell cell, Subject subject, WorkerProcess worker)
    {
        string answer = worker.Ask(request) ?? throw new FaultException($"{subject.Name} died in {cell.Name}; what it said is above.");
        return answer.StartsWith(Contents.FaultPrefix, StringComparison.Ordinal)
            ? throw new FaultException($"{subject.Name} failed in {cell.Name}: {answer[Contents.FaultPrefix.Length..]}.")
            : answer;
    }

    private sealed record Samples(List<double> Times, List<double> CoreTimes, List<double> Peaks);
}
