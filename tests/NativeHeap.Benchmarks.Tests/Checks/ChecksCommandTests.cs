using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Checks;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Tests.Results;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Checks;

public sealed class ChecksCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cells_have_names_of_their_own_and_one_has_a_goal()
    {
        string[] names = [.. CheckCell.All.Select(cell => cell.Name), .. CheckCell.Sizes.Select(cell => cell.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.Equal(["size/16", "size/64", "size/256", "size/1024"], CheckCell.Sizes.Select(cell => cell.Name));
        Assert.Equal(CheckCell.Pair, CheckCell.Parse(CheckCell.Pair).Name);
    }

    [Fact]
    public void Each_subject_says_all_settings_so_that_nobody_elses_count()
    {
        Assert.All(CheckSubject.All, subject => Assert.Equal(["NATIVEHEAP_CHECK", "NATIVEHEAP_GUARDED", "NATIVEHEAP_HARDENING"], subject.Environment.Select(setting => setting.Key)));
        Assert.Equal(["Off", "false", "None"], CheckSubject.Off.Environment.Select(setting => setting.Value));
        Assert.Equal(CheckSubject.All.Count, CheckSubject.All.Select(subject => string.Join(' ', subject.Environment)).Distinct().Count());
    }

    [Fact]
    public void Subjects_are_measured_beside_Off_in_processes_that_run_at_their_level()
    {
        string file = _folder.PathOf("checks.json");
        (int code, string output, string errors) = CommandProcess.Run("checks", "--quick", "--cells", "hot/64,heap/64,size/64", "--subjects", "Basic,Full", "--json", file);
        Assert.True(code == 0, output + errors);
        Report report = ResultFile.Read(file).Report;
        Assert.Equal(
            [("hot/64", "Off"), ("hot/64", "Basic"), ("hot/64", "Full"), ("heap/64", "Off"), ("heap/64", "Basic"), ("heap/64", "Full")],
            report.Rows.Where(row => row.Unit == ChecksGoals.Nanoseconds).Select(row => (row.Cell, row.Subject)));
        Assert.Equal(
            [("hot/64", "Basic"), ("hot/64", "Full"), ("heap/64", "Basic"), ("heap/64", "Full")],
            report.Rows.Where(row => row.Unit == ChecksGoals.OverOff).Select(row => (row.Cell, row.Subject)));
        Assert.All(report.Rows, row => Assert.True(row.Value.Min > 0));

        // A mark of four bytes an object, and 64 bytes and a record.
        double[] memory = [.. report.Rows.Where(row => row.Unit == ChecksGoals.Resident).Select(row => row.Value.Median)];
        Assert.InRange(memory[0], 1, 1.05);
        Assert.InRange(memory[1] - memory[0], 0.05, 0.1);
        Assert.InRange(memory[2], 2.3, 3);
        Assert.Equal(["checks.full", "checks.guarded"], report.Goals.Where(goal => goal.Missing is not null).Select(goal => goal.Id));
    }

    [Fact]
    public void Every_pass_of_the_order_book_frees_what_it_allocates()
    {
        BookReplay book = new();
        Assert.Equal(book.Pass(), book.Pass());
        long live = Heap.GetProcessStatistics().LiveBytes;
        Assert.InRange(book.Pass(), 10_000, 100_000);
        Assert.Equal(live, Heap.GetProcessStatistics().LiveBytes);
    }

    [Fact]
    public void Goals_take_the_pair_of_Basic_the_worst_ratio_of_Full_and_the_mean_ratio_of_guarded_sampling()
    {
        string[] cells = [.. CheckCell.All.Select(cell => cell.Name)];
        IReadOnlyList<Row> rows =
        [
            .. SomeRows.Of(ChecksGoals.Measure, ChecksGoals.Nanoseconds, cells, ("Off", 2), ("Basic", 12)).With(CheckCell.Pair, "Basic", 9.5),
            .. SomeRows.Of(ChecksGoals.Measure, ChecksGoals.OverOff, cells, ("Full", 8), ("Guarded", 1)).With("orderbook", "Full", 21).With("orderbook", "Guarded", 1.2),
        ];
        Assert.Equal((9.5, true), ValueOf("checks.basic"));
        Assert.Equal((21, false), ValueOf("checks.full"));
        Assert.Equal(Math.Pow(1.2, 1.0 / cells.Length), ValueOf("checks.guarded").Value, 9);
        Assert.False(ValueOf("checks.guarded").Met);
        Assert.False(ChecksGoals.All.Goal("checks.full", rows.Without("heap/64", "Full")).Met);

        (double Value, bool Met) ValueOf(string id)
        {
            Goal goal = ChecksGoals.All.Goal(id, rows);
            return (goal.Value!.Value, goal.Met);
        }
    }
}
