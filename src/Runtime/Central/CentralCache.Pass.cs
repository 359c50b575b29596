// What a pass of the scavenger does with a central cache, after whatever the threads do with it.
//
//     the depot's surplus -> the spans;  surplus of empty magazines -> the system;  idle spans that are not fresh -> the page heap;  holes -> the system (CentralCache.Holes.cs)
//
// A surplus is what there has been all the time since the pass before: the low-water mark, the working set of Bonwick's magazines (Bonwick and Adams, 2001, section 3.5). So a program
// that frees and allocates in waves shorter than a pass's interval keeps its depot, and an idle one keeps nothing.
//
// Under the heap's maintenance lock, since slots are in hand between the depot and the spans.

using NativeHeap.Pages;

namespace NativeHeap.Central;

internal unsafe partial struct CentralCache
{
    // The most slots that a step drains: some microseconds.
    private const int DrainedSlots = 8 * FlushBatch;

    /// <summary>Whether a pass may find something to give back, this one or the next; read without the lock, the answer may be old.</summary>
    public readonly bool MayGiveMore => !_depot.IsEmpty || _room.First != null || _empties.HasIdle;

    /// <summary>Begins a pass.</summary>
    public void BeginPass(PassReach reach)
    {
        bool isFull = reach == PassReach.Full;
        _lock.Enter();
        long low = _depot.TakeLow();
        _surplus = isFull ? _depot.Objects : low;
        _neededMagazines = isFull ? 0 : _empties.Count - _empties.TakeLow();
        _lock.Exit();
        if (_surplus == 0)
        {
            EndDrain(reach);
        }
    }

    /// <summary>Does a step of the pass.</summary>
    /// <param name="reach">How far the pass goes.</param>
    /// <param name="given">The bytes given back to the system.</param>
    /// <returns>Whether the pass goes on.</returns>
    public bool PassStep(PassReach reach, out nuint given)
    {
        given = 0;
        if (_surplus != 0)
        {
            long wanted = long.Min(_surplus, DrainedSlots);
            long moved = DrainDepot(wanted, SpanAge.Old);
            _surplus = moved < wanted ? 0 : _surplus - moved;
            if (_surplus == 0)
            {
                EndDrain(reach);
            }

            return true;
        }

        return TryPurgeMagazines(ref given) || Purge(reach, out given);
    }

    // The slots are where they belong. What is left is to be looked at from now on: not what others touch meanwhile.
    private void EndDrain(PassReach reach)
    {
        _lock.Enter();
        PageSpan* leaving = TakeIdle(keep: 0, freshToo: reach == PassReach.Full);
        _cursor = _room.First;
        _lock.Exit();
        Release(leaving, SpanAge.Old);
    }

    // Those that the drain has emptied have been as idle as their slots.
    private bool TryPurgeMagazines(ref nuint given)
    {
        _lock.Enter();
        MagazineBlock* block = _empties.TakeIdle(_empties.Count - _neededMagazines);
        _lock.Exit();
        if (block == null)
        {
            return false;
        }

        given = block->Purge();
        _lock.Enter();
        _empties.AddPurged(block);
        _lock.Exit();
        return true;
    }
}
