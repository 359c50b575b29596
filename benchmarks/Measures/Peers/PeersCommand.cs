// `peers`: M1, typed allocation beside the fastest allocators there are, and M7, what it costs the GC.
//
// Every subject measures every cell in a process of its own. The workers of a cell are started together and asked in turn,
// A B C A B C, so that a slow second of the machine hits all of them alike. Where they do not fit into memory together
// (a million objects of 4 KiB are 4 GiB a subject), they come in as many groups as it takes.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal sealed class PeersCommand
{
    public const string CollectionsPerMillion = "collections/M";

    public const string Name = "peers";
    private const long LargeFootprint = 1_000_000_000;

    private static readonly bool[] s_touches = [true, false];

    private readonly CommandLine _line;
    private readonly Samples _speed = new(PeersGoals.Speed);
    private readonly Samples _counts = new(PeersGoals.ZeroGC);

    private PeersCommand(CommandLine line) => _line = line;

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(Subject.All.Select(subject => subject.Name));
        line.CheckCells([.. Cell.All.SelectMany(cell => s_touches.Select(cell.NameWhen)), .. HotCalls.Names]);
        return new PeersCommand(line).Measure();
    }

    private Report Measure()
    {
        Dictionary<string, string> versions = Machine.Versions();
        Subject[] subjects = [.. Presence.Find([.. Subject.All.Where(subject => _line.WantsSubject(subject.Name))], versions)];
        Cell[] cells = [.. Cell.All.Where(cell => Touches(cell).Any())];
        string[] counts = [.. HotCalls.Names.Where(_line.WantsCell)];

        Progress progress = new(cells.Length + counts.Length);
        foreach (Cell cell in cells)
        {
            progress.Step(cell.Name);
            MeasureCell(cell, [.. subjects.Where(subject => cell.Pattern == Pattern.Hot || subject.Name != Subject.ThreadStaticArrayName)]);
        }

        if (_line.WantsSubject(Subject.NativeHeapName))
        {
            MeasureCounts(counts, progress);
        }

        progress.Clear();

        // Of the others only that there were collections is worth a line.
        IEnumerable<Row> speed = _speed.Rows.Where(row => row.Unit != CollectionsPerMillion || row.Subject == Subject.NewName || row.Value.Max > 0);
        Row[] rows = [.. speed, .. _counts.Rows];
        return new(rows, versions, [.. PeersGoals.All.Select(goal => goal.Judge(rows))]);
    }

    private IEnumerable<bool> Touches(Cell cell) => s_touches.Where(touched => _line.WantsCell(cell.NameWhen(touched)));

    private void MeasureCell(Cell cell, Subject[] subjects)
    {
        for (int turn = 0; turn < _line.Effort.Turns; turn++)
        {
            foreach (Subject[] group in subjects.Chunk(GroupSize(cell)))
            {
                SampleTogether(cell, group);
            }
        }
    }

    /// <summary>How many workers may be there at once: a third of the memory is ours, and managed heaps keep garbage beside what is live.</summary>
    private static int GroupSize(Cell cell)
        => (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 3 / Math.Max(cell.Footprint, 1), 1, Subject.All.Count);

    private void SampleTogether(Cell cell, Subject[] subjects)
    {
        using WorkerGroup<Subject> workers = new(subjects, subject => WorkerProcess.Start(Name, "cell", subject.Name, cell.Name));
        _ = workers.AskAll(PeersWorker.Settle);
        int rounds = cell.Footprint < LargeFootprint ? _line.Effort.Rounds : _line.Effort.LargeRounds;
        for (int round = 0; round < rounds; round++)
        {
            workers.ForEach((subject, worker) => Take(cell, subject, worker));
        }
    }

    private void Take(Cell cell, Subject subject, WorkerProcess worker)
    {
        foreach (bool touched in Touches(cell))
        {
            double milliseconds = _line.Effort.SampleTime.TotalMilliseconds;
            string request = string.Create(CultureInfo.InvariantCulture, $"{(touched ? "touched" : "untouched")} {milliseconds}");

            // A worker that gave up (out of memory, most likely) leaves its cell without a row, and so the goals unmet.
            if (worker.Ask(request) is string answer)
            {
                Sample sample = Sample.Parse(answer);
                _speed.Add(cell.NameWhen(touched), subject.Name, PeersGoals.Nanoseconds, sample.Nanoseconds);
                _speed.Add(cell.NameWhen(touched), subject.Name, CollectionsPerMillion, sample.CollectionsPerMillion);
            }
        }
    }

    private void MeasureCounts(string[] names, Progress progress)
    {
        using WorkerProcess worker = WorkerProcess.Start(Name, "count");
        foreach (string name in names)
        {
            progress.Step(name);
            if (worker.Ask(name) is string answer)
            {
                double[] counts = [.. answer.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
                _counts.Add(name, Subject.NativeHeapName, PeersGoals.Bytes, counts[0]);
                _counts.Add(name, Subject.NativeHeapName, PeersGoals.Collections, counts[1]);
            }
        }
    }
}
