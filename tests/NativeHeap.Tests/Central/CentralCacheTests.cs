using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

using static NativeHeap.Tests.Central.CentralFixture;

namespace NativeHeap.Tests.Central;

/// <summary>Slots out of spans and back.</summary>
public sealed unsafe class CentralCacheTests
{
    private readonly CentralFixture _fixture = new();

    public static TheoryData<int> Sizes => [8, 16, 24, 48, 512, 1152, 4096, 9472, 27264, 32768];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Slots_come_in_the_order_of_their_addresses(int size)
    {
        CentralCache* central = _fixture.Central(size);
        int perSpan = SlotsPerSpan(central);
        List<nint> slots = Take(central, perSpan);
        for (int i = 0; i < perSpan; i++)
        {
            Assert.Equal(slots[0] + ((nint)i * central->SlotSize), slots[i]);
        }

        Assert.Equal(0, slots[0] % SizeClass.PageSize);
        AssertCounts(central, live: perSpan, depot: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void All_slots_are_distinct_and_lie_in_spans_of_the_class(int size)
    {
        CentralCache* central = _fixture.Central(size);
        List<nint> slots = Take(central, (3 * SlotsPerSpan(central)) - 1);
        Assert.Equal(slots.Count, slots.Distinct().Count());
        foreach (nint slot in slots)
        {
            PageSpan* span = _fixture.Pages->Map.SpanOf((void*)slot);
            Assert.Equal((SpanState.Slots, central->SpanClass, _fixture.Set->Index), (span->State, span->SpanClass, span->HeapIndex));
            Assert.Equal(0, (slot - (nint)span->Base) % central->SlotSize);
        }

        AssertCounts(central, live: slots.Count, depot: 0);
        Assert.Equal((nuint)central->GetCounts().SpanBytes, _fixture.Pages->GetTotals().Span);
    }

    [Fact]
    public void Refill_gives_at_most_a_batch_and_writes_no_further()
    {
        CentralCache* central = _fixture.Central(64);
        void** slots = stackalloc void*[CentralCache.RefillBatch + 2];
        slots[CentralCache.RefillBatch] = slots[CentralCache.RefillBatch + 1] = (void*)42;
        Assert.Equal(CentralCache.RefillBatch, central->Refill(slots, 1000, mayGrow: true));
        Assert.True(slots[CentralCache.RefillBatch] == (void*)42 && slots[CentralCache.RefillBatch + 1] == (void*)42);
        slots[5] = (void*)42;
        Assert.Equal(5, central->Refill(slots, 5, mayGrow: true));
        Assert.True(slots[5] == (void*)42);
    }

    [Fact]
    public void Refill_gives_what_there_is_at_the_start_of_the_destination()
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> all = Take(central, SlotsPerSpan(central));
        Assert.Equal(0, Give(central, all[200], all[3], all[70]));
        void** slots = stackalloc void*[20];
        Assert.Equal(3, central->Refill(slots, 20, mayGrow: true));
        Assert.Equal([all[200], all[70], all[3]], new ReadOnlySpan<nint>(slots, 3).ToArray());
    }

    [Fact]
    public void Refill_without_leave_to_grow_gives_nothing_when_there_is_nothing()
    {
        CentralCache* central = _fixture.Central(64);
        void** slots = stackalloc void*[CentralCache.RefillBatch];
        Assert.Equal(0, central->Refill(slots, 10, mayGrow: false));
        AssertCounts(central, live: 0, depot: 0);

        // A run of free pages needs no leave.
        _ = Take(_fixture.Central(128), 1);
        Assert.Equal(10, central->Refill(slots, 10, mayGrow: false));
        AssertCounts(central, live: 10, depot: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Empty_spans_go_back_but_one(int size)
    {
        CentralCache* central = _fixture.Central(size);
        long spanBytes = SizeClass.Pages(SizeClass.FromSpanClass(central->SpanClass)) * SizeClass.PageSize;
        nint[] slots = [.. Take(central, 5 * SlotsPerSpan(central))];
        Assert.Equal(5 * spanBytes, central->GetCounts().SpanBytes);
        new Random(size).Shuffle(slots);
        Assert.Equal(0, Give(central, slots));
        AssertCounts(central, live: 0, depot: 0);

        // Nothing was ever allocated behind its last slot.
        long untouched = (spanBytes - (SlotsPerSpan(central) * central->SlotSize)) / (long)VirtualMemory.PageSize * (long)VirtualMemory.PageSize;
        Assert.Equal(new CentralCounts(SlotsPerSpan(central), SlotsPerSpan(central), 0, spanBytes, untouched), central->GetCounts());
        Assert.Equal((nuint)spanBytes, _fixture.Pages->GetTotals().Span);

        // The one that was kept serves the next.
        _ = Take(central, 1);
        Assert.Equal(spanBytes, central->GetCounts().SpanBytes);
    }

    [Fact]
    public void What_is_given_back_is_handed_out_again_before_new_memory()
    {
        CentralCache* central = _fixture.Central(256);
        List<nint> slots = Take(central, 4 * SlotsPerSpan(central));
        nint[] back = [.. slots.Where((_, i) => i % 7 == 0)];
        Assert.Equal(0, Give(central, back));
        AssertCounts(central, live: slots.Count - back.Length, depot: 0);
        List<nint> again = Take(central, back.Length);
        Assert.Equal(back.Order(), again.Order());
        AssertCounts(central, live: slots.Count, depot: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Freed_twice_in_one_batch(int size)
    {
        CentralCache* central = _fixture.Central(size);
        List<nint> slots = Take(central, int.Min(30, SlotsPerSpan(central) - 1));

        // Next to each other, apart, and with another span between.
        Assert.Equal(slots[1], Give(central, slots[1], slots[1]));
        AssertCounts(central, live: slots.Count - 1, depot: 0);
        Assert.Equal(slots[0], Give(central, slots[0], slots[2], slots[0]));
        AssertCounts(central, live: slots.Count - 3, depot: 0);
    }

    [Fact]
    public void Freed_twice_with_other_spans_between()
    {
        CentralCache* central = _fixture.Central(4096);
        List<nint> slots = Take(central, 3 * SlotsPerSpan(central));
        nint other = slots[^1];
        Assert.Equal(slots[0], Give(central, slots[0], other, slots[0], slots[1]));
        AssertCounts(central, live: slots.Count - 3, depot: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Freed_twice_in_a_later_batch(int size)
    {
        CentralCache* central = _fixture.Central(size);
        List<nint> slots = Take(central, SlotsPerSpan(central) / 2);
        Assert.Equal(0, Give(central, slots[0]));
        Assert.Equal(slots[0], Give(central, slots[1], slots[0]));
        AssertCounts(central, live: slots.Count - 2, depot: 0);
        Assert.Equal(slots[1], Give(central, slots[1]));
        AssertCounts(central, live: slots.Count - 2, depot: 0);
    }

    [Fact]
    public void Freed_twice_when_the_span_has_gone_back()
    {
        CentralCache* central = _fixture.Central(1024);
        List<nint> slots = Take(central, 2 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots]));
        foreach (nint slot in slots)
        {
            Assert.Equal(slot, Give(central, slot));
        }

        AssertCounts(central, live: 0, depot: 0);
    }

    [Fact]
    public void Freed_twice_when_the_pages_serve_another_class()
    {
        CentralCache* central = _fixture.Central(1024);
        CentralCache* other = _fixture.Central(2048);
        List<nint> slots = Take(central, 2 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots]));
        List<nint> others = Take(other, 3 * SlotsPerSpan(other));
        nint[] reused = [.. slots.Intersect(others)];
        Assert.NotEmpty(reused);
        foreach (nint slot in reused)
        {
            Assert.Equal(slot, Give(central, slot));
        }

        AssertCounts(central, live: 0, depot: 0);
        AssertCounts(other, live: others.Count, depot: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_is_no_slot_of_the_class_is_found_and_dropped(int size)
    {
        CentralCache* central = _fixture.Central(size);
        List<nint> slots = Take(central, 4);
        nint word = 0;
        PageSpan* span = _fixture.Pages->Map.SpanOf((void*)slots[0]);
        PageSpan* large = CentralSet.AllocLarge(_fixture.Set, 100_000, 1, noScan: true, mayGrow: true);
        CentralCache* otherClass = _fixture.Central(size == 64 ? 80 : 64);
        CentralCache* otherKind = CentralSet.GetOrCreate(_fixture.Set, central->SpanClass ^ 1);
        CentralCache* otherHeap = CentralSet.GetOrCreate(_fixture.Indexes->Take(), central->SpanClass);
        List<nint> wrong =
        [
            slots[0] + 1,
            slots[0] + (central->SlotSize / 2),
            slots[1] - 1,
            (nint)span->Base + ((nint)span->SlotCount * span->SlotSize),
            (nint)(span->Base + span->ByteCount - 8),
            (nint)large->Base,
            Take(otherClass, 1)[0],
            Take(otherKind, 1)[0],
            Take(otherHeap, 1)[0],
            (nint)(&word),
            8,
            -8,
            unchecked((nint)0xdead_beef_dead_beef),
            slots[0] | unchecked((nint)0xff00_0000_0000_0000),
        ];
        for (int i = 0; i < wrong.Count; i++)
        {
            Assert.Equal(wrong[i], Give(central, wrong[i]));
            AssertCounts(central, live: 4, depot: 0);
        }

        // The good ones beside a bad one are freed all the same.
        Assert.Equal(wrong[0], Give(central, slots[2], wrong[0], slots[3], wrong[8]));
        AssertCounts(central, live: 2, depot: 0);
        AssertCounts(otherClass, live: 1, depot: 0);
        AssertCounts(otherHeap, live: 1, depot: 0);
    }

    [Fact]
    public void A_null_pointer_is_no_slot()
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = Take(central, 2);
        Assert.Equal(0, Give(central, slots[0], 0, slots[1]));
        AssertCounts(central, live: 0, depot: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Reset_keeps_the_spans_that_were_in_use_at_a_time_and_hands_them_out_in_the_same_order(int size)
    {
        CentralCache* central = _fixture.Central(size);
        List<nint> slots = Take(central, (5 * SlotsPerSpan(central)) - 1);
        Assert.True(central->GiveToDepot(Fill(central, [.. slots.TakeLast(2)])) != null);
        long kept = central->GetCounts().SpanBytes;
        central->Reset();
        AssertCounts(central, live: 0, depot: 0);
        Assert.Equal(kept, central->GetCounts().SpanBytes);
        Assert.Equal(slots, Take(central, slots.Count));

        // And those that were free or partly so when the round ended.
        Assert.Equal(0, Give(central, [.. slots.Take(SlotsPerSpan(central) + 1)]));
        central->Reset();
        Assert.Equal(slots.Order(), Take(central, 5 * SlotsPerSpan(central)).Order().SkipLast(1));
        Assert.Equal(kept, central->GetCounts().SpanBytes);
    }

    [Fact]
    public void What_a_round_does_not_use_goes_back_when_it_ends()
    {
        CentralCache* central = _fixture.Central(256);
        long spanBytes = SizeClass.Pages(SizeClass.FromSpanClass(central->SpanClass)) * SizeClass.PageSize;
        _ = Take(central, 6 * SlotsPerSpan(central));
        central->Reset();
        Assert.Equal(6 * spanBytes, central->GetCounts().SpanBytes);
        _ = Take(central, (2 * SlotsPerSpan(central)) + 1);
        central->Reset();
        Assert.Equal(3 * spanBytes, central->GetCounts().SpanBytes);
        central->Reset();
        Assert.Equal(default, central->GetCounts());
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Span);
    }

    [Fact]
    public void Until_the_next_reset_no_span_goes_back_that_was_kept_and_ReleaseIdle_ends_that()
    {
        CentralCache* central = _fixture.Central(256);
        long spanBytes = SizeClass.Pages(SizeClass.FromSpanClass(central->SpanClass)) * SizeClass.PageSize;
        _ = Take(central, 4 * SlotsPerSpan(central));
        central->Reset();
        List<nint> slots = Take(central, 6 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots]));
        Assert.Equal(4 * spanBytes, central->GetCounts().SpanBytes);
        central->ReleaseIdle();
        Assert.Equal(0, central->GetCounts().SpanBytes);
        slots = Take(central, 6 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots]));
        Assert.Equal(spanBytes, central->GetCounts().SpanBytes);
    }

    [Fact]
    public void ReleaseAll_gives_every_span_back_whatever_is_in_it()
    {
        CentralCache* central = _fixture.Central(96);
        List<nint> slots = Take(central, 10 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots.Take(1_000)]));
        Magazine* empty = central->GiveToDepot(Fill(central, [.. slots.Skip(2_000).Take(100)]));
        Assert.True(empty != null);
        AssertCounts(central, live: slots.Count - 1_100, depot: 100);
        central->ReleaseAll();
        Assert.Equal(default, central->GetCounts());
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Span);
        Assert.True(central->TakeFromDepot(empty, 100) == null);

        // And it is as new.
        Assert.Equal(100, Take(central, 100).Distinct().Count());
        AssertCounts(central, live: 100, depot: 0);
    }

    private static int SlotsPerSpan(CentralCache* central)
    {
        int sizeClass = SizeClass.FromSpanClass(central->SpanClass);
        return SizeClass.Pages(sizeClass) * SizeClass.PageSize / central->SlotSize;
    }
}
