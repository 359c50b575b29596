// Warming up: a burst of calls, again and again until the JIT has compiled nothing for a while, so that the code and what it calls
// have reached the last tier, however busy the machine is.

using System;
using System.Diagnostics;
using System.Runtime;
using System.Threading;

namespace NativeHeap.Benchmarks.Measuring;

internal static class Settling
{
    private const int QuietBursts = 5;
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(60);

    /// <param name="burst">Calls everything that is to be compiled some forty times: more than the thirty after which a method is compiled anew.</param>
    public static void UntilQuiet(Action burst)
    {
        long start = Stopwatch.GetTimestamp();
        int quiet = 0;
        while (quiet < QuietBursts || Stopwatch.GetElapsedTime(start) < s_least)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            burst();

            // Compilation happens on another thread: time for it to replace what is being called.
            Thread.Sleep(5);
            quiet = JitInfo.GetCompiledMethodCount() == compiled ? quiet + 1 : 0;
        }
    }
}
