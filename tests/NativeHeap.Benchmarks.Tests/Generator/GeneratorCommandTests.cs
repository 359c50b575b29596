using System;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Generator;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Generator;

public sealed class GeneratorCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Structs_are_measured_in_a_process_of_their_own()
    {
        string file = _folder.PathOf("generator.json");
        (int code, string output, string errors) = CommandProcess.Run("generator", "--quick", "--cells", "structs/cold", "--json", file);
        Assert.True(code == 0, output + errors);
        Report report = ResultFile.Read(file).Report;
        Assert.Equal(["structs/cold", "structs/edit", "structs/cached"], report.Rows.Select(static row => row.Cell));
        Assert.All(report.Rows, static row => Assert.True(row.Value.Min > 0));
        Assert.Equal(1.0, report.Rows[^1].Value.Median);
        Assert.True(report.Goals.Single(static goal => goal.Id == "M13.cached").Met);
        Assert.False(report.Goals.Single(static goal => goal.Id == "M13.method").Met);
    }

    [Fact]
    public void Goals_are_judged_from_the_rows()
    {
        Row[] rows = [new("M13", "method/ownership", "NativeHeap", "ms", new(1.5, 1.0, 2.5)), new("M13", "structs/cold", "NativeHeap", "ms", new(301, 290, 320))];
        Goal[] goals = [.. GeneratorCommand.Goals.Select(goal => goal.Judge(rows))];
        Assert.Equal(["M13.cold", "M13.cached", "M13.method"], goals.Select(static goal => goal.Id));
        Assert.Equal([false, false, true], goals.Select(static goal => goal.Met));
    }
}
