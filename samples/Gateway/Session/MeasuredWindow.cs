// What is measured, and when: from a message to another, on the thread that applies them, over all threads of the process.
//
//     messages before the window    lead in: buffers and owners are made, queues find their level
//     the window                    counted: messages, time, latencies, collections, allocated bytes
//
// The counts of the collector are read at its two ends only, and nothing is printed within.

using System;
using System.Diagnostics;

using HdrHistogram;

using SideBySide;

namespace Gateway.Session;

internal sealed class MeasuredWindow
{
    private const int MinLeadIn = 2;
    private const int MaxLeadIn = 20_000;
    private const int Digits = 3;
    private static readonly long s_longest = 3600 * Stopwatch.Frequency;

    private readonly LongHistogram _latencies = new(s_longest, Digits);
    private Collections _collectionsBefore;
    private long _bytesBefore;
    private long _start;
    private long _end;
    private long _first;
    private long _last;

    public bool IsOpen { get; private set; }

    /// <summary>How many messages it saw, events and others.</summary>
    public long Messages => _last - _first;

    public double Seconds => Stopwatch.GetElapsedTime(_start, _end).TotalSeconds;

    public Collections Collections { get; private set; }

    public long AllocatedBytes { get; private set; }

    /// <summary>How many messages to let pass before it opens.</summary>
    /// <param name="messages">How many there are.</param>
    public static long LeadIn(long messages) => Math.Clamp(messages / 5, MinLeadIn, MaxLeadIn);

    public void Open(long sequence)
    {
        _collectionsBefore = Collections.SoFar();
        _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
        _first = sequence;
        _start = Stopwatch.GetTimestamp();
        IsOpen = true;
    }

    /// <summary>Records how long after it was due a message had been applied.</summary>
    public void Record(long ticks) => _latencies.RecordValue(Math.Clamp(ticks, 0, s_longest));

    public void Close(long sequence)
    {
        if (!IsOpen)
        {
            return;
        }

        _end = Stopwatch.GetTimestamp();
        AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - _bytesBefore;
        Collections = Collections.SoFar() - _collectionsBefore;
        _last = sequence;
        IsOpen = false;
    }

    /// <summary>The latencies so far, in a copy that stays as it is. From another thread than the one that records, it may lack the last few.</summary>
    public LatencyFigures Latencies()
    {
        HistogramBase copy = _latencies.Copy();
        return copy.TotalCount == 0
            ? default
            : new LatencyFigures(copy.TotalCount, At(50), At(99), At(99.9), At(99.99), Nanoseconds(copy.GetMaxValue()));

        double At(double percentile) => Nanoseconds(copy.GetValueAtPercentile(percentile));
    }

    private static double Nanoseconds(long ticks) => ticks * (1e9 / Stopwatch.Frequency);
}

/// <summary>Wire to book, in nanoseconds.</summary>
internal readonly record struct LatencyFigures(long Count, double P50, double P99, double P999, double P9999, double Max);
