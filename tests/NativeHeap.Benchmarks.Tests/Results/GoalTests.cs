using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Buffers;
using NativeHeap.Benchmarks.Measures.Checks;
using NativeHeap.Benchmarks.Measures.Counts;
using NativeHeap.Benchmarks.Measures.Latency;
using NativeHeap.Benchmarks.Measures.Patterns;
using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Measures.Scale;
using NativeHeap.Benchmarks.Measures.Tables;
using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Results;

/// <summary>Goals from rows: the right figure, met or not, and never met by what was not measured.</summary>
public sealed class GoalTests
{
    private static readonly string[] s_cells = [.. Cell.All.Select(cell => cell.Name)];
    private static readonly string[] s_patterns = [.. PatternCell.All.Select(cell => cell.Name)];
    private static readonly string[] s_traces = ["redis", "sqlite"];

    [Theory]
    [InlineData("Min", 2.0, true)]
    [InlineData("Min", 1.99, false)]
    [InlineData("Max", 2.0, true)]
    [InlineData("Max", 2.01, false)]
    public void A_bound_belongs_to_what_is_wanted(string sense, double value, bool met)
    {
        Goal goal = new GoalDefinition("X", "X", 2.0, Enum.Parse<Sense>(sense), "", _ => new(value, null)).Judge([]);
        Assert.Equal((met, value), (goal.Met, goal.Value));
    }

    [Fact]
    public void What_lacks_a_part_is_unmet_whatever_the_rest_says()
    {
        Goal goal = new GoalDefinition("X", "X", 1, Sense.Min, "", _ => new(100, "a cell")).Judge([]);
        Assert.Equal((false, 100.0, "a cell"), (goal.Met, goal.Value, goal.Missing));
    }

    [Fact]
    public void A_finding_names_few_missing_cells_and_counts_many()
    {
        string[] cells = [.. "abcdefgh".Select(letter => letter.ToString())];
        Assert.Equal(new Finding(8, null), Finding.Over(cells, _ => 1, values => values.Sum()));
        Assert.Equal(new Finding(6, "a, b"), Finding.Over(cells, cell => cell is "a" or "b" ? null : 1, values => values.Sum()));
        Assert.Equal(new Finding(1, "7 of 8 cells, or a peer in them"), Finding.Over(cells, cell => cell == "a" ? 1 : null, values => values.Sum()));
        Assert.Equal(new Finding(null, "8 of 8 cells, or a peer in them"), Finding.Over(cells, _ => null, values => values.Sum()));
    }

    [Fact]
    public void All_goals_are_there_when_nothing_was_measured()
    {
        IEnumerable<GoalDefinition> all = [.. PeersGoals.All, .. TracesGoals.For(s_traces), .. PatternsGoals.All, .. CountsCommand.Goals, .. LatencyCommand.Goals, .. RssGoals.All, .. TablesGoals.All, .. BuffersGoals.All, .. ChecksGoals.All, .. ScaleCommand.Goals];
        string[] expected =
        [
            "M1.geomean", "M1.worst", "M1.hot", "M7.bytes", "M7.collections", "M2.csharp", "M2.c", "M3.worst", "M3.geomean", "M4.geomean", "M4.worst", "M4.kernel",
            "M5.locks", "M5.atomics", "M8.p999", "M8.p9999", "M9.holes", "M9.burst", "M10.metadata", "M10.tail", "M11.iterate", "M11.lookup", "M11.churn", "M11.dispose", "M11.bump",
            "M12.worst", "M12.bytes", "M12.handoff", "checks.basic", "checks.full", "checks.guarded", "M14.flat", "M14.threads",
        ];
        Assert.Equal(expected, all.Select(goal => goal.Id));
        Assert.All(all, definition =>
        {
            Goal goal = definition.Judge([]);
            Assert.False(goal.Met);
            Assert.Null(goal.Value);
            Assert.NotNull(goal.Missing);
        });
    }

