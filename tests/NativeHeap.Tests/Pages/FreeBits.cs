using System;
using System.Collections.Generic;

using CsCheck;

namespace NativeHeap.Tests.Pages;

/// <summary>Free pages as the plainest model there is, an array of bool, and how to make and measure it.</summary>
internal static class FreeBits
{
    /// <summary>Arrays in which runs of all lengths alternate: single pages, words, several words.</summary>
    public static Gen<bool[]> Gen(int length) =>
        CsCheck.Gen.Select(
            CsCheck.Gen.Bool,
            CsCheck.Gen.Frequency((6, CsCheck.Gen.Int[1, 9]), (3, CsCheck.Gen.Int[10, 130]), (1, CsCheck.Gen.Int[1, length])).Array[1, 60],
            (first, runs) => Alternate(length, first, runs));

    /// <summary>An array whose runs have the lengths given, the last going on to the end.</summary>
    public static bool[] Alternate(int length, bool first, IEnumerable<int> runs)
    {
        bool[] free = new bool[length];
        bool isFree = first;
        int next = 0;
        foreach (int run in runs)
        {
            int end = int.Min(length, next + run);
            Array.Fill(free, isFree, next, end - next);
            isFree = !isFree;
            next = end;
        }

        Array.Fill(free, isFree, next, length - next);
        return free;
    }

    /// <summary>The bits of an array, 64 a word, and behind them a word that is another's: all free, as what goes on beyond the end would like it.</summary>
    public static ulong[] ToWords(bool[] free)
    {
        ulong[] words = new ulong[(free.Length / 64) + 1];
        words[^1] = ulong.MaxValue;
        for (int i = 0; i < free.Length; i++)
        {
            words[i / 64] |= free[i] ? 1UL << (i % 64) : 0;
        }

        return words;
    }

    /// <summary>The lengths of the runs at the start, at most, at the end.</summary>
    public static (uint Start, uint Max, uint End) Measure(ReadOnlySpan<bool> free)
    {
        uint start = 0;
        uint max = 0;
        uint run = 0;
        for (int i = 0; i < free.Length; i++)
        {
            run = free[i] ? run + 1 : 0;
            max = uint.Max(max, run);
            start = run == i + 1 ? run : start;
        }

        return (start, max, run);
    }

    /// <summary>The lowest place where <paramref name="count"/> are free in a row, or -1.</summary>
    public static int FindRun(ReadOnlySpan<bool> free, int count)
    {
        for (int first = 0; first + count <= free.Length; first++)
        {
            if (!free.Slice(first, count).Contains(false))
            {
                return first;
            }
        }

        return -1;
    }
}
