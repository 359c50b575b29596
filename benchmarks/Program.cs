// The benchmarks: one program, a command for each group of measures.
//
//     dotnet run -c Release --project benchmarks -- COMMAND [--quick] [--json FILE] [--cells PATTERNS] [--subjects NAMES]
//
// A command measures, returns rows and goals, and prints its own table; what is the same for all happens here. A new
// one is an entry in the table below: Run is called in the program that the user started, Serve in the workers that it
// starts (see WorkerProcess). Exit codes: 0 measured, whatever the goals; 1 a subject lost what was written to its blocks, or died;
// 2 what was asked for makes no sense.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks;
using NativeHeap.Benchmarks.Measures.Counts;
using NativeHeap.Benchmarks.Measures.Latency;
using NativeHeap.Benchmarks.Measures.Patterns;
using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measures.Scale;
using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

IReadOnlyList<Command> commands =
[
    new("peers", "M1, M7: typed allocation beside the fastest allocators, and what it costs the GC", CommandShape.Plain, PeersCommand.Run, PeersWorker.Serve),
    new("traces", "M2, M3: allocations of real programs, replayed; --verify checks every object instead", TracesCommand.Shape, TracesCommand.Run, TracesWorker.Serve),
    new("patterns", "M4: the patterns of mimalloc-bench, untyped allocation on one thread and many", CommandShape.Plain, PatternsCommand.Run, PatternsWorker.Serve),
    new(CountsCommand.Name, "M5: locks and atomic operations for an object that another thread frees", CommandShape.Plain, CountsCommand.Run, CountsWorker.Serve),
    new(LatencyCommand.Name, "M8: the slowest calls, where one thread allocates and another frees", CommandShape.Plain, LatencyCommand.Run, LatencyWorker.Serve),
    new(ScaleCommand.Name, "M14: the cost of an operation as heap, threads and heaps grow", CommandShape.Plain, ScaleCommand.Run, ScaleWorker.Serve),
];

try
{
    if (args is [WorkerProcess.Verb, string served, .. string[] request])
    {
        Find(served).Serve(request);
        return 0;
    }

    if (args is [] or ["--help" or "-h" or "help"])
    {
        PrintUsage();
        return args.Length == 0 ? 2 : 0;
    }

    Command command = Find(args[0]);
    CommandLine line = CommandLine.Parse(args.AsSpan(1), command.Shape);
    Report report = command.Run(line);
    Table.PrintGoals(report.Goals, Console.Out);
    if (line.JsonFile is not null)
    {
        ResultFile.Write(line.JsonFile, report);
    }

    return 0;
}
catch (UsageException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}
catch (FaultException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}

Command Find(string name)
    => commands.FirstOrDefault(command => command.Name == name)
        ?? throw new UsageException($"Unknown command '{name}': the commands are {string.Join(", ", commands.Select(command => command.Name))}.");

void PrintUsage()
{
    Console.WriteLine("dotnet run -c Release --project benchmarks -- COMMAND [--quick] [--json FILE] [--cells PATTERNS] [--subjects NAMES]");
    foreach (Command command in commands)
    {
        Console.WriteLine($"  {command.Name,-10} {command.Summary}");
        if (command.Shape.Operand is not null)
        {
            Console.WriteLine($"  {string.Empty,-10} {(command.Shape.DefaultOperand is null ? "needs" : "takes")} {command.Shape.Operand}");
        }
    }
}

internal sealed record Command(string Name, string Summary, CommandShape Shape, Func<CommandLine, Report> Run, Action<string[]> Serve);
