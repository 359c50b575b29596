// The depot of a central cache: magazines of free slots, waiting for a thread. Threads give and take at the top, so that what was freed last, and is likely to be in a
// processor's cache, goes out first; what is drained into the spans leaves at the bottom.
//
//     top <-> ... <-> bottom        Objects = sum of Count over the list        every Count > 0        Low = the least that Objects has been since it was last asked for
//     all but the top are more than half full: a magazine is poured into the top one where it fits
//
// A depot has no limit of its own. A program that frees and allocates in waves gets each wave back at the price of a lock for a magazine, where slots from
// the spans' bitmaps cost several nanoseconds each: with a limit of max(1 MiB, live / 16), a million objects of 64 B freed and allocated in turn cost 8 ns a pair in order and 40 ns in
// random order, without one 2 and 5. What bounds it is memory needed elsewhere: a page heap about to grow has depots drained first (Maintenance/Reclamation.cs), and so has a new peak of
// memory (Maintenance/Scavenger.HighWater.cs); and the scavenger drains what was not needed for a while.
//
// Tried and dropped: prefetching the slots of a magazine as it leaves the depot. Stores to slots that miss overlap well by themselves; the
// prefetches, all at once, made a million objects in order 60 % slower, in random order no faster.
//
// All of it under the central cache's lock.

using NativeHeap.Platform;

namespace NativeHeap.Central;

/// <summary>A list of magazines with free slots.</summary>
internal unsafe struct Depot
{
    private Magazine* _top;
    private Magazine* _bottom;
    private long _low;

    /// <summary>The number of slots in it.</summary>
    public long Objects { get; private set; }

    /// <summary>Whether it has none; read without the lock, the answer may be old.</summary>
    public readonly bool IsEmpty => _top == null;

    /// <summary>Takes slots at the top.</summary>
    /// <param name="empty">An empty magazine of the caller.</param>
    /// <param name="limit">The most slots to take.</param>
    /// <returns>The magazine with the slots: <paramref name="empty"/>, or a whole one of the list, for which the caller's has become superfluous; null if there are none.</returns>
    public Magazine* Take(Magazine* empty, int limit)
    {
        Magazine* magazine = _top;
        if (magazine == null)
        {
            return null;
        }

        if (magazine->Count <= limit)
        {
            Remove(magazine);
        }
        else
        {
            // A bin that has not grown to this magazine's size takes a part of it.
            Magazine.TakeTop(magazine, Magazine.Slots(empty), limit);
            empty->Count = limit;
            magazine = empty;
        }

        Objects -= magazine->Count;
        _low = long.Min(_low, Objects);
        return magazine;
    }

    /// <summary>Pours a magazine into the top one if it fits.</summary>
    /// <returns>Whether it did: it is empty then.</returns>
    public bool TryPour(Magazine* magazine, int capacity)
    {
        Magazine* top = _top;
        int count = magazine->Count;
        if (top == null || top->Count + count > capacity)
        {
            return false;
        }

        Magazine.Pour(magazine, top);
        Objects += count;
        return true;
    }

    /// <summary>Puts a magazine on top; of two that do not fit into one, the fuller goes beneath.</summary>
    public void Put(Magazine* magazine)
    {
        Objects += magazine->Count;
        Magazine* top = _top;
        if (top != null && magazine->Count > top->Count)
        {
            Remove(top);
            Push(magazine);
            magazine = top;
        }

        Push(magazine);
    }

    /// <summary>Takes slots at the bottom.</summary>
    /// <param name="destination">Where to write them.</param>
    /// <param name="atMost">The most to take.</param>
    /// <param name="emptied">A magazine that has become empty by it and is the caller's now, or null.</param>
    /// <returns>How many were taken; 0 if there are none.</returns>
    public int TakeBottom(void** destination, int atMost, out Magazine* emptied)
    {
        emptied = null;
        Magazine* magazine = _bottom;
        if (magazine == null)
        {
            return 0;
        }

        int count = int.Min(magazine->Count, atMost);
        Magazine.TakeTop(magazine, destination, count);
        if (magazine->Count == 0)
        {
            Remove(magazine);
            emptied = magazine;
        }

        Objects -= count;
        _low = long.Min(_low, Objects);
        return count;
    }

    /// <summary>The fewest slots that it has held since this was last asked.</summary>
    public long TakeLow()
    {
        long low = _low;
        _low = Objects;
        return low;
    }

    /// <summary>Takes all magazines.</summary>
    /// <returns>The top one, from which the others hang, in order; null if there are none.</returns>
    public Magazine* TakeAll()
    {
        Magazine* top = _top;
        _top = _bottom = null;
        Objects = _low = 0;
        return top;
    }

    private void Push(Magazine* magazine)
    {
        magazine->Previous = null;
        magazine->Next = _top;
        if (_top != null)
        {
            _top->Previous = magazine;
        }
        else
        {
            _bottom = magazine;
        }

        _top = magazine;
    }

    private void Remove(Magazine* magazine)
    {
        Magazine* before = magazine->Previous;
        Magazine* after = magazine->Next;
        if ((before != null ? before->Next : _top) != magazine || (after != null ? after->Previous : _bottom) != magazine)
        {
            TableCorruption.FailFast("the links of a list of magazines", magazine);
        }

        if (magazine->Previous != null)
        {
            magazine->Previous->Next = magazine->Next;
        }
        else
        {
            _top = magazine->Next;
        }

        if (magazine->Next != null)
        {
            magazine->Next->Previous = magazine->Previous;
        }
        else
        {
            _bottom = magazine->Previous;
        }

        magazine->Next = magazine->Previous = null;
    }
}
