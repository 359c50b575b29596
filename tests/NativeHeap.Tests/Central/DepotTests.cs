using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Central;
using NativeHeap.SizeClasses;

using Xunit;

using static NativeHeap.Tests.Central.CentralFixture;

namespace NativeHeap.Tests.Central;

/// <summary>Magazines that change hands through a depot.</summary>
public sealed unsafe class DepotTests
{
    private readonly CentralFixture _fixture = new();

    public static TheoryData<int> SizeClasses => [.. Enumerable.Range(1, SizeClass.Count - 1)];

    [Theory]
    [MemberData(nameof(SizeClasses))]
    public void A_magazine_holds_256_slots_or_512_KiB(int sizeClass)
    {
        int capacity = Magazine.CapacityOf(sizeClass);
        Assert.InRange(capacity, 16, 256);
        Assert.True(capacity * SizeClass.SlotSize(sizeClass) <= 512 * 1024);
        Assert.True(capacity == 256 || (capacity + 1) * SizeClass.SlotSize(sizeClass) > 512 * 1024);

        CentralCache* central = CentralSet.GetOrCreate(_fixture.Set, SizeClass.ToSpanClass(sizeClass, noScan: false));
        Assert.Equal(capacity, central->MagazineCapacity);
        Magazine* magazine = central->TakeEmpty();
        Assert.Equal(0, magazine->Count);

        // All of it is there: the next one is written over if it is not.
        Magazine* next = central->TakeEmpty();
        new Span<nint>(Magazine.Slots(magazine), capacity).Fill(1);
        new Span<nint>(Magazine.Slots(next), capacity).Fill(2);
        Assert.Equal(0, next->Count);
        Assert.False(new ReadOnlySpan<nint>(Magazine.Slots(magazine), capacity).ContainsAnyExcept(1));
    }

    [Fact]
    public void A_full_magazine_is_given_for_an_empty_one_and_taken_for_one()
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = Take(central, 256);
        Magazine* full = Fill(central, [.. slots]);
        Magazine* empty = central->GiveToDepot(full);
        Assert.True(empty != null && empty != full && empty->Count == 0);
        AssertCounts(central, live: 0, depot: 256);

        Assert.True(central->TakeFromDepot(empty, 256) == full);
        Assert.Equal(slots, Content(full));
        AssertCounts(central, live: 256, depot: 0);
        Assert.True(central->TakeFromDepot(full, 256) == null);

