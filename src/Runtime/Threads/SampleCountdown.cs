// How far a thread is from its next sample. Each byte that it is handed out is due a small share of one, 1 / bytes between samples on the average, and
//
//     Left = what is missing until a sum of such shares that is drawn anew after each sample, from the exponential distribution of mean 1
//
// which makes the samples a Poisson process: whatever pattern a program allocates in, each byte is as likely to be in one as any other, and heaps with rates of their own need no countdown of their own.
//
// A thread's alone. An ended thread's goes to the next with the record, which changes nothing: the distribution has no memory. Of 16 bytes, so that the bins behind the record begin where they did.

using System;

namespace NativeHeap.Threads;

/// <summary>The distance to a thread's next sample.</summary>
internal struct SampleCountdown
{
    private uint _random;
    private int _last;

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
        Restart();
    }

    /// <summary>Begins anew, after a sample.</summary>
    public void Restart()
    {
        // From the open interval of 0 and 1.
        Left = -Math.Log((Next() + 0.5) / (1L << 32));
    }

    /// <summary>Passes, if a pause since the last time that it did is over.</summary>
    /// <param name="now">The time in milliseconds, which may turn over.</param>
    /// <param name="pause">The pause, in milliseconds.</param>
    /// <returns>Whether it does.</returns>
    public bool TryPass(int now, int pause)
    {
        bool passes = unchecked((uint)(now - _last)) >= (uint)pause;
        _last = passes ? now : _last;
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
