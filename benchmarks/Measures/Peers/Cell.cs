// The cells of M1: a pattern, how many objects are live, and how large they are. Their names are what users filter by and what
// result files hold: `hot/64`, `window-random/100k/256`, and with `untouched/` before it the same cell
// with the objects neither written nor read.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal enum Pattern
{
    /// <summary>Allocate one, free it.</summary>
    Hot,

    /// <summary>Allocate all, free them in the order of allocation.</summary>
    WindowOrdered,

    /// <summary>Allocate all, free them in a random order.</summary>
    WindowRandom,

    /// <summary>Keep all live: free a random one and allocate in its place.</summary>
    Replace,
}

internal sealed record Cell(Pattern Pattern, int Live, int Size)
{
    private const string UntouchedPrefix = "untouched/";

    public static IReadOnlyList<int> Sizes { get; } = [16, 64, 256, 1024, 4096];

    /// <summary>Every cell, in the order in which they are measured and printed.</summary>
    public static IReadOnlyList<Cell> All { get; } =
    [
        .. Sizes.Select(size => new Cell(Pattern.Hot, 1, size)),
        .. from pattern in new[] { Pattern.WindowOrdered, Pattern.WindowRandom, Pattern.Replace }
           from live in new[] { 1_000, 100_000, 1_000_000 }
           from size in Sizes
           select new Cell(pattern, live, size),
    ];

    /// <summary>The cells that differ in the size only.</summary>
    public string Group { get; } = Pattern == Pattern.Hot
        ? "hot"
        : string.Create(CultureInfo.InvariantCulture, $"{NameOf(Pattern)}/{Live switch { < 1_000 => $"{Live}", < 1_000_000 => $"{Live / 1_000}k", _ => $"{Live / 1_000_000}M" }}");

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Group}/{Size}");

    /// <summary>What the program has live at most, in bytes.</summary>
    public long Footprint => (long)Live * Size;

    public string NameWhen(bool touched) => touched ? Name : UntouchedPrefix + Name;

    public static Cell Parse(string name) => All.First(cell => cell.Name == name);

    private static string NameOf(Pattern pattern)
        => pattern switch
        {
            Pattern.WindowOrdered => "window-ordered",
            Pattern.WindowRandom => "window-random",
            Pattern.Replace => "replace",
            _ => throw new ArgumentOutOfRangeException(nameof(pattern)),
        };
}
