// The central cache of one span class and heap: the place where threads exchange free slots by the magazine, and where spans are kept.
//
//     thread's bin  <->  depot: magazines of free slots, O(1) under the lock (Depot.cs)
//                   <->  spans with room: slots lifted from, or dropped into, their bitmaps
//
//     slots of all spans = live + in threads' bins + depot's Objects + FreeSlots
//     a span is in _room or _settled  <=>  FreeCount > 0;   in _full  <=>  FreeCount = 0
//
// The lock is taken per magazine, never per object: a locked list taken per object is what makes the classic central list collapse in
// producer-consumer programs (225 times slower than the best at xmalloc-test in mimalloc-bench). It is never held long: a flush finds span and slot of each pointer before it
// locks (a slot that is not yet flushed pins its span, so the span cannot change), and moves at most FlushBatch objects. It is dropped before a span is
// asked for or given back. Order: one central lock, then the page heap's; never two central locks.
//
// A span that becomes idle, all of its slots free, goes back to the page heap, but for one that stays while it is the only one with room, so that a free and an allocation
// at the boundary do not move a span each. A heap that has been reset keeps more:
//
//     _spans = spans of all lists;  _idleSpans = those that are idle;  _peakSpans = the most that were not since the last reset
//     _keptSpans = _peakSpans as it was at that reset, 0 before any: as long as there are no more spans than that, none goes back
//
// So the next level finds the memory of the last, whatever it frees singly meanwhile; what a level has not needed its reset gives back, or the scavenger before.
//
// This file has the exchange of magazines and the counts; CentralCache.Spans.cs has the way of slots out of the spans and back, CentralCache.Holes.cs that of the memory behind free slots
// to the system, CentralCache.Hardening.cs what is done for heaps that are hardened.

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>The central cache of one span class and heap.</summary>
internal unsafe partial struct CentralCache
{
    /// <summary>The most objects that one call moves into spans: half a magazine of small ones, so that no single free pays for a whole one.</summary>
    /// <remarks>
    /// What a flush costs is its locks as much as its bits. Where every object changes threads and the depot overflows (`benchmarks counts`, xmalloc-test), 32 here and 64
    /// lifted cost 0.04 locks an object, 128 and 256 cost 0.015, and the slowest calls of `benchmarks latency` were no slower: 0.7 µs over the floor at p99.9, 1.0 before.
    /// </remarks>
    public const int FlushBatch = 128;

    /// <summary>The most objects that one call lifts from spans: a magazine of small ones.</summary>
    public const int RefillBatch = 256;

    private HeapLock _lock;
    private Depot _depot;
    private MagazineStore _empties;
    private MagazineStore _smallEmpties;
    private SpanList _room;
    private SpanList _settled;
    private SpanList _full;
    private PageSpan* _cursor;
    private TakenHoles* _taken;
    private CentralSet* _set;

    /// <summary>The span class.</summary>
    public int SpanClass { get; private set; }

    /// <summary>The size of its slots, in bytes.</summary>
    public int SlotSize { get; private set; }

    /// <summary>The capacity of its magazines.</summary>
    public int MagazineCapacity { get; private set; }

    /// <summary>The bytes of the free slots in its depot. Read without the lock, the answer may be old.</summary>
    public readonly long DepotBytes => _depot.Objects * SlotSize;

    /// <summary>The bytes of the slots that threads have, live or in their bins. Read without the lock, the answer may be old.</summary>
    public readonly long HandedOutBytes => (_slots - _freeSlots - _depot.Objects) * SlotSize;

    /// <summary>How many full magazines are still to be looked through for guarded objects (Threads/ThreadCache.Watch.cs). Not exact: threads count it without a lock.</summary>
    public int Sweeps;

    private int _spans;
    private int _idleSpans;
    private int _peakSpans;
    private int _keptSpans;
    private long _freeSlots;
    private long _slots;
    private long _spanBytes;
    private long _purgedBytes;
    private long _surplus;
    private long _prewarmed;
    private long _neededMagazines;
    private ulong _seed;
    private SlotOrder _order;

    /// <summary>Makes a central cache.</summary>
    /// <returns>The cache, or null when the system has no memory.</returns>
    public static CentralCache* Create(CentralSet* set, int spanClass)
    {
        CentralCache* central = set->Metadata->Alloc<CentralCache>();
        if (central != null)
        {
            int sizeClass = SizeClass.FromSpanClass(spanClass);
            central->_set = set;
            central->SpanClass = spanClass;
            central->SlotSize = SizeClass.SlotSize(sizeClass);
            central->MagazineCapacity = Magazine.CapacityOf(sizeClass);
        }

        return central;
    }

