// A program whose memory rises and falls again and again, and the calls of the system that this costs. A tooth is 20,000 small objects, large objects from 100 KB to 5 MB and a buffer of 16 MB; some of the
// small ones stay for the next tooth, so that there are holes.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Central;

using Xunit;

using static NativeHeap.Tests.Maintenance.ScavengerFixture;

namespace NativeHeap.Tests.Maintenance;

/// <summary>The scavenger does not thrash: memory that comes and goes faster than passes never goes back, and slower it goes back once a time.</summary>
public sealed unsafe class SawtoothTests : IDisposable
{
    private const int Small = 20_000;
    private const int Kept = 50;

    // A run that goes back lies within a chunk of 4 MiB; the page heap's free runs of a tooth are cut by the few spans that stay.
    private const int RunsOfATooth = 60;

    private static readonly int[] s_large = [100_000, 300_000, 1 << 20, 5 << 20, 16 << 20];

    private readonly CountedSystem _system = new();
    private readonly ScavengerFixture _fixture = new();
    private readonly CentralCache* _central;
    private List<nint> _left = [];

    public SawtoothTests()
    {
        _central = CacheOf(_fixture.Heap, 512);
        FaultInjection.Armed = _system;
    }

    public void Dispose() => FaultInjection.Armed = null;

    [Fact]
    public void Teeth_shorter_than_a_pass_cost_no_call_of_the_system()
    {
        for (int tooth = 0; tooth < 6; tooth++)
        {
            Tooth();
        }

        _ = _fixture.Pass(PassReach.Busy);
        for (int tooth = 0; tooth < 30; tooth++)
        {
            if (tooth == 10)
            {
                // By then what the first teeth needed and no later one has gone.
                _system.Clear();
            }

            Rise(out List<nint> small, out List<nint> large);
            _ = tooth % 3 == 0 ? _fixture.Pass(PassReach.Busy) : 0;
            Fall(small, large);
            _ = tooth % 3 == 1 ? _fixture.Pass(PassReach.Idle) : 0;
        }

        Assert.Equal((0, 0, 0, 0), (_system[SystemCall.Unused], _system[SystemCall.Purge], _system[SystemCall.Used], _system[SystemCall.Map]));
    }

    [Fact]
    public void Teeth_longer_than_a_pass_go_back_once_each_however_many_passes_there_are()
    {
        // The first teeth find their places.
        _ = CallsOfATooth(passes: 2);
        _ = CallsOfATooth(passes: 2);
        (int unused, int purges) = CallsOfATooth(passes: 3);
        Assert.InRange(unused, 8, RunsOfATooth);
        for (int tooth = 0; tooth < 6; tooth++)
        {
            (int unusedNow, int purgesNow) = CallsOfATooth(passes: 3 + (5 * tooth));
            Assert.InRange(unusedNow, 8, RunsOfATooth);
            Assert.InRange(purgesNow, 0, Spans);
        }

        Assert.InRange(purges, 1, Spans);

        // Between the teeth passes find nothing, and after the last none is needed.
        _system.Clear();
        for (int pass = 0; pass < 10; pass++)
        {
            Assert.Equal(0, _fixture.Pass());
        }

        Assert.Equal((0, 0), (_system[SystemCall.Unused], _system[SystemCall.Purge]));
        Assert.False(_fixture.Scavenger->HasWork || _fixture.Scavenger->LeavesWork);
    }

    [Fact]
    public void With_the_background_thread_at_it_a_tooth_costs_no_more_than_that()
    {
        // How many of its passes fall into a tooth is the system's business; what a tooth may cost is not.
        _system.CountsAllThreads = true;
        ScavengerThread.Start(_fixture.Scavenger, 10);
        int teeth = LongTests.Scale(60, 400);
        Tooth();
        _system.Clear();
        for (int tooth = 0; tooth < teeth; tooth++)
        {
            Tooth();
        }

        Assert.InRange(_system[SystemCall.Unused], 0, teeth * RunsOfATooth);
        Assert.InRange(_system[SystemCall.Purge], 0, teeth * Spans);
        PageHeapTotals totals = _fixture.Pages->GetTotals();
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
    }

    // A span of the class goes back once a tooth at most, hole by hole in one go.
    private int Spans => (int)(Small * 512L / (SizeClass.Pages(SizeClass.ClassOf(512)) * SizeClass.PageSize)) + 1;

    private (int Unused, int Purges) CallsOfATooth(int passes)
    {
        Rise(out List<nint> small, out List<nint> large);
        Fall(small, large);
        _system.Clear();
        for (int pass = 0; pass < passes; pass++)
        {
            _ = _fixture.Pass();
        }

        return (_system[SystemCall.Unused], _system[SystemCall.Purge]);
    }

    private void Tooth()
    {
        Rise(out List<nint> small, out List<nint> large);
        Fall(small, large);
    }

    private void Rise(out List<nint> small, out List<nint> large)
    {
        small = CentralFixture.Take(_central, Small - _left.Count);
        large = [.. s_large.Select(bytes => (nint)AllocLarge(_fixture.Heap, bytes))];
        foreach (nint slot in small)
        {
            *(long*)slot = slot;
        }
    }

    private void Fall(List<nint> small, List<nint> large)
    {
        small.AddRange(_left);
        _left = [.. small.Where((_, i) => i % (Small / Kept) == 0)];
        HashSet<nint> left = [.. _left];
        Assert.Equal(0, CentralFixture.Give(_central, [.. small.Where(slot => !left.Contains(slot))]));
        large.ForEach(span => FreeLarge(_fixture.Heap, (PageSpan*)span));
    }

    // Refuses nothing, and counts: the calls of the thread that has made it, or those of all, among which are scavengers of other tests and of the process.
    private sealed class CountedSystem : FaultInjection
    {
        private readonly int _thread = Environment.CurrentManagedThreadId;
        private readonly int[] _calls = new int[Enum.GetValues<SystemCall>().Length];

        public int this[SystemCall call] => System.Threading.Volatile.Read(ref _calls[(int)call]);

        public bool CountsAllThreads { get; set; }

        protected override int Error => 0;

        public void Clear() => Array.Clear(_calls);

        protected override bool Decide(SystemCall call)
        {
            if (CountsAllThreads || Environment.CurrentManagedThreadId == _thread)
            {
                _ = System.Threading.Interlocked.Increment(ref _calls[(int)call]);
            }

            return false;
        }

        protected override void OnObtained(void* address, nuint size)
        {
        }

        protected override void OnReturned(void* address)
        {
        }
    }
}
