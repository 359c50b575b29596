// The page heap: where spans come from and go back to. One a process, shared by all heaps.
//
//     reservation  (64 MiB, wherever the system gives it)  ->  mapped in steps  ->  pages of the page allocator  ->  spans
//
//     ReservedBytes = MappedBytes + bytes reserved and not yet mapped
//     MappedBytes   = SpanBytes + free pages * page size
//
// A step is a sixteenth of what is mapped, between 256 KiB and 4 MiB. It is small because memory is looked for elsewhere before each (Maintenance/Reclamation.cs): what is mapped at
// once is touched at once, and with steps of 4 MiB a program of 20 MB held 3 to 5 MB more than it needed.
//
// A reservation is mapped from its start to its end; what is left of one is used before another is made. An object larger than 64 MiB gets a
// reservation of as many arenas as it needs. If the system refuses 64 MiB, exactly what is needed is tried, in multiples of 4 MiB.
//
// Its lock guards all of it, the arena map's entries and the page allocator included, and comes after any central lock and before the metadata
// allocator's. Reserving and mapping happen under it, since whoever waits for the lock then waits for the same memory.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Hands out spans.</summary>
internal unsafe struct PageHeap
{
    /// <summary>The largest object, in bytes: what fits into half of the address space of a process.</summary>
    public static readonly nuint MaxObjectSize = (nuint)1 << (ArenaMap.AddressBits - 2);

    /// <summary>The index of the shared heap, whose pages the arena map marks.</summary>
    public const int SharedHeapIndex = 0;

    private const nuint MinStep = 256 * 1024;
    private const int StepShare = 16;

    private HeapLock _lock;
    private MetadataAllocator* _metadata;
    private PageAllocator _pages;
    private PageSpan* _unusedSpans;
    private Reservation* _reservations;
    private Reservation* _unusedReservations;

    /// <summary>Finds the span of an address. Lookups take no lock.</summary>
    public ArenaMap Map;

    /// <summary>The bytes of address space obtained.</summary>
    public nuint ReservedBytes { get; private set; }

    /// <summary>The bytes that are usable: in spans or free.</summary>
    public nuint MappedBytes { get; private set; }

    /// <summary>The bytes of spans in use.</summary>
    public nuint SpanBytes { get; private set; }

    /// <summary>Makes a page heap with nothing reserved yet.</summary>
    /// <returns>The page heap, or null when the system has no memory.</returns>
    public static PageHeap* Create(MetadataAllocator* metadata)
    {
        PageHeap* heap = metadata->Alloc<PageHeap>();
        if (heap == null)
        {
            return null;
        }

        heap->_metadata = metadata;
        if (!heap->Map.Initialize())
        {
            return null;
        }

        if (!heap->_pages.Initialize(&heap->Map))
        {
            heap->Map.Release();
            return null;
        }

        return heap;
    }

    /// <summary>Takes a run of pages as a span.</summary>
    /// <param name="pages">Its length, in pages.</param>
    /// <param name="alignment">The alignment of its first byte, in pages: a power of two.</param>
    /// <param name="spanClass">Its span class; size class 0 makes it one large object.</param>
    /// <param name="heapIndex">The heap it is for.</param>
    /// <param name="mayGrow">Whether to ask the system for memory if no run is free.</param>
    /// <returns>The span, or null.</returns>
    public PageSpan* Alloc(nuint pages, nuint alignment, int spanClass, int heapIndex, bool mayGrow)
    {
        _lock.Enter();
        PageSpan* span = AllocLocked(pages, alignment, spanClass, heapIndex, mayGrow);
        _lock.Exit();
        return span;
    }

    /// <summary>Takes a span back. Nothing may use its memory any more, and it must be in no list.</summary>
    public void Free(PageSpan* span)
    {
        _lock.Enter();
        span->State = SpanState.Unused;
        Record((nuint)span->Base >> SizeClass.PageShift, span->PageCount, null, 0);
        _pages.Free((nuint)span->Base >> SizeClass.PageShift, span->PageCount);
        SpanBytes -= span->ByteCount;
        PutUnused(span);
        _lock.Exit();
    }

