// `latency`: M8, the slow calls among the many fast ones, where a message is allocated by one thread and freed by another.
//
// An allocator's average says nothing about the call that refills a magazine, finds a span or asks the system for memory. Each
// call is timed here, beside an empty pair of clock readings taken just before it; the goals are differences of
// percentiles, since what a shared machine does to the one it does to the other.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
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
    private const int QuickMessages = 4_000_000;
    private const int FullMessages = 20_000_000;

    private static readonly string[] s_kinds = [LatencyWorker.Stubs, LatencyWorker.Sizes];
    private static readonly string[] s_calls = ["alloc", "free"];

    private static readonly GoalDefinition[] s_goals =
    [
        new("M8.p999", Measure, 1_000, Sense.Max, "ns over the floor at p99.9, worst call", rows => WorstOver(rows, "p99.9")),
        new("M8.p9999", Measure, 10_000, Sense.Max, "ns over the floor at p99.99, worst call", rows => WorstOver(rows, "p99.99")),
    ];

    private readonly Dictionary<(string Cell, string Subject), List<double>> _samples = [];

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects([Subject.NativeHeapName]);
        line.CheckCells(s_kinds);
        return new LatencyCommand().MeasureAll(line);
    }

    private Report MeasureAll(CommandLine line)
    {
        string[] kinds = [.. s_kinds.Where(line.WantsCell)];
        Progress progress = new(kinds.Length * line.Effort.Turns);
        for (int turn = 0; turn < line.Effort.Turns; turn++)
        {
            foreach (string kind in kinds)
            {
                progress.Step(kind);
                Take(kind, line.Quick ? QuickMessages : FullMessages);
            }
        }

        progress.Clear();
        Row[] rows = [.. _samples.Select(sample => new Row(Measure, sample.Key.Cell, sample.Key.Subject, Nanoseconds, Summary.Of(sample.Value)))];
        Print(rows, kinds, Console.Out);
        return new(rows, Machine.Versions(), [.. s_goals.Select(goal => goal.Judge(rows))]);
    }

    private void Take(string kind, int messages)
    {
        using WorkerProcess worker = WorkerProcess.Start(Name, kind);
        if (worker.Ask(messages.ToString(CultureInfo.InvariantCulture)) is not string answer)
        {
            return;
        }

        Queue<double> values = new(answer.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)));
        foreach (string call in s_calls)
        {
            foreach (string subject in (string[])[Floor, Subject.NativeHeapName])
            {
                foreach ((string percentile, _) in LatencyWorker.Percentiles)
                {
                    (string Cell, string Subject) key = (CellOf(kind, call, percentile), subject);
                    if (!_samples.TryGetValue(key, out List<double>? taken))
                    {
                        _samples[key] = taken = [];
                    }

                    taken.Add(values.Dequeue());
                }
            }
        }
    }

    private static string CellOf(string kind, string call, string percentile) => $"{kind}/{call}/{percentile}";

    private static double? TimeOf(IReadOnlyList<Row> rows, string cell, string subject)
        => rows.FirstOrDefault(row => row.Measure == Measure && row.Cell == cell && row.Subject == subject)?.Value.Median;

    private static Finding WorstOver(IReadOnlyList<Row> rows, string percentile)
    {
        string[] cells = [.. from kind in s_kinds from call in s_calls select CellOf(kind, call, percentile)];
        double?[] over = [.. cells.Select(cell => TimeOf(rows, cell, Subject.NativeHeapName) - TimeOf(rows, cell, Floor))];
        string[] missing = [.. cells.Where((_, index) => over[index] is null)];
        return new(over.Max(), missing.Length == 0 ? null : string.Join(", ", missing));
    }

    private static void Print(IReadOnlyList<Row> rows, string[] kinds, TextWriter output)
    {
        string[] percentiles = [.. LatencyWorker.Percentiles.Select(percentile => percentile.Name)];
        Table table = new(["ns a call", .. percentiles]);
        foreach ((string kind, string call) in from kind in kinds from call in s_calls select (kind, call))
        {
            foreach (string subject in (string[])[Subject.NativeHeapName, Floor])
            {
                table.Add([$"{kind}/{call} {subject}", .. percentiles.Select(percentile => Table.Figure(TimeOf(rows, CellOf(kind, call, percentile), subject)))]);
            }
        }

        table.Print(output);
        output.WriteLine($"stubs: four types of 64 to 512 bytes; sizes: untyped blocks of {SizedMessage.Smallest} to {SizedMessage.Largest} bytes. One thread allocates, another frees.");
        output.WriteLine("Floor: the clock read twice with nothing between, just before each call.");
        output.WriteLine();
    }
}
