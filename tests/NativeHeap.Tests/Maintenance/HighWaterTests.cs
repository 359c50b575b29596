using System.Collections.Generic;
using System.Linq;

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Central;
using NativeHeap.Threads;

using Xunit;

using static NativeHeap.Tests.Central.CentralFixture;

namespace NativeHeap.Tests.Maintenance;

/// <summary>What pays for memory that rises above its high-water mark, in which order, and that nothing pays below it.</summary>
public sealed unsafe class HighWaterTests
{
    private const nuint PageSize = SizeClass.PageSize;
    private const int LargeClass = SizeClass.Large;

    private readonly CentralFixture _fixture = new();
    private readonly Scavenger* _scavenger;

    public HighWaterTests()
    {
        MetadataAllocator* metadata = _fixture.Set->Metadata;
        _scavenger = Scavenger.Create(metadata, _fixture.Pages, _fixture.Indexes, ThreadRegistry.Create(metadata, _fixture.Set));
        _ = Large(1);
        Hold();
    }

    [Fact]
    public void Free_pages_pay_for_what_is_taken_elsewhere()
    {
        PageSpan* freed = Large(300);
        byte* start = freed->Base;
        _ = Large(1);
        Hold();
        _fixture.Pages->Free(freed);

        // Nothing goes back for what fits into it, or into what has been mapped and paid for.
        Assert.True(Large(20)->Base == start);
        Hold();
        Assert.Equal((nuint)0, Returned);

        _ = Large(350);
        Hold();
        Assert.InRange(Returned, 280 * PageSize, 280 * PageSize);
    }

    [Fact]
    public void No_more_goes_back_than_was_taken()
    {
        PageSpan* freed = Large(400);
        _ = Large(1);
        Hold();
        _fixture.Pages->Free(freed);
        _ = Large(401);
        Hold();
        Assert.Equal(400 * PageSize, Returned);
        PageSpan* back = Large(100);
        Hold();
        Assert.Equal(300 * PageSize, Returned);

        // What went back has made room below the mark.
        _fixture.Pages->Free(back);
        _ = Large(90);
        Hold();
        Assert.Equal(300 * PageSize, Returned);
    }

    [Fact]
    public void Kept_runs_pay_when_no_other_page_is_free()
    {
        PageSpan* kept = Large(2 * KeptRuns.MinPages);
        byte* start = kept->Base;
        PageSpan* freed = Large(100);
        _ = Large(1);
        Hold();
        _fixture.Pages->Free(kept);
        _fixture.Pages->Free(freed);
        _ = Large(60);
        Hold();
        Assert.Equal((nuint)0, Returned);
        _ = Large(2 * KeptRuns.MinPages / 4);
        Hold();
        Assert.InRange(Returned, 2 * KeptRuns.MinPages / 4 * PageSize, ((2 * KeptRuns.MinPages / 4) + 1) * PageSize);

        // Its place is still its own.
        Assert.True(Large(2 * KeptRuns.MinPages)->Base == start);
    }

    [Fact]
    public void Holes_pay_when_no_page_is_free()
    {
        CentralCache* central = _fixture.Central(8192);
        List<nint> slots = Take(central, 160);
        Hold();

        // Every other one; twice, so that the spans have been left alone from one search to the next.
        Assert.Equal(0, Give(central, [.. slots.Where((_, index) => index % 2 == 0)]));
        _ = Large(50);
        Hold();
        Assert.Equal(0, central->GetCounts().PurgedBytes);
        _ = Large(50);
        Hold();
        Assert.InRange(central->GetCounts().PurgedBytes, 50 * 8192, 80 * 8192);
    }

    [Fact]
    public void Depots_pay_last_and_no_more_than_is_owed()
    {
        CentralCache* central = _fixture.Central(4096);
        List<nint> slots = Take(central, 512);
        Hold();
        foreach (nint[] part in slots.Chunk(central->MagazineCapacity))
        {
            Magazine* magazine = Fill(central, part);
            Assert.True(central->GiveToDepot(magazine) != null);
        }

        long parked = central->DepotBytes;
        Assert.Equal(512 * 4096, parked);
        _ = Large(64);
        Hold();
        Assert.InRange(parked - central->DepotBytes, 64 * 8192, (64 * 8192) + (64 * 1024));
        Assert.InRange(Returned, 48 * PageSize, 72 * PageSize);
    }

    private nuint Returned => _fixture.Pages->GetTotals().Returned;

    private void Hold() => _scavenger->HoldHighWater(_fixture.Set);

    private PageSpan* Large(nuint pages)
    {
        PageSpan* span = _fixture.Pages->Alloc(pages, 1, LargeClass, _fixture.Set->Index, mayGrow: true);
        Assert.True(span != null);
        return span;
    }
}
