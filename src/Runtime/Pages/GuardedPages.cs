// Places in which an object stands alone, between pages that nothing may touch: what guarded sampling (Guards/GuardedSampling.cs) hands out now and then in a slot's stead.
//
//     region:   [guard][place 0][guard][place 1] ... [place n-1][guard]       place = 32 KiB, guard = a page; both at least a page of the system's
//
//     a place waits     all of it is inaccessible, and it is in the queue
//     it is in use      the system pages that its object has a byte in are accessible, and the arena map leads from the object's pages to its span
//
//     the object is at the end of its place, and the byte behind it in a guard, or at the start, and the byte before it in a guard; in both it is as aligned as any slot of its size
//
// So a touch outside of the object faults at the very instruction, if it reaches a system page that the object has no byte in, and so does any touch of what was freed, until the place is used again. It then waits
// behind all others: what has been freed stays out of reach as long as can be.
//
// It is a whole slot that is guarded, not the bytes that were asked for: a stub frees to its thread's bin without looking, and what is in a bin may go to a type that needs all of a slot.
//
// The region is one run of the page heap's, taken when the first heap asks for guarded samples, and kept. For the totals it is in spans; what of it is not in use has gone back to the system. To its heap
// an object is a large one, of the pages that it has a byte in (CentralSet.Guarded.cs).
//
// A place is its taker's until it is given back. The queue and the counts are under the lock; the calls of the system are made without it.

using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Places for single objects between guard pages.</summary>
internal unsafe struct GuardedPages
{
    /// <summary>The number of places: the most objects in use at a time.</summary>
    public const int PlaceCount = 64;

    private const int NoPlace = -1;

    private HeapLock _lock;
    private HeapLock _openLock;
    private PageHeap* _pages;
    private GuardedPlace* _places;
    private byte* _region;
    private nuint _size;
    private int _first;
    private int _last;
    private int _used;
    private long _taken;
    private long _usedBytes;

    /// <summary>The bytes of a place: the largest slot's.</summary>
    public static nuint PlaceBytes => nuint.Max(SizeClass.MaxSmallSize, VirtualMemory.PageSize);

    /// <summary>The bytes of a guard.</summary>
    public static nuint GuardBytes => nuint.Max(SizeClass.PageSize, VirtualMemory.PageSize);

    /// <summary>The first byte of the region; null if there is none.</summary>
    public readonly byte* Region => _region;

    /// <summary>The bytes of the region.</summary>
    public readonly nuint Size => _size;

    /// <summary>The places, in the order of their addresses.</summary>
    public readonly GuardedPlace* Places => _places;

    /// <summary>The place that is used next, by its number; negative if none waits. Read without the lock, the answer may be old.</summary>
    public readonly int FirstWaiting => _first;

    /// <summary>How many objects have been handed out.</summary>
    public readonly long Taken => Volatile.Read(in _taken);

    /// <summary>How many of those are in use.</summary>
    public readonly int Used => Volatile.Read(in _used);

    /// <summary>The bytes of the region that are not of an object in use.</summary>
    public readonly long IdleBytes => (long)_size - Volatile.Read(in _usedBytes);

    /// <summary>Whether an address lies in the region. Takes any value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Holds(void* address) => (nuint)((byte*)address - _region) < _size;

    /// <summary>The place whose object is, or was, nearest to an address: that of every address in a place that has had one, and of the first behind it and the last before it.</summary>
    /// <remarks>For the handler of a fault, too: it calls nothing.</remarks>
    /// <param name="places">The <see cref="Places"/>.</param>
    /// <param name="address">The address.</param>
    /// <returns>The place; null if none has had an object yet.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static GuardedPlace* Nearest(GuardedPlace* places, void* address)
    {
        GuardedPlace* nearest = null;
        nuint least = nuint.MaxValue;
        for (GuardedPlace* place = places; place < places + PlaceCount; place++)
        {
            byte* start = place->Span.Base;
            byte* end = start + place->Span.SlotSize;
            nuint distance = place->State == GuardedState.None ? nuint.MaxValue
                : address < start ? (nuint)(start - (byte*)address)
                : address >= end ? (nuint)((byte*)address - end) + 1
                : 0;
            if (distance < least)
            {
                least = distance;
                nearest = place;
            }
        }

        return nearest;
    }

    /// <summary>Takes the region, if there is none yet.</summary>
    /// <param name="pages">The page heap, which this is a part of.</param>
    /// <param name="metadata">Where its structures come from.</param>
    /// <returns>Whether there is one now; if not, the system or a limit refuses.</returns>
    public bool Open(PageHeap* pages, MetadataAllocator* metadata)
    {
        _openLock.Enter();
        bool isOpen = _size != 0 || Make(pages, metadata);
        _openLock.Exit();
        return isOpen;
    }

