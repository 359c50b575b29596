using System;
using System.Linq;

using CsCheck;

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>The bits of a chunk, by table and against <see cref="FreeBits"/>.</summary>
public sealed unsafe class ChunkBitsTests
{
    private const int Pages = ChunkBits.PageCount;

    private static readonly int s_samples = LongTests.Scale(1_000, 20_000);

    // The runs of a chunk: in use, free, in use, and so on; the one after the last goes to the end. What is asked for; where it is.
    public static TheoryData<int[], int, int> RunsToFind => new()
    {
        { [], 1, -1 },
        { [0], 1, 0 },
        { [0], 512, 0 },
        { [0, 511], 512, -1 },
        { [0, 511], 511, 0 },
        { [1], 511, 1 },
        { [1], 512, -1 },
        { [511], 1, 511 },
        { [511], 2, -1 },
        { [63, 1], 1, 63 },
        { [63, 1], 2, -1 },
        { [63, 2], 2, 63 },
        { [63, 2], 3, -1 },
        { [60, 4, 1, 5], 4, 60 },
        { [60, 4, 1, 5], 5, 65 },
        { [64, 64], 64, 64 },
        { [64, 64], 65, -1 },
        { [10, 200, 1, 300], 200, 10 },
        { [10, 200, 1, 300], 201, 211 },
        { [10, 200, 1, 301], 302, -1 },
        { [1, 1, 1, 1, 1, 2, 1, 1], 2, 5 },
        { [62, 2, 64, 3], 3, 128 },
        { [127, 129], 129, 127 },
        { [127, 129], 130, -1 },
    };

    // The runs, as above; the summary.
    public static TheoryData<int[], uint, uint, uint> Summaries => new()
    {
        { [], 0, 0, 0 },
        { [0], 512, 512, 512 },
        { [1], 0, 511, 511 },
        { [0, 511], 511, 511, 0 },
        { [0, 64], 64, 64, 0 },
        { [0, 65], 65, 65, 0 },
        { [448], 0, 64, 64 },
        { [447], 0, 65, 65 },
        { [0, 1, 510], 1, 1, 1 },
        { [0, 1, 1, 64, 1], 1, 445, 445 },
        { [60, 8], 0, 8, 0 },
        { [100, 200, 100], 0, 200, 112 },
        { [0, 10, 3, 20, 400, 9], 10, 20, 0 },
        { [64, 384], 0, 384, 0 },
    };

    // Where to begin, how many.
    public static TheoryData<int, int> Ranges => new()
    {
        { 0, 1 }, { 0, 63 }, { 0, 64 }, { 0, 65 }, { 0, 512 }, { 63, 1 }, { 63, 2 }, { 64, 64 }, { 1, 510 }, { 1, 511 }, { 511, 1 }, { 60, 200 }, { 130, 0 },
    };

    [Theory]
    [MemberData(nameof(RunsToFind))]
    public void FindRun_finds_the_lowest(int[] runs, int count, int expected)
    {
        fixed (ulong* words = FreeBits.ToWords(FreeBits.Alternate(Pages, first: false, runs)))
        {
            Assert.Equal(expected, ChunkBits.FindRun(words, count));
        }
    }

    [Theory]
    [MemberData(nameof(Summaries))]
    public void Summarize_measures_the_runs(int[] runs, uint start, uint max, uint end)
    {
        fixed (ulong* words = FreeBits.ToWords(FreeBits.Alternate(Pages, first: false, runs)))
        {
            PageSummary summary = ChunkBits.Summarize(words);
            Assert.Equal((start, max, end), (summary.Start, summary.Max, summary.End));
        }
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Fill_touches_its_range_only(int first, int count)
    {
        bool[] expected = [.. Enumerable.Range(0, Pages).Select(i => i >= first && i < first + count)];
        AssertFill(new bool[Pages], first, count, free: true, expected);
        AssertFill([.. Enumerable.Repeat(true, Pages)], first, count, free: false, [.. expected.Select(bit => !bit)]);
    }

    [Fact]
    public void Fill_does_as_the_model() =>
        Gen.Select(FreeBits.Gen(Pages), Gen.Int[0, Pages - 1], Gen.Int[0, Pages], Gen.Bool).Sample(
            (before, first, length, free) =>
            {
                int count = int.Min(length, Pages - first);
                bool[] after = [.. before];
                Array.Fill(after, free, first, count);
                AssertFill(before, first, count, free, after);
            },
            iter: s_samples);

    [Fact]
    public void Summarize_does_as_the_model() =>
        FreeBits.Gen(Pages).Sample(
            free =>
            {
                fixed (ulong* words = FreeBits.ToWords(free))
                {
                    PageSummary summary = ChunkBits.Summarize(words);
                    Assert.Equal(FreeBits.Measure(free), (summary.Start, summary.Max, summary.End));
                    Assert.Equal(!free.Contains(true), summary.IsEmpty);
                }
            },
            iter: s_samples);

    [Fact]
    public void FindRun_does_as_the_model() =>
        Gen.Select(FreeBits.Gen(Pages), Gen.Frequency((3, Gen.Int[1, 20]), (2, Gen.Int[21, 140]), (1, Gen.Int[1, Pages]))).Sample(
            (free, count) =>
            {
                fixed (ulong* words = FreeBits.ToWords(free))
                {
                    Assert.Equal(FreeBits.FindRun(free, count), ChunkBits.FindRun(words, count));
                }
            },
            iter: s_samples);

    [Fact]
    public void Count_does_as_the_model() =>
        Gen.Select(FreeBits.Gen(Pages), Gen.Int[0, Pages - 1], Gen.Int[0, Pages]).Sample(
            (free, first, length) =>
            {
                int count = int.Min(length, Pages - first);
                fixed (ulong* words = FreeBits.ToWords(free))
                {
                    Assert.Equal(free.AsSpan(first, count).Count(true), ChunkBits.Count(words, first, count));
                }
            },
            iter: s_samples);

    [Fact]
    public void FindHighestRun_does_as_the_model() =>
        FreeBits.Gen(Pages).Where(free => free.Contains(true)).Sample(
            free =>
            {
                fixed (ulong* words = FreeBits.ToWords(free))
                {
                    int last = Array.LastIndexOf(free, true);
                    int first = Array.LastIndexOf(free, false, last) + 1;
                    Assert.Equal((first, last - first + 1), (ChunkBits.FindHighestRun(words, out int count), count));
                }
            },
            iter: s_samples);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void WholeGroups_does_as_the_model(int length) =>
        FreeBits.Gen(64).Sample(
            free =>
            {
                bool[] whole = [.. free.Select((_, i) => !free.AsSpan(i / length * length, length).Contains(false))];
                Assert.Equal(FreeBits.ToWords(whole)[0], ChunkBits.WholeGroups(FreeBits.ToWords(free)[0], length));
            },
            iter: s_samples);

    private static void AssertFill(bool[] before, int first, int count, bool free, bool[] after)
    {
        ulong[] actual = FreeBits.ToWords(before);
        fixed (ulong* words = actual)
        {
            ChunkBits.Fill(words, first, count, free);
        }

        Assert.Equal(FreeBits.ToWords(after), actual);
    }
}