    [Fact]
    public void Typed_speed_is_the_fastest_peers_time_over_ours()
    {
        IReadOnlyList<Row> rows = Peers().With("hot/16", Subject.TcmallocName, 3).With("hot/64", Subject.NativeHeapName, 16);
        Goal worst = PeersGoals.All.Goal("M1.worst", rows);
        Assert.Equal((0.5, false), (worst.Value, worst.Met));
        Assert.True(PeersGoals.All.Goal("M1.geomean", rows).Met);
        Assert.Equal(3.5, PeersGoals.Compare(Peers().With("hot/16", Subject.ObjectPoolName, 7), "hot/16").Ratio);
        Assert.Equal(8.0, PeersGoals.All.Goal("M1.hot", rows).Value);
    }

    [Theory]
    [InlineData(Subject.MimallocName)]
    [InlineData(Subject.ObjectPoolName)]
    [InlineData(Subject.NativeHeapName)]
    public void Without_a_peer_typed_speed_is_unmet(string missing)
    {
        IReadOnlyList<Row> rows = Peers().Without("replace/1M/4096", missing);
        Goal goal = PeersGoals.All.Goal("M1.geomean", rows);
        Assert.Equal((false, "replace/1M/4096"), (goal.Met, goal.Missing));
        Assert.True(PeersGoals.All.Goal("M1.geomean", Peers()).Met);
    }

    [Fact]
    public void What_is_shown_beside_is_no_peer()
    {
        IReadOnlyList<Row> rows = [.. Peers(), .. SomeRows.Of(PeersGoals.Speed, PeersGoals.Nanoseconds, s_cells, (Subject.NewName, 0.1), (Subject.BumpName, 0.1))];
        Assert.True(PeersGoals.All.Goal("M1.worst", rows).Met);
    }

    [Fact]
    public void A_single_byte_breaks_zero_gc()
    {
        IReadOnlyList<Row> rows = SomeRows.Of(PeersGoals.ZeroGC, PeersGoals.Bytes, HotCalls.Names, (Subject.NativeHeapName, 0));
        Assert.True(PeersGoals.All.Goal("M7.bytes", rows).Met);
        Assert.False(PeersGoals.All.Goal("M7.bytes", rows.With("stubs/rent", Subject.NativeHeapName, 1)).Met);
        Assert.False(PeersGoals.All.Goal("M7.bytes", rows.Without("stubs/rent", Subject.NativeHeapName)).Met);
    }

    [Fact]
    public void Traces_are_compared_with_the_fastest_of_each_language()
    {
        IReadOnlyList<GoalDefinition> goals = TracesGoals.For(s_traces);
        Assert.Equal(2.0, goals.Goal("M2.csharp", Traces()).Value!.Value, 9);
        Assert.Equal(1.5, goals.Goal("M2.c", Traces()).Value!.Value, 9);
        Assert.False(goals.Goal("M2.c", Traces().Without("time/redis", TraceSubjects.CGlibcName)).Met);
        Assert.True(goals.Goal("M2.csharp", Traces().Without("time/redis", TraceSubjects.CGlibcName)).Met);
    }

    [Fact]
    public void A_time_below_that_of_the_loop_is_no_figure()
    {
        Goal goal = TracesGoals.For(s_traces).Goal("M2.csharp", Traces().With("time/sqlite", Subject.MimallocName, -1));
        Assert.Equal((false, "sqlite"), (goal.Met, goal.Missing));
    }

    [Fact]
    public void Memory_is_allowed_a_mebibyte_above_the_least_library()
    {
        IReadOnlyList<GoalDefinition> goals = TracesGoals.For(s_traces);
        Goal worst = goals.Goal("M3.worst", Traces());
        Assert.Equal((1.0, true), (worst.Value!.Value, worst.Met));
        Assert.False(goals.Goal("M3.worst", Traces().With("memory/redis", Subject.TcmallocName, 8.9)).Met);

        // glibc's is NativeMemory's; it is none of the libraries.
        Assert.True(goals.Goal("M3.worst", Traces().With("memory/redis", Subject.NativeMemoryName, 1)).Met);
        Assert.Equal(0.5, goals.Goal("M3.geomean", Traces()).Value!.Value, 9);
    }

