// When each message is due.
//
//     due(s) = start + (time(s) - time(1)) / rate        at a multiple of the exchange's own speed
//     due(s) = now                                       at the fastest
//
// A message's latency counts from when it was due, not from when it was sent: if the sender, or the gateway by way of the socket, falls behind, what waits behind it has waited, too. That is what
// accounts for coordinated omission.
//
// Waiting: the system's timer, until shortly before it is time, as it wakes up late by about so much; then this looks at the clock. Nothing allocates.

using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;

namespace Gateway.Exchange;

internal sealed partial class Pacing(double? rate)
{
    // Linux lets a timer be late by 50 us, and waking up takes some.
    private const long LateMicroseconds = 80;
    private const long MostMicroseconds = 50_000;
    private static readonly long s_millisecond = Stopwatch.Frequency / 1000;

    private long _start;
    private int _firstTime;

    public bool IsFastest => rate is null;

    /// <summary>Begins the session: the first message is due now.</summary>
    /// <param name="milliseconds">Its time.</param>
    public void Start(int milliseconds)
    {
        _start = Stopwatch.GetTimestamp();
        _firstTime = milliseconds;
    }

    /// <summary>When a message is due, in ticks of the stopwatch.</summary>
    /// <param name="milliseconds">The message's time.</param>
    /// <param name="now">The present, in ticks.</param>
    public long DueAt(int milliseconds, long now)
        => rate is null ? now : _start + (long)((milliseconds - _firstTime) / rate.Value * s_millisecond);

    /// <summary>Waits until it is time.</summary>
    /// <param name="due">The time, in ticks.</param>
    /// <param name="stop">Ends the wait early.</param>
    public static void WaitUntil(long due, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            long left = due - Stopwatch.GetTimestamp();
            if (left <= 0)
            {
                return;
            }

            // Bounded, so that a stop is seen soon.
            long microseconds = Math.Min(left * 1000 / s_millisecond, MostMicroseconds) - LateMicroseconds;
            if (microseconds > 0)
            {
                Sleep(microseconds);
            }
            else
            {
                Thread.SpinWait(1);
            }
        }
    }

    // The runtime's own sleep counts in milliseconds, which at twenty times the speed of a day are twenty of its own.
    private static void Sleep(long microseconds)
    {
        if (OperatingSystem.IsLinux())
        {
            Timespec time = new() { Nanoseconds = (nint)microseconds * 1000 };
            _ = NanoSleep(in time, 0);
        }
        else if (microseconds >= 2_000)
        {
            Thread.Sleep((int)(microseconds / 1000) - 1);
        }
        else
        {
            Thread.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NanoSleep(in Timespec time, nint remaining);

    // As on systems of 64 bits: two words.
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
