// What comes before measuring: calling what will be measured until the JIT has compiled nothing for a while, so that it and
// all that it calls have reached the last tier, however busy the machine is.

using System;
using System.Diagnostics;
using System.Runtime;
using System.Threading;

namespace NativeHeap.Benchmarks.Measuring;

internal static class Settling
{
    private const int QuietBursts = 5;
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(60);

    /// <summary>Repeats a burst of small calls until nothing is compiled any more.</summary>
    /// <param name="burst">At least ten calls of everything that will be measured: five bursts must pass the count at which a tier is left.</param>
    /// <param name="atLeast">How long in any case; null for 60 ms.</param>
    /// <param name="atMost">How long if something is always compiled; null for as long as it takes.</param>
    public static void UntilQuiet(Action burst, TimeSpan? atLeast = null, TimeSpan? atMost = null)
    {
        long start = Stopwatch.GetTimestamp();
        int quiet = 0;
        while ((quiet < QuietBursts || Stopwatch.GetElapsedTime(start) < (atLeast ?? s_least)) && !(Stopwatch.GetElapsedTime(start) > atMost))
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            burst();

            // Compilation happens on another thread: time for it to replace what is being called.
            Thread.Sleep(5);
            quiet = JitInfo.GetCompiledMethodCount() == compiled ? quiet + 1 : 0;
        }
    }
}
