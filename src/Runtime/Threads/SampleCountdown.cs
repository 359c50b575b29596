// How far a thread is from its next sample. Each byte that it is handed out is due a small share of one, 1 / bytes between samples on the average, and
//
//     Left = what is missing until a sum of such shares that is drawn anew after each sample, from the exponential distribution of mean 1
//
// which makes the samples a Poisson process: whatever pattern a program allocates in, each byte is as likely to be in one as any other, and heaps with rates of their own need no countdown of their own.
//
// A thread's alone. An ended thread's goes to the next with the record, which changes nothing: the distribution has no memory. Of 16 bytes, so that the bins behind the record begin where they did.

using System;

using NativeHeap.Platform;

namespace NativeHeap.Threads;

/// <summary>The distance to a thread's next sample.</summary>
internal struct SampleCountdown
{
    private const int NanosecondsAMillisecond = 1_000_000;

    // Of a time that no thread has when it starts.
    private const ushort Never = 1 << 15;

    private uint _random;
    private ushort _asked;
    private ushort _passed;

    /// <summary>What is missing.</summary>
    public double Left { get; private set; }

    /// <summary>Counts bytes by the share of a sample that they are due.</summary>
    public void Count(double share) => Left -= share;

    /// <summary>Whether it has begun.</summary>
    public readonly bool HasBegun => _random != 0;

    /// <summary>Begins.</summary>
    /// <param name="seed">What the numbers drawn begin with; not 0.</param>
    public void Begin(uint seed)
    {
        _random = seed;
        _passed = Never;
        Restart();
    }

    /// <summary>Begins anew, after a sample.</summary>
    public void Restart()
    {
        // From the open interval of 0 and 1.
        Left = -Math.Log((Next() + 0.5) / (1L << 32));
    }

    /// <summary>Passes, if the thread has worked for so long since the last time that it did.</summary>
    /// <remarks>
    /// Its time on a processor counts, not that on the wall: on a busy machine, or where a container has a share of a core, a thread that is let work a tenth of the time would else pay ten times as much of it. The system is asked for it
    /// once a tick of the clock at most. Both times are kept in 16 bits: who is idle for a multiple of a minute, to the tick, waits for a moment more.
    /// </remarks>
    /// <param name="milliseconds">How long.</param>
    /// <returns>Whether it does.</returns>
    public bool TryPass(int milliseconds)
    {
        ushort tick = unchecked((ushort)Environment.TickCount);
        if (tick == _asked)
        {
            return false;
        }

        _asked = tick;
        ushort worked = unchecked((ushort)(CpuClock.ThreadTime / NanosecondsAMillisecond));
        bool passes = unchecked((ushort)(worked - _passed)) >= milliseconds;
        _passed = passes ? worked : _passed;
        return passes;
    }

    /// <summary>Draws a number; 32 random bits, not all 0.</summary>
    /// <remarks>Marsaglia, "Xorshift RNGs" (2003).</remarks>
    public uint Next()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return _random;
    }
}
