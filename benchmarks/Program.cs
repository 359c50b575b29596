// The benchmarks: one program, a command for each group of measures (Command.cs), and two that bring their results together.
//
//     dotnet run -c Release --project benchmarks -- COMMAND [--quick] [--json FILE] [--cells PATTERNS] [--subjects NAMES]
//     dotnet run -c Release --project benchmarks -- all [--quick] [--out DIR] [--traces DIR]
//     dotnet run -c Release --project benchmarks -- report DIR
//
// Exit codes: 0 measured, whatever the goals; 1 a subject lost what was written to its blocks, or died; 2 what was asked for makes
// no sense.

using System;

using NativeHeap.Benchmarks;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Reporting;

try
{
    switch (args)
    {
        case [WorkerProcess.Verb, Presence.Verb, string subject]:
            Presence.Probe(subject);
            return 0;
        case [WorkerProcess.Verb, string served, .. string[] request]:
            Command.Find(served).Serve(request);
            return 0;
        case [] or ["--help" or "-h" or "help"]:
            PrintUsage();
            return args.Length == 0 ? 2 : 0;
        case [AllCommand.Name, .. string[] options]:
            return AllCommand.Run(options);
        case [ReportCommand.Name, .. string[] options]:
            ReportCommand.Run(options);
            return 0;
        default:
            Command command = Command.Find(args[0]);
            command.Measure(NativeHeap.Benchmarks.CommandLine.Parse(args.AsSpan(1), command.Shape));
            return 0;
    }
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

static void PrintUsage()
{
    Console.WriteLine($"{Command.Program} COMMAND [OPTIONS]");
    foreach (Command command in Command.All)
    {
        PrintCommand(command.Name, command.Summary, command.Shape);
    }

    PrintCommand(AllCommand.Name, AllCommand.Summary, AllCommand.Shape);
    PrintCommand(ReportCommand.Name, ReportCommand.Summary, ReportCommand.Shape);
}

static void PrintCommand(string name, string summary, CommandShape shape)
{
    Console.WriteLine($"  {name,-10} {summary}");
    if (shape.Operand is not null)
    {
        Console.WriteLine($"  {string.Empty,-10} {(shape.DefaultOperand is null ? "needs" : "takes")} {shape.Operand}");
    }

    if (shape.OptionTexts.Length > 0)
    {
        Console.WriteLine($"  {string.Empty,-10} {shape.OptionTexts}");
    }
}