        // The empty one that went in for it is the next empty one out.
        Assert.True(central->TakeEmpty() == empty);
    }

    [Fact]
    public void A_small_magazine_stays_with_who_has_it_and_what_it_holds_goes_into_another()
    {
        CentralCache* central = _fixture.Central(64);
        nint[] slots = [.. Take(central, 266)];
        Magazine* small = central->TakeEmpty(Magazine.SmallCapacity);
        Assert.Equal((Magazine.SmallCapacity, 256), (small->Capacity, central->TakeEmpty(Magazine.SmallCapacity + 1)->Capacity));
        Assert.True(central->GiveToDepot(Fill(central, slots.AsSpan(0, 250))) != null);
        Put(slots.AsSpan(250, 3));
        Assert.True(central->GiveToDepot(small) == small);
        Assert.Equal(0, small->Count);
        AssertCounts(central, live: 13, depot: 253);

        // The one on top has no room left for five.
        Put(slots.AsSpan(253, 5));
        Assert.True(central->GiveToDepot(small) == small);
        AssertCounts(central, live: 8, depot: 258);

        // What the depot gives for it is a whole one, and it goes where it came from.
        Magazine* whole = central->TakeFromDepot(small, 256);
        Assert.Equal((256, 5), (whole->Capacity, whole->Count));
        Assert.True(central->TakeEmpty(1) == small);
        Assert.True(central->TakeFromDepot(small, 4) == small);
        Assert.Equal(slots[249..253], Content(small));
        AssertCounts(central, live: 17, depot: 249);

        void Put(ReadOnlySpan<nint> some)
        {
            some.CopyTo(new Span<nint>(Magazine.Slots(small), Magazine.SmallCapacity));
            small->Count = some.Length;
        }
    }

    [Fact]
    public void A_small_magazine_is_given_for_a_larger_one_with_what_it_holds()
    {
        CentralCache* central = _fixture.Central(64);
        nint[] slots = [.. Take(central, 6)];
        Magazine* small = central->TakeEmpty(Magazine.SmallCapacity);
        slots.CopyTo(new Span<nint>(Magazine.Slots(small), Magazine.SmallCapacity));
        small->Count = slots.Length;
        Magazine* large = central->Enlarge(small);
        Assert.Equal(256, large->Capacity);
        Assert.Equal(slots, Content(large));
        Assert.True(central->TakeEmpty(Magazine.SmallCapacity) == small);
        Assert.Equal(0, small->Count);
    }

    [Fact]
    public void Empty_magazines_are_kept_for_the_next()
    {
        CentralCache* central = _fixture.Central(64);
        Magazine* first = central->TakeEmpty();
        Magazine* second = central->TakeEmpty();
        Assert.True(first != second);
        central->GiveEmpty(first);
        central->GiveEmpty(second);
        Magazine* third = central->TakeEmpty();
        Magazine* fourth = central->TakeEmpty();
        Assert.True((third == first && fourth == second) || (third == second && fourth == first));
    }

    [Fact]
    public void Small_magazines_are_poured_together()
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = Take(central, 256);
        Assert.True(central->GiveToDepot(Fill(central, [.. slots[..100]])) != null);
        Magazine* second = Fill(central, [.. slots[100..200]]);
        Assert.True(central->GiveToDepot(second) == second);
        Assert.Equal(0, second->Count);
        AssertCounts(central, live: 56, depot: 200);

        // To the brim, and no further.
        Magazine* third = Fill(central, [.. slots[200..]]);
        Assert.True(central->GiveToDepot(third) == third);
        AssertCounts(central, live: 0, depot: 256);
        List<nint> taken = [];
        for (Magazine* one = central->TakeFromDepot(second, 256); one != null; one = central->TakeFromDepot(one, 256))
        {
            taken.AddRange(Content(one));
            one->Count = 0;
        }

        Assert.Equal(slots.Order(), taken.Order());
        AssertCounts(central, live: 256, depot: 0);
    }

    [Fact]
    public void Magazines_under_the_first_are_more_than_half_full()
    {
        // A small one, then one too large to be poured into it, time and again.
        CentralCache* central = _fixture.Central(16);
        List<nint> slots = Take(central, 20 * 256);
        int next = 0;
        for (int i = 0; i < 20; i++)
        {
            int count = i % 2 == 0 ? 3 : 254;
            Assert.True(central->GiveToDepot(Fill(central, [.. slots.Slice(next, count)])) != null);
            next += count;
        }

        Magazine* empty = central->TakeEmpty();
        bool isFirst = true;
        for (Magazine* one = central->TakeFromDepot(empty, 256); one != null; one = central->TakeFromDepot(one, 256))
        {
            Assert.True(isFirst || one->Count > 128, $"A magazine under the first has {one->Count} slots.");
            isFirst = false;
            next -= one->Count;
            one->Count = 0;
        }

        Assert.Equal(0, next);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(99)]
    public void A_small_limit_takes_a_part(int limit)
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = Take(central, 100);
        Magazine* empty = central->GiveToDepot(Fill(central, [.. slots]));
        Assert.True(central->TakeFromDepot(empty, limit) == empty);
        Assert.Equal(limit, empty->Count);
        AssertCounts(central, live: limit, depot: 100 - limit);

        Magazine* other = central->TakeEmpty();
        Magazine* rest = central->TakeFromDepot(other, 100);
        Assert.True(rest != other && rest != empty);
        Assert.Equal(slots.Order(), Content(empty).Concat(Content(rest)).Order());
        AssertCounts(central, live: 100, depot: 0);
    }

    [Fact]
    public void A_drain_takes_what_has_lain_longest_and_no_more_than_asked_for()
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = Take(central, 3 * 256);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(central->GiveToDepot(Fill(central, [.. slots.Slice(i * 256, 256)])) != null);
        }

        Assert.Equal(300, central->DrainDepot(300));
        AssertCounts(central, live: 0, depot: 468);
        List<nint> left = [];
        Magazine* empty = central->TakeEmpty();
        for (Magazine* one = central->TakeFromDepot(empty, 256); one != null; one = central->TakeFromDepot(one, 256))
        {
            left.AddRange(Content(one));
            one->Count = 0;
        }

        // The first magazine given has gone, and of the second what was on top of it.
        Assert.Equal(slots.Skip(512).Concat(slots.Skip(256).Take(256 - 44)).Order(), left.Order());
        Assert.Equal(0, central->DrainDepot(1));
    }

    [Fact]
    public void Draining_puts_all_slots_back_into_their_spans()
    {
        CentralCache* central = _fixture.Central(200);
        nint[] slots = [.. Take(central, 3_000)];
        new Random(3).Shuffle(slots);
        foreach (nint[] part in slots.Chunk(77))
        {
            Assert.True(central->GiveToDepot(Fill(central, part)) != null);
        }

        AssertCounts(central, live: 0, depot: 3_000);
        _ = central->DrainDepot(long.MaxValue);
        AssertCounts(central, live: 0, depot: 0);
        CentralCounts counts = central->GetCounts();
        Assert.Equal(SizeClass.Pages(SizeClass.FromSpanClass(central->SpanClass)) * SizeClass.PageSize, counts.SpanBytes);
        Assert.Equal(counts.Slots, counts.Free);
        Assert.True(central->TakeFromDepot(central->TakeEmpty(), 256) == null);
    }

    [Fact]
    public void The_low_water_mark_is_the_least_since_it_was_asked_for()
    {
        CentralCache* central = _fixture.Central(64);
        Depot depot = default;
        Assert.Equal(0, depot.TakeLow());
        for (int i = 0; i < 4; i++)
        {
            depot.Put(Fill(central, [.. Take(central, 200)]));
        }

        // It had none at the start of this time; and all of them, but one that was taken and put back, in the next.
        Assert.Equal(0, depot.TakeLow());
        Magazine* taken = depot.Take(central->TakeEmpty(), 256);
        depot.Put(taken);
        Assert.Equal(600, depot.TakeLow());
        void** slots = stackalloc void*[300];
        Assert.Equal(200, depot.TakeBottom(slots, 300, out _));
        Assert.Equal(600, depot.TakeLow());
        Assert.Equal(600, depot.TakeLow());
    }
}
