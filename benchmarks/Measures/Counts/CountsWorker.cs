// The worker's side of `counts`, in the counting build: lets a program run for a second, until caches and depots are what
// they stay, then for the second that counts. Answers once and ends; the program's threads end with the process.
//
// Counters and objects are read one after the other while the threads run on. In a second of millions of objects, what
// is done between two reads does not show.

using System;
using System.Collections.Generic;
using System.Threading;

namespace NativeHeap.Benchmarks.Measures.Counts;

internal static class CountsWorker
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    /// <summary>The programs by cell: each starts its threads, which report the objects that they free.</summary>
    public static IReadOnlyDictionary<string, Action<FreedObjects>> Programs { get; } = new Dictionary<string, Action<FreedObjects>>
    {
        ["xmalloc-test/64"] = XmallocTest.Start,
        ["sh8bench/64"] = Sh8Bench.Start,
    };

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string program] || !Programs.TryGetValue(program, out Action<FreedObjects>? start))
        {
            throw new UsageException("The worker verb is for the program's own use: run a command instead.");
        }

        FreedObjects freed = new();
        start(freed);
        Thread.Sleep(s_second);
        Counts before = Read(freed);
        Thread.Sleep(s_second);
        Console.WriteLine(Read(freed) - before);
    }

#if NATIVEHEAP_COUNTS
    private static Counts Read(FreedObjects freed) => new(freed.Sum, Platform.PlatformCounts.Locks, Platform.PlatformCounts.Atomics);
#else
    private static Counts Read(FreedObjects freed)
        => throw new UsageException($"This build does not count ({freed.Sum} objects went by): run the command, which builds one that does.");
#endif
}
