// The real feeds, where they are at hand: the program as a process of its own, as a user starts it.
//
// A process of its own because the figures of the garbage collector are the process's: among other tests they would be theirs.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;

using OrderBook.Tests.Feed;

using Xunit;

namespace OrderBook.Tests;

public sealed class MarketDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_shanghai_feed_comes_out_as_the_exchange_had_it()
    {
        using JsonDocument document = Replay("--input", Market("sse-20230711.csv.gz"), "--passes", "2", "--strict");
        foreach (JsonProperty heap in document.RootElement.EnumerateObject())
        {
            AssertFigures(
                heap,
                ("events", 175_839), ("adds", 72_768), ("deletes", 27_008), ("trades", 76_063), ("fills", 77_205), ("filled", 39_130), ("errors", 0), ("unknown", 0),
                ("peakResting", 7_454), ("resting", 6_630), ("restingQuantity", 21_520_688), ("tradedQuantity", 58_655_708),
                ("crossedStates", 0), ("fillsNotAtBest", 0), ("fillsNotAtFront", 0));
            Assert.Equal(
                ["600761.SH: 562", "600961.SH: 2077", "601825.SH: 1747", "605580.SH: 2244"],
                heap.Value.GetProperty("restingBySymbol").EnumerateObject().Select(symbol => $"{symbol.Name}: {symbol.Value.GetInt32()}"));
        }

        AssertFigures(document.RootElement.EnumerateObject().First(), ("gcCollections", 0), ("allocatedBytes", 0));
    }

    [Fact]
    public void The_lobster_feed_runs_through()
    {
        using JsonDocument document = Replay("--input", Market("lobster-goog-20120621.csv.gz"), "--passes", "2");
        foreach (JsonProperty heap in document.RootElement.EnumerateObject())
        {
            AssertFigures(
                heap,
                ("events", 49_482), ("adds", 24_368), ("deletes", 13_429), ("trades", 7_765 + 3_913), ("fills", 7_765 - 2_309), ("errors", 0),
                ("unknown", 4_476), ("peakResting", 9_181), ("resting", 9_180));
        }

        AssertFigures(document.RootElement.EnumerateObject().First(), ("gcCollections", 0), ("allocatedBytes", 0));
    }

    [Fact]
    public void Without_arguments_a_synthetic_feed_runs_on_both_heaps()
    {
        using JsonDocument document = Replay();

        Assert.Equal(["native", "managed"], document.RootElement.EnumerateObject().Select(heap => heap.Name));
        AssertFigures(document.RootElement.EnumerateObject().First(), ("errors", 0), ("crossedStates", 0), ("gcCollections", 0), ("allocatedBytes", 0));
        Assert.True(document.RootElement.GetProperty("managed").GetProperty("allocatedBytes").GetInt64() > 0);
    }

    private static string Market(string file)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NativeHeap.sln")))
        {
            folder = folder.Parent;
        }

        string path = Path.Combine(folder?.FullName ?? ".", "..", "shared", "market", file);
        Assert.SkipUnless(File.Exists(path), $"The market data ({file}) is not beside the repository.");
        return path;
    }

    private static void AssertFigures(JsonProperty heap, params (string Key, long Value)[] expected)
        => Assert.Equal(expected, expected.Select(figure => (figure.Key, heap.Value.GetProperty(figure.Key).GetInt64())));

    private JsonDocument Replay(params string[] arguments)
    {
        Assert.SkipWhen(
            Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory()) == Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory),
            "These tests are published with a runtime of their own; the program that they start wants the dotnet command.");
        string json = _folder.PathOf("figures.json");
        ProcessStartInfo start = new("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "OrderBook.dll"), .. arguments, "--json", json])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        return JsonDocument.Parse(File.ReadAllBytes(json));
    }
}