    /// <summary>Takes a place for an object.</summary>
    /// <param name="spanClass">The span class of the slot that it stands for.</param>
    /// <param name="heapIndex">Its heap.</param>
    /// <param name="atEnd">Whether it is to be at the end of its place.</param>
    /// <returns>Its span; null if all places are in use or the system refuses.</returns>
    public PageSpan* Take(int spanClass, int heapIndex, bool atEnd)
    {
        GuardedPlace* place = TakeFirst();
        if (place == null)
        {
            return null;
        }

        DelayInjection.Pass(DelayPoint.PlaceInHand);
        byte* start = StartOf(place);
        nuint size = (nuint)SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass));
        byte* address = atEnd ? start + PlaceBytes - size : start;

        // What the system did not take back at the last free.
        bool isShut = !place->IsOpen || VirtualMemory.Fault(start, PlaceBytes);
        place->IsOpen = !isShut;
        if (!isShut || !VirtualMemory.Map(address, size) || !VirtualMemory.Used(address, size))
        {
            Put(place);
            return null;
        }

        Fill(place, address, size, spanClass, heapIndex);
        return &place->Span;
    }

    /// <summary>Takes back the place of an object, whose state is <see cref="GuardedState.Freed"/>. Whoever touches it faults from now on.</summary>
    /// <param name="span">The object's span.</param>
    public void Give(PageSpan* span)
    {
        var place = (GuardedPlace*)span;
        for (nuint page = 0; page < span->PageCount; page++)
        {
            _pages->Map.SetSpan(span->FirstPage + page, null, 0);
        }

        DelayInjection.Pass(DelayPoint.PlaceInHand);
        place->IsOpen = !VirtualMemory.Fault(StartOf(place), PlaceBytes);
        _pages->AddHoles((long)span->ByteCount);
        _lock.Enter();
        _used--;
        _usedBytes -= (long)span->ByteCount;
        _lock.Exit();
        Put(place);
    }

    private bool Make(PageHeap* pages, MetadataAllocator* metadata)
    {
        // Kept if the rest fails: the next call goes on from there.
        _places = _places != null ? _places : (GuardedPlace*)metadata->Alloc((nuint)(PlaceCount * sizeof(GuardedPlace)));
        nuint size = (PlaceCount * (PlaceBytes + GuardBytes)) + GuardBytes;
        PageSpan* span = _places == null
            ? null
            : pages->Alloc(size >> SizeClass.PageShift, GuardBytes >> SizeClass.PageShift, SizeClass.ToSpanClass(SizeClass.Large, noScan: true), PageHeap.SharedHeapIndex, mayGrow: true);
        if (span == null)
        {
            return false;
        }

        if (!VirtualMemory.Fault(span->Base, size))
        {
            _ = pages->Free(span);
            return false;
        }

        for (nuint page = 0; page < span->PageCount; page++)
        {
            pages->Map.SetSpan(span->FirstPage + page, null, 0);
        }

        pages->AddHoles((long)size);
        _pages = pages;
        for (int place = 0; place < PlaceCount; place++)
        {
            _places[place].Next = place + 1 < PlaceCount ? place + 1 : NoPlace;
            _places[place].Span.SetGuarded();
        }

        _first = 0;
        _last = PlaceCount - 1;
        _region = span->Base;

        // Last: as long as it is 0 no address is held.
        Volatile.Write(ref _size, size);
        return true;
    }

    private void Fill(GuardedPlace* place, byte* address, nuint size, int spanClass, int heapIndex)
    {
        PageSpan* span = &place->Span;
        span->Base = address;
        span->PageCount = (((nuint)address + size - 1) >> SizeClass.PageShift) - ((nuint)address >> SizeClass.PageShift) + 1;
        span->HeapIndex = (ushort)heapIndex;
        span->SpanClass = (byte)SizeClass.ToSpanClass(SizeClass.Large, !SizeClass.MayHoldPointers(spanClass));
        span->SlotSize = (int)size;
        span->Bits[0] = (ulong)spanClass;
        place->Allocated = place->Freed = default;
        place->Type = default;
        place->State = GuardedState.Live;
        span->State = SpanState.Large;
        for (nuint page = 0; page < span->PageCount; page++)
        {
            _pages->Map.SetSpan(span->FirstPage + page, span, 0);
        }

        _pages->AddHoles(-(long)span->ByteCount);
        _lock.Enter();
        _taken++;
        _used++;
        _usedBytes += (long)span->ByteCount;
        _lock.Exit();
    }

    private GuardedPlace* TakeFirst()
    {
        _lock.Enter();
        int first = _first;
        if (first != NoPlace)
        {
            _first = _places[first].Next;
            _last = _first == NoPlace ? NoPlace : _last;
        }

        _lock.Exit();
        return first == NoPlace ? null : _places + first;
    }

    private void Put(GuardedPlace* place)
    {
        int number = (int)(place - _places);
        place->Next = NoPlace;
        _lock.Enter();
        if (_last == NoPlace)
        {
            _first = number;
        }
        else
        {
            _places[_last].Next = number;
        }

        _last = number;
        _lock.Exit();
    }

    private readonly byte* StartOf(GuardedPlace* place) => _region + GuardBytes + ((nuint)(place - _places) * (PlaceBytes + GuardBytes));
}
