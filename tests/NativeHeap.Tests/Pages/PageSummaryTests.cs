using System;
using System.Linq;

using CsCheck;

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Summaries: the packing, and joining against the concatenated bits.</summary>
public sealed unsafe class PageSummaryTests
{
    private const uint Whole = 1u << PageSummary.MaxShift;

    [Theory]
    [InlineData(0u, 0u, 0u)]
    [InlineData(1u, 1u, 1u)]
    [InlineData(1u, 2u, 0u)]
    [InlineData(512u, 512u, 512u)]
    [InlineData(0u, Whole - 1, Whole - 1)]
    [InlineData(Whole - 1, Whole - 1, 0u)]
    [InlineData(Whole / 2, Whole / 2, (Whole / 2) - 1)]
    [InlineData(Whole, Whole, Whole)]
    public void What_is_packed_is_read_back(uint start, uint max, uint end)
    {
        PageSummary summary = new(start, max, end);
        Assert.Equal((start, max, end), (summary.Start, summary.Max, summary.End));
        Assert.Equal(max == 0, summary.IsEmpty);
        Assert.True(summary.Equals(new PageSummary(start, max, end)));
        Assert.False(summary.Equals(new PageSummary(start, max ^ 1, end)));
    }

    [Fact]
    public void Memory_never_touched_says_that_nothing_is_free()
    {
        Assert.True(default(PageSummary).IsEmpty);
        Assert.True(default(PageSummary).Equals(new PageSummary(0, 0, 0)));
    }

    [Fact]
    public void Join_is_the_summary_of_the_stretches_side_by_side() =>
        Gen.Select(Gen.Int[1, 8], Gen.OneOf(1, 2, 3, 64))
            .SelectMany((count, pages) => FreeBits.Gen(count * pages).Select(free => (count, pages, free)))
            .Sample(
                row =>
                {
                    PageSummary* parts = stackalloc PageSummary[row.count];
                    for (int i = 0; i < row.count; i++)
                    {
                        (uint start, uint max, uint end) = FreeBits.Measure(row.free.AsSpan(i * row.pages, row.pages));
                        parts[i] = new PageSummary(start, max, end);
                    }

                    PageSummary joined = IPageSummary<PageSummary>.Join(parts, row.count, (uint)row.pages);
                    Assert.Equal(FreeBits.Measure(row.free), (joined.Start, joined.Max, joined.End));
                },
                iter: LongTests.Scale(3_000, 100_000));

    [Fact]
    public void Stretches_of_every_level_join_when_all_is_free()
    {
        PageSummary* parts = stackalloc PageSummary[8];
        for (uint pages = 512; pages < Whole; pages *= 8)
        {
            new Span<PageSummary>(parts, 8).Fill(new PageSummary(pages, pages, pages));
            PageSummary joined = IPageSummary<PageSummary>.Join(parts, 8, pages);
            Assert.Equal((8 * pages, 8 * pages, 8 * pages), (joined.Start, joined.Max, joined.End));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(777u)]
    [InlineData((Whole / 8) - 1)]
    [InlineData(Whole / 8)]
    [InlineData(Whole / 2)]
    [InlineData(Whole - 2)]
    [InlineData(Whole - 1)]
    public void The_largest_stretch_with_one_page_in_use(uint used)
    {
        const uint Part = Whole / 8;
        PageSummary* parts = stackalloc PageSummary[8];
        new Span<PageSummary>(parts, 8).Fill(new PageSummary(Part, Part, Part));
        uint before = used % Part;
        uint behind = Part - before - 1;
        parts[used / Part] = new PageSummary(before, uint.Max(before, behind), behind);

        PageSummary joined = IPageSummary<PageSummary>.Join(parts, 8, Part);
        Assert.Equal((used, uint.Max(used, Whole - used - 1), Whole - used - 1), (joined.Start, joined.Max, joined.End));
    }

    [Fact]
    public void Joining_is_the_same_in_one_step_and_in_two() =>
        FreeBits.Gen(64 * 64).Sample(
            free =>
            {
                PageSummary* parts = stackalloc PageSummary[64];
                PageSummary* groups = stackalloc PageSummary[8];
                foreach (int i in Enumerable.Range(0, 64))
                {
                    (uint start, uint max, uint end) = FreeBits.Measure(free.AsSpan(i * 64, 64));
                    parts[i] = new PageSummary(start, max, end);
                }

                for (int i = 0; i < 8; i++)
                {
                    groups[i] = IPageSummary<PageSummary>.Join(parts + (8 * i), 8, 64);
                }

                Assert.True(IPageSummary<PageSummary>.Join(groups, 8, 512).Equals(IPageSummary<PageSummary>.Join(parts, 64, 64)));
            },
            iter: LongTests.Scale(500, 20_000));
}
