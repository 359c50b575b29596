// The sample as a user runs it, a process for each mistake and level, and its page, which shows what the terminal does. UPDATE_SNAPSHOTS=1 writes that into samples/Misuse/README.md; addresses differ from run to run and are masked.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

using NativeHeap;
using NativeHeap.Tests;

using Xunit;

namespace Misuse.Tests;

/// <summary>Runs it.</summary>
public sealed partial class ProgramTests
{
    private const string Begin = "<!-- reports: written by tests/Misuse.Tests -->\n";
    private const string End = "<!-- end of the reports -->\n";

    private static readonly string[] s_bugs = ["leak", "double-free", "overrun", "use-after-free"];

    // What finds each mistake at all: the others play the day to its end.
    private static readonly HashSet<(string Bug, CheckLevel Level)> s_found =
    [
        ("leak", CheckLevel.Off),
        ("leak", CheckLevel.Basic),
        ("double-free", CheckLevel.Off),
        ("double-free", CheckLevel.Basic),
        ("leak", CheckLevel.Full),
        ("double-free", CheckLevel.Full),
        ("overrun", CheckLevel.Full),
        ("use-after-free", CheckLevel.Full),
    ];

    private static CheckLevel[] Levels => [CheckLevel.Off, CheckLevel.Basic, CheckLevel.Full];

    [Fact]
    public void Without_a_mistake_nothing_is_reported_at_any_level() =>
        Assert.All(Levels, level =>
        {
            (int exit, string output) = Run(level);
            Assert.Equal(0, exit);
            Assert.Equal("1,000 orders, 780 filled, 58 cancelled, 162 in the book at the end; 387,500 shares traded", output.Trim());
        });

    [Fact]
    public void Each_mistake_is_found_at_the_levels_that_the_page_says_and_the_page_shows_what_is_printed()
    {
        StringBuilder text = new("\n");
        foreach (string bug in s_bugs)
        {
            _ = text.Append($"### `--bug {bug}`\n\n");
            foreach (CheckLevel level in Levels)
            {
                (int exit, string output) = Run(level, "--bug", bug);
                Assert.True(exit == (s_found.Contains((bug, level)) ? 1 : 0), $"{bug} at {level}: exit code {exit}, {output}");
                _ = text.Append($"```\n$ NATIVEHEAP_CHECK={level} Misuse --bug {bug}\n{Address().Replace(output.ReplaceLineEndings("\n"), "0x7f24e8000000").Trim()}\n```\n\n");
            }
        }

        string path = Repository.PathOf("samples", "Misuse", "README.md");
        string document = File.ReadAllText(path);
        int begin = document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = document.IndexOf(End, StringComparison.Ordinal);
        string actual = text.ToString();
        if (document[begin..end] != actual && Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, document[..begin] + actual + document[end..]);
            return;
        }

        Assert.True(document[begin..end] == actual, $"{path} does not show what is printed; UPDATE_SNAPSHOTS=1 accepts it:\n{actual}");
    }

    [Theory]
    [InlineData("--bug", "--bug has no value; write --bug leak, double-free, overrun or use-after-free")]
    [InlineData("--bug typo", "--bug 'typo' is not possible; write --bug leak, double-free, overrun or use-after-free")]
    [InlineData("--orders 0", "--orders '0' is not possible; write a number from 1 to 100000")]
    [InlineData("--orders", "--orders has no value; write a number from 1 to 100000")]
    [InlineData("leak", "unexpected argument 'leak'; --help lists the options")]
    [InlineData("--level full", "unknown option --level; --help lists those there are")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string problem)
    {
        (int exit, string output) = Run(CheckLevel.Off, arguments.Split(' '));
        Assert.Equal((2, $"Misuse: {problem}"), (exit, output.Trim()));
    }

    [Fact]
    public void Help_lists_every_mistake_and_option()
    {
        (int exit, string output) = Run(CheckLevel.Off, "--help");
        Assert.Equal(0, exit);
        Assert.All(s_bugs.Concat(["--bug", "--orders", "NATIVEHEAP_CHECK"]), name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    private static (int Exit, string Output) Run(CheckLevel level, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Misuse.exe" : "Misuse"), arguments);
        start.Environment["NATIVEHEAP_CHECK"] = level.ToString();
        return ThisProgram.Run(start);
    }

    [GeneratedRegex("0x[0-9a-f]+")]
    private static partial Regex Address();
}
