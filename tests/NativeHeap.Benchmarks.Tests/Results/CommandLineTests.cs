using System;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Results;

public sealed class CommandLineTests
{
    private static readonly CommandShape s_traces = new("DIR, the folder", Options.Measuring | Options.Verify);

    [Fact]
    public void What_was_asked_for_can_be_asked_for_again()
    {
        CommandLine line = CommandLine.Parse(["--quick", "folder", "--cells", "time/*, memory", "--subjects", "NativeHeap"], s_traces);
        Assert.Equal(("folder", true, "--quick --cells time/*,memory --subjects NativeHeap"), (line.Operand, line.Quick, line.Arguments));
        Assert.Equal((true, true, false), (line.WantsCell("time/redis"), line.WantsCell("memory/redis"), line.WantsCell("threads-2/redis")));
        Assert.Equal(string.Empty, CommandLine.Parse([], CommandShape.Plain).Arguments);
    }

    [Theory]
    [InlineData("--verify", "--verify")]
    [InlineData("--out x", "--out")]
    [InlineData("word", "word")]
    [InlineData("--cells", "--cells")]
    [InlineData("--json --quick", "--json")]
    public void What_a_command_does_not_take_is_refused_by_name(string arguments, string named)
    {
        UsageException refused = Assert.Throws<UsageException>(() => CommandLine.Parse(arguments.Split(' '), CommandShape.Plain));
        Assert.Contains($"'{named}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_operand_is_named() => Assert.Contains("DIR, the folder", Assert.Throws<UsageException>(() => CommandLine.Parse(["--quick"], s_traces)).Message, StringComparison.Ordinal);
}
