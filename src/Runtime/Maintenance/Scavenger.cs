// Gives memory back to the system.
//
//     what thread caches and depots park -> spans -> free pages -> the system
//                                                 -> holes
//
// A pass goes down that line once. The passes of a process are one after the other, under the pass lock: it is held over system calls, and nobody waits for it but who asks for a
// pass. No other lock is, while memory goes back.

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Maintenance;

/// <summary>Gives memory back to the system. One a process.</summary>
internal unsafe struct Scavenger
{
    private HeapLock _passLock;
    private PageHeap* _pages;
    private HeapIndexes* _indexes;
    private ThreadRegistry* _registry;

    /// <summary>Makes the process's scavenger.</summary>
    /// <returns>The scavenger, or null when the system has no memory.</returns>
    public static Scavenger* Create(MetadataAllocator* metadata, PageHeap* pages, HeapIndexes* indexes, ThreadRegistry* registry)
    {
        Scavenger* scavenger = metadata->Alloc<Scavenger>();
        if (scavenger != null)
        {
            scavenger->_pages = pages;
            scavenger->_indexes = indexes;
            scavenger->_registry = registry;
        }

        return scavenger;
    }

    /// <summary>Gives back all that can be, after waiting for a pass in progress.</summary>
    /// <param name="self">The calling thread's record, or null if it has none.</param>
    /// <param name="bad">A pointer that turned out to be no slot in use, or null.</param>
    /// <returns>The bytes given back to the system.</returns>
    public nuint ReturnAll(ThreadRecord* self, out void* bad)
    {
        bad = self == null ? null : _registry->Flush(self);
        _ = EndedThreads.Collect(_registry, int.MaxValue);
        _passLock.Enter();
        nuint given = TrimCentralCaches() + ReturnRuns(nuint.MaxValue);
        _passLock.Exit();
        return given;
    }

    /// <summary>Empties the depots of all heaps, and then gives as much free memory back as is needed elsewhere, after waiting for a pass in progress.</summary>
    /// <param name="bytes">How much, at least, if there is so much.</param>
    public void MakeRoom(nuint bytes)
    {
        _passLock.Enter();
        for (int index = 0; index < _indexes->Count; index++)
        {
            _indexes->Find(index)->EmptyDepots();
        }

        _ = ReturnRuns(bytes);
        _passLock.Exit();
    }

    private readonly nuint ReturnRuns(nuint bytes)
    {
        _pages->ReleaseKept();
        nuint given = 0;
        for (nuint end = ScavengeIndex.PassStart; end != 0 && given < bytes;)
        {
            given += _pages->ReturnRun(ref end, PassReach.Full, keep: 0);
        }

        return given;
    }

    private readonly nuint TrimCentralCaches()
    {
        nuint given = 0;
        for (int index = 0; index < _indexes->Count; index++)
        {
            CentralSet* set = _indexes->Find(index);
            for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
            {
                given += set->TrimCentral(spanClass);
            }
        }

        return given;
    }
}
