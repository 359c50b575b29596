using System;
using System.IO;
using System.Linq;
using System.Text.Json;

using OrderBook.Tests.Feed;

using Xunit;

namespace OrderBook.Tests;

public sealed class ProgramTests : IDisposable
{
    private static readonly string[] s_keys =
    [
        "events", "adds", "deletes", "trades", "fills", "filled", "errors", "unknown", "peakResting", "resting", "restingQuantity", "tradedQuantity",
        "restingBySymbol", "crossedStates", "fillsNotAtBest", "fillsNotAtFront", "nsPerEvent", "p50", "p99", "p999", "max", "gcCollections", "allocatedBytes",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--foo", "unknown option --foo; --help lists those there are")]
    [InlineData("-x", "unknown option -x; --help lists those there are")]
    [InlineData("feed.csv", "unexpected argument 'feed.csv'; a feed is named by --input FILE")]
    [InlineData("--input", "--input has no value; write --input FILE")]
    [InlineData("--input=", "--input has no value; write --input FILE")]
    [InlineData("--input --strict", "--input has no value; write --input FILE")]
    [InlineData("--json", "--json has no value; write --json FILE")]
    [InlineData("--json no-such-folder/out.json", "--json no-such-folder/out.json: there is no folder no-such-folder; make it first")]
    [InlineData("--heap", "--heap has no value; write --heap native, managed or both")]
    [InlineData("--heap stack", "--heap 'stack' is not possible; write --heap native, managed or both")]
    [InlineData("--heap Native", "--heap 'Native' is not possible; write --heap native, managed or both")]
    [InlineData("--passes 0", "--passes '0' is not possible; write a number from 1 to 100000")]
    [InlineData("--passes -3", "--passes '-3' is not possible; write a number from 1 to 100000")]
    [InlineData("--passes 1.5", "--passes '1.5' is not possible; write a number from 1 to 100000")]
    [InlineData("--passes 99999999999999", "--passes '99999999999999' is not possible; write a number from 1 to 100000")]
    [InlineData("--passes many", "--passes 'many' is not possible; write a number from 1 to 100000")]
    [InlineData("--events 0", "--events '0' is not possible; write a number from 1 to 100000000")]
    [InlineData("--events 1e3", "--events '1e3' is not possible; write a number from 1 to 100000000")]
    [InlineData("--events", "--events has no value; write a number from 1 to 100000000")]
    [InlineData("--events 10 --input x", "--events says how long the synthetic feed is, but --input names a feed; give one of them")]
    [InlineData("--format itch --input x", "--format 'itch' is not possible; write --format sse or --format lobster, or leave it out")]
    [InlineData("--format sse", "--format says how to read a file, but there is none; add --input FILE")]
    [InlineData("--passes 1 --passes 2", "--passes is given twice; give it once")]
    [InlineData("--strict=yes", "--strict takes no value, but 'yes' is given")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string problem)
    {
        (int exit, string output, string errors) = Run(arguments.Split(' '));

        Assert.Equal((2, "", $"OrderBook: {problem}{Environment.NewLine}"), (exit, output, errors));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_lists_every_option(string option)
    {
        (int exit, string output, string errors) = Run(option);

        Assert.Equal((0, ""), (exit, errors));
        Assert.All(new[] { "--input", "--events", "--format", "--heap", "--passes", "--json", "--strict", "--help" }, name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    public void The_synthetic_feed_is_as_long_as_asked_for(int events)
    {
        string json = _folder.PathOf("out.json");

        Assert.Equal(0, Run("--events", events.ToString(), "--passes", "1", "--heap", "native", "--json", json).Exit);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        Assert.InRange(Figure(document.RootElement.EnumerateObject().Single(), "events"), events, events + 64);
    }

    [Fact]
    public void A_missing_feed_is_one_line_and_exit_code_1()
        => Assert.Equal((1, "", $"no-such-file.csv: no such file{Environment.NewLine}"), Run("--input", "no-such-file.csv"));

    [Fact]
    public void A_replay_writes_a_table_and_the_keys_of_both_heaps()
    {
        string json = _folder.PathOf("out.json");

        (int exit, string output, string errors) = Run("--input", _folder.Write("feed", Rows.Sse), "--passes", "2", $"--json={json}");

        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("native       managed", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        Assert.Equal(["native", "managed"], document.RootElement.EnumerateObject().Select(heap => heap.Name));
        foreach (JsonProperty heap in document.RootElement.EnumerateObject())
        {
            Assert.Equal(s_keys, heap.Value.EnumerateObject().Select(key => key.Name));
            Assert.Equal((4, 2, 1, 1, 1, 0), (Figure(heap, "events"), Figure(heap, "adds"), Figure(heap, "deletes"), Figure(heap, "trades"), Figure(heap, "fills"), Figure(heap, "filled")));
            Assert.Equal((1, 60, 40, 2), (Figure(heap, "resting"), Figure(heap, "restingQuantity"), Figure(heap, "tradedQuantity"), Figure(heap, "peakResting")));
            Assert.Equal(1, heap.Value.GetProperty("restingBySymbol").GetProperty("600001.SH").GetInt64());
        }
    }

    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    public void One_heap_alone_has_one_column(string heap)
    {
        string json = _folder.PathOf("out.json");

        Assert.Equal(0, Run("--input", _folder.Write("feed", Rows.Sse), "--passes", "1", "--heap", heap, "--json", json).Exit);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        Assert.Equal([heap], document.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void A_lobster_feed_counts_every_row_of_a_kind()
    {
        string json = _folder.PathOf("out.json");

        (int exit, _, string errors) = Run("--input", _folder.Write("GOOG.csv", Rows.Lobster), "--passes", "1", "--heap", "native", "--json", json);

        Assert.Equal(0, exit);
        Assert.Contains("line 6: delete of order 99, which is unknown", errors, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        JsonProperty heap = document.RootElement.EnumerateObject().Single();
        Assert.Equal((6, 1, 1, 2, 1, 0, 1, 0), (Figure(heap, "events"), Figure(heap, "adds"), Figure(heap, "deletes"), Figure(heap, "trades"), Figure(heap, "fills"), Figure(heap, "filled"), Figure(heap, "unknown"), Figure(heap, "errors")));
        Assert.Equal((50, 27), (Figure(heap, "restingQuantity"), Figure(heap, "tradedQuantity")));
    }

    [Theory]
    [InlineData("1,5,34200040,600001.SH,A,S,11,,10000,-1", "quantity -1 is negative", "left out")]
    [InlineData("1,5,34200040,600001.SH", "4 fields instead of 10", "left out")]
    [InlineData("1,5,34200040,600001.SH,D,B,99,,9990,200", "delete of order 99, which is unknown", "at odds")]
    [InlineData("1,5,34200040,600001.SH,A,B,11,,9990,200", "add of order 11, which rests already", "at odds")]
    [InlineData("1,5,34200040,600001.SH,D,B,11,,9990,60", "delete of order 11, which rests in another book or on the other side", "at odds")]
    [InlineData("1,5,34200040,600002.SH,D,S,11,,10000,60", "delete of order 11, which rests in another book or on the other side", "at odds")]
    [InlineData("1,5,34200040,600001.SH,D,S,11,,10000,100", "delete of order 11 with 100 left, which is not what is left", "at odds")]
    [InlineData("1,5,34200040,600001.SH,T,B,14,11,10000,61", "trade between orders 14 and 11 takes 61, which is more than is left", "at odds")]
    public void What_is_wrong_with_a_line_is_counted_or_refused_with_its_number(string line, string what, string summary)
    {
        string file = _folder.Write("feed", Rows.Sse + line + "\n");
        string json = _folder.PathOf("out.json");

        (int exit, _, string errors) = Run("--input", file, "--passes", "1", "--json", json);

        Assert.Equal(0, exit);
        string reported = Assert.Single(errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{file}: 1 ", reported, StringComparison.Ordinal);
        Assert.Contains($"line 6: {what}", reported, StringComparison.Ordinal);
        Assert.Contains(summary, reported, StringComparison.Ordinal);
        using (JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json)))
        {
            Assert.All(document.RootElement.EnumerateObject(), heap => Assert.Equal(1, Figure(heap, "errors")));
        }

        Assert.Equal((1, $"{file}(6): {what}{Environment.NewLine}"), Refusal("--input", file, "--passes", "1", "--strict"));
    }

    [Fact]
    public void A_json_file_that_cannot_be_written_is_exit_code_1()
    {
        (int exit, string errors) = Refusal("--input", _folder.Write("feed", Rows.Sse), "--passes", "1", "--json", _folder.PathOf("."));

        Assert.Equal(1, exit);
        Assert.Contains("cannot be written", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_shown_between_passes_when_asked_for()
    {
        using StringWriter output = new();
        using StringWriter errors = new();

        Assert.Equal(0, Program.Run(["--input", _folder.Write("feed", Rows.Sse), "--passes", "2"], output, errors, showProgress: true));

        Assert.Contains("\rmanaged heap: pass 2 of 2", errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("pass", output.ToString().Split('\n')[0], StringComparison.Ordinal);
    }

    private static long Figure(JsonProperty heap, string key) => heap.Value.GetProperty(key).GetInt64();

    private static (int Exit, string Errors) Refusal(params string[] arguments)
    {
        (int exit, _, string errors) = Run(arguments);
        return (exit, errors);
    }

    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int exit = Program.Run(arguments, output, errors, showProgress: false);
        return (exit, output.ToString(), errors.ToString());
    }
}
