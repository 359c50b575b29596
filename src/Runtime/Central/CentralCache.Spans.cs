// The way of slots out of a central cache's spans and back: Refill lifts them from the bitmaps, Flush drops them in, and finds those that are not slots
// in use. The opening comment of CentralCache.cs says what holds.

using System.Numerics;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

internal unsafe partial struct CentralCache
{
    /// <summary>Lifts free slots from the spans.</summary>
    /// <param name="destination">Where to write them: the lowest address last, so that pops go upward.</param>
    /// <param name="wanted">The most slots to write.</param>
    /// <param name="mayGrow">Whether to ask the system for memory if there is no span with room and no free run.</param>
    /// <param name="cache">The thread's page cache, or null.</param>
    /// <returns>How many were written; 0 if there are none.</returns>
    public int Refill(void** destination, int wanted, bool mayGrow, PageCache* cache = null)
    {
        wanted = int.Min(wanted, RefillBatch);
        _lock.Enter();
        int got = Lift(destination, wanted);
        _lock.Exit();
        if (got == 0)
        {
            PageSpan* span = _set->AllocSpan((nuint)SizeClass.Pages(SizeClass.FromSpanClass(SpanClass)), 1, SpanClass, mayGrow, cache);
            if (span == null)
            {
                return 0;
            }

            _lock.Enter();
            Enter(span, isThere: _set->KeepsMemory || span->NeedsZeroing);
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
    /// <param name="age">What their spans are for the scavenger: fresh, or old if the slots have been idle for as long as between two passes.</param>
    /// <returns>The first pointer that is no slot in use of this class and heap (freed twice, freed as another type, not ours), or null. Such are dropped.</returns>
    public void* Flush(void** pointers, int count, SpanAge age = SpanAge.Fresh)
    {
        SlotGroup* groups = stackalloc SlotGroup[FlushBatch];
        void* bad = Locate(pointers, count, groups, out int located);

        PageSpan* leaving = null;
        int freed = 0;
        DelayInjection.Pass(DelayPoint.SlotsLocated);
        _lock.Enter();
        _set->Touch();
        for (SlotGroup* group = groups; group != groups + located; group++)
        {
            PageSpan* span = group->Span;
            ulong mask = group->Mask;
            if (!IsOurs(span) || span->Base != group->Base)
            {
                // A stale pointer, whose span has gone since it was found: now it is nobody's, or another's to write to.
                bad = bad == null ? group->FirstSlot(SlotSize) : bad;
                continue;
            }

            ulong bits = span->Bits[group->Word];
            ulong free = IsTaken(span) ? bits | _taken->Bits[group->Word] : bits;
            if ((free & mask) != 0)
            {
                // Free already: freed twice.
                group->Mask = free & mask;
                bad = bad == null ? group->FirstSlot(SlotSize) : bad;
                mask &= ~free;
            }

            if (mask == 0)
            {
                continue;
            }

            int before = span->FreeCount;
            int added = BitOperations.PopCount(mask);
            span->Bits[group->Word] = bits | mask;
            span->Summary |= (ushort)(1 << group->Word);
            span->FreeCount = (ushort)(before + added);
            freed += added;
            if (before == 0)
            {
                _full.Remove(span);
                EnterRoom(span, age);
            }
            else
            {
                Refresh(span, age);
            }

            if (before + added == span->SlotCount && LeaveIfIdle(span))
            {
                span->Next = leaving;
                leaving = span;
            }
        }

        _freeSlots += freed;
        _lock.Exit();
        Release(leaving, age);
        _set->Pages->Bell->Ring();
        return bad;
    }

    /// <summary>Copies which slots of a span are not free, the depot's and those of bins among them.</summary>
    /// <inheritdoc cref="UsedSlots.Copy" path="/param[@name='content']"/>
    /// <returns>Whether the span is one of this cache.</returns>
    public bool TryCopyUsed(PageSpan* span, UsedSlots* used, byte* content)
    {
        _lock.Enter();
        bool isOurs = IsOurs(span);
        if (isOurs)
        {
            used->Copy(span, IsTaken(span) ? _taken->Bits : null, content);
        }

        _lock.Exit();
        return isOurs;
    }

    /// <summary>Gives all idle spans back to the page heap, and keeps none from now on.</summary>
    public void ReleaseIdle()
    {
        _lock.Enter();
        _keptSpans = 0;
        _prewarmed = 0;
        PageSpan* leaving = TakeIdle(keep: 0, freshToo: true);
        _lock.Exit();
        Release(leaving);
    }

    /// <summary>Frees all slots, and keeps as many spans as there have been in use at a time since the last call. No thread may use the heap, and no bin may hold its slots.</summary>
    public void Reset()
    {
        _lock.Enter();
        DropDepot();
        _keptSpans = _set->KeepsMemory ? _spans : _peakSpans;
        PageSpan* leaving = TakeIdle(_keptSpans, freshToo: true);
        (SpanList settled, SpanList room, SpanList full) = (_settled, _room, _full);
        _settled = _room = _full = default;
        _cursor = null;

        // In this order, so that what was filled first is the first to be used again.
        MakeIdle(settled);
        MakeIdle(room);
        MakeIdle(full);
        _idleSpans = _spans;
        _peakSpans = 0;
        _freeSlots = _slots;
        _lock.Exit();
        Release(leaving);
    }

    /// <summary>Gives all spans back, whatever is in them. No thread may use the heap, and no bin may hold its slots.</summary>
    public void ReleaseAll()
    {
        _lock.Enter();
        DropDepot();
        (SpanList settled, SpanList room, SpanList full) = (_settled, _room, _full);
        _settled = _room = _full = default;
        _cursor = null;
        _spans = _idleSpans = _peakSpans = _keptSpans = 0;
        _prewarmed = 0;
        _slots = _freeSlots = _spanBytes = 0;
        AddPurged(-_purgedBytes);
        _lock.Exit();
        Release(settled.First);
        Release(room.First);
        Release(full.First);
    }

    // Under the lock: whether a span, found without it, is one of this cache. One that is just coming or going is, too, and has all its slots free.
    private readonly bool IsOurs(PageSpan* span) => span->State == SpanState.Slots && span->SpanClass == SpanClass && span->HeapIndex == _set->Index;

    private void MakeIdle(SpanList list)
    {
        for (PageSpan* span = list.First; span != null;)
        {
            PageSpan* next = span->Next;
            uint purged = span->Purged;
            span->Cut(SpanClass);
            SlotMarks.Clear(span);
            span->Purged = purged;
            EnterRoom(span, SpanAge.Fresh);
            span = next;
        }
    }

    // Under the lock: takes up to `wanted` slots from the spans with room, the lowest addresses of each first, or any in any order.
    private int Lift(void** destination, int wanted)
    {
        int got = 0;
        while (got < wanted)
        {
            PageSpan* span = _set->OrderSeed == 0 ? FirstWithRoom : DrawSpan();
            if (span == null)
            {
                break;
            }

            if (IsIdle(span))
            {
                _idleSpans--;
                _peakSpans = int.Max(_peakSpans, _spans - _idleSpans);
            }

            int before = got;
            got = _set->OrderSeed == 0 ? LiftLowest(span, destination, got, wanted) : LiftAnywhere(span, destination, got, wanted);
            span->FreeCount -= (ushort)(got - before);
            if (span->FreeCount == 0)
            {
                LeaveRoom(span);
                _full.Add(span);
            }
            else
            {
                Refresh(span, SpanAge.Fresh);
            }
        }

        _freeSlots -= got;
        return got;
    }

    private readonly PageSpan* FirstWithRoom => _room.First != null ? _room.First : _settled.First;

    // Under the lock: lifts a span's slots from the lowest address on. Returns how many there are now.
    private int LiftLowest(PageSpan* span, void** destination, int got, int wanted)
    {
        int before = got;
        while (got < wanted && span->Summary != 0)
        {
            int word = BitOperations.TrailingZeroCount((uint)span->Summary);
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
                span->Summary = (ushort)(span->Summary & ~(1 << word));
            }
        }

        if (span->Purged != 0)
        {
            // All free slots between the first and the last of those lifted were lifted, too.
            byte* end = (byte*)destination[wanted - got] + SlotSize;
            AddPurged(-(long)SpanHoles.Touch(span, (byte*)destination[wanted - before - 1], end, VirtualMemory.PageSize));
        }

        return got;
    }

    // Under the lock: takes a span that has become idle out, or keeps it.
    private bool LeaveIfIdle(PageSpan* span)
    {
        if (IsTaken(span) || _set->KeepsMemory || _set->IsIsolated || _spans <= _keptSpans || !CanSpare(span->SlotCount) || (_room.First == span && span->Next == null && _settled.First == null))
        {
            _idleSpans++;
            return false;
        }

        TakeOut(span);
        return true;
    }

    // Under the lock: takes idle spans out, until no more spans than so many are left.
    private PageSpan* TakeIdle(int keep, bool freshToo)
    {
        PageSpan* leaving = null;
        if (!_set->IsIsolated)
        {
            TakeIdle(_settled.First, keep, freshToo, ref leaving);
            TakeIdle(_room.First, keep, freshToo, ref leaving);
        }

        return leaving;
    }

    private void TakeIdle(PageSpan* list, int keep, bool freshToo, ref PageSpan* leaving)
    {
        for (PageSpan* span = list; span != null && _idleSpans != 0 && _spans > keep;)
        {
            PageSpan* next = span->Next;
            if (IsIdle(span) && !IsTaken(span) && (freshToo || span->Age != SpanAge.Fresh) && CanSpare(span->SlotCount))
            {
                _idleSpans--;
                TakeOut(span);
                span->Next = leaving;
                leaving = span;
            }

            span = next;
        }
    }

    private void TakeOut(PageSpan* idle)
    {
        LeaveRoom(idle);
        AddPurged(-(long)SpanHoles.PurgedBytes(idle, VirtualMemory.PageSize));
        _spans--;
        _slots -= idle->SlotCount;
        _freeSlots -= idle->SlotCount;
        _spanBytes -= (long)idle->ByteCount;
    }

    // Without the lock: finds span and slot of each pointer, and joins neighbours that lie in one word of a bitmap. What is found of a slot in use cannot change while the pointer is in the caller's hand; of a stale pointer it can.
    private readonly void* Locate(void** pointers, int count, SlotGroup* groups, out int located)
    {
        void* bad = null;
        PageSpan* span = null;
        byte* spanBase = null;
        nuint spanBytes = 0;
        SlotGroup* last = groups - 1;
        for (int i = 0; i < count; i++)
        {
            byte* pointer = (byte*)pointers[i];
            nuint offset = (nuint)(pointer - spanBase);
            if (offset >= spanBytes)
            {
                span = _set->Pages->Map.SpanOf(pointer, _set->Index);
                if (span == null || span->SpanClass != SpanClass)
                {
                    // A guarded object comes here if a stub has freed it into a bin.
                    bool isFreed = span != null && span->ObjectClass == SpanClass && _set->FreeLarge(span, pointer);
                    bad = isFreed || bad != null ? bad : pointer;
                    spanBytes = 0;
                    continue;
                }

                spanBase = span->Base;
                spanBytes = span->ByteCount;
                offset = (nuint)(pointer - spanBase);
            }

            int slot = span->SlotAt(offset);
            ulong bit = 1UL << (slot & 63);
            if ((nuint)(uint)slot * (uint)SlotSize != offset || slot >= span->SlotCount)
            {
                bad = bad == null ? pointer : bad;
            }
            else if (last < groups || last->Span != span || last->Word != slot >> 6)
            {
                last++;
                last->Span = span;
                last->Base = spanBase;
                last->Word = slot >> 6;
                last->Mask = bit;
            }
            else if ((last->Mask & bit) != 0)
            {
                bad = bad == null ? pointer : bad;
            }
            else
            {
                last->Mask |= bit;
            }
        }

        located = (int)(last - groups) + 1;
        return bad;
    }

    // Gives a list of spans, in no list of the cache any more, back to the page heap.
    private readonly void Release(PageSpan* spans, SpanAge age = SpanAge.Fresh) => _set->FreeSpans(spans, isOld: age != SpanAge.Fresh);

    // Slots of one word of a span's bitmap.
    private struct SlotGroup
    {
        public PageSpan* Span;
        public byte* Base;
        public int Word;
        public ulong Mask;

        public readonly void* FirstSlot(int slotSize) => Base + ((nuint)(uint)((Word * 64) + BitOperations.TrailingZeroCount(Mask)) * (uint)slotSize);
    }
}
