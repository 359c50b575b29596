// `all`: every command in turn, its result file into one folder, and the page of all of them at the end. A command that cannot run here is
// named, and the others go on.

using System;
using System.IO;
using System.Linq;

namespace NativeHeap.Benchmarks.Reporting;

internal static class AllCommand
{
    public const string Name = "all";
    public const string Summary = "every command in turn, then report; DIR keeps the result files (default: a temporary folder)";

    public static CommandShape Shape { get; } = new(null, Options.Quick | Options.Out | Options.Traces);

    public static int Run(string[] arguments)
    {
        CommandLine line = CommandLine.Parse(arguments, Shape);
        string folder = line.OutFolder is null ? Directory.CreateTempSubdirectory("nativeheap-results-").FullName : Directory.CreateDirectory(line.OutFolder).FullName;
        int failures = Command.All.Count(command => !TryMeasure(command, line, folder));
        ReportCommand.Run([folder]);
        return failures == 0 ? 0 : 1;
    }

    private static bool TryMeasure(Command command, CommandLine line, string folder)
    {
        Console.WriteLine($"== {command.Name}");
        string? operand = command.Shape.Operand is null ? null : line.TracesFolder ?? command.Shape.DefaultOperand;

        // Under another name until it is whole: what a failed run leaves must not pass for a result.
        string file = Path.Combine(folder, command.Name + ".json");
        string unfinished = file + ".unfinished";
        try
        {
            string[] options = [.. operand is null ? [] : (string[])[operand], .. line.Quick ? ["--quick"] : Array.Empty<string>(), "--json", unfinished];
            command.Measure(CommandLine.Parse(options, command.Shape));
            File.Move(unfinished, file, overwrite: true);
            return true;
        }
        catch (Exception failure) when (failure is UsageException or FaultException)
        {
            Console.Error.WriteLine($"{command.Name} failed: {failure.Message}");
            File.Delete(unfinished);
            return false;
        }
    }
}
