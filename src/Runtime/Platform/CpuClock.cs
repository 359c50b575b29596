// The time that this thread and the whole process have spent on processors, and the time on the wall beside them. What a budget of processor time is kept by.
//
// Exact to the nanosecond on Linux and macOS. Windows counts whole ticks of its clock, 15.6 ms long: a sum over many is right, one difference is 0 or a tick.

using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

/// <summary>Times in nanoseconds: on the wall, of the calling thread, of the process.</summary>
internal readonly record struct CpuTimes(long Wall, long Thread, long Process);

/// <summary>Reads the processor's times.</summary>
internal static unsafe partial class CpuClock
{
    private const long NanosecondsASecond = 1_000_000_000;

    // Linux's numbers of the clocks, and Darwin's.
    private static int ProcessClock => OperatingSystem.IsMacOS() ? 12 : 2;

    private static int ThreadClock => OperatingSystem.IsMacOS() ? 16 : 3;

    /// <summary>Resolves the system's calls, so that the first time that is asked for finds them ready.</summary>
    public static void Prepare() => _ = Read();

    /// <summary>The times now.</summary>
    public static CpuTimes Read() => OperatingSystem.IsWindows()
        ? new(Wall, ThreadTime, WindowsTime(GetProcessTimes(-1, out _, out _, out long kernel, out long user), kernel, user))
        : new(Wall, ThreadTime, PosixTime(ProcessClock));

    /// <summary>The time of the calling thread, in nanoseconds.</summary>
    public static long ThreadTime => OperatingSystem.IsWindows()
        ? WindowsTime(GetThreadTimes(-2, out _, out _, out long kernel, out long user), kernel, user)
        : PosixTime(ThreadClock);

    private static long Wall => (long)((Int128)Stopwatch.GetTimestamp() * NanosecondsASecond / Stopwatch.Frequency);

    private static long PosixTime(int clock)
    {
        long* time = stackalloc long[2];
        return GetTime(clock, time) == 0 ? (time[0] * NanosecondsASecond) + time[1] : 0;
    }

    // In units of 100 ns.
    private static long WindowsTime(int succeeded, long kernel, long user) => succeeded != 0 ? (kernel + user) * 100 : 0;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, long* time);

    [LibraryImport("kernel32", EntryPoint = "GetProcessTimes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetProcessTimes(nint process, out long created, out long ended, out long kernel, out long user);

    [LibraryImport("kernel32", EntryPoint = "GetThreadTimes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetThreadTimes(nint thread, out long created, out long ended, out long kernel, out long user);
}
