using System.Collections.Generic;
using System.Linq;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Faults;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Spans that never come back, beside others.</summary>
public sealed unsafe class PageHeapIsolatedTests
{
    private const nuint PageSize = SizeClass.PageSize;
    private const nuint Block = 256 * 1024;

    private static readonly int s_class = SizeClass.ToSpanClass(SizeClass.ClassOf(256), noScan: true);

    [Fact]
    public void They_lie_at_the_end_of_a_reservation_and_each_is_mapped_when_it_is_taken()
    {
        PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
        PageSpan* other = heap->Alloc(1, 1, SizeClass.Large, 0, mayGrow: true);
        PageHeapTotals before = heap->GetTotals();
        Assert.True(heap->AllocIsolated(3, s_class, 5, mayGrow: false, SlotDetail.None) == null);
        Assert.Equal(before, heap->GetTotals());
        PageSpan* span = heap->AllocIsolated(3, s_class, 5, mayGrow: true, SlotDetail.None);
        Assert.Equal(before with { Mapped = before.Mapped + (3 * PageSize), Span = before.Span + (3 * PageSize) }, heap->GetTotals());
        Assert.Equal((SpanState.Slots, (ushort)5, false), (span->State, span->HeapIndex, span->NeedsZeroing));
        Assert.True(span->Base > other->Base && heap->Map.SpanOf(span->Base + 100, 5) == span);
        new System.Span<byte>(span->Base, (int)span->ByteCount).Fill(1);
        PageSpan* next = heap->AllocIsolated(16, s_class, 6, mayGrow: true, SlotDetail.Marks);
        Assert.True(next->Base == span->Base + span->ByteCount && next->IsMarked);
    }

    [Fact]
    public void No_page_of_theirs_is_ever_anothers_whatever_is_taken_and_freed_beside_them()
    {
        PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
        System.Random random = new(3);
        HashSet<nuint> isolated = [];
        HashSet<nuint> others = [];
        List<nint> live = [];
        for (int i = 0; i < 6_000; i++)
        {
            nuint pages = (nuint)(1 + random.Next(16));
            switch (random.Next(3))
            {
                case 0:
                    PageSpan* own = heap->AllocIsolated(pages, s_class, 1, mayGrow: true, SlotDetail.None);
                    Note(isolated, own);
                    break;
                case 1:
                    PageSpan* span = heap->Alloc(random.Next(100) == 0 ? 5_000 : pages, 1, SizeClass.Large, 0, mayGrow: true);
                    Note(others, span);
                    live.Add((nint)span);
                    break;
                default:
                    if (live.Count > 0)
                    {
                        int at = random.Next(live.Count);
                        _ = heap->Free((PageSpan*)live[at]);
                        live.RemoveAt(at);
                    }

                    break;
            }
        }

        Assert.True(isolated.Count > 10_000 && others.Count > 10_000);
        Assert.False(isolated.Overlaps(others));
        PageHeapTotals totals = heap->GetTotals();
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
        Assert.Equal((nuint)isolated.Count * PageSize, totals.Span - (nuint)live.Sum(static each => (long)((PageSpan*)each)->ByteCount));

        static void Note(HashSet<nuint> pages, PageSpan* span)
        {
            for (nuint page = span->FirstPage; page < span->FirstPage + span->PageCount; page++)
            {
                Assert.True(pages.Add(page) || span->State == SpanState.Large);
            }
        }
    }

