using System;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Platform;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Ranges of addresses that grow in place, over real memory.</summary>
public sealed unsafe class AddressRegionTests
{
    private static readonly nuint s_granule = PageHeap.RegionGranule;

    private readonly PageHeap* _heap;
    private readonly MemoryQuota* _quota;

    public AddressRegionTests()
    {
        MetadataAllocator* metadata = MetadataAllocator.Create();
        _heap = PageHeap.Create(metadata);
        _quota = metadata->Alloc<MemoryQuota>();
        _quota->Reset(RefusedBy.HeapMaximum);
    }

    [Fact]
    public void A_region_is_addresses_until_it_is_committed()
    {
        AddressRegion region = default;
        Assert.True(_heap->ReserveRegion(&region, (1 << 30) + 1));
        Assert.Equal((1 << 30) + s_granule, region.Reserved);
        Assert.Equal(new PageHeapTotals(region.Reserved, 0, 0, 0, 0), _heap->GetTotals());
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(region.Start, region.Reserved));
        Assert.False(region.Contains(region.Start));
        _heap->ReleaseRegion(&region, _quota);
    }

    [Fact]
    public void What_is_committed_is_zero_usable_and_counted_as_a_span()
    {
        AddressRegion region = default;
        Assert.True(_heap->ReserveRegion(&region, 1 << 26));
        byte* start = region.Start;
        for (nuint bytes = 1; bytes <= 1 << 26; bytes *= 3)
        {
            Assert.True(_heap->CommitRegion(&region, bytes, _quota));
            Assert.True(region.Start == start && region.Committed >= bytes && region.Committed % s_granule == 0);
            Assert.Equal(new PageHeapTotals(region.Reserved, region.Committed, region.Committed, 0, 0), _heap->GetTotals());
            Assert.Equal(0, start[bytes - 1]);
            start[bytes - 1] = 1;
        }

        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(start, region.Committed));
        Assert.True(region.Contains(start) && region.Contains(start + region.Committed - 1));
        Assert.False(region.Contains(start + region.Committed) || region.Contains(start - 1));
        _heap->ReleaseRegion(&region, _quota);
    }

    [Fact]
    public void Steps_are_an_eighth_between_a_granule_and_4_MiB_and_end_where_the_region_does()
    {
        AddressRegion region = default;
        Assert.True(_heap->ReserveRegion(&region, 100 << 20));
        while (region.Committed < region.Reserved)
        {
            nuint before = region.Committed;
            Assert.True(_heap->CommitRegion(&region, before + 1, _quota));
            nuint step = nuint.Clamp(before / 8, 64 << 10, 4 << 20);
            step = nuint.Min((step + s_granule - 1) & ~(s_granule - 1), region.Reserved - before);
            Assert.Equal(step, region.Committed - before);
        }

        _heap->ReleaseRegion(&region, _quota);
    }

    [Fact]
    public void What_is_decommitted_is_addresses_again_and_comes_back_as_zeros()
    {
        AddressRegion region = default;
        Assert.True(_heap->ReserveRegion(&region, 1 << 24));
        Assert.True(_heap->CommitRegion(&region, 1 << 24, _quota));
        new Span<byte>(region.Start, 1 << 24).Fill(0xff);

        _heap->DecommitRegion(&region, (2 * s_granule) + 1, _quota);
        Assert.Equal(new PageHeapTotals(1 << 24, 3 * s_granule, 3 * s_granule, 0, 0), _heap->GetTotals());
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(region.Start, region.Committed));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(region.Start + region.Committed, region.Reserved - region.Committed));
        _heap->DecommitRegion(&region, 3 * s_granule, _quota);
        Assert.Equal(3 * s_granule, region.Committed);

        Assert.True(_heap->CommitRegion(&region, 1 << 24, _quota));
        Assert.Equal(-1, new Span<byte>(region.Start, (int)(3 * s_granule)).IndexOfAnyExcept((byte)0xff));
        Assert.Equal(-1, new Span<byte>(region.Start + (3 * s_granule), (1 << 24) - (int)(3 * s_granule)).IndexOfAnyExcept((byte)0));
        _heap->ReleaseRegion(&region, _quota);
    }

    [Fact]
    public void A_released_region_leaves_nothing()
    {
        AddressRegion region = default;
        _heap->ReleaseRegion(&region, _quota);
        Assert.True(_heap->ReserveRegion(&region, 1 << 24));
        Assert.True(_heap->CommitRegion(&region, 1 << 20, _quota));
        AddressRegion released = region;
        _heap->ReleaseRegion(&region, _quota);
        Assert.True(region.Start == null && !region.Contains(released.Start));
        Assert.Equal(default, _heap->GetTotals());
        Assert.Equal(ProcessMap.Nothing, ProcessMap.AccessOf(released.Start, released.Reserved));
    }

    [Fact]
    public void More_addresses_than_there_are_change_nothing()
    {
        AddressRegion region = default;
        Assert.False(_heap->ReserveRegion(&region, (nuint)1 << 50));
        Assert.True(region.Start == null);
        Assert.Equal(default, _heap->GetTotals());
    }

    [Fact]
    public void Regions_and_spans_add_up()
    {
        AddressRegion region = default;
        PageSpan* span = _heap->Alloc(3, 1, 0, 0, mayGrow: true);
        PageHeapTotals spans = _heap->GetTotals();
        Assert.True(_heap->ReserveRegion(&region, 1 << 24));
        Assert.True(_heap->CommitRegion(&region, 1 << 20, _quota));
        Assert.Equal(
            new PageHeapTotals(spans.Reserved + region.Reserved, spans.Mapped + region.Committed, spans.Span + region.Committed, spans.Free, spans.Returned),
            _heap->GetTotals());
        _heap->ReleaseRegion(&region, _quota);
        Assert.Equal(spans, _heap->GetTotals());
        _heap->Free(span);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quotas_hold_to_the_byte_and_a_step_shrinks_to_what_they_leave(bool ofHeap)
    {
        MemoryQuota* quota = ofHeap ? _quota : &_heap->Quota;
        AddressRegion region = default;
        Assert.True(_heap->ReserveRegion(&region, 1 << 26));
        Assert.True(_heap->CommitRegion(&region, 1 << 22, _quota));
        nuint before = region.Committed;
        quota->Maximum = (long)(before + s_granule);
        Assert.False(_heap->CommitRegion(&region, before + s_granule + 1, _quota));
        Assert.Equal((long)before, _quota->Used);
        Assert.Equal((long)before, _heap->Quota.Used);
        Assert.Equal(ofHeap ? RefusedBy.HeapMaximum : RefusedBy.ProcessMaximum, Refusal.Last);

        // A step would be an eighth; there is room for a granule.
        Assert.True(_heap->CommitRegion(&region, before + 1, _quota));
        Assert.Equal(quota->Maximum, quota->Used);
        Assert.False(_heap->CommitRegion(&region, region.Committed + 1, _quota));
        _heap->DecommitRegion(&region, before, _quota);
        Assert.Equal((long)before, _quota->Used);
        _heap->ReleaseRegion(&region, _quota);
        Assert.Equal((0, 0), (_quota->Used, _heap->Quota.Used));
    }
}
