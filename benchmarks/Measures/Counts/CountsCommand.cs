// `counts`: M5, how many locks are taken and atomic operations done for an object that another thread frees.
//
// On two cores a lock that everybody wants costs little time, on sixty-four it costs most of it. What a machine like that
// would show in time can be counted on any: two of the patterns, which hand every object, or most, to another thread, and the sums
// that the counting build keeps over all locks and atomic operations of the allocator, page heap and metadata included.
// An allocator that locks for each object comes to 2 locks and more.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Counts;

internal static class CountsCommand
{
    public const string Name = "counts";

    private const string Measure = "M5";
    private const string LocksUnit = "locks/object";
    private const string AtomicsUnit = "atomics/object";
    private const string ObjectsUnit = "objects";
    private const double Bound = 0.02;

    private static readonly string[] s_programs = [.. CountsWorker.Programs.Keys];

    public static IReadOnlyList<GoalDefinition> Goals { get; } =
    [
        new("M5.locks", Measure, Bound, Sense.Max, "locks taken an object, worst program", rows => Worst(rows, LocksUnit)),
        new("M5.atomics", Measure, Bound, Sense.Max, "other atomic operations an object, worst program", rows => Worst(rows, AtomicsUnit)),
    ];

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects([Subject.NativeHeapName]);
        line.CheckCells(s_programs);
        string[] programs = [.. s_programs.Where(line.WantsCell)];
        string folder = CountingBuild.Make();

        Samples samples = new(Measure);
        Progress progress = new(programs.Length * line.Effort.Turns);
        for (int turn = 0; turn < line.Effort.Turns; turn++)
        {
            foreach (string program in programs)
            {
                progress.Step(program);
                Take(folder, program, samples);
            }
        }

        progress.Clear();
        return new(samples.Rows, Machine.Versions(), [.. Goals.Select(goal => goal.Judge(samples.Rows))]);
    }

    public static IEnumerable<Section> Tables(IReadOnlyList<Row> rows)
    {
        string[] programs = [.. s_programs.Where(program => rows.Find(Measure, program, Subject.NativeHeapName, ObjectsUnit) is not null)];
        Table table = new("program", LocksUnit, AtomicsUnit, ObjectsUnit, "spread");
        foreach (string program in programs)
        {
            string Of(string unit, string format) => rows.Median(Measure, program, Subject.NativeHeapName, unit)?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
            double spread = rows.Find(Measure, program, Subject.NativeHeapName, LocksUnit)?.Spread ?? 0;
            table.Add(program, Of(LocksUnit, "0.0000"), Of(AtomicsUnit, "0.0000"), Of(ObjectsUnit, "0"), Table.Share(spread));
        }

        return programs.Length == 0
            ? []
            :
            [
                new(
                    Measure,
                    "counted for a second, objects of 64 bytes",
                    table,
                    "atomics: those that did not take a lock; the ones that release it, and the vain attempts to take it, among them.",
                    "objects: allocated by one thread and freed by any; counting makes them fewer. spread: of the locks, (max - min) / median."),
            ];
    }

    private static void Take(string folder, string program, Samples samples)
    {
        using WorkerProcess worker = WorkerProcess.StartBuild(folder, Name, program);
        if (worker.Receive() is string answer)
        {
            Counts counts = Counts.Parse(answer);
            samples.Add(program, Subject.NativeHeapName, LocksUnit, (double)counts.Locks / counts.Objects);
            samples.Add(program, Subject.NativeHeapName, AtomicsUnit, (double)(counts.Atomics - counts.Locks) / counts.Objects);
            samples.Add(program, Subject.NativeHeapName, ObjectsUnit, counts.Objects);
        }
    }

    private static Finding Worst(IReadOnlyList<Row> rows, string unit)
        => Finding.Over(s_programs, program => rows.Median(Measure, program, Subject.NativeHeapName, unit), counts => counts.Max());
}
