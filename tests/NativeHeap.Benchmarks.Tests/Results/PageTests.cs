using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Patterns;
using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Reporting;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Results;

/// <summary>The page and the picture that `report` makes of result files.</summary>
public sealed class PageTests : IDisposable
{
    private const string Golden = "Order.Alloc()\n  fast path: 8 (load 2)\n    test     rdi, rdi\n  slow path: 5\n\nOrder.Free(pointer)\n  fast path: 10 (load 1)\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("nativeheap-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Cells_that_are_lost_are_shown_as_those_that_are_won()
    {
        string page = PageOf(Peers());
        Assert.Contains("| hot/16 | 2.00 | 8.00 |", page, StringComparison.Ordinal);
        Assert.Contains("| hot/64 | 16.0 | 8.00 |", page, StringComparison.Ordinal);
        Assert.Contains("| M1.worst | at least 1 | 0.50 | **no** |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_says_how_it_was_made_and_what_is_missing()
    {
        string page = PageOf(Peers());
        Assert.Contains("benchmarks -- peers --quick\n", page, StringComparison.Ordinal);
        Assert.Contains("| peers | --quick | 2026-01-02 03:04 | 0123abc |", page, StringComparison.Ordinal);
        Assert.Contains("There is no result file of traces, patterns, counts, latency, rss, tables, buffers, checks, generator, scale, kestrel, micro", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_stubs_instructions_come_from_their_golden_files()
    {
        string page = PageOf(Peers());
        Assert.Contains("| stub | linux-x64 |", page, StringComparison.Ordinal);
        Assert.Contains("| Order.Alloc() | 8 |", page, StringComparison.Ordinal);
        Assert.Contains("| Order.Free(pointer) | 10 |", page, StringComparison.Ordinal);
        Assert.Null(StubInstructions.In(Path.Combine(_folder, "nothing")).Table);
    }

    [Fact]
    public void The_picture_has_a_bar_for_each_group_of_cells_that_was_measured()
    {
        RatioPicture picture = RatioPicture.Of([Peers(), Traces(), Patterns()]);
        Assert.Equal(["Typed objects (M1)", "Allocations of real programs (M2)", "The same, peak memory (M3)", "Patterns of mimalloc-bench (M4)"], picture.Groups.Select(group => group.Heading));
        Assert.Equal(10, picture.Groups[0].Bars.Count);
        Assert.Equal(4 * Math.Pow(1.0 / 8, 1.0 / 5), picture.Groups[0].Bars[0].Ratio, 6);
        Assert.Equal([new Bar("redis", 0.5)], picture.Groups[1].Bars);
        Assert.Equal([new Bar("redis", 0.9)], picture.Groups[2].Bars);
        Assert.Equal(13, picture.Groups[3].Bars.Count);
        _ = Assert.Single(RatioPicture.Of([Patterns()]).Groups);
    }

    [Fact]
    public void The_picture_of_memory_has_a_course_for_each_subject_that_was_measured()
    {
        ResidentPicture picture = ResidentPicture.Of([Peers(), Memory()]);
        Panel panel = Assert.Single(picture.Panels);
        Assert.Equal([Subject.MimallocName, Subject.NativeHeapName], panel.Courses.Select(course => course.Subject));
        Assert.Equal([(-1.0, 10.0), (0.0, 20.0), (2.0, 5.0)], panel.Courses[0].Points);
        Assert.Equal(5.0, panel.Wanted!.Value, 9);
        Assert.Empty(ResidentPicture.Of([Peers()]).Panels);
    }

    [Fact]
    public void A_folder_of_files_becomes_a_page_and_a_picture()
    {
        string source = Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName;
        Peers().Write(Path.Combine(source, "b.json"));
        (Peers() with { Run = new("peers", "--older", "2025-01-02 03:04", "0123abc") }).Write(Path.Combine(source, "a.json"));
        Memory().Write(Path.Combine(source, "c.json"));
        ReportCommand.Write(source, _folder, Stubs());
        string page = File.ReadAllText(Path.Combine(_folder, "RESULTS.md"));
        Assert.DoesNotContain("--older", page, StringComparison.Ordinal);
        Assert.All(["results.png", "rss.png"], picture =>
        {
            Assert.Contains($"]({picture})", page, StringComparison.Ordinal);
            Assert.Equal("\u0089PNG", string.Concat(File.ReadAllBytes(Path.Combine(_folder, picture)).Take(4).Select(part => (char)part)));
        });
    }

    [Fact]
    public void A_folder_without_files_is_refused_by_name()
    {
        Assert.Contains(_folder, Assert.Throws<UsageException>(() => ReportCommand.Write(_folder, _folder, Stubs())).Message, StringComparison.Ordinal);
        string nowhere = Path.Combine(_folder, "nowhere");
        Assert.Contains(nowhere, Assert.Throws<UsageException>(() => ReportCommand.Write(nowhere, _folder, Stubs())).Message, StringComparison.Ordinal);
    }

    private static string PageOf(params ResultFile[] files)
    {
        using StringWriter output = new() { NewLine = "\n" };
        new ResultsPage(files, Stubs(), "results.png", "rss.png").Write(output);
        return output.ToString();
    }

    private static StubInstructions Stubs() => new([("linux-x64", Golden)]);

    private static ResultFile Peers()
    {
        IReadOnlyList<Row> rows = SomeRows.Of(
            PeersGoals.Speed,
            PeersGoals.Nanoseconds,
            Cell.All.Select(cell => cell.Name),
            [(Subject.NativeHeapName, 2), .. Subject.PeerNames.Select(peer => (peer, 8.0))]).With("hot/64", Subject.NativeHeapName, 16);
        return FileOf("peers", rows, PeersGoals.All);
    }

    private static ResultFile Traces()
        => FileOf(
            "traces",
            [
                .. SomeRows.Of(TracesGoals.Speed, TracesGoals.Nanoseconds, ["time/redis"], (Subject.NativeHeapName, 10), (Subject.MimallocName, 5), (TraceSubjects.CGlibcName, 1)),
                .. SomeRows.Of(TracesGoals.Memory, TracesGoals.Mebibytes, ["memory/redis"], (Subject.NativeHeapName, 10), (Subject.JemallocName, 9), (Subject.NativeMemoryName, 1)),
            ],
            TracesGoals.For(["redis"]));

    private static ResultFile Patterns()
        => FileOf(
            "patterns",
            SomeRows.Of(PatternsGoals.Measure, PatternsGoals.Nanoseconds, PatternCell.All.Select(cell => cell.Name), (Subject.NativeHeapName, 10), (Subject.TcmallocName, 5)),
            PatternsGoals.All);

    private static ResultFile Memory()
        => FileOf(
            "rss",
            [
                .. from moment in ((int Milliseconds, double Value)[])[(2000, 5), (-1000, 10), (0, 20), (-100_000, 1)]
                   from subject in (string[])[Subject.NativeHeapName, Subject.MimallocName]
                   select SomeRows.Row(RssGoals.Returned, RssGoals.MomentCell(Experiment.BurstName, moment.Milliseconds), subject, RssGoals.Resident, moment.Value),
                SomeRows.Row(RssGoals.Returned, Experiment.BurstName, Subject.NativeHeapName, RssGoals.Full, 100),
            ],
            RssGoals.All);

    private static ResultFile FileOf(string command, IReadOnlyList<Row> rows, IEnumerable<GoalDefinition> goals)
        => new(
            new(command, "--quick", "2026-01-02 03:04", "0123abc"),
            new Dictionary<string, string> { ["cores"] = "2" },
            new(rows, new Dictionary<string, string> { [".NET"] = "10.0" }, [.. goals.Select(goal => goal.Judge(rows))]));
}
