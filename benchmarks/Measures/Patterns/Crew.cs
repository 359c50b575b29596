// The threads of a pattern, where it does not make its own: all begin at once, and the time is wall time from there until
// the last has done its work. A core taken away by somebody else counts here; medians over the samples are what there is
// against it.

using System;
using System.Diagnostics;
using System.Threading;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class Crew
{
    /// <summary>Runs a piece of work on each of some new threads.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="work">What is timed; receives the thread's number.</param>
    /// <param name="before">What each thread does before all begin.</param>
    /// <param name="after">What each thread does after the last has done its work.</param>
    public static TimeSpan Run(int threads, Action<int> work, Action<int>? before = null, Action<int>? after = null)
    {
        using Barrier begin = new(threads + 1);
        using Barrier end = new(threads + 1);
        Thread[] crew = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int number = i;
            crew[i] = new(() =>
            {
                before?.Invoke(number);
                begin.SignalAndWait();
                work(number);
                end.SignalAndWait();
                after?.Invoke(number);
            });
            crew[i].Start();
        }

        begin.SignalAndWait();
        long start = Stopwatch.GetTimestamp();
        end.SignalAndWait();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        foreach (Thread thread in crew)
        {
            thread.Join();
        }

        return time;
    }
}
