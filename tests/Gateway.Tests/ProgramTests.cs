using System;
using System.IO;
using System.Linq;
using System.Text.Json;

using Xunit;

namespace Gateway.Tests;

public sealed class ProgramTests : IDisposable
{
    private static readonly string[] s_keys =
    [
        "messages", "lost", "outOfOrder", "p50", "p99", "p999", "p9999", "max", "messagesPerSecond", "gcCollections", "allocatedBytes", "buffersOut",
        "poolBytes", "messageBytes", "snapshots", "topsOfBook",
        "events", "adds", "deletes", "trades", "fills", "filled", "errors", "unknown", "peakResting", "resting", "restingQuantity", "tradedQuantity", "restingBySymbol",
        "crossedStates", "fillsNotAtBest", "fillsNotAtFront",
        "connectionTorn", "messageMalformed", "sequenceGap", "gaveUp", "consumerSlow", "consumerDied", "consumerRestarted", "consumerGivenUp", "memoryShort", "snapshotDiffers", "recordingFailed",
        "isRight",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-");

    private string Json => Path.Combine(_folder.FullName, "figures.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--foo", "unknown option --foo; --help lists those there are")]
    [InlineData("feed.csv", "unexpected argument 'feed.csv'; a feed is named by --input FILE")]
    [InlineData("--input", "--input has no value; write --input FILE")]
    [InlineData("--json no-such-folder/out.json", "--json no-such-folder/out.json: there is no folder no-such-folder; make it first")]
    [InlineData("--record no-such-folder/out.bin", "--record no-such-folder/out.bin: there is no folder no-such-folder; make it first")]
    [InlineData("--rate", "--rate has no value; write --rate fastest, or a number above 0, up to 1000000")]
    [InlineData("--rate 0", "--rate '0' is not possible; write --rate fastest, or a number above 0, up to 1000000")]
    [InlineData("--rate -1", "--rate '-1' is not possible; write --rate fastest, or a number above 0, up to 1000000")]
    [InlineData("--rate fast", "--rate 'fast' is not possible; write --rate fastest, or a number above 0, up to 1000000")]
    [InlineData("--pool heap", "--pool 'heap' is not possible; write --pool arraypool, native or both")]
    [InlineData("--fault fire", "--fault 'fire' is not possible; write --fault torn, malformed, poisoned, killed, dead, slow or stuck")]
    [InlineData("--fault killed --consumer wire", "--consumer 'wire' is not possible; write --consumer book, risk, recording or answers")]
    [InlineData("--consumer book", "--consumer says whom a fault strikes, but none is to strike a consumer; add --fault killed, dead, slow or stuck")]
    [InlineData("--fault torn --consumer book", "--consumer says whom a fault strikes, but none is to strike a consumer; add --fault killed, dead, slow or stuck")]
    [InlineData("--at 5", "--at says when a fault strikes, but there is none; write --fault torn, malformed, poisoned, killed, dead, slow or stuck")]
    [InlineData("--duration 0", "--duration '0' is not possible; write a number from 1 to 86400")]
    [InlineData("--symbols A,A", "--symbols 'A,A' is not possible; write names with commas between them")]
    [InlineData("--http 70000", "--http '70000' is not possible; write a number from 0 to 65535")]
    [InlineData("--patience 0", "--patience '0' is not possible; write a number from 1 to 600000")]
    [InlineData("--events 10 --input x", "--events says how long the synthetic feed is, but --input names a feed; give one of them")]
    [InlineData("--format sse", "--format says how to read a file, but there is none; add --input FILE")]
    [InlineData("--half-memory --pool arraypool", "--half-memory is for the native pool, which has limits; add --pool native")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string problem)
    {
        (int exit, string output, string errors) = Run(arguments.Split(' '));

        Assert.Equal((2, "", $"Gateway: {problem}{Environment.NewLine}"), (exit, output, errors));
    }

    [Fact]
    public void Help_lists_every_option()
    {
        (int exit, string output, string errors) = Run("--help");

        Assert.Equal((0, ""), (exit, errors));
        Assert.All(
            new[] { "--input", "--events", "--format", "--symbols", "--duration", "--rate", "--pool", "--half-memory", "--fault", "--consumer", "--at", "--patience", "--record", "--http", "--json", "--help" },
            name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_pools_side_by_side_write_the_same_keys()
    {
        (int exit, string output, string errors) = Run("--events", "3000", "--pool", "both", "--json", Json);

        Assert.True(exit == 0, errors);
        Assert.Contains("native     arraypool", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Json));
        Assert.Equal(["native", "arraypool"], document.RootElement.EnumerateObject().Select(pool => pool.Name));
        foreach (JsonProperty pool in document.RootElement.EnumerateObject())
        {
            Assert.Equal(s_keys, pool.Value.EnumerateObject().Select(key => key.Name));
            Assert.Equal((0, 0, 0), (Figure(pool, "lost"), Figure(pool, "outOfOrder"), Figure(pool, "buffersOut")));
        }
    }

    [Fact]
    public void A_run_that_is_not_right_says_why_and_exits_with_1()
    {
        (int exit, string output, string errors) = Run("--events", "3000", "--fault", "poisoned", "--json", Json);

        Assert.Equal(1, exit);
        Assert.Contains("messages did not reach everybody", errors, StringComparison.Ordinal);
        Assert.Contains("message malformed", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Json));
        JsonProperty native = document.RootElement.EnumerateObject().Single();
        Assert.Equal((1, 0), (Figure(native, "gaveUp"), Figure(native, "buffersOut")));
        Assert.False(native.Value.GetProperty("isRight").GetBoolean());
    }

    [Fact]
    public void A_missing_feed_is_one_line_and_exit_code_1()
        => Assert.Equal((1, "", $"no-such-file.csv: no such file{Environment.NewLine}"), Run("--input", "no-such-file.csv"));

    [Fact]
    public void A_json_file_that_cannot_be_written_is_exit_code_1()
    {
        (int exit, _, string errors) = Run("--events", "100", "--json", _folder.FullName);

        Assert.Equal(1, exit);
        Assert.Contains("cannot be written", errors, StringComparison.Ordinal);
    }

    private static long Figure(JsonProperty pool, string key) => pool.Value.GetProperty(key).GetInt64();

    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int exit = Program.Run(arguments, output, errors, showProgress: false);
        return (exit, output.ToString(), errors.ToString());
    }
}
