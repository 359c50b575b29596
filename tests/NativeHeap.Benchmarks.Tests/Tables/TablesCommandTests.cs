using System;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Tables;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Tables;

public sealed class TablesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cells_have_names_of_their_own_and_every_goal_has_some()
    {
        Assert.Equal(TableCell.All.Count, TableCell.All.DistinctBy(cell => cell.Name).Count());
        Assert.Equal(TablesGoals.All.Select(goal => goal.Id), TableCell.All.Select(cell => cell.Goal).OfType<string>().Distinct());
    }

    [Fact]
    public void Both_sides_of_a_cell_are_measured_in_processes_of_their_own()
    {
        string file = _folder.PathOf("tables.json");
        (int code, string output, string errors) = CommandProcess.Run("tables", "--quick", "--cells", "lookup/table/10k/64,bump/16", "--json", file);
        Assert.True(code == 0, output + errors);
        Report report = ResultFile.Read(file).Report;
        Assert.Equal(
            [("bump/16", Subject.BumpName), ("bump/16", Subject.NativeHeapName), ("lookup/table/10k/64", Subject.NativeHeapName), ("lookup/table/10k/64", TableCell.ArrayName)],
            report.Rows.Where(row => row.Unit == TablesGoals.Nanoseconds).Select(row => (row.Cell, row.Subject)).OrderBy(row => row.Cell, StringComparer.Ordinal).ThenBy(row => row.Subject, StringComparer.Ordinal));
        Assert.All(report.Rows, row => Assert.True(row.Value.Min > 0));
        Assert.All(report.Goals, goal => Assert.False(goal.Met));
    }

    [Fact]
    public void A_filled_table_or_pool_holds_what_its_handles_name()
    {
        const int Count = 2_000;
        using NativeTable<Block64> table = Filled.Table(Count, out NativeHandle<Block64>[] inTable);
        Assert.Equal(Count, table.Count);
        Assert.All(inTable, handle => Assert.True(table.Contains(handle)));
        Assert.False(table.Handles.SequenceEqual(inTable));

        using NativePool<Block64> pool = Filled.Pool(Count, out NativeHandle<Block64>[] inPool);
        Assert.Equal(Count, pool.Count);
        Assert.All(inPool, handle => Assert.True(pool.Contains(handle)));
        Assert.NotEqual(inPool.OrderBy(handle => handle.Index), inPool);
    }

    [Fact]
    public unsafe void A_pass_leaves_a_subject_as_it_was()
    {
        long live = Heap.GetProcessStatistics().LiveBytes;
        TableRunner[] runners = [new TableChurn<Block64>(1_000), new PoolChurn<Block64>(1_000), new TableLookup<Block64>(1_000), new PoolLookup<Block64>(1_000), new HeapDisposal<Block16>(), new FreeingSingly<Block16>(inOrder: false)];
        foreach (TableRunner runner in runners)
        {
            for (int pass = 0; pass < 3; pass++)
            {
                runner.Prepare();
                Assert.InRange(runner.Pass(), 1_000, 1_000_000);
            }
        }

        // The tables and pools stay; the objects of the heaps do not.
        Assert.InRange(Heap.GetProcessStatistics().LiveBytes - live, 0, 1_000_000);
    }
}
