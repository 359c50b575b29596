// All cells of one level, by as many processes as they end: each goes on behind the cell at which the last one ended.
//
// A process that ends in the wrong call has been stopped by the system at the very instruction: at once. One that ends later has been broken by what the allocator let happen.

extern alias probe;

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Tests;

using probe::NativeHeap.MisuseProbe;

using Xunit;

namespace NativeHeap.Misuse.Tests;

/// <summary>Runs the probe.</summary>
internal static class ProbeRun
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>What became of each cell at a level.</summary>
    public static IReadOnlyList<Outcome> Run(Mode mode)
    {
        List<Outcome> outcomes = [];
        while (outcomes.Count < Cell.All.Count)
        {
            (IReadOnlyList<string> lines, string end) = Start(mode, outcomes.Count);
            int before = outcomes.Count;
            foreach (string line in lines)
            {
                string[] words = line.Split(' ', 4);
                Assert.Equal(outcomes.Count, int.Parse(words[0], CultureInfo.InvariantCulture));
                Assert.False(words[1] == "!", $"{Describe(mode, outcomes.Count)}: {line}");
                if (words[1] == "=")
                {
                    outcomes.Add(Enum.Parse<Outcome>(words[2]));
                }
            }

            if (end.Length != 0)
            {
                string last = lines.Count == 0 ? "" : lines[^1];
                Assert.True(last == $"{outcomes.Count} {Phase.Wrong}", $"{Describe(mode, outcomes.Count)} ended behind '{last}': {end}");
                outcomes.Add(EndsByChance(mode, Cell.All[outcomes.Count].Pattern) ? Outcome.Late : Outcome.AtOnce);
            }

            Assert.NotEqual(before, outcomes.Count);
        }

        return outcomes;
    }

    // Before a large block there may lie what ended and is inaccessible, or another block: that depends on what was there before, and the table has what is sure.
    private static bool EndsByChance(Mode mode, Pattern pattern) =>
        mode.Name == nameof(CheckLevel.Full) && pattern.Name.EndsWith("underflow", StringComparison.Ordinal) && !pattern.Name.StartsWith("one_mbyte", StringComparison.Ordinal);

    private static string Describe(Mode mode, int cell) => $"{Cell.All[cell].Pattern.Name}, {Cell.All[cell].Kind} at {mode}";

    // What it said of cells, and what else when it ended before its time.
    private static (IReadOnlyList<string> Lines, string End) Start(Mode mode, int first)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "NativeHeap.MisuseProbe.exe" : "NativeHeap.MisuseProbe");
        (int exit, string output) = ThisProgram.Run(new ProcessStartInfo(program, [mode.Name, first.ToString(CultureInfo.InvariantCulture)]), s_patience);
        ILookup<bool, string> lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToLookup(static line => char.IsAsciiDigit(line[0]));
        return ([.. lines[true]], exit <= 1 ? "" : $"exit code {exit}. {string.Join(' ', lines[false])}");
    }
}
