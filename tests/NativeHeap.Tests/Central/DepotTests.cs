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
    private const int Mebibyte = 1 << 20;

    private readonly CentralFixture _fixture = new();

    public static TheoryData<int> SizeClasses => [.. Enumerable.Range(1, SizeClass.Count - 1)];

    [Theory]
    [MemberData(nameof(SizeClasses))]
    public void A_magazine_holds_256_slots_or_64_KiB_but_two_at_least(int sizeClass)
    {
        int capacity = Magazine.CapacityOf(sizeClass);
        Assert.InRange(capacity, 2, 256);
        Assert.True(capacity == 256 || capacity * SizeClass.SlotSize(sizeClass) <= 64 * 1024 || capacity == 2);
        Assert.True(capacity == 256 || (capacity + 1) * SizeClass.SlotSize(sizeClass) > 64 * 1024);

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
    public void A_full_depot_refuses_and_leaves_the_magazine_alone()
    {
        CentralCache* central = _fixture.Central(32768);
        int inDepot = FillDepot(central, out Magazine* refused);
        Assert.Equal(Mebibyte / 32768, inDepot);
        nint[] content = Content(refused);
        Assert.Equal(2, content.Length);
        AssertCounts(central, live: 2, depot: inDepot);

        // The floor is the heap's: another class has no room either, until there is some.
        CentralCache* other = _fixture.Central(64);
        Magazine* small = Fill(other, [.. Take(other, 256)]);
        Assert.True(other->GiveToDepot(small) == null);
        AssertCounts(other, live: 256, depot: 0);
        Assert.Equal(256, small->Count);
        Magazine* taken = central->TakeFromDepot(central->TakeEmpty(), 2);
        Assert.Equal(2, taken->Count);
        Assert.True(other->GiveToDepot(small) != null);

        // Another heap has room of its own.
        CentralCache* elsewhere = CentralSet.GetOrCreate(_fixture.Indexes->Take(), central->SpanClass);
        Assert.Equal(Mebibyte / 32768, FillDepot(elsewhere, out _));
    }

    [Fact]
    public void A_depot_may_hold_a_sixteenth_of_what_is_live()
    {
        CentralCache* central = _fixture.Central(32768);
        const int Live = 16 * 100;
        _ = Take(central, Live);
        int inDepot = FillDepot(central, out _);

        // Asked before the last one is taken in: what is given counts as live until then.
        Assert.InRange(inDepot, Live / 16, (Live / 16) + 2);
        Assert.True((inDepot - 2) * 32768 > Mebibyte);
    }

    [Fact]
    public void Draining_makes_room_again()
    {
        CentralCache* central = _fixture.Central(32768);
        int inDepot = FillDepot(central, out Magazine* refused);
        central->DrainDepot();
        AssertCounts(central, live: 2, depot: 0);
        Assert.Equal(inDepot, FillDepot(central, out _, refused));
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
        central->DrainDepot();
        AssertCounts(central, live: 0, depot: 0);
        CentralCounts counts = central->GetCounts();
        Assert.Equal(SizeClass.Pages(SizeClass.FromSpanClass(central->SpanClass)) * SizeClass.PageSize, counts.SpanBytes);
        Assert.Equal(counts.Slots, counts.Free);
        Assert.True(central->TakeFromDepot(central->TakeEmpty(), 256) == null);
    }

    // Gives full magazines until one is refused.
    private static int FillDepot(CentralCache* central, out Magazine* refused, Magazine* first = null)
    {
        int inDepot = 0;
        Magazine* magazine = first != null ? first : Fill(central, [.. Take(central, central->MagazineCapacity)]);
        for (Magazine* empty = central->GiveToDepot(magazine); empty != null; empty = central->GiveToDepot(magazine))
        {
            inDepot += central->MagazineCapacity;
            central->GiveEmpty(empty);
            magazine = Fill(central, [.. Take(central, central->MagazineCapacity)]);
        }

        refused = magazine;
        return inDepot;
    }
}
