// The sample as a user runs it, a process for each mistake and level, and the pages that show what the terminal does (Terminal.cs).

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;

using NativeHeap;
using NativeHeap.Tests;

using Xunit;

namespace Misuse.Tests;

/// <summary>Runs it.</summary>
public sealed class ProgramTests
{
    // 128 and the number of SIGABRT.
    private const int Aborted = 134;

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
            (int exit, string output) = RunAt(level);
            Assert.Equal(0, exit);
            Assert.Equal("1,000 orders, 780 filled, 58 cancelled, 162 in the book at the end; 387,500 shares traded", output.Trim());
        });

    [Fact]
    public void Each_mistake_is_found_at_the_levels_that_find_it() =>
        Assert.All(from bug in s_bugs from level in Levels select (bug, level), of =>
        {
            (int exit, string output) = RunAt(of.level, "--bug", of.bug);
            Assert.True(exit == (s_found.Contains(of) ? 1 : 0), $"{of.bug} at {of.level}: exit code {exit}, {output}");
        });

    [Fact]
    public void A_guarded_object_that_is_used_after_its_free_ends_the_program()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux is there a report.");
        (int exit, string output) = Run(new() { ["NATIVEHEAP_GUARDED"] = "2" }, "--bug", "use-after-free");
        Assert.Equal(Aborted, exit);
        Assert.StartsWith("NativeHeap: the address ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_samples_page_shows_each_mistake_at_each_level() =>
        Assert.Empty((from bug in s_bugs from level in Levels select $"NATIVEHEAP_CHECK={level} Misuse --bug {bug}").Except(Terminal.CommandsOf(Repository.PathOf("samples", "Misuse", "README.md"))));

    [Theory]
    [InlineData("README.md")]
    [InlineData("samples/Misuse/README.md")]
    public void Pages_show_what_the_terminal_prints(string page) => Terminal.Verify(Repository.PathOf(page.Split('/')), (settings, arguments) => Run(settings, arguments).Output);

    [Theory]
    [InlineData("--bug", "--bug has no value; write --bug leak, double-free, overrun or use-after-free")]
    [InlineData("--bug typo", "--bug 'typo' is not possible; write --bug leak, double-free, overrun or use-after-free")]
    [InlineData("--orders 0", "--orders '0' is not possible; write a number from 1 to 100000")]
    [InlineData("--orders", "--orders has no value; write a number from 1 to 100000")]
    [InlineData("leak", "unexpected argument 'leak'; --help lists the options")]
    [InlineData("--level full", "unknown option --level; --help lists those there are")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string problem)
    {
        (int exit, string output) = RunAt(CheckLevel.Off, arguments.Split(' '));
        Assert.Equal((2, $"Misuse: {problem}"), (exit, output.Trim()));
    }

    [Fact]
    public void Help_lists_every_mistake_and_option()
    {
        (int exit, string output) = RunAt(CheckLevel.Off, "--help");
        Assert.Equal(0, exit);
        Assert.All(s_bugs.Concat(["--bug", "--orders", "NATIVEHEAP_CHECK"]), name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    private static (int Exit, string Output) RunAt(CheckLevel level, params string[] arguments) => Run(new() { ["NATIVEHEAP_CHECK"] = level.ToString() }, arguments);

    private static (int Exit, string Output) Run(Dictionary<string, string> settings, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Misuse.exe" : "Misuse"), arguments);
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        return ThisProgram.Run(start);
    }
}
