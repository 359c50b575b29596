// The slow ways of containers in address regions, tables and pools, from their root: what is tried for them when the system refuses.
//
// Where that has taken a limit's threshold, the user's handlers are told, as for any allocation.
//
// No lock is held here. A refusal is the caller's to turn into OutOfMemoryException.

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Memory for containers.</summary>
internal static unsafe class ContainerRoutes
{
    /// <summary>The set of a heap, which may be the shared one before the start; null when the system has no memory for it.</summary>
    public static CentralSet* SetOf(Heap heap) => HeapProcess.EnsureStarted() ? heap.Set : null;

    /// <summary>Ends a table or a pool, if it is there.</summary>
    public static void Close(ContainerReference container)
    {
        if (container.IsAlive)
        {
            ContainerHeader* header = ContainerHeader.Of(container.Token);
            header->List->Close(header);
        }
    }

    /// <summary>Makes at least the first bytes of a region usable. Handlers of soft limits may be called, and may have done anything to the container by then.</summary>
    /// <returns>Whether they are; if not, the region is as it was.</returns>
    public static bool TryCommit(ContainerHeader* header, int region, nuint bytes)
    {
        if (bytes <= header->Region(region)->Committed)
        {
            return true;
        }

        ContainerList* list = header->List;
        bool done = list->Commit(header, region, bytes);
        ThreadRecord* thread = done ? null : HeapProcess.GetThread();
        if (thread != null)
        {
            Reclamation.OutOfMemory(HeapProcess.Scavenger, HeapProcess.Registry, list->Set, thread, bytes - header->Region(region)->Committed);
            done = list->Commit(header, region, bytes);
        }

        if (!Pressure.IsRising(list->Set))
        {
            return done;
        }

        ulong token = header->Token;
        bool isTold = Pressure.Tell(list->Set, refused: done ? 0 : bytes);
        return header->Token == token && (done || (isTold && list->Commit(header, region, bytes)));
    }
}
