// What is done for memory before the system is asked for more, and when it has none. Runs from the root of a slow path, with no lock held; the
// slow path then tries again.

using NativeHeap.Central;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Maintenance;

/// <summary>Makes free what is only parked.</summary>
internal static unsafe class Reclamation
{
    /// <summary>Cheap measures, before the page heap grows.</summary>
    /// <param name="registry">The threads.</param>
    public static void BeforeGrowth(ThreadRegistry* registry) => EndedThreads.Collect(registry, EndedThreads.FewSteps);

    /// <summary>All measures, when the system has refused.</summary>
    /// <param name="registry">The threads.</param>
    /// <param name="set">The heap that needs memory.</param>
    /// <param name="self">The calling thread's record.</param>
    public static void OutOfMemory(ThreadRegistry* registry, CentralSet* set, ThreadRecord* self)
    {
        EndedThreads.Collect(registry, int.MaxValue);
        _ = registry->Flush(self);
        for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            CentralCache* central = set->Find(spanClass);
            if (central != null)
            {
                central->DrainDepot();
            }
        }
    }
}
