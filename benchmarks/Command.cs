// The commands that measure, and what is the same for all of them: the tables and goals that are printed, and the result file.
//
// A command is an entry in the table below. Run is called in the program that the user started and returns rows and goals, Serve in the
// workers that it starts (see WorkerProcess), Tables makes of rows, measured just now or read from a file, what people read.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Buffers;
using NativeHeap.Benchmarks.Measures.Checks;
using NativeHeap.Benchmarks.Measures.Counts;
using NativeHeap.Benchmarks.Measures.Generator;
using NativeHeap.Benchmarks.Measures.Kestrel;
using NativeHeap.Benchmarks.Measures.Latency;
using NativeHeap.Benchmarks.Measures.Micro;
using NativeHeap.Benchmarks.Measures.Patterns;
using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Measures.Scale;
using NativeHeap.Benchmarks.Measures.Tables;
using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks;

internal sealed record Command(
    string Name,
    string Summary,
    CommandShape Shape,
    Func<CommandLine, Report> Run,
    Action<string[]> Serve,
    Func<IReadOnlyList<Row>, IEnumerable<Section>> Tables)
{
    public const string Program = "dotnet run -c Release --project benchmarks --";

    public static IReadOnlyList<Command> All { get; } =
    [
        new(PeersCommand.Name, "M1, M7: typed allocation beside the fastest allocators, and what it costs the GC", CommandShape.Plain, PeersCommand.Run, PeersWorker.Serve, PeersTable.Of),
        new(TracesCommand.Name, "M2, M3: allocations of real programs, replayed; --verify checks every object instead", TracesCommand.Shape, TracesCommand.Run, TracesWorker.Serve, TracesTable.Of),
        new(PatternsCommand.Name, "M4: the patterns of mimalloc-bench, untyped allocation on one thread and many", CommandShape.Plain, PatternsCommand.Run, PatternsWorker.Serve, PatternsTable.Of),
        new(CountsCommand.Name, "M5: locks and atomic operations for an object that another thread frees", CommandShape.Plain, CountsCommand.Run, CountsWorker.Serve, CountsCommand.Tables),
        new(LatencyCommand.Name, "M8: the slowest calls, where one thread allocates and another frees", CommandShape.Plain, LatencyCommand.Run, LatencyWorker.Serve, LatencyCommand.Tables),
        new(RssCommand.Name, "M9, M10: memory that goes back to the system, and what the allocator needs for itself", CommandShape.Plain, RssCommand.Run, RssWorker.Serve, RssTables.Of),
        new(TablesCommand.Name, "M11: tables, pools, the end of a heap and linear allocation beside what programs would use otherwise", CommandShape.Plain, TablesCommand.Run, TablesWorker.Serve, TablesTable.Of),
        new(BuffersCommand.Name, "M12: buffers and objects for other threads, beside the pools that .NET programs use", CommandShape.Plain, BuffersCommand.Run, BuffersWorker.Serve, BuffersTable.Of),
        new(ChecksCommand.Name, "what the check levels, guarded sampling and hardening cost, beside none of them", CommandShape.Plain, ChecksCommand.Run, ChecksWorker.Serve, ChecksTables.Of),
        new(GeneratorCommand.Name, "M13: the generator over 1,000 structs, and the analyzers over a method", CommandShape.Plain, GeneratorCommand.Run, GeneratorWorker.Serve, GeneratorCommand.Tables),
        new(ScaleCommand.Name, "M14: the cost of an operation as heap, threads and heaps grow", CommandShape.Plain, ScaleCommand.Run, ScaleWorker.Serve, ScaleCommand.Tables),
        new(KestrelCommand.Name, "a web server whose buffers are ours, beside its own", CommandShape.Plain, KestrelCommand.Run, KestrelWorker.Serve, KestrelCommand.Tables),
        new(MicroCommand.Name, "single calls, measured by BenchmarkDotNet", CommandShape.Plain, MicroCommand.Run, MicroWorker.Serve, MicroTable.Of),
    ];

    public static Command Find(string name)
        => All.FirstOrDefault(command => command.Name == name)
            ?? throw new UsageException($"Unknown command '{name}': the commands are {string.Join(", ", All.Select(command => command.Name))}, report, all.");

    public void Measure(CommandLine line)
    {
        Report report = Run(line);
        foreach (Section section in Tables(report.Rows))
        {
            section.Print(Console.Out);
        }

        GoalsTable.Print(report.Goals, Console.Out);
        if (line.JsonFile is not null)
        {
            ResultFile.Of(Name, string.Join(' ', new[] { Shape.OperandName, line.Arguments }.Where(text => !string.IsNullOrEmpty(text))), report).Write(line.JsonFile);
        }
    }
}
