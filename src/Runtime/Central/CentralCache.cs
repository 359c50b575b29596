// The central cache of one span class and heap: the place where threads exchange free slots by the magazine, and where spans are kept.
//
//     thread's bin  <->  depot: magazines of free slots, O(1) under the lock
//                   <->  spans with room: slots lifted from, or dropped into, their bitmaps
//
//     slots of all spans = live + in threads' bins + DepotObjects + FreeSlots
//     a span is in _room  <=>  FreeCount > 0;   in _full  <=>  FreeCount = 0
//     magazines in the depot, but for the first, are more than half full
//
// The lock is taken per magazine, never per object: a locked list taken per object is what makes the classic central list collapse in
// producer-consumer programs (225 times slower than the best at xmalloc-test in mimalloc-bench). It is never held long: a flush finds span and slot of each pointer before it
// locks (a slot that is not yet flushed pins its span, so the span cannot change), and moves at most FlushBatch objects. It is dropped before a span is
// asked for or given back. Order: one central lock, then the page heap's; never two central locks.
//
// Empty spans go back to the page heap, but for one that is kept while it is the only one with room, so that a free and an allocation at the boundary do not move a
// span each.
//
// This file has the depot and the counts; CentralCache.Spans.cs has the way of slots out of the spans and back.

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
    private Magazine* _depot;
    private Magazine* _empties;
    private SpanList _room;
    private SpanList _full;
    private CentralSet* _set;

    /// <summary>The span class.</summary>
    public int SpanClass { get; private set; }

    /// <summary>The size of its slots, in bytes.</summary>
    public int SlotSize { get; private set; }

    /// <summary>The capacity of its magazines.</summary>
    public int MagazineCapacity { get; private set; }

    private long _depotObjects;
    private long _freeSlots;
    private long _slots;
    private long _spanBytes;

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
        if (_depot == null)
        {
            return null;
        }

        _lock.Enter();
        Magazine* magazine = _depot;
        if (magazine == null)
        {
            _lock.Exit();
            return null;
        }

        if (magazine->Count <= limit)
        {
            _depot = magazine->Next;
            PutEmpty(empty);
        }
        else
        {
            // A bin that has not grown to this magazine's size takes a part of it.
            Magazine.TakeTop(magazine, Magazine.Slots(empty), limit);
            empty->Count = limit;
            magazine = empty;
        }

        _depotObjects -= magazine->Count;
        _set->RemoveDepotBytes((long)magazine->Count * SlotSize);
        _lock.Exit();
        return magazine;
    }

    /// <summary>Gives a whole magazine to the depot.</summary>
    /// <param name="magazine">A magazine of the caller.</param>
    /// <returns>An empty one instead, or null if the depot is full or there is no memory for one: then nothing has happened.</returns>
    public Magazine* GiveToDepot(Magazine* magazine)
    {
        // Asked without the lock, so that a full depot costs none: another thread may make the answer wrong by a magazine.
        int count = magazine->Count;
        long bytes = (long)count * SlotSize;
        if (!_set->HasDepotRoom(bytes, _depotObjects * SlotSize, (_slots - _freeSlots - _depotObjects) * SlotSize))
        {
            return null;
        }

        _lock.Enter();

        // Small magazines are poured together, so that the depot's are worth their memory.
        Magazine* top = _depot;
        Magazine* empty;
        if (top != null && top->Count + count <= MagazineCapacity)
        {
            Magazine.TakeTop(magazine, Magazine.Slots(top) + top->Count, count);
            top->Count += count;
            empty = magazine;
        }
        else
        {
            empty = GetEmpty();
            if (empty != null)
            {
                // Of two that do not fit into one, the fuller goes beneath.
                if (top != null && count > top->Count)
                {
                    magazine->Next = top->Next;
                    top->Next = magazine;
                }
                else
                {
                    magazine->Next = top;
                    _depot = magazine;
                }
            }
        }

        if (empty != null)
        {
            _depotObjects += count;
            _set->AddDepotBytes(bytes);
        }

        _lock.Exit();
        return empty;
    }

    /// <summary>Gets an empty magazine, or null when the system has no memory.</summary>
    public Magazine* TakeEmpty()
    {
        _lock.Enter();
        Magazine* empty = GetEmpty();
        _lock.Exit();
        return empty;
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
        CentralCounts counts = new(_slots, _freeSlots, _depotObjects, _spanBytes);
        _lock.Exit();
        return counts;
    }

    /// <summary>Empties the depot into the spans, so that those that are free go back to the page heap.</summary>
    public void DrainDepot()
    {
        void** slots = stackalloc void*[FlushBatch];
        while (true)
        {
            _lock.Enter();
            Magazine* magazine = _depot;
            if (magazine == null)
            {
                _lock.Exit();
                return;
            }

            int count = int.Min(magazine->Count, FlushBatch);
            Magazine.TakeTop(magazine, slots, count);
            _depotObjects -= count;
            _set->RemoveDepotBytes((long)count * SlotSize);
            if (magazine->Count == 0)
            {
                _depot = magazine->Next;
                PutEmpty(magazine);
            }

            _lock.Exit();
            _ = Flush(slots, count);
        }
    }

    /// <summary>Gives all spans back, whatever is in them. No thread may use the heap.</summary>
    public void ReleaseAll()
    {
        for (Magazine* magazine = _depot; magazine != null; magazine = _depot)
        {
            _depot = magazine->Next;
            _set->RemoveDepotBytes((long)magazine->Count * SlotSize);
            magazine->Count = 0;
            PutEmpty(magazine);
        }

        ReleaseList(ref _room);
        ReleaseList(ref _full);
        _slots = _freeSlots = _depotObjects = 0;
    }

    private Magazine* GetEmpty()
    {
        Magazine* empty = _empties;
        if (empty == null)
        {
            return Magazine.Create(_set->Metadata, MagazineCapacity);
        }

        _empties = empty->Next;
        empty->Next = null;
        return empty;
    }

    private void PutEmpty(Magazine* empty)
    {
        empty->Next = _empties;
        _empties = empty;
    }
}

/// <summary>The counts of a central cache: Slots = live + in threads' bins + Depot + Free.</summary>
internal readonly record struct CentralCounts(long Slots, long Free, long Depot, long SpanBytes);
