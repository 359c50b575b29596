// How far a thread is from its next sample. Each byte that it is handed out is due a small share of one, 1 / bytes between samples on the average, and
//
//     Left = what is missing until a sum of such shares that is drawn anew after each sample, from the exponential distribution of mean 1
//
// which makes the samples a Poisson process: whatever pattern a program allocates in, each byte is as likely to be in one as any other, and heaps with rates of their own need no countdown of their own.
//
// A thread's alone. An ended thread's goes to the next with the record, which changes nothing: the distribution has no memory.

using System;

namespace NativeHeap.Threads;

/// <summary>The distance to a thread's next sample.</summary>
internal struct SampleCountdown
{
    private ulong _random;

    /// <summary>What is missing.</summary>
    public double Left { get; private set; }

    /// <summary>Counts bytes by the share of a sample that they are due.</summary>
    public void Count(double share) => Left -= share;

    /// <summary>Whether it has begun.</summary>
    public readonly bool HasBegun => _random != 0;

    /// <summary>Begins.</summary>
    /// <param name="seed">What the numbers drawn begin with; not 0.</param>
    public void Begin(ulong seed)
    {
        _random = seed;
        Restart();
    }

    /// <summary>Begins anew, after a sample.</summary>
    public void Restart()
    {
        // Of 53 bits and a half: from the open interval of 0 and 1.
        Left = -Math.Log(((Next() >> 11) + 0.5) / (1UL << 53));
    }

    /// <summary>Draws a number; 64 random bits.</summary>
    /// <remarks>SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).</remarks>
    public ulong Next()
    {
        _random += 0x9E37_79B9_7F4A_7C15;
        ulong mixed = (_random ^ (_random >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
