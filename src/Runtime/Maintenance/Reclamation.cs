// What is done for memory before the system is asked for more, and when it has none. Runs from the root of a slow path, with no lock held; the
// slow path then tries again.

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Maintenance;

/// <summary>Makes free what is only parked.</summary>
internal static unsafe class Reclamation
{
    // A growth adds 4 MiB, whose page faults cost about a millisecond: what is done to avoid it is to cost no more.
    private const long DrainedBytes = 4L << 20;
    private const long DrainedObjects = 64 * 1024;

    /// <summary>Cheap measures, before the page heap grows.</summary>
    /// <param name="registry">The threads.</param>
    /// <param name="set">The heap that needs memory.</param>
    public static void BeforeGrowth(ThreadRegistry* registry, CentralSet* set)
    {
        _ = EndedThreads.Collect(registry, EndedThreads.FewSteps);
        DrainDepots(set, DrainedBytes);
    }

    /// <summary>All measures, when the system or a limit has refused.</summary>
    /// <param name="scavenger">Who gives memory back.</param>
    /// <param name="registry">The threads.</param>
    /// <param name="set">The heap that needs memory.</param>
    /// <param name="self">The calling thread's record.</param>
    /// <param name="bytes">How much it needs.</param>
    public static void OutOfMemory(Scavenger* scavenger, ThreadRegistry* registry, CentralSet* set, ThreadRecord* self, nuint bytes)
    {
        bool isHeapsLimit = Refusal.Last is RefusedBy.HeapMaximum or RefusedBy.HeapsWarmUp;
        _ = EndedThreads.Collect(registry, int.MaxValue);
        _ = registry->Flush(self);
        if (isHeapsLimit || set->KeepsMemory)
        {
            set->EmptyDepots();
        }

        if (!isHeapsLimit)
        {
            // A growth may need more than the run. A limit that has been lowered may have been passed before.
            long excess = set->Pages->Quota.Used - set->Pages->Quota.Maximum;
            scavenger->MakeRoom(bytes + PageHeap.MinStep + (nuint)long.Max(excess, 0));
        }
    }

    /// <summary>Moves slots from depots into their spans, the largest classes first: they free a page soonest.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="bytes">How many bytes of slots.</param>
    public static void DrainDepots(CentralSet* set, long bytes)
    {
        long objects = DrainedObjects;
        for (int spanClass = SizeClass.SpanClassCount - 1; spanClass > 0 && bytes > 0 && objects > 0; spanClass--)
        {
            CentralCache* central = set->Find(spanClass);
            if (central != null && central->DepotBytes != 0)
            {
                long moved = central->DrainDepot(long.Min(objects, (bytes / central->SlotSize) + 1));
                objects -= moved;
                bytes -= moved * central->SlotSize;
            }
        }
    }
}
