using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Platform;

using Xunit;

using static NativeHeap.Tests.Central.CentralFixture;

namespace NativeHeap.Tests.Central;

/// <summary>Holes of spans in use: what goes back and when, what others may do meanwhile, and that nobody loses a byte.</summary>
public sealed unsafe class HolesTests
{
    private readonly CentralFixture _fixture = new();

    private static nuint SystemPage => VirtualMemory.PageSize;

    [Fact]
    public void Holes_go_back_and_what_is_live_between_them_stays()
    {
        Assert.SkipUnless(SystemPage == 4096, "Spans are too small for holes of larger system pages to be told in numbers.");
        CentralCache* central = _fixture.Central(2048);
        int perSpan = SlotsPerSpan(central);
        List<nint> slots = Take(central, perSpan);
        Write(slots, central->SlotSize);
        PageSpan* span = _fixture.Pages->Map.SpanOf((void*)slots[0]);

        // A slot in the middle of the span stays; its page has a neighbour that is free.
        nint live = slots[perSpan / 2];
        Assert.Equal(0, Give(central, [.. slots.Where(slot => slot != live)]));
        long spanBytes = (long)span->ByteCount;
        CentralCounts before = central->GetCounts();
        nuint given = PurgeAll(central, PassReach.Full);
        Assert.Equal(spanBytes - 4096, (long)given);
        Assert.Equal(before with { PurgedBytes = (long)given }, central->GetCounts());
        if (OperatingSystem.IsLinux() && !Emulation.IsQemu)
        {
            Assert.Equal(4096, ResidentOf(span));
        }

        AssertHolds(live, central->SlotSize);

        // Nothing more is to be had, until slots are handed out again: then the figure goes down by what they lie in.
        Assert.Equal((nuint)0, PurgeAll(central, PassReach.Full));
        List<nint> again = Take(central, 3);
        Assert.Equal(spanBytes - (3 * 4096), central->GetCounts().PurgedBytes);
        Write(again, central->SlotSize);
        Assert.Equal(0, Give(central, [.. again]));
        Assert.Equal((nuint)(2 * 4096), PurgeAll(central, PassReach.Full));
    }

    [Fact]
    public void Only_spans_that_have_been_left_alone_from_one_pass_to_the_next_are_looked_at()
    {
        CentralCache* central = _fixture.Central(1024);
        List<nint> slots = Take(central, 3 * SlotsPerSpan(central));
        PageSpan*[] spans = [SpanOf(slots[0]), SpanOf(slots[SlotsPerSpan(central)]), SpanOf(slots[2 * SlotsPerSpan(central)])];
        foreach (PageSpan* span in spans)
        {
            // All but one.
            Assert.Equal(0, Give(central, [.. slots.Where(slot => SpanOf(slot) == span).Skip(1)]));
        }

        Assert.Equal((nuint)0, PurgeAll(central, PassReach.Idle));

        // One is touched, the others go.
        nint one = Take(central, 1)[0];
        PageSpan* touched = SpanOf(one);
        nuint given = PurgeAll(central, PassReach.Idle);
        Assert.InRange(given, SystemPage, touched->ByteCount * 2);
        Assert.Equal(0u, touched->Purged);
        Assert.Equal((nuint)0, PurgeAll(central, PassReach.Idle) - SpanHoles.PurgedBytes(touched, SystemPage));
        Assert.True(SpanHoles.PurgedBytes(touched, SystemPage) > 0);
        Assert.Equal(0, Give(central, one));
    }

