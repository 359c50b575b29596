// What is free pays for what is taken: when memory rises above its high-water mark (Pages/PageHeap.HighWater.cs), as many bytes as it has risen by are given back from where nobody uses
// them. Done by the thread that has taken a span, or magazines, at the root of its slow path.
//
//     free runs -> kept runs -> holes of the heap's spans -> its depots, drained into their spans, and what becomes free by that -> the mark rises
//
// No more is given back, or drained, than was taken, so that what is done for memory costs in proportion to it, and a program that frees and allocates in waves keeps its depots.
//
// It is a pass like the others, and left out when one is going on.

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Maintenance;

internal unsafe partial struct Scavenger
{
    /// <summary>Gives memory back if there is more of it than there has ever been, and some of it is not used.</summary>
    /// <param name="set">The heap that the calling thread has just used.</param>
    public void HoldHighWater(CentralSet* set)
    {
        if (_pages->IsOverHighWater && _passLock.TryEnter())
        {
            HoldHighWaterLocked(set);
            _passLock.Exit();
        }
    }

    private void HoldHighWaterLocked(CentralSet* set)
    {
        if (set->KeepsMemory)
        {
            // It has just touched what it took, and is not to wait for the system now.
            _pages->RaiseHighWater(paid: 0);
            return;
        }

        nuint over = _pages->GetOverBytes();
        nuint given = ReturnPages(over);
        given += given < over ? ReturnHoles(set, over - given) : 0;
        if (given < over)
        {
            Reclamation.DrainDepots(set, (long)(over - given));
            given += ReturnPages(over - given);
        }

        _pages->RaiseHighWater(given);
    }

    private readonly nuint ReturnPages(nuint wanted)
    {
        nuint free = _pages->GetTotals().Free;
        nuint keep = nuint.Max(PrewarmedFree, free > wanted ? free - wanted : 0);
        nuint given = 0;
        for (nuint end = ScavengeIndex.PassStart; end != 0;)
        {
            given += _pages->ReturnRun(ref end, PassReach.Resident, keep);
        }

        for (nuint more = 1; more != 0 && given < wanted && free - given > keep; given += more)
        {
            more = _pages->ReturnKept(wanted - given);
        }

        return given;
    }

    // Only of spans that have been left alone since the last search: others are about to be allocated from.
    private nuint ReturnHoles(CentralSet* set, nuint wanted)
    {
        nuint given = 0;
        for (int step = 0; step < SizeClass.SpanClassCount && given < wanted; step++)
        {
            _holesClass = (_holesClass + 1) % SizeClass.SpanClassCount;
            given += set->PurgeIdle(_holesClass, wanted - given);
        }

        return given;
    }
}