    [Fact]
    public void Patterns_of_the_kernel_have_a_goal_of_their_own()
    {
        IReadOnlyList<Row> rows = Patterns().With("malloc-large", Subject.NativeHeapName, 20);
        Assert.True(PatternsGoals.All.Goal("M4.worst", rows).Met);
        Assert.Equal(0.5, PatternsGoals.All.Goal("M4.kernel", rows).Value);

        // Against tcmalloc alone.
        Assert.True(PatternsGoals.All.Goal("M4.kernel", Patterns().With("cache-scratch", Subject.MimallocName, 1)).Met);
        Assert.False(PatternsGoals.All.Goal("M4.kernel", Patterns().With("cache-scratch", Subject.TcmallocName, 1)).Met);
    }

    [Fact]
    public void The_worst_program_decides_on_locks()
    {
        IReadOnlyList<Row> rows = SomeRows.Of("M5", "locks/object", CountsWorker.Programs.Keys, (Subject.NativeHeapName, 0.01));
        Assert.True(CountsCommand.Goals.Goal("M5.locks", rows).Met);
        Assert.Equal((0.03, false), CountsCommand.Goals.Goal("M5.locks", rows.With("sh8bench/64", Subject.NativeHeapName, 0.03)) is var goal ? (goal.Value, goal.Met) : default);
    }

    [Fact]
    public void The_tail_is_what_lies_above_the_floor_of_the_same_percentile()
    {
        string[] cells = ["stubs/alloc/p99.9", "stubs/free/p99.9", "sizes/alloc/p99.9", "sizes/free/p99.9"];
        IReadOnlyList<Row> rows = SomeRows.Of("M8", "ns", cells, (Subject.NativeHeapName, 900), ("Floor", 100));
        Goal goal = LatencyCommand.Goals.Goal("M8.p999", rows.With("sizes/free/p99.9", Subject.NativeHeapName, 1_200));
        Assert.Equal((1_100.0, false), (goal.Value, goal.Met));
        Assert.True(LatencyCommand.Goals.Goal("M8.p999", rows).Met);
        Assert.Null(LatencyCommand.Goals.Goal("M8.p9999", rows).Value);
    }

    [Fact]
    public void Growth_is_flat_within_each_series()
    {
        // The series differ from each other, which does not matter.
        IReadOnlyList<Row> rows = [.. ScaleCell.All.Select(cell => SomeRows.Row("M14", cell.Name, Subject.NativeHeapName, "ns", 10 * ((int)cell.Series + 1)))];
        Assert.Equal((1.0, true), ScaleCommand.Goals.Goal("M14.flat", rows) is var flat ? (flat.Value, flat.Met) : default);
        Assert.Equal(1.4, ScaleCommand.Goals.Goal("M14.flat", rows.With("threads/10k", Subject.NativeHeapName, 28)).Value!.Value, 9);
        Assert.Equal("heap/10GB", ScaleCommand.Goals.Goal("M14.flat", rows.Without("heap/10GB", Subject.NativeHeapName)).Missing);
    }

    [Fact]
    public void What_is_left_of_holes_may_be_the_live_pages_and_a_little_more()
    {
        IReadOnlyList<Row> rows = Holes(livePages: 80, left: 88);
        Assert.Equal((1.0, true), RssGoals.All.Goal("M9.holes", rows) is var goal ? (goal.Value!.Value, goal.Met) : default);
        Assert.False(RssGoals.All.Goal("M9.holes", Holes(livePages: 80, left: 88.1)).Met);
        Assert.Equal("holes", RssGoals.All.Goal("M9.holes", [.. rows.Where(row => row.Unit != RssGoals.LivePages)]).Missing);
    }

    [Fact]
    public void What_is_left_of_a_burst_is_a_share_of_its_peak()
    {
        IReadOnlyList<Row> rows = [Returned(Experiment.BurstName, RssGoals.Full, 2_000), Returned(Experiment.BurstName, RssGoals.Left, 100)];
        Assert.Equal((0.05, true), RssGoals.All.Goal("M9.burst", rows) is var goal ? (goal.Value!.Value, goal.Met) : default);
        Assert.False(RssGoals.All.Goal("M9.burst", rows.With(Experiment.BurstName, Subject.NativeHeapName, 101)).Met);
    }

