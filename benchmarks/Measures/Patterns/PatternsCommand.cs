// `patterns`: M4, the patterns of mimalloc-bench, written anew from their descriptions.
//
// As `peers` does it: every subject in a process of its own, the workers of a cell started together and asked in turn, A B
// A B. There is memory for that, since no pattern holds more than some hundred MiB.
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
    public const string Name = "patterns";

    private readonly CommandLine _line;
    private readonly Samples _samples = new(PatternsGoals.Measure);

    private PatternsCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(UntypedSubjects.All.Select(subject => subject.Name));
        line.CheckCells(PatternCell.All.Select(cell => cell.Name));
        return new PatternsCommand(line).Measure();
    }

    private Report Measure()
    {
        Dictionary<string, string> versions = Machine.Versions();
        List<Subject> subjects = Presence.Find([.. UntypedSubjects.All.Where(subject => _line.WantsSubject(subject.Name))], versions);
        PatternCell[] cells = [.. PatternCell.All.Where(cell => _line.WantsCell(cell.Name))];
        Progress progress = new(cells.Length * _line.Effort.Turns);
        foreach (PatternCell cell in cells)
        {
            for (int turn = 0; turn < _line.Effort.Turns; turn++)
            {
                progress.Step(cell.Name);
                SampleTogether(cell, subjects);
            }
        }

        progress.Clear();
        return new(_samples.Rows, versions, [.. PatternsGoals.All.Select(goal => goal.Judge(_samples.Rows))]);
    }

    private void SampleTogether(PatternCell cell, List<Subject> subjects)
    {
        using WorkerGroup<Subject> workers = new(subjects, subject => WorkerProcess.Start(Name, PatternsWorker.CellVerb, subject.Name, cell.Name));

        // One after the other: settling threads that share their cores would be settled later.
        workers.ForEach((subject, worker) => Ask(PatternsWorker.Settle, cell, subject, worker));
        for (int round = 0; round < _line.Effort.Rounds; round++)
        {
            workers.ForEach((subject, worker) =>
            {
                string[] times = Ask(PatternsWorker.Time, cell, subject, worker).Split(' ');
                Add(cell, subject, PatternsGoals.Nanoseconds, times[0]);
                Add(cell, subject, PatternsGoals.CoreNanoseconds, times[1]);
            });
        }

        workers.ForEach((subject, worker) => Add(cell, subject, PatternsGoals.PeakMemory, Ask(PatternsWorker.Peak, cell, subject, worker)));
    }

    private void Add(PatternCell cell, Subject subject, string unit, string value)
        => _samples.Add(cell.Name, subject.Name, unit, double.Parse(value, CultureInfo.InvariantCulture));

    private static string Ask(string request, PatternCell cell, Subject subject, WorkerProcess worker)
    {
        string answer = worker.Ask(request) ?? throw new FaultException($"{subject.Name} died in {cell.Name}; what it said is above.");
        return answer.StartsWith(Contents.FaultPrefix, StringComparison.Ordinal)
            ? throw new FaultException($"{subject.Name} failed in {cell.Name}: {answer[Contents.FaultPrefix.Length..]}.")
            : answer;
    }
}
