// `traces`: M2, what the allocations of real programs cost, and M3, how much memory they need.
//
// Each replay has a process of its own, since a replay leaves an allocator in a state that no other may start from: the subjects take turns, A B C A B C, and what is reported
// are medians over such rounds. A trace is unpacked once, into a temporary file that workers and the replayer in C read.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal sealed class TracesCommand
{
    public static CommandShape Shape { get; } = new(
        "DIR, the folder that holds the traces (*.nht.br); left out, benchmarks/Traces",
        Path.Combine(ProjectFolder.Path, "Traces"),
        CanVerify: true);

    private const string Name = "traces";
    private const int ProcessesATurn = 3;

    private readonly CommandLine _line;
    private readonly string _folder;
    private readonly List<TraceCells> _traces;
    private readonly IReadOnlyList<Subject> _subjects;
    private readonly IReadOnlyList<string> _inC;
    private readonly CReplayer? _replayer;
    private readonly List<Row> _rows = [];

    private TracesCommand(CommandLine line, string folder, List<TraceCells> traces, Dictionary<string, string> versions)
    {
        _line = line;
        _folder = folder;
        _traces = traces;
        Subject[] wanted = [.. TraceSubjects.Managed.Where(subject => line.WantsSubject(subject.Name))];
        string[] inC = [.. TraceSubjects.Native.Where(line.WantsSubject)];

        // Whose times are measured needs the loop that they contain.
        Subject loop = TraceSubjects.Managed[^1];
        _subjects = Presence.Find(PeersCommand.Name, wanted.Length == 0 || wanted.Contains(loop) ? wanted : [.. wanted, loop], versions);
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
            Console.WriteLine($"Sound: {_rows.Count} replays, no fault.");
            return new(_rows, versions, []);
        }

        TracesTable.Print(_rows, Console.Out);
        return new(_rows, versions, [.. TracesGoals.For([.. _traces.Select(trace => trace.Name)]).Select(goal => goal.Judge(_rows))]);
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
            Dictionary<string, List<double>> bytes = Rounds(
                _line.Effort.Turns,
                cell,
                file,
                (replayer, subject) => subject == TraceSubjects.CLoopName ? null : replayer.Memory(subject, file));
            AddRows(TracesGoals.Memory, cell.Name, TracesGoals.Mebibytes, bytes, (_, value) => value / (1 << 20));
        }
        else if (cell.Threads > 0)
        {
            Dictionary<string, List<double>> times = Rounds(
                _line.Effort.Turns * ProcessesATurn,
                cell,
                file,
                (replayer, subject) => subject == TraceSubjects.CLoopName ? null : replayer.TimeThreaded(subject, file, cell.Threads));
            AddRows(TracesGoals.Speed, cell.Name, TracesGoals.WallNanoseconds, times, (_, value) => value);
        }
        else
        {
            Dictionary<string, List<double>> times = Rounds(_line.Effort.Turns * ProcessesATurn, cell, file, (replayer, subject) => replayer.Time(subject, file));
            AddRows(TracesGoals.Speed, cell.Name, TracesGoals.RawNanoseconds, times, (_, value) => value);
            Dictionary<string, double> loops = times.Where(own => TraceSubjects.LoopOf(own.Key) == own.Key).ToDictionary(own => own.Key, own => Summary.Of(own.Value).Median);
            Dictionary<string, List<double>> others = times.Where(own => !loops.ContainsKey(own.Key) && loops.ContainsKey(TraceSubjects.LoopOf(own.Key))).ToDictionary();
            AddRows(TracesGoals.Speed, cell.Name, TracesGoals.Nanoseconds, others, (subject, value) => value - loops[TraceSubjects.LoopOf(subject)]);
        }
    }

    /// <summary>All subjects in turn, so many times; a subject that fails leaves no figure and so no row.</summary>
    private Dictionary<string, List<double>> Rounds(int rounds, TraceCell cell, string file, Func<CReplayer, string, double?> inC)
    {
        Dictionary<string, List<double>> figures = [];
        void Add(string subject, double? figure)
        {
            if (figure is double value)
            {
                if (!figures.TryGetValue(subject, out List<double>? taken))
                {
                    figures[subject] = taken = [];
                }

                taken.Add(value);
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (Subject subject in _subjects)
            {
                Add(subject.Name, Replay(cell, subject, file) is string answer ? double.Parse(answer, CultureInfo.InvariantCulture) : null);
            }

            if (_replayer is CReplayer replayer)
            {
                foreach (string subject in _inC)
                {
                    Add(subject, inC(replayer, subject));
                }
            }
        }

        return figures;
    }

    private void AddRows(string measure, string cell, string unit, Dictionary<string, List<double>> figures, Func<string, double, double> convert)
    {
        foreach ((string subject, List<double> values) in figures)
        {
            _rows.Add(new(measure, cell, subject, unit, Summary.Of([.. values.Select(value => convert(subject, value))])));
        }
    }

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

            _rows.Add(new("verified", cell.Name, subject.Name, "faults", Summary.Of([0.0])));
            Console.WriteLine($"verified  {trace.Name}, {threads}: {subject.Name}");
        }
    }

    private static string? Replay(TraceCell cell, Subject subject, string file)
    {
        string threads = cell.Threads.ToString(CultureInfo.InvariantCulture);
        using WorkerProcess worker = cell.Kind == "memory"
            ? WorkerProcess.StartWith(TracesWorker.CompileOnce, Name, cell.Kind, subject.Name, file, threads)
            : WorkerProcess.Start(Name, cell.Kind, subject.Name, file, threads);
        return worker.Receive();
    }
}