    [Theory]
    [InlineData("size/8", 0.03, true)]
    [InlineData("size/24", 0.031, false)]
    [InlineData("size/32", 0.01, true)]
    [InlineData("size/32", 0.011, false)]
    [InlineData("size/50000", 0.011, false)]
    public void Metadata_may_be_three_times_as_much_below_32_bytes(string cell, double share, bool met)
    {
        Row[] rows =
        [
            .. SizeCell.All.Select(size => SomeRows.Row(RssGoals.Overhead, size.Name, Subject.NativeHeapName, RssGoals.Mapped, 200)),
            .. SizeCell.All.Select(size => SomeRows.Row(RssGoals.Overhead, size.Name, Subject.NativeHeapName, RssGoals.Metadata, 200 * (size.Name == cell ? share : 0.001))),
        ];
        Assert.Equal(met, RssGoals.All.Goal("M10.metadata", rows).Met);
        Assert.Equal("size/8", RssGoals.All.Goal("M10.metadata", rows[1..]).Missing);
    }

    [Theory]
    [InlineData("size/28672", 0.125, true)]
    [InlineData("size/28672", 0.126, false)]
    [InlineData("size/50000", 0.99, true)]
    [InlineData("size/50000", 1.01, false)]
    public void A_span_may_waste_an_eighth_and_a_large_object_a_page(string cell, double waste, bool met)
    {
        Row[] rows = [.. SizeCell.All.Select(size => SomeRows.Row(RssGoals.Overhead, size.Name, Subject.NativeHeapName, RssGoals.Waste, size.Name == cell ? waste : 0))];
        Assert.Equal(met, RssGoals.All.Goal("M10.tail", rows).Met);
    }

    [Theory]
    [InlineData(TablesGoals.Iterate, 10.5, 10, true)]
    [InlineData(TablesGoals.Iterate, 10.6, 10, false)]
    [InlineData(TablesGoals.Lookup, 15, 10, true)]
    [InlineData(TablesGoals.Lookup, 15.1, 10, false)]
    [InlineData(TablesGoals.Churn, 10, 30, true)]
    [InlineData(TablesGoals.Churn, 10, 29.9, false)]
    [InlineData(TablesGoals.Dispose, 1, 50, true)]
    [InlineData(TablesGoals.Dispose, 1, 49.9, false)]
    [InlineData(TablesGoals.Bump, 12, 10, true)]
    [InlineData(TablesGoals.Bump, 12.1, 10, false)]
    public void The_worst_cell_decides_on_a_goal_of_tables(string id, double own, double other, bool met)
    {
        TableCell worst = TableCell.All.Last(cell => cell.Goal == id);
        IReadOnlyList<Row> rows =
        [
            .. from cell in TableCell.All
               from subject in cell.Subjects
               select SomeRows.Row(TablesGoals.Measure, cell.Name, subject, TablesGoals.Nanoseconds, subject == cell.Beside ? 1_000 : cell.Goal is null ? 5_000 : 10),
        ];
        Assert.True(TablesGoals.All.Goal(id, rows).Met);
        Assert.Equal(met, TablesGoals.All.Goal(id, rows.With(worst.Name, Subject.NativeHeapName, own).With(worst.Name, worst.Beside, other)).Met);
        Assert.Equal(worst.Name, TablesGoals.All.Goal(id, rows.Without(worst.Name, worst.Beside)).Missing);
    }

