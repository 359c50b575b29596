// What all allocators are put through: a program that allocates objects of very different sizes and frees them in no order, always with about the same number of bytes alive. Seeded, so that each
// meets the same calls.
//
//     of 100 objects    12 tiny (1 to 15 bytes), 58 up to 1 KiB, 24 up to 8 KiB, 5 up to 32 KiB, 1 large (up to 96 KiB)      sizes spread evenly over the octaves
//     lifetimes         what is freed is picked at random among the living

using System;
using System.Collections.Generic;

namespace MemoryMaps;

/// <summary>One call: an object by its number is allocated, or freed if <paramref name="Size"/> is 0.</summary>
internal readonly record struct Call(int Number, int Size)
{
    public bool IsFree => Size == 0;
}

internal static class Workload
{
    /// <summary>Calls that keep a number of bytes alive, once they have got there.</summary>
    /// <param name="seed">The same calls for the same seed.</param>
    /// <param name="calls">How many.</param>
    /// <param name="live">The bytes alive.</param>
    public static IReadOnlyList<Call> Make(int seed, int calls, int live)
    {
        Random random = new(seed);
        List<Call> result = [];
        List<(int Number, int Size)> alive = [];
        int bytes = 0;
        int next = 0;
        while (result.Count < calls)
        {
            int size = SizeOf(random);
            while (bytes + size > live && alive.Count != 0)
            {
                int victim = random.Next(alive.Count);
                result.Add(new Call(alive[victim].Number, 0));
                bytes -= alive[victim].Size;
                alive[victim] = alive[^1];
                alive.RemoveAt(alive.Count - 1);
            }

            result.Add(new Call(next, size));
            alive.Add((next++, size));
            bytes += size;
        }

        return result[..calls];
    }

    private static int SizeOf(Random random) => random.Next(100) switch
    {
        < 12 => random.Next(1, 16),
        < 70 => Spread(random, 16, 1024),
        < 94 => Spread(random, 1024, 8 * 1024),
        < 99 => Spread(random, 8 * 1024, 32 * 1024),
        _ => Spread(random, 33 * 1024, 96 * 1024),
    };

    private static int Spread(Random random, int low, int high) => (int)(low * Math.Pow((double)high / low, random.NextDouble()));
}
