using System;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Traces;

/// <summary>The command as its users see it: lines and exit codes.</summary>
public sealed class TracesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sound.nht", null, 0)]
    [InlineData("sound.nht.br", null, 0)]
    [InlineData("cut.nht", "is broken: it ends after 5 of 6 events.", 2)]
    [InlineData("cut.nht.br", "is broken: the end of what Brotli wrote is missing.", 2)]
    [InlineData("none.txt", "There is no trace in ", 2)]
    public void A_folder_is_verified_or_refused_with_a_line(string name, string? line, int exit)
    {
        byte[] bytes = TraceBuilder.OfEveryKind().ToBytes();
        bytes = name.EndsWith(".br", StringComparison.Ordinal) ? TraceBuilder.Pack(bytes) : bytes;
        File.WriteAllBytes(_folder.PathOf(name), name.StartsWith("cut", StringComparison.Ordinal) ? bytes[..^1] : bytes);

        (int code, string output, string errors) = CommandProcess.Run("traces", _folder.PathOf("."), "--verify", "--subjects", "NativeHeap");

        Assert.True(code == exit, output + errors);
        if (line is null)
        {
            // One thread, and two.
            Assert.Contains("Sound: 2 replays, no fault.", output, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(line, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_folder_the_recorded_traces_of_the_repository_are_replayed()
    {
        (int code, string output, string errors) = CommandProcess.Run("traces", "--verify", "--subjects", "NativeHeap", "--cells", "verify/orderbook");

        Assert.True(code == 0, output + errors);
        Assert.Contains("verified  orderbook, one thread: NativeHeap", output, StringComparison.Ordinal);
        Assert.Contains("left out, benchmarks/Traces", CommandProcess.Run("--help").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_repository_tells_of_each_trace_how_many_events_it_has()
    {
        string folder = TracesCommand.Shape.DefaultOperand!;
        string text = File.ReadAllText(Path.Combine(folder, "README.md"));
        foreach (string file in TraceFile.In(folder))
        {
            Measures.Traces.Trace trace = TraceFile.Read(file);
            Assert.Contains(FormattableString.Invariant($"| {trace.Count:N0} | {trace.Slots:N0} |"), text.Split('\n').Single(row => row.StartsWith($"| `{trace.Name}.", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.InRange(new FileInfo(file).Length, 1, 300 * 1024);
            trace.Free();
        }
    }
}