    [Theory]
    [InlineData(BuffersGoals.Worst, "cross/65536", 10, 10, true)]
    [InlineData(BuffersGoals.Worst, "cross/65536", 10.1, 10, false)]
    [InlineData(BuffersGoals.HandOff, "handoff/message/64", 5, 10, true)]
    [InlineData(BuffersGoals.HandOff, "handoff/message/64", 5.1, 10, false)]
    public void The_worst_cell_decides_on_a_goal_of_buffers_beside_array_pool_alone(string id, string worst, double own, double other, bool met)
    {
        IReadOnlyList<Row> rows = Buffers(own: 10, others: 5);
        Assert.True(BuffersGoals.All.Goal(id, rows).Met);
        Assert.Equal(met, BuffersGoals.All.Goal(id, rows.With(worst, Subject.NativeHeapName, own).With(worst, Subject.ArrayPoolName, other)).Met);
        Assert.Equal(worst, BuffersGoals.All.Goal(id, rows.Without(worst, Subject.ArrayPoolName)).Missing);
    }

    [Fact]
    public void What_writing_and_mixed_lengths_cost_is_for_reading()
        => Assert.True(BuffersGoals.All.Goal(BuffersGoals.Worst, Buffers(own: 10, others: 5).With("write/64", Subject.NativeHeapName, 1_000).With("mixed", Subject.NativeHeapName, 1_000)).Met);

    [Fact]
    public void A_single_byte_in_a_cell_of_buffers_is_one_too_many()
    {
        IReadOnlyList<Row> rows = SomeRows.Of(BuffersGoals.Measure, BuffersGoals.Bytes, BufferCell.All.Select(cell => cell.Name), (Subject.NativeHeapName, 0));
        Assert.True(BuffersGoals.All.Goal("M12.bytes", rows).Met);
        Assert.False(BuffersGoals.All.Goal("M12.bytes", rows.With("mixed", Subject.NativeHeapName, 1)).Met);
        Assert.Equal("mixed", BuffersGoals.All.Goal("M12.bytes", rows.Without("mixed", Subject.NativeHeapName)).Missing);
    }

    // ArrayPool takes a hundred, NativeHeap and the others less.
    private static IReadOnlyList<Row> Buffers(double own, double others)
        =>
        [
            .. from cell in BufferCell.All
               from subject in cell.Subjects
               select SomeRows.Row(BuffersGoals.Measure, cell.Name, subject, BuffersGoals.Nanoseconds, subject == Subject.NativeHeapName ? own : subject == Subject.ArrayPoolName ? 100 : others),
        ];

    private static IReadOnlyList<Row> Holes(double livePages, double left)
        => [Returned(Experiment.HolesName, RssGoals.LivePages, livePages), Returned(Experiment.HolesName, RssGoals.Left, left), Returned(Experiment.HolesName, RssGoals.Full, 400)];

    private static Row Returned(string cell, string unit, double value) => SomeRows.Row(RssGoals.Returned, cell, Subject.NativeHeapName, unit, value);

    private static IReadOnlyList<Row> Peers()
        => SomeRows.Of(
            PeersGoals.Speed,
            PeersGoals.Nanoseconds,
            s_cells,
            [(Subject.NativeHeapName, 2), (Subject.ThreadStaticArrayName, 2), .. Subject.PeerNames.Select(peer => (peer, 8.0))]);

    private static IReadOnlyList<Row> Traces()
        =>
        [
            .. SomeRows.Of(
                TracesGoals.Speed,
                TracesGoals.Nanoseconds,
                s_traces.Select(TracesGoals.TimeCell),
                [(Subject.NativeHeapName, 10), .. UntypedSubjects.PeerNames.Select(peer => (peer, 20.0)), .. TraceSubjects.CPeers.Select(peer => (peer, 15.0))]),
            .. SomeRows.Of(
                TracesGoals.Memory,
                TracesGoals.Mebibytes,
                s_traces.Select(TracesGoals.MemoryCell),
                [(Subject.NativeHeapName, 10), .. Subject.LibraryNames.Select(peer => (peer, 9.0)), (Subject.NativeMemoryName, 20)]),
        ];

    private static IReadOnlyList<Row> Patterns()
        => SomeRows.Of(PatternsGoals.Measure, PatternsGoals.Nanoseconds, s_patterns, [(Subject.NativeHeapName, 10), .. UntypedSubjects.PeerNames.Select(peer => (peer, 10.0))]);
}
