// How long each frame took: all of them, exactly, in an array made beforehand, so that recording allocates nothing.
//
//     percentile p = the least time that a part p of all frames does not exceed

using System;
using System.Diagnostics;

namespace Swarm.Running;

internal sealed class FrameTimes(int frames)
{
    private readonly long[] _ticks = new long[frames];
    private bool _isSorted;

    public int Count { get; private set; }

    public void Record(long ticks)
    {
        _ticks[Count++] = ticks;
        _isSorted = false;
    }

    /// <summary>In milliseconds.</summary>
    /// <param name="part">From 0 to 1.</param>
    public double Percentile(double part)
    {
        if (Count == 0)
        {
            return 0;
        }

        if (!_isSorted)
        {
            Array.Sort(_ticks, 0, Count);
            _isSorted = true;
        }

        int rank = Math.Clamp((int)Math.Ceiling(part * Count), 1, Count);
        return Milliseconds(_ticks[rank - 1]);
    }

    /// <summary>How many frames took longer than a number of milliseconds.</summary>
    public int CountOver(double milliseconds)
    {
        int count = 0;
        for (int i = 0; i < Count; i++)
        {
            if (Milliseconds(_ticks[i]) > milliseconds)
            {
                count++;
            }
        }

        return count;
    }

    public static double Milliseconds(long ticks) => ticks * (1000.0 / Stopwatch.Frequency);
}
