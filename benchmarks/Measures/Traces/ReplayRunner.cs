// One replay in a worker, in one of the ways there are: timed, for its memory, or dealt out to threads.
//
// A timed replay is settled first by the trace's own beginning, again and again, until its code is compiled for good: what is to be timed is an allocator in a
// program that has been running for a second. What the settling allocates it frees. For memory there must be no such beginning: the figure is to
// hold everything from the first allocation on, but for compiled code (Measuring/Compilation.cs).

using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

/// <summary>The ways, without the allocator's type.</summary>
internal abstract class ReplayRunner
{
    /// <summary>Nanoseconds of one thread's time an event.</summary>
    public abstract double Time();

    /// <summary>Nanoseconds on the wall an event, played by several threads.</summary>
    public abstract double TimeThreaded(int threads);

    /// <summary>Bytes by which the process grew at most.</summary>
    public abstract long Memory();

    /// <summary>The first fault found, or null.</summary>
    public abstract string? Verify(int threads);
}

internal sealed unsafe class ReplayRunner<TAllocator>(Trace trace) : ReplayRunner
    where TAllocator : struct, IUntyped
{
    private const int SettlingEvents = 10_240;
    private const int SettlingCalls = 40;
    private const int SamplingSteps = 2_000;

    public override double Time()
    {
        Replay<TAllocator, FewLines> replay = new(trace);
        Settle(replay);
        TimeSpan start = ThreadClock.Now;
        replay.Run(0, trace.Count);
        return (ThreadClock.Now - start).TotalNanoseconds / trace.Count;
    }

    public override double TimeThreaded(int threads)
    {
        Replay<TAllocator, FewLines> replay = new(trace);
        ThreadedTrace threaded = new(trace, threads);
        Trace beginning = trace.Beginning(SettlingEvents);
        ThreadedTrace rehearsal = new(beginning, 1);
        int[] left = beginning.LiveAtEnd();
        Settling.UntilQuiet(() =>
        {
            for (int call = 0; call < SettlingCalls; call++)
            {
                rehearsal.Rewind();
                replay.Run(rehearsal, 0);
                replay.Free(left);
            }
        });

        using Barrier together = new(threads + 1);
        Thread[] players = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            together.SignalAndWait();
            replay.Run(threaded, thread);
        }))];
        foreach (Thread player in players)
        {
            player.Start();
        }

        together.SignalAndWait();
        long start = Stopwatch.GetTimestamp();
        foreach (Thread player in players)
        {
            player.Join();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / trace.Count;
    }

    public override long Memory()
    {
        Replay<TAllocator, EveryPage> replay = new(trace);
        Compilation.OfAllocator(typeof(TAllocator));
        replay.Run(0, 0);

        // Loads the library, if it is one.
        TAllocator.Free(null);

        ResidentMemory memory = ResidentMemory.Start();
        int step = memory.NeedsSamples ? Math.Max(1, trace.Count / SamplingSteps) : trace.Count;
        for (int first = 0; first < trace.Count; first += step)
        {
            replay.Run(first, Math.Min(step, trace.Count - first));
            if (memory.NeedsSamples)
            {
                memory.Sample();
            }
        }

        return memory.PeakGrowth;
    }

    public override string? Verify(int threads)
    {
        VerifiedReplay<TAllocator> replay = new(trace);
        return threads == 0 ? replay.Run() : replay.Run(new ThreadedTrace(trace, threads));
    }

    private void Settle(Replay<TAllocator, FewLines> replay)
    {
        Trace beginning = trace.Beginning(SettlingEvents);
        int[] left = beginning.LiveAtEnd();
        Settling.UntilQuiet(() =>
        {
            int step = Math.Max(1, beginning.Count / SettlingCalls);
            for (int first = 0; first < beginning.Count; first += step)
            {
                replay.Run(first, Math.Min(step, beginning.Count - first));
            }

            replay.Free(left);
        });
    }
}
