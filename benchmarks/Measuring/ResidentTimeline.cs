// The memory of another process over time: read by a thread of this one every 20 ms, so that the other need not wake up for it.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace NativeHeap.Benchmarks.Measuring;

internal sealed class ResidentTimeline : IDisposable
{
    private const int Interval = 20;

    private readonly int _process;
    private readonly long _atStart;
    private readonly List<(long Timestamp, long Growth)> _readings = [];
    private readonly Thread _reader;
    private volatile bool _stop;

    /// <summary>Starts with what the process has now, which counts as nothing.</summary>
    public ResidentTimeline(int process)
    {
        _process = process;
        _atStart = ResidentMemory.Of(process);
        _reader = new(Read) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>By how much it has grown since the start, in bytes.</summary>
    public long Growth => ResidentMemory.Of(_process) - _atStart;

    /// <summary>Ends the reading.</summary>
    /// <param name="zero">The moment to count from, as <see cref="Stopwatch"/> tells it.</param>
    /// <param name="step">The distance of the moments wanted, in milliseconds.</param>
    /// <returns>The growth, in bytes, at each multiple of a step from zero, before and after, while there were readings: the last reading before it.</returns>
    public IEnumerable<(int Milliseconds, long Growth)> Stop(long zero, int step)
    {
        Dispose();
        return OnGrid(_readings, zero, step);
    }

    public void Dispose()
    {
        _stop = true;
        _reader.Join();
    }

    internal static IEnumerable<(int Milliseconds, long Growth)> OnGrid(IReadOnlyList<(long Timestamp, long Growth)> readings, long zero, int step)
    {
        double Milliseconds(int index) => (readings[index].Timestamp - zero) * 1000.0 / Stopwatch.Frequency;

        for (int index = 0; index + 1 < readings.Count; index++)
        {
            for (int time = (int)Math.Ceiling(Milliseconds(index) / step) * step; time < Milliseconds(index + 1); time += step)
            {
                yield return (time, readings[index].Growth);
            }
        }
    }

    private void Read()
    {
        try
        {
            while (!_stop)
            {
                _readings.Add((Stopwatch.GetTimestamp(), Growth));
                Thread.Sleep(Interval);
            }
        }
        catch (IOException)
        {
            // It has died, which whoever asks it next will hear of.
        }
    }
}