    [Fact]
    public void A_reservation_with_too_little_left_is_passed_over()
    {
        Assert.SkipWhen(ArenaLayout.IsContiguous, "There is one reservation.");
        PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
        nuint whole = HeapArena.Size / PageSize;
        nuint block = Block / PageSize;

        // Two blocks are left of the first reservation, and one of the next.
        PageSpan* first = heap->Alloc(whole - (2 * block), 1, SizeClass.Large, 0, mayGrow: true);
        PageSpan* second = heap->Alloc(whole - block, 1, SizeClass.Large, 0, mayGrow: true);
        Assert.Equal(2 * HeapArena.Size, heap->GetTotals().Reserved);
        PageSpan* span = heap->AllocIsolated(2 * block, s_class, 1, mayGrow: true, SlotDetail.None);
        Assert.True(span->Base == first->Base + first->ByteCount);

        // The first is used up with that, and out of the list that both were in; so is the second then.
        PageSpan* last = heap->AllocIsolated(block, s_class, 1, mayGrow: true, SlotDetail.None);
        Assert.True(last->Base == second->Base + second->ByteCount);
        Assert.Equal(2 * HeapArena.Size, heap->GetTotals().Reserved);
        for (nuint reserved = 3; reserved < 6; reserved++)
        {
            Assert.True(heap->Alloc(whole - block, 1, SizeClass.Large, 0, mayGrow: true) != null);
            Assert.Equal(reserved * HeapArena.Size, heap->GetTotals().Reserved);
        }
    }

    [Fact]
    public void Each_refusal_leaves_the_totals_as_they_were()
    {
        // Side by side, arenas are reserved when the page heap is made.
        SystemCall[] reserve = ArenaLayout.IsContiguous ? [] : [SystemCall.Reserve];
        foreach (SystemCall call in (SystemCall[])[.. reserve, SystemCall.Map, SystemCall.Used, SystemCall.Metadata])
        {
            for (int number = 1; number < 4; number++)
            {
                PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
                FaultySystem system = new();
                FaultInjection.Armed = system;
                try
                {
                    system.Refuse(new FaultPlan(call, FaultMode.From, number, 0));
                    PageHeapTotals before = default;
                    PageSpan* span = null;
                    do
                    {
                        before = heap->GetTotals();
                        span = heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None);
                    }
                    while (span != null && heap->GetTotals().Mapped < 8 * HeapArena.Size);

                    Assert.True(span == null, $"{call} {number}: there was no refusal.");
                    PageHeapTotals after = heap->GetTotals();
                    Assert.Equal((before.Mapped, before.Span, before.Free), (after.Mapped, after.Span, after.Free));
                    Assert.Equal((long)after.Mapped, heap->Quota.Used);
                    system.Relent();
                    Assert.True(heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None) != null);
                }
                finally
                {
                    FaultInjection.Armed = null;
                }
            }
        }
    }

    [Fact]
    public void Reservations_that_are_refused_cost_nothing()
    {
        Assert.SkipWhen(ArenaLayout.IsContiguous, "Nothing is reserved later.");
        MetadataAllocator* metadata = MetadataAllocator.Create();
        PageHeap* heap = PageHeap.Create(metadata);
        FaultySystem system = new();
        FaultInjection.Armed = system;
        try
        {
            system.Refuse(new FaultPlan(SystemCall.Reserve, FaultMode.From, 1, 0));
            Assert.True(heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None) == null);
            nuint bytes = metadata->Bytes;
            for (int i = 0; i < 100; i++)
            {
                Assert.True(heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None) == null);
            }

            Assert.Equal(bytes, metadata->Bytes);
        }
        finally
        {
            FaultInjection.Armed = null;
        }
    }

    [Fact]
    public void Where_no_whole_arena_is_to_be_had_less_is_reserved()
    {
        Assert.SkipWhen(ArenaLayout.IsContiguous, "Nothing is reserved later.");
        PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
        FaultySystem system = new();
        FaultInjection.Armed = system;
        try
        {
            system.Refuse(new FaultPlan(SystemCall.Reserve, FaultMode.Once, 1, 0));
            Assert.True(heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None) != null);
            Assert.Equal((1, ChunkBits.ByteCount), (system.Refused, heap->GetTotals().Reserved));
        }
        finally
        {
            FaultInjection.Armed = null;
        }
    }

    [Fact]
    public void The_limit_of_the_process_holds_for_them()
    {
        PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
        heap->Quota.Maximum = (long)(2 * Block);
        int spans = 0;
        while (heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None) != null)
        {
            spans++;
        }

        Assert.Equal(16, spans);
        Assert.Equal(heap->Quota.Maximum, heap->Quota.Used);
        heap->Quota.Maximum *= 2;
        Assert.True(heap->AllocIsolated(4, s_class, 1, mayGrow: true, SlotDetail.None) != null);
    }
}
