// `report DIR`: the page and the picture, RESULTS.md and results.png beside this project, from the result files of a folder.
//
// Everything on the page comes from the files, from the golden file of the stubs' machine code and from the tables that the commands print
// themselves; nothing is written by hand. A command whose file is not there is named on the page.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Reporting;

internal static class ReportCommand
{
    public const string Name = "report";
    public const string Summary = "benchmarks/RESULTS.md and results.png from the result files of a folder";

    private const string Page = "RESULTS.md";
    private const string Picture = "results.png";

    public static CommandShape Shape { get; } = new("DIR, the folder that holds the files of --json", Options.None);

    public static void Run(string[] arguments)
    {
        CommandLine line = CommandLine.Parse(arguments, Shape);
        IReadOnlyList<ResultFile> files = Write(line.Operand, Repository.Benchmarks, StubInstructions.In(Repository.Golden));
        Console.WriteLine($"Written: {Page} and {Picture} in '{Repository.Benchmarks}', of {string.Join(", ", files.Select(file => file.Run.Command))}.");
    }

    /// <summary>Reads the files of one folder and writes page and picture of them into another.</summary>
    public static IReadOnlyList<ResultFile> Write(string source, string destination, StubInstructions stubs)
    {
        IReadOnlyList<ResultFile> files = Read(source);
        RatioPicture.Of(files).Save(Path.Combine(destination, Picture));
        using (StreamWriter page = new(Path.Combine(destination, Page)) { NewLine = "\n" })
        {
            new ResultsPage(files, stubs, Picture).Write(page);
        }

        return files;
    }

    /// <summary>The newest file of each command.</summary>
    private static IReadOnlyList<ResultFile> Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"There is no folder '{folder}': name the one that --json wrote to, or {AllCommand.Name} --out.");
        }

        ResultFile[] files = [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(ResultFile.Read)];
        IReadOnlyList<ResultFile> newest =
        [
            .. from command in Command.All
               let file = files.Where(file => file.Run.Command == command.Name).MaxBy(file => file.Run.Date, StringComparer.Ordinal)
               where file is not null
               select file,
        ];
        return newest.Count > 0 ? newest : throw new UsageException($"There is no result file in '{folder}': make some with --json FILE, or all of them with {AllCommand.Name} --out DIR.");
    }
}
