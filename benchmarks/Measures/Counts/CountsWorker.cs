// The worker's side of `counts`, in the counting build: two of the patterns of `patterns`, run for a second until caches and depots are
// what they stay, then for the second that counts. Answers once and ends.
//
// A pattern makes its threads anew for each run. What their starts and ends take is in the counts: some tens among the hundred
// thousands of a second.

using System;
using System.Collections.Generic;
using System.Diagnostics;

using NativeHeap.Benchmarks.Measures.Patterns;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Counts;

internal static class CountsWorker
{
    // Some tenths of a second.
    private static readonly Load s_load = new(2);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    /// <summary>The patterns by cell, with blocks of 64 bytes.</summary>
    public static IReadOnlyDictionary<string, Func<Load, Outcome>> Programs { get; } = new Dictionary<string, Func<Load, Outcome>>
    {
        ["xmalloc-test/64"] = XMallocTest.Run<HeapUntyped>,
        ["sh8bench/64"] = Sh8Bench<SixtyFourBytes>.Run<HeapUntyped>,
    };

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string program] || !Programs.TryGetValue(program, out Func<Load, Outcome>? run))
        {
            throw WorkerProcess.Misused();
        }

        _ = RunForASecond(run);
        Counts before = Read(0);
        long objects = RunForASecond(run);
        Console.WriteLine(Read(objects) - before);
    }

    /// <summary>How many objects were allocated and freed.</summary>
    private static long RunForASecond(Func<Load, Outcome> run)
    {
        long objects = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            objects += run(s_load).Operations;
        }
        while (Stopwatch.GetElapsedTime(start) < s_second);
        return objects;
    }

#if NATIVEHEAP_COUNTS
    private static Counts Read(long objects) => new(objects, Platform.PlatformCounts.Locks, Platform.PlatformCounts.Atomics);
#else
    private static Counts Read(long objects)
        => throw new UsageException($"This build does not count ({objects} objects went by): run the command, which builds one that does.");
#endif
}
