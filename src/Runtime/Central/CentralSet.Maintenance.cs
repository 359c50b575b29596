// A heap in the hands of who gives its memory back, or keeps it: the scavenger's passes, and what is done when memory is short.
//
// IsTouched: slots or spans of it went back since the scavenger last looked; noted under the lock of what they went back to, so that leaving that is the fence that ringing for the scavenger needs.
//
// Some heaps want another measure than most (HeapOptions.Profile). To one memory is dear: passes over a compact heap reach as far as Trim. To the other time is: what a heap that keeps its
// memory takes is touched before it is handed out, on the way by which it comes (AllocSpan, TryExtendLarge, ContainerList.Commit), with no lock held, and what is idle stays, until a full pass or the heap's
// own need takes it.
//
// Under the maintenance lock, class by class or over all of them.

using System.Threading;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

internal unsafe partial struct CentralSet
{
    /// <summary>Moves all slots of the depots into their spans, and gives back those that are idle.</summary>
    public void EmptyDepots()
    {
        for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            CentralCache* central = Find(spanClass);
            if (central != null)
            {
                _maintenanceLock.Enter();
                _ = central->DrainDepot(long.MaxValue);
                central->ReleaseIdle();
                _maintenanceLock.Exit();
            }
        }
    }

    /// <summary>Whether something went back to it since the scavenger last looked.</summary>
    public readonly bool IsTouched => Volatile.Read(in _isTouched);

    /// <summary>Notes that something went back to it.</summary>
    public void Touch()
    {
        // Read first: threads that free at the same time would else pass the cache line to and fro.
        if (!_isTouched)
        {
            Volatile.Write(ref _isTouched, true);
        }
    }

    /// <summary>Whether it was touched; until it is touched again.</summary>
    public bool TakeTouched()
    {
        bool touched = IsTouched;
        Volatile.Write(ref _isTouched, false);
        return touched;
    }

    /// <summary>Keeps the scavenger from the heap, which else has slots in hand now and then that seem to be in use. Before any central lock.</summary>
    public void EnterMaintenance() => _maintenanceLock.Enter();

    /// <summary>Lets the scavenger go on.</summary>
    public void ExitMaintenance() => _maintenanceLock.Exit();

    /// <summary>Gives holes of a class's spans back: of those that have not been touched from one call to the next.</summary>
    /// <param name="spanClass">The span class.</param>
    /// <param name="wanted">The bytes after which to stop.</param>
    /// <returns>The bytes given back; 0 also if somebody else is maintaining the heap.</returns>
    public nuint PurgeIdle(int spanClass, nuint wanted)
    {
        CentralCache* central = Find(spanClass);
        nuint bytes = 0;
        if (central != null && !KeepsMemory && central->MayHaveHoles && _maintenanceLock.TryEnter())
        {
            central->BeginPurge();
            for (bool goesOn = true; goesOn && bytes < wanted;)
            {
                goesOn = central->Purge(PassReach.Idle, out nuint given);
                bytes += given;
            }

            _maintenanceLock.Exit();
        }

        return bytes;
    }

    /// <summary>Begins the scavenger's pass over a class.</summary>
    /// <returns>Whether there is anything to look at.</returns>
    public bool BeginPass(int spanClass, PassReach reach)
    {
        CentralCache* central = KeepsMemory && reach != PassReach.Full ? null : Find(spanClass);
        if (central != null && central->IsPrewarmed && reach == PassReach.Full)
        {
            central->EndPrewarmed();
        }

        if (central == null || !central->MayGiveMore)
        {
            return false;
        }

        _maintenanceLock.Enter();
        central->BeginPass(ReachOf(reach));
        _maintenanceLock.Exit();
        return true;
    }

    /// <summary>Does a step of the scavenger's pass over a class, whose pass has begun.</summary>
    /// <inheritdoc cref="CentralCache.PassStep" path="/returns"/>
    public bool PassStep(int spanClass, PassReach reach, out nuint given)
    {
        _maintenanceLock.Enter();
        bool goesOn = Find(spanClass)->PassStep(ReachOf(reach), out given);
        _maintenanceLock.Exit();
        return goesOn;
    }

    // A compact heap's memory need not have been idle for long.
    private readonly PassReach ReachOf(PassReach reach) => IsCompact ? PassReach.Full : reach;
}
