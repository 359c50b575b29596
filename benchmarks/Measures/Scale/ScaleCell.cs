// The cells of M14: three series in which one thing grows and all else stays, so that an operation should cost the same from
// the first cell to the last.
//
//     heap/10MB ... heap/10GB      what is live
//     threads/1 ... threads/10k    threads that have allocated, freed and ended
//     heaps/1 ... heaps/1k         heaps that a thread allocates from in turn

using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Scale;

internal enum Series
{
    Heap,
    Threads,
    Heaps,
}

internal sealed record ScaleCell(Series Series, string Size, long Amount)
{
    private const long Megabyte = 1_000_000;

    /// <summary>Every cell, each series from its smallest to its largest.</summary>
    public static IReadOnlyList<ScaleCell> All { get; } =
    [
        new(Series.Heap, "10MB", 10 * Megabyte),
        new(Series.Heap, "100MB", 100 * Megabyte),
        new(Series.Heap, "1GB", 1_000 * Megabyte),
        new(Series.Heap, "10GB", 10_000 * Megabyte),
        new(Series.Threads, "1", 1),
        new(Series.Threads, "10", 10),
        new(Series.Threads, "100", 100),
        new(Series.Threads, "1k", 1_000),
        new(Series.Threads, "10k", 10_000),
        new(Series.Heaps, "1", 1),
        new(Series.Heaps, "10", 10),
        new(Series.Heaps, "100", 100),
        new(Series.Heaps, "1k", 1_000),
    ];

    public string Name { get; } = $"{NameOf(Series)}/{Size}";

    /// <summary>What the program has live, with its own list of the objects, in bytes.</summary>
    public long Footprint => Series == Series.Heap ? Amount + (Amount / LiveHeap.ObjectSize * sizeof(long)) : 0;

    public static string NameOf(Series series) => series switch { Series.Heap => "heap", Series.Threads => "threads", _ => "heaps" };

    public static ScaleCell Parse(string name) => All.First(cell => cell.Name == name);
}
