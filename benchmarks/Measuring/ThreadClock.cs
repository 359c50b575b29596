// The clock of single-threaded measurements: the time that this thread has spent on a core.
//
// On a machine that has nothing else to do it says what a wall clock says. On a shared one the wall clock also counts the
// time in which somebody else's thread had the core, several milliseconds at once, which would hit one subject and miss the
// next. What it does not see is work that a subject leaves to threads of its own: only for loops that leave none behind, or
// beside a core that would do that work unnoticed anyway. Where the system has no such clock, it is the wall clock.

using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Measuring;

internal static unsafe partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    public static TimeSpan Now
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return Stopwatch.GetElapsedTime(0);
            }

            TimeSpec time;
            return GetTime(ThreadCpuTime, &time) == 0
                ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
                : throw new InvalidOperationException("The thread's clock cannot be read.");
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, TimeSpec* time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
