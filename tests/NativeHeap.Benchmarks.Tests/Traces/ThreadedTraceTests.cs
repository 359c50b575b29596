using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using CsCheck;

using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Recording;
using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Traces;

/// <summary>A trace played by several threads: every event once, each thread's in their order, each slot's in theirs.</summary>
public sealed unsafe class ThreadedTraceTests
{
    [Fact]
    public void Threads_and_slots_keep_the_order_of_the_file()
        => Gen.Select(TraceBuilder.Random, Gen.Int[1, 8]).Sample(
            (built, threads) =>
            {
                Trace trace = built.ToTrace();
                ThreadedTrace threaded = new(trace, threads);

                // Twice: a trace can be played again.
                for (int round = 0; round < 2; round++)
                {
                    threaded.Rewind();
                    AssertOrder(trace, threads, Play(threaded));
                }

                trace.Free();
            },
            iter: LongTests.Scale(50, 2_000),
            threads: 1);

    [Fact]
    public void Who_waits_in_vain_is_stopped()
    {
        Trace trace = new TraceBuilder().Add(TraceOp.Alloc, 0, 1).Add(TraceOp.Free, 0, thread: 1).ToTrace();
        ThreadedTrace threaded = new(trace, 2);
        bool stop = true;
        Assert.False(threaded.WaitForTurn(threaded.Start(1), ref stop));
        Assert.True(threaded.WaitForTurn(threaded.Start(0), ref stop));
        trace.Free();
    }

    // The events' numbers in the order in which they were played, each with the thread that played it.
    private static List<(int Thread, int Index)> Play(ThreadedTrace threaded)
    {
        List<(int Thread, int Index)> played = [];
        Lock exclusive = new();
        Thread[] players = [.. Enumerable.Range(0, threaded.Threads).Select(thread => new Thread(() =>
        {
            bool stop = false;
            ThreadedEvent* end = threaded.Start(thread) + threaded.CountOf(thread);
            for (ThreadedEvent* e = threaded.Start(thread); e < end; e++)
            {
                _ = threaded.WaitForTurn(e, ref stop);
                lock (exclusive)
                {
                    played.Add((thread, e->Index));
                }

                threaded.EndTurn(e);
            }
        }))];
        Parallel.ForEach(players, player => player.Start());
        foreach (Thread player in players)
        {
            player.Join();
        }

        return played;
    }

    private static void AssertOrder(Trace trace, int threads, List<(int Thread, int Index)> played)
    {
        Assert.Equal(Enumerable.Range(0, trace.Count), played.Select(step => step.Index).Order());
        foreach ((int thread, int index) in played)
        {
            Assert.Equal(trace.Events[index].Thread % threads, thread);
        }

        foreach (IEnumerable<int> indexes in played.GroupBy(step => step.Thread, step => step.Index).Concat(played.GroupBy(step => -1 - (int)trace.Events[step.Index].Slot, step => step.Index)))
        {
            Assert.Equal(indexes.Order(), indexes);
        }
    }
}
