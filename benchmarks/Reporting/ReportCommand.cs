// `report DIR`: the page and its pictures, RESULTS.md, results.png and rss.png beside this project, from the result files of a folder.
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
    public const string Summary = "benchmarks/RESULTS.md and its pictures from the result files of a folder";

    private const string Page = "RESULTS.md";
    private const string Ratios = "results.png";
    private const string Resident = "rss.png";

    public static CommandShape Shape { get; } = new("DIR, the folder that holds the files of --json", Options.None);

    public static void Run(string[] arguments)
    {
        CommandLine line = CommandLine.Parse(arguments, Shape);
        IReadOnlyList<ResultFile> files = Write(line.Operand, Repository.Benchmarks, StubInstructions.In(Repository.Golden));
        Console.WriteLine($"Written: {Page} and its pictures in '{Repository.Benchmarks}', of {string.Join(", ", files.Select(file => file.Run.Command))}.");
    }

    /// <summary>Reads the files of one folder and writes page and pictures of them into another.</summary>
    public static IReadOnlyList<ResultFile> Write(string source, string destination, StubInstructions stubs)
    {
        IReadOnlyList<ResultFile> files = Read(source);
        RatioPicture.Of(files).Save(Path.Combine(destination, Ratios));
        ResidentPicture resident = ResidentPicture.Of(files);
        if (resident.Panels.Count > 0)
        {
            resident.Save(Path.Combine(destination, Resident));
        }

        using (StreamWriter page = new(Path.Combine(destination, Page)) { NewLine = "\n" })
        {
            new ResultsPage(files, stubs, Ratios, resident.Panels.Count > 0 ? Resident : null).Write(page);
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
