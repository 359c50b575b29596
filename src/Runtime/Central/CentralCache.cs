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

using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>The central cache of one span class and heap.</summary>
internal unsafe struct CentralCache
{
    /// <summary>The most objects that one call moves into spans.</summary>
    public const int FlushBatch = 32;

    /// <summary>The most objects that one call lifts from spans: a word of a bitmap.</summary>
    public const int RefillBatch = 64;

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
            magazine->Count -= limit;
            Unsafe.CopyBlock(Magazine.Slots(empty), Magazine.Slots(magazine) + magazine->Count, (uint)(limit * sizeof(void*)));
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
        _lock.Enter();
        long bytes = (long)magazine->Count * SlotSize;
        if (!_set->TryAddDepotBytes(bytes, _depotObjects * SlotSize, (_slots - _freeSlots - _depotObjects) * SlotSize))
        {
            _lock.Exit();
            return null;
        }

        // Small magazines are poured together, so that the depot's are worth their memory.
        Magazine* top = _depot;
        Magazine* empty = null;
        if (top != null && top->Count + magazine->Count <= MagazineCapacity)
        {
            Unsafe.CopyBlock(Magazine.Slots(top) + top->Count, Magazine.Slots(magazine), (uint)(magazine->Count * sizeof(void*)));
            top->Count += magazine->Count;
            _depotObjects += magazine->Count;
            magazine->Count = 0;
            empty = magazine;
        }
        else
        {
            empty = GetEmpty();
            if (empty != null)
            {
                // Of two that do not fit into one, the fuller goes beneath.
                if (top != null && magazine->Count > top->Count)
                {
                    magazine->Next = top->Next;
                    top->Next = magazine;
                }
                else
                {
                    magazine->Next = top;
                    _depot = magazine;
                }

                _depotObjects += magazine->Count;
            }
            else
            {
                _set->RemoveDepotBytes(bytes);
            }
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

    /// <summary>Lifts free slots from the spans.</summary>
    /// <param name="destination">Where to write them: the lowest address last, so that pops go upward.</param>
    /// <param name="wanted">The most slots to write.</param>
    /// <param name="mayGrow">Whether to ask the system for memory if there is no span with room and no free run.</param>
    /// <returns>How many were written; 0 if there are none.</returns>
    public int Refill(void** destination, int wanted, bool mayGrow)
    {
        wanted = int.Min(wanted, RefillBatch);
        _lock.Enter();
        int got = Lift(destination, wanted);
        _lock.Exit();
        if (got == 0)
        {
            PageSpan* span = _set->Pages->Alloc((nuint)SizeClass.Pages(SizeClass.FromSpanClass(SpanClass)), 1, SpanClass, _set->Index, mayGrow);
            if (span == null)
            {
                return 0;
            }

            _lock.Enter();
            _room.Add(span);
            _slots += span->SlotCount;
            _freeSlots += span->SlotCount;
            _spanBytes += (long)span->ByteCount;
            got = Lift(destination, wanted);
            _lock.Exit();
        }

        // Written from the end of the wanted places downward; fewer than wanted leave a gap in front.
        if (got < wanted)
        {
            new System.Span<nuint>(destination + wanted - got, got).CopyTo(new System.Span<nuint>(destination, got));
        }

        return got;
    }

    /// <summary>Drops slots into their spans' bitmaps.</summary>
    /// <param name="pointers">The slots.</param>
    /// <param name="count">How many, at most <see cref="FlushBatch"/>.</param>
    /// <returns>The first pointer that is no slot in use of this class and heap (freed twice, freed as another type, not ours), or null. Such are dropped.</returns>
    public void* Flush(void** pointers, int count)
    {
        SlotReference* slots = stackalloc SlotReference[FlushBatch];
        void* bad = Locate(pointers, count, slots, out int located);

        PageSpan* empties = null;
        _lock.Enter();
        for (int i = 0; i < located;)
        {
            // Neighbours of one word go in together.
            PageSpan* span = slots[i].Span;
            int word = slots[i].Slot >> 6;
            ulong mask = 0;
            for (; i < located && slots[i].Span == span && slots[i].Slot >> 6 == word; i++)
            {
                ulong bit = 1UL << (slots[i].Slot & 63);
                if (((mask | span->Bits[word]) & bit) != 0)
                {
                    bad = bad == null ? span->Base + ((nuint)(uint)slots[i].Slot * (uint)SlotSize) : bad;
                }

                mask |= bit;
            }

            mask &= ~span->Bits[word];
            if (Drop(span, word, mask))
            {
                _room.Remove(span);
                span->Next = empties;
                empties = span;
            }
        }

        _lock.Exit();
        Release(empties);
        return bad;
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
            magazine->Count -= count;
            Unsafe.CopyBlock(slots, Magazine.Slots(magazine) + magazine->Count, (uint)(count * sizeof(void*)));
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

    private void ReleaseList(ref SpanList list)
    {
        for (PageSpan* span = list.First; span != null; span = list.First)
        {
            list.Remove(span);
            _spanBytes -= (long)span->ByteCount;
            span->Next = null;
            Release(span);
        }
    }

    // Under the lock: takes up to `wanted` slots from the spans with room, the lowest addresses of each first.
    private int Lift(void** destination, int wanted)
    {
        int got = 0;
        while (got < wanted && _room.First != null)
        {
            PageSpan* span = _room.First;
            int before = got;
            while (got < wanted && span->Summary != 0)
            {
                int word = BitOperations.TrailingZeroCount(span->Summary);
                ulong bits = span->Bits[word];
                byte* wordBase = span->Base + ((nuint)(uint)(word * 64) * (uint)SlotSize);
                while (bits != 0 && got < wanted)
                {
                    got++;
                    destination[wanted - got] = wordBase + ((nuint)(uint)BitOperations.TrailingZeroCount(bits) * (uint)SlotSize);
                    bits &= bits - 1;
                }

                span->Bits[word] = bits;
                if (bits == 0)
                {
                    span->Summary &= ~(1u << word);
                }
            }

            span->FreeCount -= (ushort)(got - before);
            if (span->FreeCount == 0)
            {
                _room.Remove(span);
                _full.Add(span);
            }
        }

        _freeSlots -= got;
        return got;
    }

    // Under the lock: frees the slots of a mask. True if the span is empty now and should leave.
    private bool Drop(PageSpan* span, int word, ulong mask)
    {
        if (mask == 0)
        {
            return false;
        }

        int freed = BitOperations.PopCount(mask);
        if (span->FreeCount == 0)
        {
            _full.Remove(span);
            _room.Add(span);
        }

        span->Bits[word] |= mask;
        span->Summary |= 1u << word;
        span->FreeCount += (ushort)freed;
        _freeSlots += freed;
        if (span->FreeCount < span->SlotCount || (_room.First == span && span->Next == null))
        {
            return false;
        }

        _slots -= span->SlotCount;
        _freeSlots -= span->SlotCount;
        _spanBytes -= (long)span->ByteCount;
        return true;
    }

    // Without the lock: finds span and slot of each pointer. They cannot change while the pointer is in the caller's hand.
    private readonly void* Locate(void** pointers, int count, SlotReference* slots, out int located)
    {
        void* bad = null;
        PageSpan* span = null;
        byte* spanBase = null;
        nuint spanBytes = 0;
        located = 0;
        for (int i = 0; i < count; i++)
        {
            byte* pointer = (byte*)pointers[i];
            nuint offset = (nuint)(pointer - spanBase);
            if (offset >= spanBytes)
            {
                span = _set->Pages->Map.SpanOf(pointer);
                bool isOurs = span != null && span->Contains(pointer) && span->HeapIndex == _set->Index && span->SpanClass == SpanClass;
                spanBase = isOurs ? span->Base : null;
                spanBytes = isOurs ? span->ByteCount : 0;
                if (!isOurs)
                {
                    bad = bad == null ? pointer : bad;
                    continue;
                }

                offset = (nuint)(pointer - spanBase);
            }

            int slot = span->SlotAt(offset);
            if ((nuint)(uint)slot * (uint)SlotSize != offset || slot >= span->SlotCount)
            {
                bad = bad == null ? pointer : bad;
                continue;
            }

            slots[located++] = new SlotReference { Span = span, Slot = slot };
        }

        return bad;
    }

    // Gives a list of spans, in no list of the cache any more, back to the page heap.
    private readonly void Release(PageSpan* spans)
    {
        while (spans != null)
        {
            PageSpan* next = spans->Next;
            spans->Next = null;
            _set->Pages->Free(spans);
            spans = next;
        }
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

    private struct SlotReference
    {
        public PageSpan* Span;
        public int Slot;
    }
}

/// <summary>The counts of a central cache: Slots = live + in threads' bins + Depot + Free.</summary>
internal readonly record struct CentralCounts(long Slots, long Free, long Depot, long SpanBytes);
