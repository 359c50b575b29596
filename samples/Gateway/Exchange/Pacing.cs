// When each message is due.
//
//     due(s) = start + (time(s) - time(1)) / rate        at a multiple of the exchange's own speed
//     due(s) = now                                       at the fastest
//
// A message's latency counts from when it was due, not from when it was sent: if the sender, or the gateway by way of the socket, falls behind, what waits behind it has waited, too. That is what
// accounts for coordinated omission.
//
// Waiting: the system's timer for what is left but the last millisecond or two, as it wakes up late by up to that; then the processor is offered to others until it is time. Nothing allocates.

using System.Diagnostics;
using System.Threading;

namespace Gateway.Exchange;

internal sealed class Pacing(double? rate)
{
    private const int SleepMargin = 2;
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
            long whole = left / s_millisecond;
            if (whole >= SleepMargin)
            {
                Thread.Sleep((int)System.Math.Min(whole - 1, 50));
            }
            else
            {
                Thread.Yield();
            }
        }
    }
}
