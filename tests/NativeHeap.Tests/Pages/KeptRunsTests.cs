using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Freed large runs that wait for the next large object.</summary>
public sealed unsafe class KeptRunsTests
{
    private const int Mebibyte = (1 << 20) / SizeClass.PageSize;
    private const int LargeClass = SizeClass.Large;

    private readonly PageHeap* _heap = PageHeap.Create(MetadataAllocator.Create());

    [Fact]
    public void A_large_run_is_not_cut_up_for_small_spans_until_it_has_cost_an_eighth_of_its_size()
    {
        byte* run = FreeRun(64 * Mebibyte);
        nuint mapped = _heap->MappedBytes;
        PageSpan* small = Alloc(4);
        while (!IsIn(small, run, 64 * Mebibyte))
        {
            Assert.InRange(_heap->MappedBytes - mapped, 0u, (8u << 20) + ChunkBits.ByteCount);
            small = Alloc(4);
        }

        Assert.InRange(_heap->MappedBytes - mapped, 8u << 20, (8u << 20) + ChunkBits.ByteCount);
    }

    [Theory]
    [InlineData(12, 12, true)]
    [InlineData(12, 8, true)]
    [InlineData(12, 6, true)]
    [InlineData(12, 5, false)]
    [InlineData(12, 13, false)]
    [InlineData(4, 4, true)]
    public void A_large_object_takes_a_kept_run_that_is_at_most_twice_as_long(int kept, int wanted, bool takes)
    {
        // Something else that would serve, at lower addresses of the same arena.
        PageSpan*[] others = new PageSpan*[20];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = Alloc(Mebibyte);
        }

        byte* run = FreeRun(kept * Mebibyte);
        foreach (PageSpan* other in others)
        {
            _heap->Free(other);
        }

        nuint free = _heap->GetTotals().Free;
        PageSpan* span = Alloc(wanted * Mebibyte);
        Assert.Equal(takes, span->Base == run);
        Assert.Equal(free - span->ByteCount, _heap->GetTotals().Free);
        AssertAddsUp();
    }

    [Fact]
    public void The_shortest_of_those_that_suffice_is_taken()
    {
        PageSpan*[] spans = [Alloc(30 * Mebibyte), Alloc(20 * Mebibyte), Alloc(25 * Mebibyte)];
        byte*[] runs = [spans[0]->Base, spans[1]->Base, spans[2]->Base];
        foreach (PageSpan* span in spans)
        {
            _heap->Free(span);
        }

        Assert.True(Alloc(18 * Mebibyte)->Base == runs[1]);
        Assert.True(Alloc(18 * Mebibyte)->Base == runs[2]);
        Assert.True(Alloc(18 * Mebibyte)->Base == runs[0]);
        AssertAddsUp();
    }

    [Fact]
    public void Kept_runs_join_their_neighbours_when_a_larger_object_needs_them()
    {
        PageSpan*[] spans = new PageSpan*[8];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = Alloc(8 * Mebibyte);
        }

        byte* first = spans[0]->Base;
        Assert.True(spans[7]->Base == first + (56 << 20));
        foreach (PageSpan* span in spans)
        {
            _heap->Free(span);
        }

        nuint mapped = _heap->MappedBytes;
        Assert.True(Alloc(64 * Mebibyte)->Base == first);
        Assert.Equal(mapped, _heap->MappedBytes);
        AssertAddsUp();
    }

    [Fact]
    public void More_runs_than_there_is_room_for_are_not_lost()
    {
        PageSpan*[] spans = new PageSpan*[40];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = Alloc(4 * Mebibyte);
        }

        nuint mapped = _heap->MappedBytes;
        nuint free = _heap->GetTotals().Free;
        foreach (PageSpan* span in spans)
        {
            _heap->Free(span);
        }

        Assert.Equal(free + (160u << 20), _heap->GetTotals().Free);
        for (int i = 0; i < spans.Length; i++)
        {
            _ = Alloc(4 * Mebibyte);
        }

        Assert.Equal(mapped, _heap->MappedBytes);
        Assert.Equal(free, _heap->GetTotals().Free);
        AssertAddsUp();
    }

    [Fact]
    public void A_run_that_comes_back_when_there_is_no_room_any_more_is_the_page_allocators()
    {
        Assert.SkipWhen(ArenaLayout.IsContiguous, "The arenas are at addresses of the test's choice.");

        // Some of its memory has been given back meanwhile, without the lock, and other runs were freed.
        const nuint Run = KeptRuns.MinPages;
        using SparseArenas arenas = new();
        arenas.AddFor(HeapArena.PageCount, 20 * Run);
        arenas.Pages->Free(HeapArena.PageCount, 20 * Run);
        KeptRuns runs = default;
        nuint kept;
        do
        {
            kept = runs.PageCount;
            runs.Keep(TakeRun(), ref *arenas.Pages);
        }
        while (runs.PageCount != kept);

        nuint free = arenas.Pages->FreePages;
        runs.PutBack(TakeRun(), ref *arenas.Pages);
        Assert.Equal((free, kept), (arenas.Pages->FreePages, runs.PageCount));

        KeptRun TakeRun() => new(arenas.Pages->Alloc(Run), Run, Stamp: 0);
    }

    [Fact]
    public void Each_run_keeps_the_time_of_its_own_free_when_another_is_put_back_before_it()
    {
        Assert.SkipWhen(ArenaLayout.IsContiguous, "The arenas are at addresses of the test's choice.");
        const nuint Run = KeptRuns.MinPages;
        const nuint Now = 1 << 30;
        const nuint Share = (Run << SizeClass.PageShift) / 8;
        using SparseArenas arenas = new();
        arenas.AddFor(HeapArena.PageCount, 4 * Run);
        KeptRuns runs = default;
        runs.Keep(new KeptRun(HeapArena.PageCount, Run, Now - Share), ref *arenas.Pages);
        runs.Keep(new KeptRun(HeapArena.PageCount + Run, Run, Now - Share + 1), ref *arenas.Pages);
        runs.PutBack(new KeptRun(HeapArena.PageCount + (2 * Run), Run, Now), ref *arenas.Pages);

        // The first has cost its share by now.
        Assert.True(runs.Release(Now, ref *arenas.Pages));
        Assert.Equal([(HeapArena.PageCount, Run)], arenas.FreeRuns());
        Assert.Equal(2 * Run, runs.PageCount);
        Assert.False(runs.Release(Now, ref *arenas.Pages));
    }

    [Fact]
    public void At_a_limit_small_spans_are_cut_from_what_is_kept()
    {
        byte* run = FreeRun(8 * Mebibyte);
        while (_heap->Alloc(1, 1, LargeClass, 0, mayGrow: false) != null)
        {
        }

        _heap->Quota.Maximum = _heap->Quota.Used;
        Assert.True(IsIn(Alloc(1), run, 8 * Mebibyte));
    }

    private static bool IsIn(PageSpan* span, byte* run, int pages) => span->Base >= run && span->Base < run + ((nuint)pages << SizeClass.PageShift);

    private PageSpan* Alloc(int pages)
    {
        PageSpan* span = _heap->Alloc((nuint)pages, 1, LargeClass, 0, mayGrow: true);
        Assert.True(span != null);
        return span;
    }

    private byte* FreeRun(int pages)
    {
        PageSpan* span = Alloc(pages);
        byte* run = span->Base;
        _heap->Free(span);
        return run;
    }

    private void AssertAddsUp()
    {
        PageHeapTotals totals = _heap->GetTotals();
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
    }
}
