using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>When memory is above its high-water mark, by how much, and what is given back for it. Counts alone: memory that nobody touches costs none.</summary>
public sealed unsafe class HighWaterTests
{
    private const nuint PageSize = SizeClass.PageSize;
    private const nuint Mebibyte = 1 << 20;
    private const int LargeClass = SizeClass.Large;

    private readonly PageHeap* _heap = PageHeap.Create(MetadataAllocator.Create());

    public HighWaterTests()
    {
        _ = Alloc(1);
        _heap->RaiseHighWater(paid: 0);
    }

    [Fact]
    public void Memory_rises_by_pages_that_are_taken_for_the_first_time()
    {
        PageSpan* span = Alloc(100);
        Assert.True(_heap->IsOverHighWater);
        AssertOver(100 * PageSize);
        _heap->RaiseHighWater(paid: 0);
        Assert.False(_heap->IsOverHighWater);
        AssertOver(0);

        // What has memory already raises nothing.
        _heap->Free(span);
        span = Alloc(100);
        AssertOver(0);
        _ = Alloc(50);
        AssertOver(50 * PageSize);
    }

    [Fact]
    public void A_little_is_let_pass_until_it_is_more()
    {
        _ = Alloc(4);
        AssertOver(0);
        _ = Alloc(1);
        AssertOver(0);
        _ = Alloc(20);
        AssertOver(25 * PageSize);
    }

    [Fact]
    public void Memory_falls_by_what_is_given_back_and_may_rise_again_to_the_mark()
    {
        PageSpan* span = Alloc(200);
        _heap->RaiseHighWater(paid: 0);
        _heap->Free(span);
        Assert.Equal(200 * PageSize, Return(PassReach.Resident, nuint.MaxValue));
        _ = Alloc(200);
        AssertOver(0);
        _ = Alloc(60);
        AssertOver(60 * PageSize);
    }

    [Fact]
    public void What_has_never_been_used_has_no_memory_to_give()
    {
        PageSpan* span = Alloc(10);
        Assert.NotEqual((nuint)0, _heap->GetTotals().Free);
        Assert.Equal((nuint)0, Return(PassReach.Resident, nuint.MaxValue));
        _heap->Free(span);
        Assert.Equal(10 * PageSize, Return(PassReach.Resident, nuint.MaxValue));

        // If it goes back all the same, it is not counted twice.
        Assert.NotEqual((nuint)0, Return(PassReach.Full, nuint.MaxValue));
        _heap->RaiseHighWater(paid: 0);
        _ = Alloc(100);
        AssertOver(100 * PageSize);
    }

    [Fact]
    public void Of_a_run_no_more_goes_back_than_is_wanted_and_that_from_its_end()
    {
        PageSpan* span = Alloc(100);
        byte* start = span->Base;
        _ = Alloc(1);
        _heap->Free(span);
        Assert.Equal(10 * PageSize, Return(PassReach.Resident, (10 * PageSize) - 1));
        Assert.Equal(10 * PageSize, _heap->GetTotals().Returned);
        span = Alloc(90);
        Assert.True(span->Base == start);
        Assert.Equal(10 * PageSize, _heap->GetTotals().Returned);
    }

    [Fact]
    public void A_kept_run_gives_its_end_and_stays_whole()
    {
        PageSpan* span = Alloc(8 * Mebibyte / PageSize);
        byte* start = span->Base;
        *start = 1;
        start[(8 * Mebibyte) - 1] = 2;
        _heap->RaiseHighWater(paid: 0);
        _heap->Free(span);
        Assert.Equal(Mebibyte, _heap->ReturnKept(Mebibyte));
        Assert.Equal(2 * Mebibyte, _heap->ReturnKept(2 * Mebibyte));
        Assert.Equal(3 * Mebibyte, _heap->GetTotals().Returned);
        AssertAddsUp();
        Assert.Equal(4 * Mebibyte, _heap->ReturnKept(nuint.MaxValue));
        Assert.Equal(Mebibyte, _heap->ReturnKept(nuint.MaxValue));
        Assert.Equal((nuint)0, _heap->ReturnKept(nuint.MaxValue));
        Assert.Equal(8 * Mebibyte, _heap->GetTotals().Returned);

        span = Alloc(8 * Mebibyte / PageSize);
        Assert.True(span->Base == start);
        Assert.False(span->NeedsZeroing);
        Assert.Equal((0, 0), (*start, start[(8 * Mebibyte) - 1]));
        Assert.Equal((nuint)0, _heap->GetTotals().Returned);
        AssertOver(0);
        AssertAddsUp();
    }

    [Fact]
    public void The_run_kept_longest_gives_first_and_one_with_all_its_memory_is_taken_first()
    {
        PageSpan*[] spans = [Alloc(1_000), Alloc(1_010), Alloc(1_020)];
        byte*[] runs = [spans[0]->Base, spans[1]->Base, spans[2]->Base];
        foreach (PageSpan* span in spans)
        {
            _heap->Free(span);
        }

        Assert.Equal(1_000 * PageSize, _heap->ReturnKept(nuint.MaxValue) + _heap->ReturnKept(nuint.MaxValue));
        Assert.True(Alloc(1_000)->Base == runs[1]);
        Assert.True(Alloc(1_000)->Base == runs[2]);
        Assert.True(Alloc(1_000)->Base == runs[0]);
    }

    [Fact]
    public void No_more_goes_back_than_one_and_a_half_times_what_was_obtained()
    {
        _ = Alloc(100);
        AssertOver(100 * PageSize);
        _heap->RaiseHighWater(paid: 1 << 30);
        _ = Alloc(100);
        AssertOver(0);
    }

    [Fact]
    public void The_allocators_own_structures_count()
    {
        MetadataAllocator* metadata = MetadataAllocator.Create();
        PageHeap* heap = PageHeap.Create(metadata);
        heap->RaiseHighWater(paid: 0);
        _ = metadata->Alloc(100 * 1024);
        Assert.Equal((nuint)(100 * 1024), heap->GetOverBytes());
    }

    // Beside pages, the spans' structures count.
    private void AssertOver(nuint expected) => Assert.InRange(_heap->GetOverBytes(), expected, expected == 0 ? 0 : expected + 4096);

    private PageSpan* Alloc(nuint pages)
    {
        PageSpan* span = _heap->Alloc(pages, 1, LargeClass, 0, mayGrow: true);
        Assert.True(span != null);
        return span;
    }

    private nuint Return(PassReach reach, nuint atMost)
    {
        nuint given = 0;
        nuint free = _heap->GetTotals().Free;
        for (nuint end = ScavengeIndex.PassStart; end != 0;)
        {
            given += _heap->ReturnRun(ref end, reach, keep: nuint.Max(free, atMost) - atMost);
        }

        return given;
    }

    private void AssertAddsUp()
    {
        PageHeapTotals totals = _heap->GetTotals();
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
    }
}
