// The page of results: how they were measured, the goals, and for each measure the tables of its command. Made of result files
// alone, so that anyone can make it again; the text between the figures is the same whatever they are.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Reporting;

internal sealed class ResultsPage(IReadOnlyList<ResultFile> files, StubInstructions stubs, string ratios, string? resident)
{
    private const string Introduction =
        """
        # Results

        Written by the benchmarks themselves, nothing by hand. To make it again, all at once or command by command:

        ```
        PROGRAM all --out DIR
        PROGRAM COMMAND --json DIR/COMMAND.json
        PROGRAM report DIR
        ```

        `--quick` measures the same cells with fewer and shorter samples.
        """;

    private const string Method =
        """
        **Every cell is shown, those that NativeHeap loses too.** A goal that is not met stands in the table below with what came out.

        - A subject is measured in a process of its own, with default settings. The subjects of a cell take turns, A B C A B C, so that a slow second
          of a shared machine hits all of them; figures are medians of the turns, and ratios are taken within one run.
        - Peers are called as cheaply as C# can: mimalloc, jemalloc and tcmalloc, the libraries of the distribution, through unmanaged function pointers
          with `SuppressGCTransition`, which the JIT compiles to a call of a constant address; `NativeMemory`, `ArrayPool<byte>.Shared` and `ObjectPool` (with room
          for all objects) as their users call them. The loops are the same code for all, compiled anew for each with its calls inlined.
        - `new`, a bare bump pointer and the push and pop of a thread-static array are shown beside them and are no peers: they do not give memory back,
          or are no allocators.
        - ratio: the fastest peer's time (or the smallest peer's memory) over NativeHeap's. **Above 1 NativeHeap is faster, below 1 it is slower.** spread:
          (max - min) / median of the samples.
        - Before anything is timed the code runs until the JIT has compiled nothing for a while.
        """;

    public void Write(TextWriter output)
    {
        WriteBlock(output, Introduction.Replace("PROGRAM", Command.Program, StringComparison.Ordinal));
        WriteBlock(output, $"![Speed and memory of NativeHeap over each peer's]({ratios})");
        if (resident is not null)
        {
            WriteBlock(output, $"![Memory over time, before and after all or nearly all is freed]({resident})");
        }

        WriteBlock(output, "## How it was measured");
        WriteBlock(output, Method);
        WriteRuns(output);
        WriteTexts(output, "machine", files[0].Machine);
        WriteTexts(output, "version", files.SelectMany(file => file.Report.Versions).DistinctBy(version => version.Key));
        WriteBlock(output, "## Goals");
        GoalsTable.WriteMarkdown(files.SelectMany(file => file.Report.Goals), output);
        WriteMeasures(output);
        WriteMissing(output);
    }

    private static void WriteBlock(TextWriter output, string text)
    {
        output.WriteLine(text.ReplaceLineEndings("\n"));
        output.WriteLine();
    }

    private void WriteRuns(TextWriter output)
    {
        Table runs = new("command", "options", "date (UTC)", "commit");
        foreach (Run run in files.Select(file => file.Run))
        {
            runs.Add(run.Command, run.Arguments, run.Date, run.Commit);
        }

        runs.WriteMarkdown(output);
        foreach (ResultFile other in files.Where(file => file.Machine.Any(fact => files[0].Machine.GetValueOrDefault(fact.Key) != fact.Value)))
        {
            output.WriteLine($"`{other.Run.Command}` was measured on another machine: {string.Join(", ", other.Machine.Values)}.");
            output.WriteLine();
        }
    }

    private static void WriteTexts(TextWriter output, string title, IEnumerable<KeyValuePair<string, string>> texts)
    {
        Table table = new(title, string.Empty);
        foreach ((string key, string value) in texts)
        {
            table.Add(key, value);
        }

        table.WriteMarkdown(output);
    }

    private void WriteMeasures(TextWriter output)
    {
        foreach (ResultFile file in files)
        {
            Command command = Command.Find(file.Run.Command);
            WriteBlock(output, $"## {command.Name}");
            WriteBlock(output, $"{char.ToUpperInvariant(command.Summary[0])}{command.Summary[1..]}.");
            WriteBlock(output, $"```\n{Command.Program} {command.Name} {file.Run.Arguments}".TrimEnd() + "\n```");
            foreach (Section section in command.Tables(file.Report.Rows))
            {
                section.WriteMarkdown(output);
            }
        }

        if (stubs.Table is Section instructions)
        {
            WriteBlock(output, "## M6: machine code of the stubs");
            WriteBlock(output, "A test, not a command: `tests/NativeHeap.Tests/Golden` holds the code that the JIT makes, and fails when it changes.");
            instructions.WriteMarkdown(output);
        }
    }

    private void WriteMissing(TextWriter output)
    {
        string[] missing = [.. Command.All.Select(command => command.Name).Except(files.Select(file => file.Run.Command))];
        if (missing.Length > 0)
        {
            WriteBlock(output, "## Not measured");
            WriteBlock(output, $"There is no result file of {string.Join(", ", missing)}.");
        }
    }
}
