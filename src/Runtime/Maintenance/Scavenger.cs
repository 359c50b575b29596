// Gives memory back to the system: passes (ScavengePass.cs), one after the other.
//
//     what thread caches and depots park -> spans -> free pages -> the system
//                                                 -> holes
//
// The pass lock is held for as long as somebody works at a pass, over system calls too; nobody waits for it but who asks for a pass. Between two slices of the background thread's
// (ScavengerThread.cs) it is free, and a pass that somebody asks for comes in between.
//
// A megabyte of free pages stays, the lowest, so that a program that lives in little memory does not give back and fetch again a few pages time after time; and what is prewarmed (Scavenger.Prewarm.cs).

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Threads;

namespace NativeHeap.Maintenance;

/// <summary>Gives memory back to the system. One a process.</summary>
internal unsafe partial struct Scavenger
{
    /// <summary>What <see cref="KeptBytes"/> is at first.</summary>
    public const nuint DefaultKeptBytes = 1 << 20;

    private HeapLock _passLock;
    private PageHeap* _pages;
    private HeapIndexes* _indexes;
    private ThreadRegistry* _registry;
    private ScavengePass _pass;
    private nuint _prewarmed;

    /// <summary>The bytes of free pages that passes leave, but those that are to give back all.</summary>
    public nuint KeptBytes;

    // Where HoldHighWater goes on looking for holes, so that each class has its turn.
    private int _holesClass;

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
            scavenger->KeptBytes = DefaultKeptBytes;
        }

        return scavenger;
    }

    /// <summary>Rings when there is something to give back.</summary>
    public readonly Doorbell* Bell => _pages->Bell;

    /// <summary>Whether something has been touched that no pass has looked at since.</summary>
    public readonly bool HasWork
    {
        get
        {
            bool touched = _pages->IsTouched;
            for (int index = 0; index < _indexes->Count && !touched; index++)
            {
                touched = _indexes->Find(index)->IsTouched;
            }

            return touched;
        }
    }

    /// <summary>Gives back all that can be, after waiting for a pass in progress.</summary>
    /// <param name="self">The calling thread's record, or null if it has none.</param>
    /// <param name="bad">A pointer that turned out to be no slot in use, or null.</param>
    /// <returns>The bytes given back to the system.</returns>
    public nuint ReturnAll(ThreadRecord* self, out void* bad)
    {
        bad = self == null ? null : _registry->Flush(self);
        ScavengePass pass = new(_pages, _indexes, _registry, PassReach.Full, keep: 0);
        nuint given = 0;
        _passLock.Enter();
        _prewarmed = 0;
        while (!pass.IsDone)
        {
            given += pass.Step();
        }

        _passLock.Exit();
        return given;
    }

    /// <summary>Empties the depots of all heaps that do not keep their memory, and then gives as much free memory back as is needed elsewhere, after waiting for a pass in progress.</summary>
    /// <param name="bytes">How much, at least, if there is so much.</param>
    public void MakeRoom(nuint bytes)
    {
        _passLock.Enter();
        for (int index = 0; index < _indexes->Count; index++)
        {
            CentralSet* set = _indexes->Find(index);
            if (!set->KeepsMemory)
            {
                set->EmptyDepots();
            }
        }

        _pages->EmptyCaches();
        _pages->ReleaseKept();
        nuint given = 0;
        for (nuint end = ScavengeIndex.PassStart; end != 0 && given < bytes;)
        {
            given += _pages->ReturnRun(ref end, PassReach.Full, keep: 0);
        }

        _passLock.Exit();
    }

    /// <summary>Begins a pass of the background thread's.</summary>
    /// <param name="reach">How far it goes.</param>
    public void BeginPass(PassReach reach) => _pass = new ScavengePass(_pages, _indexes, _registry, reach, nuint.Max(KeptBytes, PrewarmedFree));

    /// <summary>Works at the background thread's pass.</summary>
    /// <param name="nanoseconds">The processor time to stop after.</param>
    /// <returns>Whether the pass is through.</returns>
    public bool WorkFor(long nanoseconds)
    {
        long end = CpuClock.ThreadTime + nanoseconds;
        _passLock.Enter();
        do
        {
            _ = _pass.Step();
        }
        while (!_pass.IsDone && CpuClock.ThreadTime < end);
        _passLock.Exit();
        return _pass.IsDone;
    }

    /// <summary>Whether the background thread's last pass found something for the next.</summary>
    public readonly bool LeavesWork => _pass.LeavesWork;
}
