using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Central;
using NativeHeap.Tests.Threads;

using Xunit;

using static NativeHeap.Tests.Maintenance.ScavengerFixture;

namespace NativeHeap.Tests.Maintenance;

/// <summary>What passes give back and what they leave, pass by pass.</summary>
public sealed unsafe class ScavengerTests
{
    private const long Mega = 1 << 20;

    private readonly ScavengerFixture _fixture = new();

    [Fact]
    public void A_process_that_frees_nothing_makes_no_work()
    {
        Assert.False(_fixture.Scavenger->HasWork);
        _ = AllocLarge(_fixture.Heap, 100_000);
        _ = CentralFixture.Take(CacheOf(_fixture.Heap, 64), 10_000);
        Assert.False(_fixture.Scavenger->HasWork);
        Assert.Equal(0, _fixture.Pass());
        Assert.False(_fixture.Scavenger->LeavesWork);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void A_large_object_goes_back_by_the_second_pass_and_then_there_is_no_work(int megabytes)
    {
        // Above 4 MiB its run is kept whole at first.
        PageSpan* span = AllocLarge(_fixture.Heap, megabytes << 20);
        FreeLarge(_fixture.Heap, span);
        Assert.True(_fixture.Scavenger->HasWork);
        Assert.Equal(0, _fixture.Pass());
        Assert.True(_fixture.Scavenger->LeavesWork);
        Assert.InRange(_fixture.Pass(), (megabytes - 1) << 20, megabytes << 20);
        _ = _fixture.Pass();
        Assert.False(_fixture.Scavenger->LeavesWork || _fixture.Scavenger->HasWork);
    }

    [Fact]
    public void A_megabyte_stays()
    {
        FreeLarge(_fixture.Heap, AllocLarge(_fixture.Heap, 900 << 10));
        for (int pass = 0; pass < 4; pass++)
        {
            Assert.Equal(0, _fixture.Pass());
        }

        Assert.False(_fixture.Scavenger->LeavesWork || _fixture.Scavenger->HasWork);
        Assert.True(_fixture.Scavenger->ReturnAll(null, out _) > 0);
    }

    [Fact]
    public void A_chunk_nearly_all_in_use_is_left_alone_while_the_process_is_at_work()
    {
        // 64 pieces of 64 KiB fill a chunk; two of them are a thirty-second, three are more.
        _fixture.Scavenger->KeptBytes = 0;
        List<nint> pieces = [];
        for (int i = 0; i < 256; i++)
        {
            pieces.Add((nint)AllocLarge(_fixture.Heap, 64 << 10));
        }

        nint[][] chunks = [.. pieces.GroupBy(piece => ((PageSpan*)piece)->FirstPage / ChunkBits.PageCount).Where(chunk => chunk.Count() == 64).Select(chunk => chunk.ToArray())];
        (nint[] dense, nint[] sparse) = (chunks[0], chunks[1]);
        foreach (nint piece in (nint[])[dense[10], dense[20], sparse[10], sparse[20], sparse[30]])
        {
            FreeLarge(_fixture.Heap, (PageSpan*)piece);
        }

        Assert.Equal(0, _fixture.Pass(PassReach.Busy));
        Assert.Equal(3 * (64 << 10), _fixture.Pass(PassReach.Busy));
        Assert.Equal(0, _fixture.Pass(PassReach.Busy));
        Assert.Equal(2 * (64 << 10), _fixture.Pass(PassReach.Idle));
    }

    [Fact]
    public void A_burst_of_small_objects_goes_back_by_the_second_pass_with_the_magazines_that_held_it()
    {
        CentralCache* central = CacheOf(_fixture.Heap, 200);
        List<nint> slots = CentralFixture.Take(central, 200_000);
        long spanBytes = central->GetCounts().SpanBytes;
        GiveToDepot(central, slots);
        Assert.Equal(0, _fixture.Pass());
        Assert.Equal(slots.Count, central->GetCounts().Depot);

        // Drained, and given back by the same pass: what lay in the depot since the last has been idle as long.
        Assert.InRange(_fixture.Pass(), spanBytes - (2 * Mega), spanBytes + (4 * Mega));
        Assert.Equal(0, central->GetCounts().Depot);
        _ = _fixture.Pass();
        Assert.False(_fixture.Scavenger->LeavesWork || _fixture.Scavenger->HasWork);
        Assert.Equal((nuint)0, _fixture.Pages->GetTotals().Span);
        Assert.Equal(Scavenger.DefaultKeptBytes, _fixture.Pages->GetTotals().Free);
    }

    [Fact]
    public void Of_a_depot_used_in_waves_only_what_no_wave_needed_goes()
    {
        CentralCache* central = CacheOf(_fixture.Heap, 64);
        List<nint> slots = CentralFixture.Take(central, 100_000);
        GiveToDepot(central, slots);
        Assert.Equal(0, _fixture.Pass());
        for (int wave = 0; wave < 5; wave++)
        {
            List<nint> taken = TakeFromDepot(central, 60_000);
            Assert.InRange(taken.Count, 60_000, 60_255);
            GiveToDepot(central, taken);
            _ = _fixture.Pass();
            Assert.InRange(central->GetCounts().Depot, 60_000, 60_255);
        }

        _ = _fixture.Pass();
        Assert.Equal(0, central->GetCounts().Depot);
    }

    [Fact]
    public void Holes_go_back_by_the_second_pass_and_come_back_when_they_are_used()
    {
        CentralCache* central = CacheOf(_fixture.Other, 512);
        List<nint> slots = CentralFixture.Take(central, 20_000);
        GiveToDepot(central, [.. slots.Where((_, i) => i % 50 != 0)]);
        Assert.Equal(0, _fixture.Pass());
        long given = _fixture.Pass();

        // One object in 25 KiB stays: most system pages of 4 KiB are without, of 16 KiB some, of 64 KiB none.
        long least = VirtualMemory.PageSize switch
        {
            4096 => 20_000 * 512 / 2,
            16_384 => 20_000 * 512 / 4,
            _ => 0,
        };
        Assert.InRange(given, least, 20_000 * 512);
        _ = _fixture.Pass();
        Assert.False(_fixture.Scavenger->LeavesWork || _fixture.Scavenger->HasWork);
        long spanBytes = central->GetCounts().SpanBytes;
        _ = CentralFixture.Take(central, (int)central->GetCounts().Free);
        Assert.Equal(spanBytes, central->GetCounts().SpanBytes);
        Assert.Equal(0, central->GetCounts().PurgedBytes);
    }

    [Fact]
    public void The_last_empty_span_of_a_class_goes_when_it_is_not_needed()
    {
        CentralCache* central = CacheOf(_fixture.Heap, 4096);
        List<nint> slots = CentralFixture.Take(central, 10);
        Assert.Equal(0, CentralFixture.Give(central, [.. slots]));
        Assert.NotEqual(0, central->GetCounts().SpanBytes);
        _ = _fixture.Pass();
        Assert.NotEqual(0, central->GetCounts().SpanBytes);
        _ = _fixture.Pass();
        Assert.Equal(default, central->GetCounts());
    }

    [Theory]
    [InlineData(800 << 10)]
    [InlineData(64 << 20)]
    public void A_buffer_that_comes_and_goes_between_passes_never_goes_back(int bytes)
    {
        // 800 KB in a loop; 64 MB filled and dropped a few times a pass: no call of the system for either.
        for (int pass = 0; pass < 30; pass++)
        {
            for (int i = 0; i < 3; i++)
            {
                PageSpan* span = AllocLarge(_fixture.Heap, bytes);
                Assert.True(pass == 0 || span->NeedsZeroing);
                FreeLarge(_fixture.Heap, span);
            }

            Assert.Equal(0, _fixture.Pass(pass % 2 == 0 ? PassReach.Busy : PassReach.Idle));
        }

        // And when it has come for the last time, it goes.
        _ = _fixture.Pass();
        Assert.True(bytes < Mega || _fixture.Returned > bytes / 2);
    }

    [Fact]
    public void Small_objects_that_come_and_go_between_passes_are_not_given_back()
    {
        CentralCache* central = CacheOf(_fixture.Heap, 100);
        for (int pass = 0; pass < 20; pass++)
        {
            List<nint> slots = CentralFixture.Take(central, 5_000);
            Assert.Equal(0, CentralFixture.Give(central, [.. slots]));
            Assert.Equal(0, _fixture.Pass());
        }
    }

    [Fact]
    public void A_pass_may_stop_at_any_step_and_others_come_between()
    {
        CentralCache* central = CacheOf(_fixture.Heap, 300);
        CentralCache* other = CacheOf(_fixture.Other, 300);
        for (int round = 0; round < 10; round++)
        {
            List<nint> slots = CentralFixture.Take(central, 30_000);
            List<nint> others = CentralFixture.Take(other, 10_000);
            GiveToDepot(central, [.. slots.Where((_, i) => i % 9 != 0)]);
            GiveToDepot(other, others);
            _ = _fixture.Pass();
            _fixture.Scavenger->BeginPass(PassReach.Idle);
            for (int step = 0; step < 10 + (round * 20); step++)
            {
                _ = _fixture.Scavenger->WorkFor(0);
            }

            if (round % 3 == 0)
            {
                _ = _fixture.Scavenger->ReturnAll(null, out _);
            }
            else if (round % 3 == 1)
            {
                _fixture.Other->ReleaseAll();
            }

            while (!_fixture.Scavenger->WorkFor(0))
            {
            }

            Assert.Equal(0, CentralFixture.Give(central, [.. slots.Where((_, i) => i % 9 == 0)]));
            PageHeapTotals totals = _fixture.Pages->GetTotals();
            Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
        }

        for (int pass = 0; pass < 4; pass++)
        {
            _ = _fixture.Pass();
        }

        Assert.Equal(default, central->GetCounts());
        Assert.Equal(default, other->GetCounts());
    }

    [Fact]
    public void What_becomes_free_while_nobody_looks_rings()
    {
        PageSpan* large = AllocLarge(_fixture.Heap, 100_000);
        PageSpan* shrinking = AllocLarge(_fixture.Heap, 100_000);
        CentralCache* central = CacheOf(_fixture.Other, 64);
        List<nint> slots = CentralFixture.Take(central, 600);
        Action[] frees =
        [
            () => FreeLarge(_fixture.Heap, large),
            () => _fixture.Heap->ShrinkLarge(shrinking, 5),
            () => GiveToDepot(central, slots[..300]),
            () => Assert.Equal(0, CentralFixture.Give(central, [.. slots[300..310]])),
        ];
        foreach (Action free in frees)
        {
            for (int pass = 0; pass < 4; pass++)
            {
                _ = _fixture.Pass();
            }

            Assert.False(_fixture.Scavenger->HasWork);
            _fixture.Scavenger->Bell->Announce();
            free();
            Assert.False(_fixture.Scavenger->Bell->IsAsleep);
            Assert.True(_fixture.Scavenger->HasWork);
        }
    }

    [Fact]
    public void The_caches_of_ended_threads_are_collected()
    {
        // The process's own, whose background thread is turned off in tests.
        ThreadTests.Settle();
        Thread thread = new(() => Heap.Shared.Free(Heap.Shared.Alloc(1_000)));
        thread.Start();
        thread.Join();
        for (int attempt = 0; Heap.GetProcessStatistics().ThreadCachedBytes != 0 && attempt < 5_000; attempt++)
        {
            // The flag of the thread's end may come late.
            Thread.Sleep(1);
            HeapProcess.Scavenger->BeginPass(PassReach.Busy);
            while (!HeapProcess.Scavenger->WorkFor(1_000_000))
            {
            }
        }

        Assert.Equal(0, Heap.GetProcessStatistics().ThreadCachedBytes);
    }

    [Fact]
    public void A_pass_allocates_nothing_managed()
    {
        CentralCache* central = CacheOf(_fixture.Heap, 100);
        AssertOnceNone(Work);

        long Work()
        {
            List<nint> slots = CentralFixture.Take(central, 20_000);
            GiveToDepot(central, [.. slots.Where((_, i) => i % 9 != 0)]);
            FreeLarge(_fixture.Heap, AllocLarge(_fixture.Heap, 8 << 20));
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int pass = 0; pass < 3; pass++)
            {
                _fixture.Scavenger->BeginPass(PassReach.Idle);
                while (!_fixture.Scavenger->WorkFor(100_000))
                {
                }
            }

            _ = _fixture.Scavenger->HasWork;
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(0, CentralFixture.Give(central, [.. slots.Where((_, i) => i % 9 == 0)]));
            return allocated;
        }
    }

    // What the runtime allocates to compile a way that is gone for the first time is not ours.
    internal static void AssertOnceNone(Func<long> allocated)
    {
        long least = allocated();
        for (int round = 0; round < 5 && least != 0; round++)
        {
            least = allocated();
        }

        Assert.Equal(0, least);
    }
}
