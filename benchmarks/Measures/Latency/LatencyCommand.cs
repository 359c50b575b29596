// `latency`: M8, the slow calls among the many fast ones, where a message is allocated by one thread and freed by another.
//
// An allocator's average says nothing about the call that refills a magazine, finds a span or asks the system for memory. Each
// call is timed here, beside an empty pair of clock readings taken just before it; the goals are differences of
// percentiles, since what a shared machine does to the one it does to the other. The peers do the untyped half of it in turn, to
// be seen beside.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Latency;

internal sealed class LatencyCommand
{
    public const string Name = "latency";

    private const string Measure = "M8";
    private const string Floor = "Floor";
    private const string Nanoseconds = "ns";
    private const string Judged = "p99.9";
    private const int Turns = 3;
    private const int QuickMessages = 2_000_000;
    private const int FullMessages = 20_000_000;

    private static readonly string[] s_kinds = [LatencyWorker.Stubs, LatencyWorker.Sizes];
    private static readonly string[] s_calls = ["alloc", "free"];
    private static readonly string[] s_lines = [Subject.NativeHeapName, Floor, .. UntypedSubjects.PeerNames];

    private readonly Samples _samples = new(Measure);

    public static IReadOnlyList<GoalDefinition> Goals { get; } =
    [
        new("M8.p999", Measure, 1_000, Sense.Max, "ns over the floor at p99.9, worst call", rows => WorstOver(rows, Judged)),
        new("M8.p9999", Measure, 10_000, Sense.Max, "ns over the floor at p99.99, worst call", rows => WorstOver(rows, "p99.99")),
    ];

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(UntypedSubjects.All.Select(subject => subject.Name));
        line.CheckCells(s_kinds);
        return new LatencyCommand().MeasureAll(line);
    }

    public static IEnumerable<Section> Tables(IReadOnlyList<Row> rows)
    {
        string[] percentiles = [.. LatencyWorker.Percentiles.Select(percentile => percentile.Name)];
        Table table = new(["call", .. percentiles, Judged + " ratio", Judged + " spread"]);
        var lines =
            from kind in s_kinds
            from call in s_calls
            from subject in s_lines
            where TimeOf(rows, CellOf(kind, call, Judged), subject) is not null
            select (kind, call, subject);
        foreach ((string kind, string call, string subject) in lines)
        {
            table.Add(
            [
                $"{kind}/{call} {subject}",
                .. percentiles.Select(percentile => Table.Figure(TimeOf(rows, CellOf(kind, call, percentile), subject))),
                subject == Subject.NativeHeapName ? Table.Figure(new Comparison(rows, Measure, CellOf(kind, call, Judged), Nanoseconds, UntypedSubjects.PeerNames).Ratio) : string.Empty,
                Table.Share(rows.Find(Measure, CellOf(kind, call, Judged), subject, Nanoseconds)!.Spread),
            ]);
        }

        return !lines.Any()
            ? []
            :
            [
                new(
                    Measure,
                    "ns a call where one thread allocates and another frees, medians of three runs",
                    table,
                    "stubs: four types of 64 to 512 bytes; sizes: untyped blocks of any size in between; two million a second.",
                    "Floor: the clock read twice with nothing between, just before each call, in NativeHeap's runs.",
                    "The peers are shown beside; ratio: the least of theirs over NativeHeap's."),
            ];
    }

    private Report MeasureAll(CommandLine line)
    {
        Dictionary<string, string> versions = Machine.Versions();
        List<Subject> subjects = Presence.Find([.. UntypedSubjects.All.Where(subject => line.WantsSubject(subject.Name))], versions);

        // Types with stubs are NativeHeap's alone.
        (string Kind, Subject Subject)[] runs =
        [
            .. from kind in s_kinds
               where line.WantsCell(kind)
               from subject in subjects
               where kind == LatencyWorker.Sizes || subject.Role == Role.Own
               select (kind, subject),
        ];
        Progress progress = new(runs.Length * Turns);
        for (int turn = 0; turn < Turns; turn++)
        {
            foreach ((string kind, Subject subject) in runs)
            {
                progress.Step($"{kind} {subject.Name}");
                Take(kind, subject, line.Quick ? QuickMessages : FullMessages);
            }
        }

        progress.Clear();
        return new(_samples.Rows, versions, [.. Goals.Select(goal => goal.Judge(_samples.Rows))]);
    }

    private void Take(string kind, Subject subject, int messages)
    {
        using WorkerProcess worker = WorkerProcess.Start(Name, kind, subject.Name);
        if (worker.Ask(messages.ToString(CultureInfo.InvariantCulture)) is not string answer)
        {
            return;
        }

        Queue<double> values = new(answer.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)));
        foreach ((string call, string name) in from call in s_calls from name in (string[])[Floor, subject.Name] select (call, name))
        {
            foreach ((string percentile, _) in LatencyWorker.Percentiles)
            {
                double value = values.Dequeue();
                if (name != Floor || subject.Role == Role.Own)
                {
                    _samples.Add(CellOf(kind, call, percentile), name, Nanoseconds, value);
                }
            }
        }
    }

    private static string CellOf(string kind, string call, string percentile) => $"{kind}/{call}/{percentile}";

    private static double? TimeOf(IReadOnlyList<Row> rows, string cell, string subject) => rows.Median(Measure, cell, subject, Nanoseconds);

    private static Finding WorstOver(IReadOnlyList<Row> rows, string percentile)
        => Finding.Over(
            [.. from kind in s_kinds from call in s_calls select CellOf(kind, call, percentile)],
            cell => TimeOf(rows, cell, Subject.NativeHeapName) - TimeOf(rows, cell, Floor),
            over => over.Max());
}
