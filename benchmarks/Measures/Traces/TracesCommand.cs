// `traces`: M2, what the allocations of real programs cost, and M3, how much memory they need.
//
// Each replay has a process of its own, since a replay leaves an allocator in a state that no other may start from: the subjects take turns, A B C A B C, and what is reported
// are medians over such rounds. A trace is unpacked once, into a temporary file that workers and the replayer in C read.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal sealed class TracesCommand
{
    public static CommandShape Shape { get; } = new(
        "DIR, the folder that holds the traces (*.nht.br); left out, benchmarks/Traces",
        Options.Measuring | Options.Verify,
        Repository.Traces);

    public const string Name = "traces";

    private const int ProcessesATurn = 3;

    private readonly CommandLine _line;
    private readonly string _folder;
    private readonly List<TraceCells> _traces;
    private readonly IReadOnlyList<Subject> _subjects;
    private readonly IReadOnlyList<string> _inC;
    private readonly CReplayer? _replayer;
    private readonly Samples _speed = new(TracesGoals.Speed);
    private readonly Samples _memory = new(TracesGoals.Memory);
    private readonly Samples _verified = new("verified");

    private TracesCommand(CommandLine line, string folder, List<TraceCells> traces, Dictionary<string, string> versions)
    {
        _line = line;
        _folder = folder;
        _traces = traces;
        Subject[] wanted = [.. TraceSubjects.Managed.Where(subject => line.WantsSubject(subject.Name))];
        string[] inC = [.. TraceSubjects.Native.Where(line.WantsSubject)];

        // Whose times are measured needs the loop that they contain.
        Subject loop = TraceSubjects.Managed[^1];
        _subjects = Presence.Find(wanted.Length == 0 || wanted.Contains(loop) ? wanted : [.. wanted, loop], versions);
        _replayer = inC.Length == 0 || line.Verify ? null : CReplayer.TryBuild(line.Operand, folder);
        _inC = [.. inC.Union(inC.Length == 0 ? [] : [TraceSubjects.CLoopName])];
    }

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(line.Verify ? TraceSubjects.Verified : TraceSubjects.Managed.Select(subject => subject.Name).Concat(TraceSubjects.Native));
        List<TraceCells> traces = [];
        foreach (string file in TraceFile.In(line.Operand))
        {
            Trace trace = TraceFile.Read(file);
            traces.Add(new(file, trace.Name, trace.Threads));
            trace.Free();
        }

        line.CheckCells([.. traces.SelectMany(trace => trace.For(line.Verify)).Select(cell => cell.Name)]);
        Dictionary<string, string> versions = Machine.Versions();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nativeheap-traces-");
        try
        {
            return new TracesCommand(line, folder.FullName, traces, versions).Measure(versions);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Report Measure(Dictionary<string, string> versions)
    {
        Progress progress = new(_traces.Sum(trace => Wanted(trace).Length));
        foreach (TraceCells trace in _traces.Where(trace => Wanted(trace).Length > 0))
        {
            string file = Path.Combine(_folder, trace.Name + ".nht");
            Trace content = TraceFile.Read(trace.File);
            TraceFile.Write(content, file);
            content.Free();
            foreach (TraceCell cell in Wanted(trace))
            {
                progress.Step(cell.Name);
                MeasureCell(cell, trace, file);
            }

            File.Delete(file);
        }

        progress.Clear();
        if (_line.Verify)
        {
            Console.WriteLine($"Sound: {_verified.Rows.Count} replays, no fault.");
            return new(_verified.Rows, versions, []);
        }

        Row[] rows = [.. _speed.Rows, .. LessTheLoop(_speed.Rows), .. _memory.Rows];
        return new(rows, versions, [.. TracesGoals.For([.. _traces.Select(trace => trace.Name)]).Select(goal => goal.Judge(rows))]);
    }

    private TraceCell[] Wanted(TraceCells trace) => [.. trace.For(_line.Verify).Where(cell => _line.WantsCell(cell.Name))];

    private void MeasureCell(TraceCell cell, TraceCells trace, string file)
    {
        if (_line.Verify)
        {
            VerifyCell(cell, trace, file);
        }
        else if (cell.Kind == "memory")
        {
            TakeTurns(
                _line.Effort.Turns,
                cell,
                file,
                (replayer, subject) => subject == TraceSubjects.CLoopName ? null : replayer.Memory(subject, file),
                (subject, bytes) => _memory.Add(cell.Name, subject, TracesGoals.Mebibytes, bytes / (1 << 20)));
        }
        else if (cell.Threads > 0)
        {
            TakeTurns(
                _line.Effort.Turns * ProcessesATurn,
                cell,
                file,
                (replayer, subject) => subject == TraceSubjects.CLoopName ? null : replayer.TimeThreaded(subject, file, cell.Threads),
                (subject, time) => _speed.Add(cell.Name, subject, TracesGoals.WallNanoseconds, time));
        }
        else
        {
            TakeTurns(
                _line.Effort.Turns * ProcessesATurn,
                cell,
                file,
                (replayer, subject) => replayer.Time(subject, file),
                (subject, time) => _speed.Add(cell.Name, subject, TracesGoals.RawNanoseconds, time));
        }
    }

    /// <summary>All subjects in turn, so many times; a subject that fails leaves no figure and so no row.</summary>
    private void TakeTurns(int rounds, TraceCell cell, string file, Func<CReplayer, string, double?> inC, Action<string, double> add)
    {
        for (int round = 0; round < rounds; round++)
        {
            foreach (Subject subject in _subjects)
            {
                if (Replay(cell, subject, file) is string answer)
                {
                    add(subject.Name, double.Parse(answer, CultureInfo.InvariantCulture));
                }
            }

            foreach (string subject in _replayer is null ? [] : _inC)
            {
                if (inC(_replayer!, subject) is double figure)
                {
                    add(subject, figure);
                }
            }
        }
    }

    /// <summary>The raw times without the median of the loop that they contain.</summary>
    private static IEnumerable<Row> LessTheLoop(IReadOnlyList<Row> rows)
        => from row in rows
           where row.Unit == TracesGoals.RawNanoseconds && TraceSubjects.LoopOf(row.Subject) != row.Subject
           let loop = rows.Median(row.Measure, row.Cell, TraceSubjects.LoopOf(row.Subject), row.Unit)
           where loop is not null
           select row with { Unit = TracesGoals.Nanoseconds, Value = row.Value.Less(loop.Value) };

    private void VerifyCell(TraceCell cell, TraceCells trace, string file)
    {
        foreach (Subject subject in _subjects.Where(subject => TraceSubjects.Verified.Contains(subject.Name)))
        {
            string threads = cell.Threads == 0 ? "one thread" : string.Create(CultureInfo.InvariantCulture, $"{cell.Threads} threads");
            string? answer = Replay(cell, subject, file);
            if (answer != TracesWorker.Sound)
            {
                string fault = answer?[TracesWorker.Fault.Length..] ?? "the process died; what it said last is above";
                throw new FaultException($"{subject.Name} has a fault: trace {trace.Name}, {threads}, {fault}");
            }

            _verified.Add(cell.Name, subject.Name, "faults", 0);
            Console.WriteLine($"verified  {trace.Name}, {threads}: {subject.Name}");
        }
    }

    private static string? Replay(TraceCell cell, Subject subject, string file)
    {
        string threads = cell.Threads.ToString(CultureInfo.InvariantCulture);
        using WorkerProcess worker = cell.Kind == "memory"
            ? WorkerProcess.StartWith(Compilation.Once, Name, cell.Kind, subject.Name, file, threads)
            : WorkerProcess.Start(Name, cell.Kind, subject.Name, file, threads);
        return worker.Receive();
    }
}
