// What is measured of a trace, and the names by which users filter: `time/redis`, `threads-2/redis`, `memory/redis`, and for --verify `verify/redis`,
// `verify-4/redis`. The number is of real threads, where the recorded program had several; without one, one thread plays them all in the order of the file.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Traces;

/// <param name="Name">As in filters and rows.</param>
/// <param name="Kind">What the worker is asked for.</param>
/// <param name="Threads">How many real threads; 0 for the order of the file.</param>
internal sealed record TraceCell(string Name, string Kind, int Threads);

internal sealed record TraceCells(string File, string Name, int Threads)
{
    private static readonly int[] s_verifiedThreads = [2, 4];

    /// <summary>As many threads as there are cores, so that none is waited for because it has none.</summary>
    private int MeasuredThreads => Math.Min(Math.Max(Environment.ProcessorCount, 2), Threads);

    public IReadOnlyList<TraceCell> Measured =>
    [
        new(TracesGoals.TimeCell(Name), "time", 0),
        .. Threads > 1 ? [new(string.Create(CultureInfo.InvariantCulture, $"threads-{MeasuredThreads}/{Name}"), "time", MeasuredThreads)] : Array.Empty<TraceCell>(),
        new(TracesGoals.MemoryCell(Name), "memory", 0),
    ];

    public IReadOnlyList<TraceCell> Verified =>
    [
        new("verify/" + Name, "verify", 0),
        .. s_verifiedThreads.Where(threads => threads <= Threads)
            .Select(threads => new TraceCell(string.Create(CultureInfo.InvariantCulture, $"verify-{threads}/{Name}"), "verify", threads)),
    ];

    public IReadOnlyList<TraceCell> For(bool verify) => verify ? Verified : Measured;
}
