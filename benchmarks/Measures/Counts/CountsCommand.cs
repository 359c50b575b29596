// `counts`: M5, how many locks are taken and atomic operations done for an object that another thread frees.
//
// On two cores a lock that everybody wants costs little time, on sixty-four it costs most of it. What a machine like that
// would show in time can be counted on any: two programs that hand every object, or most, to another thread, and the sums
// that the counting build keeps over all locks and atomic operations of the allocator, page heap and metadata included.
// An allocator that locks for each object comes to 2 locks and more.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
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

    private static readonly GoalDefinition[] s_goals =
    [
        new("M5.locks", Measure, Bound, Sense.Max, "locks taken an object, worst program", rows => Worst(rows, LocksUnit)),
        new("M5.atomics", Measure, Bound, Sense.Max, "other atomic operations an object, worst program", rows => Worst(rows, AtomicsUnit)),
    ];

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects([Subject.NativeHeapName]);
        line.CheckCells(CountsWorker.Programs.Keys);
        string[] programs = [.. CountsWorker.Programs.Keys.Where(line.WantsCell)];
        string folder = CountingBuild.Make();

        List<Row> rows = [];
        Progress progress = new(programs.Length);
        foreach (string program in programs)
        {
            progress.Step(program);
            AddRows(program, [.. Enumerable.Range(0, line.Effort.Turns).Select(_ => Count(folder, program)).OfType<Counts>()], rows);
        }

        progress.Clear();
        Print(rows, Console.Out);
        return new(rows, Machine.Versions(), [.. s_goals.Select(goal => goal.Judge(rows))]);
    }

    private static Counts? Count(string folder, string program)
    {
        using WorkerProcess worker = WorkerProcess.StartBuild(folder, Name, program);
        return worker.Receive() is string answer ? Counts.Parse(answer) : null;
    }

    private static void AddRows(string program, Counts[] counts, List<Row> rows)
    {
        if (counts.Length > 0)
        {
            Add(LocksUnit, count => (double)count.Locks / count.Objects);
            Add(AtomicsUnit, count => (double)(count.Atomics - count.Locks) / count.Objects);
            Add(ObjectsUnit, count => count.Objects);
        }

        void Add(string unit, Func<Counts, double> value)
            => rows.Add(new(Measure, program, Subject.NativeHeapName, unit, Summary.Of([.. counts.Select(value)])));
    }

    private static void Print(List<Row> rows, TextWriter output)
    {
        Table table = new("counted for a second", LocksUnit, AtomicsUnit, ObjectsUnit);
        foreach (IGrouping<string, Row> program in rows.GroupBy(row => row.Cell))
        {
            string Of(string unit, string format) => program.First(row => row.Unit == unit).Value.Median.ToString(format, CultureInfo.InvariantCulture);
            table.Add(program.Key, Of(LocksUnit, "0.00000"), Of(AtomicsUnit, "0.00000"), Of(ObjectsUnit, "0"));
        }

        table.Print(output);
        output.WriteLine("atomics: those that did not take a lock; the ones that release it, and the vain attempts to take it, among them.");
        output.WriteLine("objects: allocated by one thread and freed by any, in the second after the first; counting makes them fewer.");
        output.WriteLine();
    }

    private static Finding Worst(IReadOnlyList<Row> rows, string unit)
    {
        Row[] found = [.. rows.Where(row => row.Measure == Measure && row.Unit == unit)];
        string[] missing = [.. CountsWorker.Programs.Keys.Where(program => !found.Any(row => row.Cell == program))];
        return new(found.Length == 0 ? null : found.Max(row => row.Value.Median), missing.Length == 0 ? null : string.Join(", ", missing));
    }
}
