// The two experiments of M9: objects are allocated, all at once, and freed, all but some, and then nobody touches the heap any more.
//
//     holes   2 million objects of 200 bytes, freed in the order in which they were allocated, all but every 100th: hardly a run of pages is free, but
//             nearly every page
//     burst   2 GiB, freed whole, in random order: what a program has for a while when it loads, sorts or answers something large
//
// The sizes of the burst are random between 32 B and 1 MiB, as many bytes in each doubling of the size: of real programs' objects, too, most are
// small, and most bytes are in the large ones. It makes some six million objects.

using System;
using System.Collections.Generic;

namespace NativeHeap.Benchmarks.Measures.Rss;

/// <param name="Name">The cell.</param>
/// <param name="Objects">How many objects.</param>
/// <param name="SizeOf">The size of an object, of a random number in [0, 1).</param>
/// <param name="KeptEvery">One of so many objects is not freed; 0 for none.</param>
internal sealed record Experiment(string Name, int Objects, Func<double, int> SizeOf, int KeptEvery)
{
    public const string HolesName = "holes";
    public const string BurstName = "burst";

    private const int HoleSize = 200;
    private const double Smallest = 32;
    private const double Largest = 1 << 20;
    private const double BurstBytes = 1L << 31;

    public static IReadOnlyList<Experiment> All { get; } =
    [
        new(HolesName, 2_000_000, _ => HoleSize, KeptEvery: 100),
        new(BurstName, (int)(BurstBytes / MeanBurstSize), BurstSize, KeptEvery: 0),
    ];

    /// <summary>The mean of a density that falls with the square of the size.</summary>
    private static double MeanBurstSize => Math.Log(Largest / Smallest) / ((1 / Smallest) - (1 / Largest));

    public int NextSize(Random random) => SizeOf(random.NextDouble());

    // The inverse of the distribution that belongs to that density.
    private static int BurstSize(double random) => (int)(Smallest / (1 - (random * (1 - (Smallest / Largest)))));
}
