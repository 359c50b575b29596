using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>A heap's central caches and large objects.</summary>
public sealed unsafe class CentralSetTests
{
    private readonly CentralFixture _fixture = new();

    private CentralSet* Set => _fixture.Set;

    [Fact]
    public void Central_caches_are_made_on_first_use_one_a_class()
    {
        HashSet<nint> made = [];
        for (int spanClass = 2; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            Assert.True(Set->Find(spanClass) == null);
            CentralCache* central = CentralSet.GetOrCreate(Set, spanClass);
            Assert.True(made.Add((nint)central));
            Assert.True(Set->Find(spanClass) == central && CentralSet.GetOrCreate(Set, spanClass) == central);
            Assert.Equal((spanClass, SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass))), (central->SpanClass, central->SlotSize));
        }

        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Reserved);
    }

    [Fact]
    public void Slots_in_use_are_copied_of_a_span_of_the_class_and_no_other()
    {
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = CentralFixture.Take(central, 3);
        PageSpan* span = _fixture.Pages->Map.SpanOf((void*)slots[0]);
        UsedSlots used;
        Assert.True(Set->TryCopyUsed(span, central->SpanClass, &used));
        Assert.Equal(3, BitOperations.PopCount(used.Bits[0]) + BitOperations.PopCount(used.Bits[1]));

        // Of a class that nothing was ever allocated of, and of one of which something was.
        Assert.False(Set->TryCopyUsed(span, central->SpanClass + 2, &used));
        CentralCache* other = CentralSet.GetOrCreate(Set, central->SpanClass + 2);
        _ = CentralFixture.Take(other, 1);
        Assert.False(Set->TryCopyUsed(span, other->SpanClass, &used));
    }

    [Fact]
    public void What_slots_in_use_hold_is_copied_to_where_they_lie_in_the_span_and_nowhere_else()
    {
        const int Guard = 4_096;
        CentralCache* central = _fixture.Central(64);
        List<nint> slots = CentralFixture.Take(central, 1);
        PageSpan* span = _fixture.Pages->Map.SpanOf((void*)slots[0]);
        slots.AddRange(CentralFixture.Take(central, span->SlotCount - 1));
        Assert.Equal(0, CentralFixture.Give(central, [.. slots.Order().Take(3)]));
        new Span<byte>(span->Base, (int)span->ByteCount).Fill(7);
        byte[] copy = new byte[Guard + (int)span->ByteCount + Guard];
        UsedSlots used;
        fixed (byte* start = copy)
        {
            Assert.True(Set->TryCopyUsed(span, central->SpanClass, &used, start + Guard));
        }

        int first = Guard + (3 * central->SlotSize);
        int end = Guard + (span->SlotCount * central->SlotSize);
        Assert.False(copy.AsSpan(0, Guard).ContainsAnyExcept((byte)0));
        Assert.False(copy.AsSpan(first, end - first).ContainsAnyExcept((byte)7));
        Assert.False(copy.AsSpan(end).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_slot_of_the_next_span_is_crossed_out_nowhere()
    {
        UsedSlots* used = stackalloc UsedSlots[2];
        new Span<byte>(used, 2 * sizeof(UsedSlots)).Fill(byte.MaxValue);
        used->Base = (byte*)0x10000;
        used->SlotSize = 8;
        used->Words = UsedSlots.MaxWords;
        void* last = used->Base + (8 * (SizeClass.MaxSlots - 1));
        void* next = used->Base + (8 * SizeClass.MaxSlots);
        used->Remove(&next, 1);
        Assert.Equal(ulong.MaxValue, used->Bits[UsedSlots.MaxWords - 1]);
        Assert.False(new Span<byte>(used + 1, sizeof(UsedSlots)).ContainsAnyExcept(byte.MaxValue));
        used->Remove(&last, 1);
        Assert.Equal(ulong.MaxValue >> 1, used->Bits[UsedSlots.MaxWords - 1]);
    }

    [Fact]
    public void Threads_that_ask_at_once_get_the_same_central_cache()
    {
        for (int spanClass = 2; spanClass < 22; spanClass++)
        {
            int wanted = spanClass;
            nint[] got = new nint[4];
            using Barrier start = new(got.Length);
            Thread[] threads =
            [
                .. Enumerable.Range(0, got.Length).Select(i => new Thread(() =>
                {
                    start.SignalAndWait();
                    got[i] = (nint)CentralSet.GetOrCreate(Set, wanted);
                })),
            ];
            foreach (Thread thread in threads)
            {
                thread.Start();
            }

            foreach (Thread thread in threads)
            {
                thread.Join();
            }

            Assert.NotEqual(0, got[0]);
            Assert.All(got, central => Assert.Equal(got[0], central));
        }
    }

    [Theory]
    [InlineData(32769, 1, 5)]
    [InlineData(40960, 16, 5)]
    [InlineData(40961, 8192, 6)]
    [InlineData(1, 16384, 1)]
    [InlineData(100_000, 2 << 20, 13)]
    public void A_large_object_has_pages_of_its_own(int size, int alignment, int pages)
    {
        PageSpan* span = CentralSet.AllocLarge(Set, (nuint)size, (nuint)alignment, noScan: true, mayGrow: true);
        Assert.Equal((SpanState.Large, (nuint)pages, Set->Index), (span->State, span->PageCount, span->HeapIndex));
        Assert.Equal(SizeClass.ToSpanClass(SizeClass.Large, noScan: true), span->SpanClass);
        Assert.Equal((nuint)0, (nuint)span->Base % (nuint)alignment);
        AssertLarge(1, pages);
        Assert.True(Set->FreeLarge(span, span->Base));
        AssertLarge(0, 0);
    }

    [Fact]
    public void A_large_object_is_freed_once_by_its_first_byte_and_by_its_heap()
    {
        PageSpan* span = CentralSet.AllocLarge(Set, 100_000, 1, noScan: false, mayGrow: true);
        PageSpan* slots = _fixture.Pages->Map.SpanOf((void*)CentralFixture.Take(_fixture.Central(64), 1)[0]);
        Assert.False(Set->FreeLarge(span, span->Base + 8));
        Assert.False(Set->FreeLarge(span, span->Base + SizeClass.PageSize));
        Assert.False(_fixture.Indexes->Take()->FreeLarge(span, span->Base));
        Assert.False(Set->FreeLarge(slots, slots->Base));
        Assert.Equal(1, Set->LargeCount);
        Assert.True(Set->FreeLarge(span, span->Base));
        Assert.False(Set->FreeLarge(span, span->Base));
        AssertLarge(0, 0, slots->ByteCount);
    }

    [Fact]
    public void Shrinking_gives_the_end_back()
    {
        PageSpan* span = CentralSet.AllocLarge(Set, 100 * SizeClass.PageSize, 1, noScan: false, mayGrow: true);
        Set->ShrinkLarge(span, 30);
        AssertLarge(1, 30);
        Assert.True(Set->FreeLarge(span, span->Base));
        AssertLarge(0, 0);
    }

    [Fact]
    public void A_large_object_that_the_system_has_no_memory_for_is_null_and_costs_nothing()
    {
        Assert.True(CentralSet.AllocLarge(Set, (nuint)1 << 49, 1, noScan: false, mayGrow: true) == null);
        Assert.True(CentralSet.AllocLarge(Set, 100_000, 1, noScan: false, mayGrow: false) == null);
        AssertLarge(0, 0);
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Reserved);
    }

    [Fact]
    public void Large_objects_random_walk()
    {
        Random random = new(4);
        Dictionary<nint, long> model = [];
        for (int step = 0; step < LongTests.Scale(2_000, 50_000); step++)
        {
            if (random.Next(2) == 0)
            {
                PageSpan* span = CentralSet.AllocLarge(Set, (nuint)random.Next(1, 500_000), 1, noScan: false, mayGrow: true);
                model.Add((nint)span, (long)span->PageCount);
            }
            else if (model.Count > 0)
            {
                nint key = model.Keys.ElementAt(random.Next(model.Count));
                var span = (PageSpan*)key;
                if (random.Next(3) == 0 && model[key] > 1)
                {
                    model[key] = random.NextInt64(1, model[key]);
                    Set->ShrinkLarge(span, (nuint)model[key]);
                }
                else
                {
                    Assert.True(Set->FreeLarge(span, span->Base));
                    _ = model.Remove(key);
                }
            }

            AssertLarge(model.Count, model.Values.Sum());
        }
    }

    [Fact]
    public void ReleaseAll_gives_everything_of_the_heap_back_and_nothing_of_another()
    {
        CentralSet* other = _fixture.Indexes->Take();
        PageSpan* kept = CentralSet.AllocLarge(other, 50_000, 1, noScan: false, mayGrow: true);
        for (int spanClass = 2; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            _ = CentralFixture.Take(CentralSet.GetOrCreate(Set, spanClass), spanClass);
            Assert.True(CentralSet.AllocLarge(Set, (nuint)(40_000 + (1000 * spanClass)), 1, noScan: false, mayGrow: true) != null);
        }

        Set->ReleaseAll();
        AssertLarge(0, 0, kept->ByteCount);
        Assert.Equal(1, other->LargeCount);
        Assert.True(other->FreeLarge(kept, kept->Base));
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Span);

        // The set serves the next heap as if new.
        Assert.Equal(1_000, CentralFixture.Take(_fixture.Central(64), 1_000).Distinct().Count());
        CentralFixture.AssertCounts(_fixture.Central(64), live: 1_000, depot: 0);
    }

    private void AssertLarge(long count, long pages, nuint otherBytes = 0)
    {
        Assert.Equal((count, pages * SizeClass.PageSize), (Set->LargeCount, Set->LargeBytes));
        PageHeapTotals totals = _fixture.Pages->GetTotals();
        Assert.Equal((nuint)(pages * SizeClass.PageSize) + otherBytes, totals.Span);
        Assert.Equal(totals.Mapped, totals.Span + totals.Free);
    }
}