    /// <summary>Gives the end of a large object's run back.</summary>
    /// <param name="span">The span.</param>
    /// <param name="pages">The length to keep, in pages: at least 1, less than it has.</param>
    public void Shrink(PageSpan* span, nuint pages)
    {
        _lock.Enter();
        nuint excess = span->PageCount - pages;
        nuint firstExcess = ((nuint)span->Base >> SizeClass.PageShift) + pages;
        Record(firstExcess, excess, null, 0);
        _pages.Free(firstExcess, excess);
        SpanBytes -= excess << SizeClass.PageShift;
        span->PageCount = pages;
        _lock.Exit();
    }

    /// <summary>Reads the totals as they stood at one moment.</summary>
    public PageHeapTotals GetTotals()
    {
        _lock.Enter();
        PageHeapTotals totals = new(ReservedBytes, MappedBytes, SpanBytes, _pages.FreePages << SizeClass.PageShift);
        _lock.Exit();
        return totals;
    }

    private PageSpan* AllocLocked(nuint pages, nuint alignment, int spanClass, int heapIndex, bool mayGrow)
    {
        PageSpan* span = GetUnused();
        if (span == null)
        {
            return null;
        }

        nuint first = _pages.Alloc(pages, alignment);
        if (first == PageAllocator.None && mayGrow && Grow(pages + alignment - 1))
        {
            first = _pages.Alloc(pages, alignment);
        }

        if (first == PageAllocator.None)
        {
            PutUnused(span);
            return null;
        }

        span->Base = (byte*)(first << SizeClass.PageShift);
        span->PageCount = pages;
        span->HeapIndex = heapIndex;
        span->SpanClass = (byte)spanClass;
        span->NeedsZeroing = false;
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            span->SlotSize = 0;
            span->SlotCount = span->FreeCount = 0;
            span->State = SpanState.Large;
        }
        else
        {
            span->Cut(spanClass);
            span->State = SpanState.Slots;
        }