    /// <summary>Gets slots from the depot.</summary>
    /// <param name="empty">An empty magazine of the caller.</param>
    /// <param name="limit">The most slots wanted.</param>
    /// <returns>A magazine with slots, the same or another, that the caller has instead of the one given; null if the depot is empty.</returns>
    public Magazine* TakeFromDepot(Magazine* empty, int limit)
    {
        // Read without the lock: an old answer costs the caller a way round by the spans, the lock for nothing would cost every thread.
        if (_depot.IsEmpty)
        {
            return null;
        }

        DelayInjection.Pass(DelayPoint.DepotSeen);
        _lock.Enter();
        Magazine* magazine = _depot.Take(empty, limit);
        if (magazine != null && magazine != empty)
        {
            PutEmpty(empty);
        }

        ulong order = magazine != null && _set->OrderSeed != 0 ? DrawOrder() : 0;
        _lock.Exit();
        if (order != 0)
        {
            new SlotOrder(order).Shuffle(Magazine.Slots(magazine), magazine->Count);
        }

        return magazine;
    }

    /// <summary>Gives all that a magazine holds to the depot.</summary>
    /// <param name="magazine">A magazine of the caller, not empty.</param>
    /// <returns>An empty one that is no smaller, the same or another; null if there is no memory for one: then nothing has happened.</returns>
    public Magazine* GiveToDepot(Magazine* magazine)
    {
        DelayInjection.Pass(DelayPoint.MagazineInHand);
        _lock.Enter();
        _set->Touch();
        Magazine* empty = magazine;
        if (!_depot.TryPour(magazine, MagazineCapacity))
        {
            Magazine* other = _empties.Take(_set->Metadata, MagazineCapacity);
            bool isSmall = magazine->Capacity < MagazineCapacity;
            if (other != null && isSmall)
            {
                Magazine.Pour(magazine, other);
                _depot.Put(other);
            }
            else if (other != null)
            {
                _depot.Put(magazine);
            }

            empty = other == null || !isSmall ? other : magazine;
        }

        _lock.Exit();
        _set->Pages->Bell->Ring();
        return empty;
    }

    /// <summary>Gets an empty magazine, or null when the system has no memory.</summary>
    /// <param name="limit">The most slots that it is to take: a small magazine will do for few.</param>
    public Magazine* TakeEmpty(int limit = int.MaxValue)
    {
        _lock.Enter();
        Magazine* empty = limit <= Magazine.SmallCapacity
            ? _smallEmpties.Take(_set->Metadata, Magazine.SmallCapacity)
            : _empties.Take(_set->Metadata, MagazineCapacity);
        _lock.Exit();
        return empty;
    }

    /// <summary>Gives a magazine that is no small one for a small one, with what it holds.</summary>
    /// <returns>The magazine; null when the system has no memory, and then nothing has happened.</returns>
    public Magazine* Enlarge(Magazine* small)
    {
        _lock.Enter();
        Magazine* large = _empties.Take(_set->Metadata, MagazineCapacity);
        if (large != null)
        {
            Magazine.Pour(small, large);
            PutEmpty(small);
        }

        _lock.Exit();
        return large;
    }

    /// <summary>Takes an empty magazine back.</summary>
    public void GiveEmpty(Magazine* empty)
    {
        _lock.Enter();
        PutEmpty(empty);
        _lock.Exit();
    }

    /// <summary>Reads the counts as they stood at one moment.</summary>
    public CentralCounts GetCounts()
    {
        _lock.Enter();
        CentralCounts counts = new(_slots, _freeSlots, _depot.Objects, _spanBytes, _purgedBytes);
        _lock.Exit();
        return counts;
    }

    /// <summary>Moves slots from the depot's bottom into the spans, so that those that are free go back to the page heap.</summary>
    /// <param name="atMost">The most slots to move.</param>
    /// <param name="age">What their spans are for the scavenger.</param>
    /// <returns>How many were moved; fewer than asked for if the depot is empty now.</returns>
    public long DrainDepot(long atMost, SpanAge age = SpanAge.Fresh)
    {
        void** slots = stackalloc void*[FlushBatch];
        long moved = 0;
        while (moved < atMost)
        {
            _lock.Enter();
            int count = _depot.TakeBottom(slots, (int)long.Min(atMost - moved, FlushBatch), out Magazine* emptied);
            if (emptied != null)
            {
                _empties.Put(emptied);
            }

            _lock.Exit();
            if (count == 0)
            {
                break;
            }

            DelayInjection.Pass(DelayPoint.SlotsDrained);
            _set->Note(Flush(slots, count, age));
            moved += count;
        }

        return moved;
    }

    private void PutEmpty(Magazine* empty)
    {
        if (empty->Capacity < MagazineCapacity)
        {
            _smallEmpties.Put(empty);
        }
        else
        {
            _empties.Put(empty);
        }
    }

    // Under the lock: forgets the depot's slots.
    private void DropDepot()
    {
        for (Magazine* magazine = _depot.TakeAll(); magazine != null;)
        {
            Magazine* next = magazine->Next;
            magazine->Count = 0;
            _empties.Put(magazine);
            magazine = next;
        }

        _surplus = 0;
    }
}

/// <summary>The counts of a central cache: Slots = live + in threads' bins + Depot + Free. Of SpanBytes, PurgedBytes are with the system.</summary>
internal readonly record struct CentralCounts(long Slots, long Free, long Depot, long SpanBytes, long PurgedBytes);