    [Fact]
    public void A_pass_with_nothing_touched_since_the_last_looks_at_nothing()
    {
        CentralCache* central = _fixture.Central(512);
        List<nint> slots = Take(central, 20 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots.Where((_, i) => i % 20 != 0)]));
        Assert.True(central->MayGiveMore);
        _ = PurgeAll(central, PassReach.Full);
        Assert.False(central->MayGiveMore);

        // A span that is touched is looked at again, and slots come from it before they come from those whose memory has gone.
        Assert.Equal(0, Give(central, slots[100]));
        Assert.True(central->MayGiveMore);
        Assert.True(SpanOf(Take(central, 1)[0]) == SpanOf(slots[100]));
    }

    [Fact]
    public void Of_idle_holes_as_many_are_given_back_as_are_wanted()
    {
        // The slot at each page's start stays in use: half of each span are holes, the second of each two pages of the system's.
        Assert.SkipUnless(SystemPage == 4096, "Smaller system pages than the spans are needed.");
        CentralCache* central = _fixture.Central(512);
        List<nint> slots = Take(central, 8 * SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots.Where(static slot => slot % SizeClass.PageSize != 0)]));
        nuint holes = SpanOf(slots[0])->ByteCount / 2;
        Assert.Equal((nuint)0, _fixture.Set->PurgeIdle(central->SpanClass, nuint.MaxValue));
        Assert.Equal(holes, _fixture.Set->PurgeIdle(central->SpanClass, 1));
        Assert.Equal(holes, _fixture.Set->PurgeIdle(central->SpanClass, holes));
        Assert.Equal(2 * holes, _fixture.Set->PurgeIdle(central->SpanClass, holes + 1));
        Assert.Equal(4 * holes, _fixture.Set->PurgeIdle(central->SpanClass, nuint.MaxValue));
    }

    [Fact]
    public void What_a_pass_purges_of_empty_magazines_is_in_what_it_has_given()
    {
        CentralCache* central = _fixture.Central(64);
        nint[] magazines = new nint[200];
        for (int i = 0; i < magazines.Length; i++)
        {
            magazines[i] = (nint)central->TakeEmpty();
        }

        foreach (nint magazine in magazines)
        {
            central->GiveEmpty((Magazine*)magazine);
        }

        Assert.InRange(PurgeAll(central, PassReach.Full), 100 * Magazine.SizeOf(256), 400 * Magazine.SizeOf(256));
        Assert.False(central->MayGiveMore);
    }

    [Fact]
    public void While_holes_are_on_their_way_nobody_gets_them_and_all_counts_stand()
    {
        CentralCache* central = _fixture.Central(256);
        List<nint> slots = Take(central, SlotsPerSpan(central));
        PageSpan* span = SpanOf(slots[0]);
        nint[] live = [slots[0], slots[^1]];
        Assert.Equal(0, Give(central, [.. slots.Except(live)]));
        CentralCounts before = central->GetCounts();
        central->BeginPass(PassReach.Busy);
        TakenHoles taken;
        _ = central->TakeHoles(PassReach.Full, &taken);
        Assert.True(taken.Span == span);
        Assert.Equal(before, central->GetCounts());

        // A free of what is on its way is a second free.
        nint inHole = slots[slots.Count / 2];
        Assert.Equal(inHole, Give(central, inHole));
        Assert.Equal(before, central->GetCounts());

        // Whoever wants slots gets others: the rest of the span, then those of another.
        List<nint> others = Take(central, SlotsPerSpan(central));
        foreach (nint slot in others)
        {
            Assert.False(SpanOf(slot) == span && IsTaken(&taken, slot), "A slot was handed out of a hole on its way.");
        }

        Assert.Equal(0, Give(central, [.. others]));

        // The last slots in use come home: the span cannot leave before its holes are back, and then it does.
        Assert.Equal(0, Give(central, live));
        Assert.True(_fixture.Pages->Map.SpanOf((void*)live[0]) == span);
        uint purged = SpanHoles.Purge(span, taken.Units, SystemPage);
        Assert.Equal(taken.Units, purged);
        Assert.True(central->PutHolesBack(purged) > 0);
        AssertCounts(central, live: 0, depot: 0);
        Assert.InRange(central->GetCounts().SpanBytes, 0, (long)span->ByteCount);
        Assert.Equal(SlotsPerSpan(central), Take(central, SlotsPerSpan(central)).Distinct().Count());
    }

    [Fact]
    public void An_empty_span_that_is_kept_survives_its_own_purge()
    {
        CentralCache* central = _fixture.Central(128);
        List<nint> slots = Take(central, SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. slots]));
        central->BeginPass(PassReach.Busy);
        TakenHoles taken;
        _ = central->TakeHoles(PassReach.Full, &taken);
        Assert.True(taken.Span != null);

        // Who is short of memory meanwhile must not take it away.
        central->ReleaseIdle();
        _ = central->PutHolesBack(SpanHoles.Purge(taken.Span, taken.Units, SystemPage));
        AssertCounts(central, live: 0, depot: 0);
        Assert.Equal(slots.Order(), Take(central, slots.Count).Order());
        Assert.Equal(0, Give(central, [.. slots]));
        _ = PurgeAll(central, PassReach.Full);
        central->ReleaseIdle();
        Assert.Equal(default, central->GetCounts());
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Span);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(200, 2)]
    [InlineData(1_024, 3)]
    [InlineData(4_864, 4)]
    [InlineData(19_000, 5)]
    public void Random_walk_with_purges_between(int size, int seed)
    {
        Random random = new(seed);
        CentralCache* central = _fixture.Central(size);
        int slotSize = central->SlotSize;
        Dictionary<nint, byte> live = [];
        TakenHoles taken = default;
        for (int step = 0; step < LongTests.Scale(1_500, 15_000); step++)
        {
            switch (random.Next(20))
            {
                case < 8 when live.Count < 2_000:
                    foreach (nint slot in Take(central, random.Next(1, 60)))
                    {
                        byte mark = (byte)random.Next(256);
                        new Span<byte>((void*)slot, slotSize).Fill(mark);
                        live.Add(slot, mark);
                    }

                    break;
                case < 16 when live.Count > 0:
                    // Neighbours, so that there are holes.
                    nint[] all = [.. live.Keys.Order()];
                    int first = random.Next(all.Length);
                    nint[] back = all[first..int.Min(all.Length, first + random.Next(1, 100))];
                    foreach (nint slot in back)
                    {
                        AssertHolds(slot, slotSize, live[slot]);
                        _ = live.Remove(slot);
                    }

                    Assert.Equal(0, Give(central, back));
                    break;
                case 16 when taken.Span == null:
                    central->BeginPass(PassReach.Busy);
                    _ = central->TakeHoles((PassReach)random.Next(3), &taken);
                    break;
                case 17 when taken.Span != null:
                    _ = central->PutHolesBack(SpanHoles.Purge(taken.Span, taken.Units, SystemPage));
                    taken.Span = null;
                    break;
                case 18 when taken.Span == null:
                    _ = PurgeAll(central, (PassReach)random.Next(3));
                    break;
                case 19:
                    central->ReleaseIdle();
                    break;
                default:
                    break;
            }

            AssertCounts(central, live.Count, depot: 0);
            CentralCounts counts = central->GetCounts();
            Assert.InRange(counts.PurgedBytes, 0, counts.SpanBytes - (live.Count * slotSize));
        }

        if (taken.Span != null)
        {
            _ = central->PutHolesBack(SpanHoles.Purge(taken.Span, taken.Units, SystemPage));
        }

        foreach ((nint slot, byte mark) in live)
        {
            AssertHolds(slot, slotSize, mark);
        }

        Assert.Equal(0, Give(central, [.. live.Keys]));
        central->ReleaseIdle();
        Assert.Equal(default, central->GetCounts());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_span_that_empties_while_a_hole_in_its_tail_is_on_its_way_stays_until_it_is_back(bool isRefilled)
    {
        Assert.SkipUnless(SystemPage == 4096, "The slot and the tail are chosen for system pages of 4 KiB.");
        CentralCache* central = _fixture.Central(4_864);
        _fixture.Pages->Free(_fixture.Pages->Alloc(64, 1, SizeClass.Large, 0, mayGrow: true));
        List<nint> slots = Take(central, SlotsPerSpan(central));
        slots.Sort();
        PageSpan* span = SpanOf(slots[0]);
        Assert.Equal(0, Give(central, slots[3]));
        central->BeginPass(PassReach.Full);
        TakenHoles taken;
        _ = central->TakeHoles(PassReach.Full, &taken);
        Assert.Equal(1u << 31, taken.Units);

        // With room elsewhere nothing else keeps it; nor may who is short of memory take it away.
        List<nint> others = Take(central, SlotsPerSpan(central));
        Assert.Equal(0, Give(central, [.. others]));
        Assert.Equal(0, Give(central, [.. slots.Where(slot => slot != slots[3] && !others.Contains(slot))]));
        central->ReleaseIdle();
        Assert.True(_fixture.Pages->Map.SpanOf((void*)slots[0]) == span);
        if (isRefilled)
        {
            Assert.Equal(slots, Take(central, slots.Count).Order());
            Assert.Equal(0, Give(central, [.. slots]));
        }

        _ = central->PutHolesBack(SpanHoles.Purge(span, taken.Units, SystemPage));
        AssertCounts(central, live: 0, depot: 0);
        central->ReleaseIdle();
        Assert.Equal(default, central->GetCounts());
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Span);
    }

    [Fact]
    public void A_span_that_fills_up_while_a_hole_in_its_tail_is_on_its_way_stays_full()
    {
        Assert.SkipUnless(SystemPage == 4096, "The slot and the tail are chosen for system pages of 4 KiB.");
        CentralCache* central = _fixture.Central(4_864);

        // Memory that nobody has used yet would be no hole.
        _fixture.Pages->Free(_fixture.Pages->Alloc(64, 1, SizeClass.Large, 0, mayGrow: true));
        List<nint> slots = Take(central, SlotsPerSpan(central));
        slots.Sort();

        // The fourth slot holds no whole page, the tail does.
        Assert.Equal(0, Give(central, slots[3]));
        central->BeginPass(PassReach.Full);
        TakenHoles taken;
        _ = central->TakeHoles(PassReach.Full, &taken);
        Assert.Equal(1u << 31, taken.Units);
        Assert.Equal(slots[3], Assert.Single(Take(central, 1)));
        Assert.Equal((nuint)4096, central->PutHolesBack(taken.Units));

        // By a thread of its own: what was wrong here was an endless loop.
        bool isSame = false;
        Thread thread = new(() =>
        {
            for (int round = 0; round < 3; round++)
            {
                isSame = Give(central, slots[3]) == 0 && Take(central, 1)[0] == slots[3];
            }

            slots.AddRange(Take(central, 5));
        })
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)), "It does not end.");
        Assert.True(isSame);
        AssertCounts(central, live: slots.Count, depot: 0);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1_024)]
    [InlineData(4_864)]
    public void Threads_lose_nothing_while_purges_run(int size)
    {
        const int Threads = 3;
        CentralCache* central = _fixture.Central(size);
        int rounds = LongTests.Scale(250, 30_000);
        int errors = 0;
        int running = Threads;
        long given = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(1, Threads).Select(number => new Thread(() =>
            {
                // On a busy machine the threads may be through before the first purge.
                do
                {
                    _ = Interlocked.Add(ref errors, Work(central, number, rounds));
                }
                while (Volatile.Read(ref given) < 64 << 10);
                _ = Interlocked.Decrement(ref running);
            })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        while (Volatile.Read(ref running) != 0)
        {
            Volatile.Write(ref given, given + (long)PurgeAll(central, PassReach.Full));
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, errors);
        AssertCounts(central, live: 0, depot: 0);
        central->ReleaseIdle();
        Assert.Equal(default, central->GetCounts());
    }

    // Allocates no managed memory: a collection waits for all of these threads, and under Wine for long.
    private static int Work(CentralCache* central, int number, int rounds)
    {
        const int Most = 2_000;
        Random random = new(number);
        int errors = 0;
        nint* own = stackalloc nint[Most + CentralCache.RefillBatch];
        int count = 0;
        for (int round = 0; round < rounds; round++)
        {
            nint* slots = own + count;
            int got = central->Refill((void**)slots, random.Next(1, 120), mayGrow: true);
            for (int i = 0; i < got; i++)
            {
                *(long*)slots[i] = number ^ slots[i];
                ((long*)((byte*)slots[i] + central->SlotSize))[-1] = number ^ slots[i];
            }

            count += got;
            for (int keep = random.Next(Most); count > keep;)
            {
                int back = int.Min(64, count);
                count -= back;
                errors += CheckAndGive(central, new ReadOnlySpan<nint>(own + count, back), number);
            }
        }

        return errors + CheckAndGive(central, new ReadOnlySpan<nint>(own, count), number);
    }

    private static int CheckAndGive(CentralCache* central, ReadOnlySpan<nint> slots, int number)
    {
        int errors = 0;
        foreach (nint slot in slots)
        {
            errors += *(long*)slot != (number ^ slot) || ((long*)((byte*)slot + central->SlotSize))[-1] != (number ^ slot) ? 1 : 0;
        }

        return errors + (Give(central, slots) == 0 ? 0 : 1);
    }

    private static void Write(IEnumerable<nint> slots, int slotSize)
    {
        foreach (nint slot in slots)
        {
            new Span<byte>((void*)slot, slotSize).Fill((byte)(slot >> 8));
        }
    }

    private static void AssertHolds(nint slot, int slotSize) => AssertHolds(slot, slotSize, (byte)(slot >> 8));

    private static void AssertHolds(nint slot, int slotSize, byte mark) => Assert.Equal(-1, new ReadOnlySpan<byte>((void*)slot, slotSize).IndexOfAnyExcept(mark));

    private static bool IsTaken(TakenHoles* taken, nint slot)
    {
        int index = taken->Span->SlotAt((nuint)((byte*)slot - taken->Span->Base));
        return (taken->Bits[index / 64] >> (index % 64) & 1) != 0;
    }

    // The pages of a span that are in memory, asked of a map that tells of the whole arena.
    private static long ResidentOf(PageSpan* span) => ProcessMap.ResidentPages(span->Base, span->ByteCount) * Environment.SystemPageSize;

    private static nuint PurgeAll(CentralCache* central, PassReach reach)
    {
        nuint given = 0;
        central->BeginPass(reach);
        for (bool goesOn = true; goesOn;)
        {
            goesOn = central->PassStep(reach, out nuint bytes);
            given += bytes;
        }

        return given;
    }

    private static int SlotsPerSpan(CentralCache* central)
    {
        int sizeClass = SizeClass.FromSpanClass(central->SpanClass);
        return SizeClass.Pages(sizeClass) * SizeClass.PageSize / central->SlotSize;
    }

    private PageSpan* SpanOf(nint slot) => _fixture.Pages->Map.SpanOf((void*)slot);
}
