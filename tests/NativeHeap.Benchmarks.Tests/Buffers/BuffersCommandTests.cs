using System;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Buffers;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Buffers;

public sealed class BuffersCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cells_have_names_of_their_own_and_every_goal_has_both_sides_of_each()
    {
        Assert.Equal(BufferCell.All.Count, BufferCell.All.DistinctBy(cell => cell.Name).Count());
        Assert.Equal([BuffersGoals.Worst, BuffersGoals.HandOff], BufferCell.All.Select(cell => cell.Goal).OfType<string>().Distinct());
        Assert.All(BufferCell.All, cell => Assert.Equal([Subject.NativeHeapName, Subject.ArrayPoolName], cell.Subjects.Where(subject => subject is Subject.NativeHeapName or Subject.ArrayPoolName)));
    }

    [Fact]
    public void Kestrels_pool_is_measured_where_its_one_length_is_asked_for()
        => Assert.Equal(
            ["pair/4096", "write/4096", "batch/100/4096", "batch/1k/4096", "cross/4096"],
            BufferCell.All.Where(cell => cell.Subjects.Contains(BufferSubjects.KestrelName)).Select(cell => cell.Name));

    [Fact]
    public void All_subjects_of_a_cell_are_measured_and_the_bytes_of_one()
    {
        string file = _folder.PathOf("buffers.json");
        (int code, string output, string errors) = CommandProcess.Run("buffers", "--quick", "--cells", "pair/4096,handoff/object", "--json", file);
        Assert.True(code == 0, output + errors);
        Report report = ResultFile.Read(file).Report;
        Assert.Equal(
            [.. BufferSubjects.All.Select(subject => ("pair/4096", subject)), ("handoff/object/64", Subject.NativeHeapName), ("handoff/object/64", Subject.ArrayPoolName)],
            report.Rows.Where(row => row.Unit == BuffersGoals.Nanoseconds).Select(row => (row.Cell, row.Subject)));
        Assert.All(report.Rows.Where(row => row.Unit == BuffersGoals.Nanoseconds), row => Assert.True(row.Value.Min > 0));
        Assert.Equal(
            [("pair/4096", Subject.NativeHeapName, 0), ("handoff/object/64", Subject.NativeHeapName, 0)],
            report.Rows.Where(row => row.Unit == BuffersGoals.Bytes).Select(row => (row.Cell, row.Subject, row.Value.Max)));
        Assert.All(report.Goals, goal => Assert.False(goal.Met));
        Assert.Contains(BufferSubjects.StreamName, report.Versions);
        Assert.Contains(BufferSubjects.DotNextName, report.Versions);
    }

    [Fact]
    public void Every_subject_hands_out_what_it_must_in_every_cell()
        => Assert.All(
            from cell in BufferCell.All
            where cell.Name.EndsWith("/4096", StringComparison.Ordinal) || !cell.Name.Any(char.IsDigit) || cell.Goal == BuffersGoals.HandOff
            from subject in cell.Subjects
            select cell.Runner(subject),
            runner => runner.Check());

    [Fact]
    public void A_pass_returns_every_buffer_that_it_rents()
        => Assert.All(
            BufferCell.All.Where(cell => cell.Goal == BuffersGoals.Worst || cell.Name == "mixed"),
            cell => LeavesAsItWas(cell, () => NativeMemoryPool.Shared.GetStatistics().RentedBuffers));

    [Fact]
    public void A_pass_frees_every_object_that_it_hands_over()
        => Assert.All(
            BufferCell.All.Where(cell => cell.Goal == BuffersGoals.HandOff),
            cell => LeavesAsItWas(cell, () => Heap.GetProcessStatistics().LiveBytes));

    [Fact]
    public void A_pool_whose_buffers_are_too_short_is_found_out()
        => Assert.Contains("63 bytes where 64", Assert.Throws<FaultException>(new PairRunner<ShortBuffers, ArrayItem>(64).Check).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pool_that_hands_one_buffer_out_twice_is_found_out()
        => Assert.Contains("does not hold", Assert.Throws<FaultException>(new BatchRunner<SameBuffer, ArrayItem>(64, 100).Check).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_byte_of_an_operation_is_counted()
        => Assert.InRange(new PairRunner<NewBuffers, ArrayItem>(8).CountBytes(), 10_000_000 * 32L, 10_020_000 * 32L);

    private static void LeavesAsItWas(BufferCell cell, Func<long> count)
    {
        BufferRunner runner = cell.Runner(Subject.NativeHeapName);
        long before = count();
        for (int pass = 0; pass < 3; pass++)
        {
            Assert.InRange(runner.Pass(), 4_000, 50_000);
        }

        Assert.Equal(before, count());
    }

    private readonly struct ShortBuffers : IBuffers<ArrayItem>
    {
        public static ArrayItem Rent(int length) => new(new byte[length - 1]);

        public static void Return(ArrayItem item)
        {
        }

        public static Span<byte> SpanOf(ArrayItem item) => item.Array;
    }

    private readonly struct SameBuffer : IBuffers<ArrayItem>
    {
        private static readonly ArrayItem s_same = new(new byte[64]);

        public static ArrayItem Rent(int length) => s_same;

        public static void Return(ArrayItem item)
        {
        }

        public static Span<byte> SpanOf(ArrayItem item) => item.Array;
    }

    private readonly struct NewBuffers : IBuffers<ArrayItem>
    {
        private static byte[] s_last = [];

        public static ArrayItem Rent(int length) => new(s_last = new byte[length]);

        public static void Return(ArrayItem item)
        {
        }

        public static Span<byte> SpanOf(ArrayItem item) => item.Array;
    }
}
