using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

using NativeHeap.Benchmarks.Results;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Results;

public sealed class ResultFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nativeheap-results-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read()
    {
        ResultFile written = Some();
        written.Write(PathOf("peers.json"));
        ResultFile read = ResultFile.Read(PathOf("peers.json"));
        Assert.Equal(written.Run, read.Run);
        Assert.Equal(written.Machine, read.Machine);
        Assert.Equal(written.Report.Versions, read.Report.Versions);
        Assert.Equal(written.Report.Rows, read.Report.Rows);
        Assert.Equal(written.Report.Goals, read.Report.Goals);
    }

    [Fact]
    public void Scripts_find_what_they_were_promised()
    {
        Some().Write(PathOf("peers.json"));
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf("peers.json")));
        JsonElement row = document.RootElement.GetProperty("rows")[0];
        Assert.Equal("M1 hot/64 NativeHeap ns 1.9 1.5 2.5", $"{row.GetProperty("measure")} {row.GetProperty("cell")} {row.GetProperty("subject")} {row.GetProperty("unit")} {row.GetProperty("median")} {row.GetProperty("min")} {row.GetProperty("max")}");
        JsonElement goal = document.RootElement.GetProperty("goals")[0];
        Assert.Equal("M1.geomean M1 2 min 2.3 True", $"{goal.GetProperty("id")} {goal.GetProperty("measure")} {goal.GetProperty("goal")} {goal.GetProperty("sense")} {goal.GetProperty("value")} {goal.GetProperty("met")}");
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("goals")[1].GetProperty("value").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{ \"run\": 1 }")]
    [InlineData("{ \"run\": { \"command\": \"a\", \"arguments\": \"\", \"date\": \"\", \"commit\": \"\" }, \"machine\": {}, \"versions\": {}, \"goals\": [], \"rows\": [ { \"median\": \"x\" } ] }")]
    public void Another_file_is_refused_by_name(string content)
    {
        File.WriteAllText(PathOf("other.json"), content);
        UsageException refused = Assert.Throws<UsageException>(() => ResultFile.Read(PathOf("other.json")));
        Assert.Contains(PathOf("other.json"), refused.Message, StringComparison.Ordinal);
    }

    private static ResultFile Some()
        => new(
            new("peers", "--quick", "2026-01-02 03:04", "0123abc"),
            new Dictionary<string, string> { ["os"] = "Some \"OS\"" },
            new(
                [new("M1", "hot/64", "NativeHeap", "ns", new(1.9, 1.5, 2.5)), new("M1", "hot/64", "mimalloc", "ns", new(5, 4, 6))],
                new Dictionary<string, string> { ["mimalloc"] = "2.0.9" },
                [new("M1.geomean", "M1", 2, Sense.Min, "speed", 2.3, true, null), new("M1.hot", "M1", 1.5, Sense.Max, "time", null, false, "hot/16")]));

    private string PathOf(string name) => Path.Combine(_folder, name);
}
