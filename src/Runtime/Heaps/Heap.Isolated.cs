// The heap of an isolated type (Heaps/IsolatedType.cs), as users meet it: in Heap.All, by name, for statistics, reports and walks.
//
// Its index here is one that no thread's table of caches has, as a disposed heap's, so that every call takes the slow path; and there whatever asks for the set to change it is refused. So nothing but the type's own stubs, which
// go by the set, puts objects into it.

using NativeHeap.Central;
using NativeHeap.Heaps;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    private const int IsolatedIndex = -2;

    private Heap(CentralSet* set, string typeName)
    {
        _set = set;
        _index = IsolatedIndex;
        _lease = set->Lease;
        Name = typeName + " (isolated)";
    }

    /// <summary>Makes the heap of an isolated type.</summary>
    /// <param name="typeName">The type's name.</param>
    /// <returns>The heap, or null when the system has no memory.</returns>
    internal static Heap? TryMakeIsolated(string typeName)
    {
        CentralSet* set = HeapProcess.EnsureStarted() ? HeapProcess.Indexes->Take() : null;
        if (set == null)
        {
            return HeapProcess.IsStarted && HeapProcess.Indexes->Count == HeapIndexes.MaxHeaps ? throw HeapErrors.TooManyHeaps() : null;
        }

        Heap heap = new(set, typeName);
        heap.TakeSet();
        heap.SetLimits(new HeapOptions());
        ProcessProfile.Apply(ProcessProfile.Profile, set);
        ProcessChecks.Apply(null, set);
        Corruption.Apply(null, set);
        ProcessHardening.Apply(null, set);
        set->IsIsolated = true;

        // A sample would stand where another type's has stood.
        set->GuardedShare = 0;
        set->Recorder = HeapProcess.Recorder;
        return heap;
    }

    /// <summary>Takes back an isolated heap that has held nothing.</summary>
    internal void GiveUp()
    {
        _set->Recorder = null;
        LeaveSet();
        HeapProcess.Indexes->Return(_set);
    }

    /// <summary>The heap's central caches, to be read; null for the shared heap before the start.</summary>
    internal CentralSet* SetToRead => _index == IsolatedIndex ? _set : Set;

    /// <summary>The set of an isolated type's heap, for the type's stubs.</summary>
    internal CentralSet* IsolatedSet => _set;
}