        Publish(span, first);
        SpanBytes += span->ByteCount;
        return span;
    }

    // Enters the span in the arena map, and moves the arenas' watermarks of untouched memory over it.
    private readonly void Publish(PageSpan* span, nuint first)
    {
        nuint end = first + span->PageCount;
        for (nuint page = first; page < end;)
        {
            HeapArena* arena = Map.GetArena(page / HeapArena.PageCount);
            int start = (int)(page % HeapArena.PageCount);
            int stop = (int)nuint.Min((nuint)start + (end - page), HeapArena.PageCount);
            span->NeedsZeroing |= start < arena->ZeroedFrom;
            arena->ZeroedFrom = int.Max(arena->ZeroedFrom, stop);
            page += (nuint)(stop - start);
        }

        bool isShared = span->HeapIndex == SharedHeapIndex && span->State == SpanState.Slots;
        Record(first, span->PageCount, span, isShared ? span->SpanClass : 0);
    }

    // Writes what the arena map says of a run of pages.
    private readonly void Record(nuint first, nuint count, PageSpan* span, int sharedClass)
    {
        for (nuint page = first; page < first + count; page++)
        {
            Map.GetArena(page / HeapArena.PageCount)->SetSpan(page % HeapArena.PageCount, span, sharedClass);
        }
    }

    // Maps as many steps as the run needs, from a reservation that still has them, or from a new one.
    private bool Grow(nuint pages)
    {
        nuint step = nuint.Clamp((MappedBytes / StepShare) & ~(MinStep - 1), MinStep, ChunkBits.ByteCount);
        nuint bytes = ((pages << SizeClass.PageShift) + MinStep - 1) & ~(MinStep - 1);
        bytes = nuint.Max(bytes, step);
        Reservation* reservation = _reservations;
        while (reservation != null && (nuint)(reservation->End - reservation->Next) < bytes)
        {
            reservation = reservation->Following;
        }

        if (reservation != null)
        {
            return MapFrom(reservation, bytes);
        }

        reservation = Reserve(bytes);
        if (reservation == null)
        {
            return false;
        }

        bool mapped = MapFrom(reservation, bytes);
        if (!mapped)
        {
            Unreserve(reservation);
        }

        return mapped;
    }

    private bool MapFrom(Reservation* reservation, nuint bytes)
    {
        byte* start = reservation->Next;
        if (!VirtualMemory.Map(start, bytes))
        {
            return false;
        }

        if (!VirtualMemory.Used(start, bytes) || !AddArenas(start, bytes))
        {
            VirtualMemory.Fault(start, bytes);
            return false;
        }

        reservation->Next += bytes;
        MappedBytes += bytes;
        _pages.Free((nuint)start >> SizeClass.PageShift, bytes >> SizeClass.PageShift);
        if (reservation->Next == reservation->End)
        {
            Drop(reservation);
        }

        return true;
    }

    private Reservation* Reserve(nuint bytes)
    {
        Reservation* reservation = _unusedReservations;
        if (reservation == null)
        {
            reservation = _metadata->Alloc<Reservation>();
            if (reservation == null)
            {
                return null;
            }
        }
        else
        {
            _unusedReservations = reservation->Following;
        }

        nuint size = (bytes + HeapArena.Size - 1) & ~(HeapArena.Size - 1);
        byte* address = (byte*)VirtualMemory.Reserve(size, HeapArena.Size);
        if (address == null)
        {
            size = (bytes + ChunkBits.ByteCount - 1) & ~(ChunkBits.ByteCount - 1);
            address = (byte*)VirtualMemory.Reserve(size, ChunkBits.ByteCount);
        }

        if (address == null)
        {
            reservation->Following = _unusedReservations;
            _unusedReservations = reservation;
            return null;
        }

        reservation->Next = address;
        reservation->End = address + size;
        reservation->Following = _reservations;
        _reservations = reservation;
        ReservedBytes += size;
        return reservation;
    }

    // Of a reservation just made, nothing of which could be mapped: kept, it would only be in the way of smaller requests.
    private void Unreserve(Reservation* reservation)
    {
        nuint size = (nuint)(reservation->End - reservation->Next);
        VirtualMemory.Free(reservation->Next, size);
        ReservedBytes -= size;
        Drop(reservation);
    }

    private void Drop(Reservation* reservation)
    {
        if (_reservations == reservation)
        {
            _reservations = reservation->Following;
        }
        else
        {
            Reservation* previous = _reservations;
            while (previous->Following != reservation)
            {
                previous = previous->Following;
            }

            previous->Following = reservation->Following;
        }

        reservation->Following = _unusedReservations;
        _unusedReservations = reservation;
    }

    private readonly bool AddArenas(byte* start, nuint bytes)
    {
        nuint last = ((nuint)start + bytes - 1) >> HeapArena.SizeShift;
        for (nuint number = (nuint)start >> HeapArena.SizeShift; number <= last; number++)
        {
            if (Map.GetArena(number) == null)
            {
                HeapArena* arena = _metadata->Alloc<HeapArena>();
                if (arena == null)
                {
                    return false;
                }

                Map.SetArena(number, arena);
            }
        }

        return true;
    }

    private PageSpan* GetUnused()
    {
        PageSpan* span = _unusedSpans;
        if (span == null)
        {
            return _metadata->Alloc<PageSpan>();
        }

        _unusedSpans = span->Next;
        span->Next = null;
        return span;
    }

    private void PutUnused(PageSpan* span)
    {
        span->Next = _unusedSpans;
        _unusedSpans = span;
    }

    // Addresses obtained and not all mapped yet: [Next, End).
    private struct Reservation
    {
        public byte* Next;
        public byte* End;
        public Reservation* Following;
    }
}

/// <summary>The page heap's totals, in bytes: Mapped = Span + Free.</summary>
internal readonly record struct PageHeapTotals(nuint Reserved, nuint Mapped, nuint Span, nuint Free);
