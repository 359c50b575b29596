// `micro`: single calls, measured by BenchmarkDotNet, for readers who know its figures and want them beside those of `peers`.
//
// The subjects of a cell take turns as in every command, here a process for each turn: A B C A B C.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

internal static class MicroCommand
{
    public const string Name = "micro";
    public const string Measure = "micro";
    public const string Nanoseconds = "ns";
    public const string Bytes = "bytes";

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(MicroCases.All.Select(of => of.Subject).Distinct());
        line.CheckCells(MicroCases.All.Select(of => of.Cell));
        MicroCase[] wanted = [.. MicroCases.All.Where(of => line.WantsCell(of.Cell) && line.WantsSubject(of.Subject))];
        Dictionary<string, string> versions = Machine.Versions();
        versions["BenchmarkDotNet"] = Machine.VersionOf(typeof(BenchmarkDotNet.Running.BenchmarkRunner));
        Subject[] subjects = [.. Subject.All.Where(subject => wanted.Any(of => of.Subject == subject.Name))];
        string[] absent = [.. subjects.Except(Presence.Find(subjects, versions)).Select(subject => subject.Name)];
        MicroCase[] cases = [.. wanted.Where(of => !absent.Contains(of.Subject))];

        Samples samples = new(Measure);
        Progress progress = new(cases.Length * line.Effort.Turns);
        foreach (IGrouping<string, MicroCase> cell in cases.GroupBy(of => of.Cell))
        {
            for (int turn = 0; turn < line.Effort.Turns; turn++)
            {
                foreach (MicroCase of in cell)
                {
                    progress.Step($"{of.Cell} {of.Subject}");
                    Take(of, line.Quick ? MicroWorker.Quick : MicroWorker.Full, samples);
                }
            }
        }

        progress.Clear();
        return new(samples.Rows, versions, []);
    }

    private static void Take(MicroCase of, string effort, Samples samples)
    {
        using WorkerProcess worker = WorkerProcess.StartWith(of.Environment, Name, effort, of.Cell, of.Subject);
        double[] values = worker.Receive() is string answer
            ? [.. answer.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))]
            : throw new FaultException($"{of.Subject} died in {of.Cell}; what it said is above.");
        samples.Add(of.Cell, of.Subject, Bytes, values[0]);
        foreach (double time in values.Skip(1))
        {
            samples.Add(of.Cell, of.Subject, Nanoseconds, time);
        }
    }
}
