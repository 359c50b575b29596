using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Rss;

public sealed class RssCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_cells_of_overhead_are_go_s_slots_and_large_objects()
    {
        Assert.Equal(67, SizeCell.All.Count(cell => !cell.IsLarge));
        Assert.Equal((3, 24, 17), SizeCell.Parse("size/24") is var cell ? (SizeCell.All.ToList().IndexOf(cell) + 1, cell.Size, cell.Least) : default);
        Assert.All(SizeCell.All.Where(cell => cell.IsLarge), cell => Assert.InRange(cell.Size, 32_769, int.MaxValue));
    }

    [Fact]
    public void A_footprint_is_read_as_it_was_written()
    {
        Footprint footprint = new(1L << 40, 2, 3, 4, 0.125);
        Assert.Equal(footprint, Footprint.Parse(footprint.ToString()));
    }

    [Fact]
    public void What_one_size_takes_is_measured_in_a_process_of_its_own()
    {
        string file = _folder.PathOf("rss.json");
        (int code, string output, string errors) = CommandProcess.Run("rss", "--quick", "--cells", "size/6912,size/50000", "--json", file);
        Assert.True(code == 0, output + errors);
        Report report = ResultFile.Read(file).Report;
        double ValueOf(string cell, string unit) => report.Rows.Single(row => row.Cell == cell && row.Unit == unit).Value.Median;

        // 18 slots in a span of 16 pages.
        Assert.Equal(1 - (18 * 6912 / 131_072.0), ValueOf("size/6912", RssGoals.Waste), 4);
        Assert.Equal((57_344 - 50_000) / 8192.0, ValueOf("size/50000", RssGoals.Waste), 4);
        Assert.InRange(ValueOf("size/6912", RssGoals.Live), 255.9, 256);
        Assert.InRange(ValueOf("size/6912", RssGoals.Grown), 256, ValueOf("size/6912", RssGoals.Mapped) + ValueOf("size/6912", RssGoals.Metadata) + 1);
        Assert.All(report.Goals, goal => Assert.False(goal.Met));
    }

    [Fact]
    public void Moments_are_told_by_their_cells()
    {
        Assert.Equal("burst/t=0250ms", RssGoals.MomentCell(Experiment.BurstName, 250));
        Assert.Equal(0.25, RssGoals.MomentOf("burst/t=0250ms", Experiment.BurstName));
        Assert.Equal(-1.05, RssGoals.MomentOf(RssGoals.MomentCell(Experiment.HolesName, -1050), Experiment.HolesName));
        Assert.Null(RssGoals.MomentOf("burst/t=0250ms", Experiment.HolesName));
        Assert.Null(RssGoals.MomentOf("burst", Experiment.BurstName));
    }

    [Fact]
    public void A_timeline_tells_at_each_step_what_was_read_last()
    {
        long Ticks(double milliseconds) => (long)(milliseconds * Stopwatch.Frequency / 1000);

        (long, long)[] readings = [(Ticks(-70), 1), (Ticks(-50), 2), (Ticks(10), 3), (Ticks(149), 4), (Ticks(151), 5), (Ticks(160), 6)];
        Assert.Equal([(-50, 2), (0, 2), (50, 3), (100, 3), (150, 4)], ResidentTimeline.OnGrid(readings, 0, 50));
        Assert.Empty(ResidentTimeline.OnGrid([], 0, 50));
    }

    [Fact]
    public void The_memory_of_another_process_is_read_while_it_grows()
    {
        using WorkerProcess worker = WorkerProcess.StartBuild(AppContext.BaseDirectory, RssCommand.Name, Experiment.HolesName, Subject.NativeHeapName);
        Assert.NotNull(worker.Receive());
        using ResidentTimeline memory = new(worker.Id);
        long before = Stopwatch.GetTimestamp();
        Assert.NotNull(worker.Ask(RssWorker.Allocate));
        Assert.InRange(memory.Growth, 2_000_000 * 200L, 2_000_000 * 250L);
        Assert.NotNull(worker.Ask(RssWorker.Free));
        Assert.InRange(int.Parse(worker.Ask(RssWorker.CountLivePages)!, CultureInfo.InvariantCulture), 20_000, 40_000);
        Assert.Contains(memory.Stop(before, 1), reading => reading.Growth > 100_000_000);
    }
}
