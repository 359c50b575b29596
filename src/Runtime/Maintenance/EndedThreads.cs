// Threads end without telling the allocator more than a flag (Platform/ThreadExit.cs). What their caches hold is looked for here, with no lock held: a
// record is claimed, its bins are emptied into the spans, and it is released for the next thread.
//
// Called from the root of a slow path, before the page heap grows (a few records a time), when memory has run out, and by FlushThread (all).

using NativeHeap.Platform;
using NativeHeap.Threads;

namespace NativeHeap.Maintenance;

/// <summary>Gives back what ended threads left in their caches.</summary>
internal static unsafe class EndedThreads
{
    /// <summary>How many records a search before growth looks at.</summary>
    public const int FewSteps = 8;

    /// <summary>Empties the caches of ended threads among some records of the registry.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="steps">How many records to look at; <see cref="int.MaxValue"/> for all.</param>
    /// <returns>Whether there were any.</returns>
    public static bool Collect(ThreadRegistry* registry, int steps)
    {
        bool any = false;
        for (ThreadRecord* record = registry->ClaimEnded(steps); record != null; record = registry->ClaimEnded(steps))
        {
            // A wrong free of a thread that has ended is nobody's to answer for; it was dropped at its span.
            DelayInjection.Pass(DelayPoint.RecordClaimed);
            _ = registry->Flush(record);
            DelayInjection.Pass(DelayPoint.RecordClaimed);
            registry->Release(record);
            any = true;
        }

        return any;
    }
}
