// `checks`: what it costs that misuse is found, beside a process that does not look for it.
//
// The subjects of a cell take turns in processes of their own, A B C A B C. A ratio is that of a sample and the one that Off gave in the same round, so that what the machine does in between is in neither.
//
// Guarded sampling is to cost less than 1 %, where the same process started twice differs by more than that: by where its code and its objects happen to lie. So it has many processes, in pairs with Off, and the median of
// their ratios counts. It takes some hundred samples a second at most, each at some microseconds: what is timed must be long beside the time between two of them.

using System;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Measures.Checks;

internal sealed class ChecksCommand
{
    public const string Name = "checks";

    private const int PairsATurn = 7;
    private const int PairedRounds = 2;
    private const int PairedSamples = 10;

    private readonly CommandLine _line;
    private readonly Samples _samples = new(ChecksGoals.Measure);

    private ChecksCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(CheckSubject.Names);
        line.CheckCells([.. CheckCell.All.Select(cell => cell.Name), .. CheckCell.Sizes.Select(cell => cell.Name)]);
        return new ChecksCommand(line).Measure();
    }

    private Report Measure()
    {
        CheckCell[] cells = [.. CheckCell.All.Where(cell => _line.WantsCell(cell.Name))];

        // Read from /proc.
        SizeCell[] sizes = [.. CheckCell.Sizes.Where(cell => OperatingSystem.IsLinux() && _line.WantsCell(cell.Name))];
        CheckSubject[] wanted = [.. CheckSubject.All.Where(subject => subject == CheckSubject.Off || _line.WantsSubject(subject.Name))];
        CheckSubject[] all = [.. wanted.Where(subject => subject != CheckSubject.Sampled)];
        CheckSubject[] pair = [CheckSubject.Off, CheckSubject.Sampled];

        Progress progress = new((cells.Length * _line.Effort.Turns) + sizes.Length);
        foreach (CheckCell cell in cells)
        {
            for (int turn = 0; turn < _line.Effort.Turns; turn++)
            {
                progress.Step(cell.Name);
                SampleTogether(cell, all, _line.Effort.Rounds, _line.Effort.SampleTime);
                for (int i = 0; i < PairsATurn && wanted.Contains(CheckSubject.Sampled); i++)
                {
                    SampleTogether(cell, pair, PairedRounds, PairedSamples * _line.Effort.SampleTime);
                }
            }
        }

        foreach (SizeCell size in sizes)
        {
            progress.Step(size.Name);
            foreach (CheckSubject subject in wanted)
            {
                MeasureMemory(size, subject);
            }
        }

        progress.Clear();
        return new(_samples.Rows, Machine.Versions(), [.. ChecksGoals.All.Select(goal => goal.Judge(_samples.Rows))]);
    }

    // The first subject is Off.
    private void SampleTogether(CheckCell cell, CheckSubject[] subjects, int rounds, TimeSpan time)
    {
        string request = time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        using WorkerGroup<CheckSubject> workers = new(subjects, subject => WorkerProcess.StartWith(subject.Environment, Name, cell.Name));
        _ = workers.AskAll(ChecksWorker.Settle);
        for (int round = 0; round < rounds; round++)
        {
            double? off = null;
            workers.ForEach((subject, worker) =>
            {
                // A worker that died leaves its cell without a row, and so goals unmet.
                double? taken = worker.Ask(request) is string answer ? Sample.Parse(answer).Nanoseconds : null;
                off = subject == CheckSubject.Off ? taken : off;
                Add(cell, subject, ChecksGoals.Nanoseconds, taken);
                if (subject != CheckSubject.Off)
                {
                    Add(cell, subject, ChecksGoals.OverOff, taken / off);
                }
            });
        }
    }

    private void Add(CheckCell cell, CheckSubject subject, string unit, double? value)
    {
        if (value is double measured)
        {
            _samples.Add(cell.Name, subject.Name, unit, measured);
        }
    }

    private void MeasureMemory(SizeCell cell, CheckSubject subject)
    {
        using WorkerProcess worker = WorkerProcess.StartWith([.. Compilation.Once, .. subject.Environment], RssCommand.Name, cell.Name);
        if (worker.Receive() is string answer)
        {
            _samples.Add(cell.Name, subject.Name, ChecksGoals.Resident, (double)Footprint.Parse(answer).Resident / Footprint.Bytes);
        }
    }
}
