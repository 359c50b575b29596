using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Central;

using Xunit;

using static NativeHeap.Tests.Maintenance.ScavengerFixture;

namespace NativeHeap.Tests.Maintenance;

/// <summary>The background thread itself, over a page heap of its own. It sleeps for ever afterwards.</summary>
public sealed unsafe class ScavengerThreadTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Memory_goes_back_by_itself_and_then_the_thread_sleeps()
    {
        ScavengerFixture fixture = new();
        ScavengerThread.Start(fixture.Scavenger, 20);
        AssertFallsAsleep(fixture);
        for (int round = 0; round < 2; round++)
        {
            CentralCache* central = CacheOf(fixture.Heap, 1_000);
            List<nint> slots = CentralFixture.Take(central, 10_000);
            GiveToDepot(central, slots);
            FreeLarge(fixture.Other, AllocLarge(fixture.Other, 10 << 20));
            AssertFallsAsleep(fixture);
            Assert.Equal(default, central->GetCounts());
            PageHeapTotals totals = fixture.Pages->GetTotals();
            Assert.Equal((totals.Mapped - Scavenger.DefaultKeptBytes, Scavenger.DefaultKeptBytes, (nuint)0), (totals.Returned, totals.Free, totals.Span));
        }
    }

    [Fact]
    public void What_the_thread_does_allocates_nothing_managed()
    {
        ScavengerFixture fixture = new();
        ScavengerThread runner = new(fixture.Scavenger, 10);
        CpuBudget budget = new(CpuClock.Read());
        ScavengerTests.AssertOnceNone(Work);

        long Work()
        {
            FreeLarge(fixture.Heap, AllocLarge(fixture.Heap, 8 << 20));
            long before = GC.GetAllocatedBytesForCurrentThread();
            while (runner.Pass(ref budget))
            {
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void It_takes_nothing_that_threads_are_using()
    {
        ScavengerFixture fixture = new();
        ScavengerThread.Start(fixture.Scavenger, 10);
        CentralCache* central = CacheOf(fixture.Heap, 700);
        Dictionary<nint, long> live = [];
        Random random = new(1);
        int rounds = LongTests.Scale(400, 6_000);
        for (int round = 0; round < rounds; round++)
        {
            // Now and then nothing happens for longer than the thread's delay, while what lives stays.
            if (round % (rounds / 10) == 0)
            {
                Thread.Sleep(20);
            }

            foreach (nint slot in CentralFixture.Take(central, random.Next(1, 200)))
            {
                *(long*)slot = ((long*)((byte*)slot + central->SlotSize))[-1] = slot ^ round;
                live.Add(slot, slot ^ round);
            }

            List<nint> back = [];
            foreach ((nint slot, long mark) in live)
            {
                Assert.Equal((mark, mark), (*(long*)slot, ((long*)((byte*)slot + central->SlotSize))[-1]));
                if (back.Count < 150 && random.Next(8) != 0)
                {
                    back.Add(slot);
                }
            }

            back.ForEach(slot => live.Remove(slot));
            if (round % 2 == 0)
            {
                GiveToDepot(central, back);
            }
            else
            {
                Assert.Equal(0, CentralFixture.Give(central, [.. back]));
            }
        }

        AssertFallsAsleep(fixture);
        Assert.NotEqual(0, fixture.Returned);
        foreach ((nint slot, long mark) in live)
        {
            Assert.Equal((mark, mark), (*(long*)slot, ((long*)((byte*)slot + central->SlotSize))[-1]));
        }
    }

    private static void AssertFallsAsleep(ScavengerFixture fixture)
    {
        DateTime end = DateTime.UtcNow + s_patience;
        while (!fixture.Scavenger->Bell->IsAsleep || fixture.Scavenger->HasWork)
        {
            Assert.True(DateTime.UtcNow < end, "The scavenger goes on for ever.");
            Thread.Sleep(5);
        }
    }
}
