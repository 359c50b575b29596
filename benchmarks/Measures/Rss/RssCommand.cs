// `rss`: M9, whether memory goes back to the system when nobody touches the heap any more, and M10, what the allocator needs for itself.
//
// Each run has a fresh process, whose memory this one reads: before the first object, when all are there, and 2 s after the last free has returned, which is what is judged; and all the while
// besides, for the picture. The process sleeps meanwhile, so whatever happens to its memory is its allocator's own doing.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Rss;

internal sealed class RssCommand
{
    public const string Name = "rss";

    /// <summary>How long after the last free memory is judged.</summary>
    public static readonly TimeSpan Judged = TimeSpan.FromSeconds(2);

    private const int Step = 50;
    private const double Mebibyte = 1 << 20;

    // Between the steps, and after the judgement: to be seen in the picture.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(2);

    private readonly CommandLine _line;
    private readonly Samples _returned = new(RssGoals.Returned);
    private readonly Samples _overhead = new(RssGoals.Overhead);

    private RssCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new UsageException($"'{Name}' reads the memory of processes from /proc, which is there on Linux only.");
        }

        line.CheckSubjects(UntypedSubjects.All.Select(subject => subject.Name));
        line.CheckCells(Experiment.All.Select(experiment => experiment.Name).Concat(SizeCell.All.Select(cell => cell.Name)));
        return new RssCommand(line).MeasureAll();
    }

    private Report MeasureAll()
    {
        Dictionary<string, string> versions = Machine.Versions();
        Experiment[] experiments = [.. Experiment.All.Where(experiment => _line.WantsCell(experiment.Name))];
        List<Subject> subjects = Presence.Find([.. UntypedSubjects.All.Where(subject => _line.WantsSubject(subject.Name))], versions);
        SizeCell[] sizes = [.. SizeCell.All.Where(cell => _line.WantsSubject(Subject.NativeHeapName) && _line.WantsCell(cell.Name))];
        Progress progress = new(((experiments.Length * subjects.Count) + sizes.Length) * _line.Effort.Turns);
        for (int turn = 0; turn < _line.Effort.Turns; turn++)
        {
            foreach (Experiment experiment in experiments)
            {
                foreach (Subject subject in subjects)
                {
                    progress.Step($"{experiment.Name} {subject.Name}");
                    Take(experiment.Name, subject.Name);
                }
            }

            foreach (SizeCell cell in sizes)
            {
                progress.Step(cell.Name);
                Take(cell.Name);
            }
        }

        progress.Clear();
        Row[] rows = [.. _returned.Rows, .. _overhead.Rows];
        return new(rows, versions, [.. RssGoals.All.Select(goal => goal.Judge(rows))]);
    }

    // A worker that dies leaves no rows.
    private void Take(string experiment, string subject)
    {
        using WorkerProcess worker = WorkerProcess.StartWith(Compilation.Once, Name, experiment, subject);
        if (worker.Receive() is null)
        {
            return;
        }

        using ResidentTimeline memory = new(worker.Id);
        Thread.Sleep(s_rest);
        if (worker.Ask(RssWorker.Allocate) is null)
        {
            return;
        }

        long full = memory.Growth;
        Thread.Sleep(s_rest);
        if (worker.Ask(RssWorker.Free) is null)
        {
            return;
        }

        long freed = Stopwatch.GetTimestamp();
        Thread.Sleep(Judged);
        long left = memory.Growth;
        Thread.Sleep(s_after);
        IEnumerable<(int Milliseconds, long Growth)> timeline = memory.Stop(freed, Step);
        if (worker.Ask(RssWorker.CountLivePages) is string pages)
        {
            Add(experiment, subject, RssGoals.Full, full);
            Add(experiment, subject, RssGoals.Left, left);
            Add(experiment, subject, RssGoals.LivePages, long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize);
            foreach ((int milliseconds, long growth) in timeline)
            {
                Add(RssGoals.MomentCell(experiment, milliseconds), subject, RssGoals.Resident, growth);
            }
        }
    }

    private void Add(string cell, string subject, string unit, long bytes) => _returned.Add(cell, subject, unit, bytes / Mebibyte);

    private void Take(string size)
    {
        using WorkerProcess worker = WorkerProcess.StartWith(Compilation.Once, Name, size);
        if (worker.Receive() is not string answer)
        {
            return;
        }

        Footprint footprint = Footprint.Parse(answer);
        void Note(string unit, double value) => _overhead.Add(size, Subject.NativeHeapName, unit, value);

        Note(RssGoals.Live, footprint.Live / Mebibyte);
        Note(RssGoals.Mapped, footprint.Mapped / Mebibyte);
        Note(RssGoals.Metadata, footprint.Metadata / Mebibyte);
        Note(RssGoals.Grown, footprint.Resident / Mebibyte);
        Note(RssGoals.Waste, footprint.Waste);
    }
}
