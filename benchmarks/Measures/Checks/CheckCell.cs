// The cells of `checks`, all of them others' as well: what programs do with objects, and the memory that those take.
//
//     hot/64, window-random/256/64   as in `peers`: one object at a time, and 256 live that are freed in a random order; written and read
//     heap/64                        hot, in a heap of one's own
//     handoff/object/64              as in `buffers`: allocated by one thread and freed by another
//     orderbook                      as in `traces`: what an order book allocates and frees
//     size/64                        as in `rss`: 256 MiB of objects

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Buffers;
using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Checks;

/// <param name="Name">What users filter by and what result files hold.</param>
/// <param name="Runner">Makes what is measured.</param>
internal sealed record CheckCell(string Name, Func<CheckRunner> Runner)
{
    private const int Live = 256;

    /// <summary>The cell whose time has a goal of its own.</summary>
    public const string Pair = "hot/64";

    /// <summary>Every cell of time, in the order in which they are measured and printed.</summary>
    public static IReadOnlyList<CheckCell> All { get; } =
    [
        .. PairsOf(Pattern.Hot, 1),
        .. PairsOf(Pattern.WindowRandom, Live),
        new("heap/64", () => CheckRunner.Of(new CellRunner<HeapAllocation<Block64>, nint, Block64>(new(Pattern.Hot, 1, 64)))),
        new("handoff/object/64", () => CheckRunner.Of(BufferCell.Parse("handoff/object/64").Runner(Subject.NativeHeapName))),
        new(BookReplay.Name, () => CheckRunner.Of(new BookReplay())),
    ];

    /// <summary>The cells of memory.</summary>
    public static IReadOnlyList<SizeCell> Sizes { get; } = [.. SizeCell.All.Where(cell => cell.Size is 16 or 64 or 256 or 1024)];

    public static CheckCell Parse(string name) => All.First(cell => cell.Name == name);

    private static CheckCell[] PairsOf(Pattern pattern, int live) =>
    [
        Of<Block16>(new(pattern, live, 16)),
        Of<Block64>(new(pattern, live, 64)),
        Of<Block256>(new(pattern, live, 256)),
        Of<Block1024>(new(pattern, live, 1024)),
    ];

    private static CheckCell Of<T>(Cell cell)
        where T : unmanaged, IBlock<T>
        => new(cell.Name, () => CheckRunner.Of(new CellRunner<StubAllocation<T>, nint, T>(cell)));
}

/// <summary>A cell in the worker, of whichever command's kind.</summary>
/// <param name="Settle">Runs it until its code is compiled for good.</param>
/// <param name="Sample">Samples it, for a time.</param>
internal sealed record CheckRunner(Action Settle, Func<TimeSpan, Sample> Sample)
{
    public static CheckRunner Of(CellRunner runner) => new(runner.Settle, time => runner.Sample(touched: true, time));

    public static CheckRunner Of(PassRunner runner) => new(runner.Settle, runner.Sample);
}
