// How the page heap gets memory from the system: address space by the arena, mapped from its start to its end in steps.
//
//     ReservedBytes = MappedBytes + sum over reservations of (End - Next)
//
// A step is a sixteenth of what is mapped, between 256 KiB and 4 MiB. It is small because memory is looked for elsewhere before each (Maintenance/Reclamation.cs): what is mapped at
// once is touched at once, and with steps of 4 MiB a program of 20 MB held 3 to 5 MB more than it needed.
//
// Near the process's limit a step is no more than what is needed, rounded up to 256 KiB: up to that much of the limit is never used.
//
// Where huge pages are asked for, a step is as many of them as it takes: the system gives none to a part of one.
//
// What is left of one reservation is used before another is made, and so are the free pages right before it: a growth maps what is missing of the run. An object larger than 64 MiB gets a reservation of as many arenas as it needs. If the system refuses 64 MiB,
// exactly what is needed is tried, in multiples of 4 MiB.
//
// In the contiguous layout there is one reservation, made at the start with the arena map's tables.
//
// Under the page heap's lock, the calls of the system included: whoever waits for the lock then waits for the same memory.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    /// <summary>The least that is mapped at a time, in bytes.</summary>
    public const nuint MinStep = 256 * 1024;

    private const nuint HugePage = 2 << 20;
    private const int StepShare = 16;

    // Maps as many steps as the run needs, from a reservation that still has them, or from a new one.
    private bool Grow(nuint pages)
    {
        Reservation* reservation = FindRest(pages, out nuint needed);
        if (reservation == null && ArenaLayout.IsContiguous)
        {
            Refusal.Last = RefusedBy.Budget;
            return false;
        }

        nuint step = nuint.Clamp((MappedBytes / StepShare) & ~(MinStep - 1), MinStep, ChunkBits.ByteCount);
        nuint bytes = AsksForHugePages ? (nuint.Max(needed, step) + HugePage - 1) & ~(HugePage - 1) : nuint.Max(needed, step);
        bytes = reservation == null ? bytes : nuint.Min(bytes, (nuint)(reservation->End - reservation->Next));
        if (!Quota.TryCharge(bytes))
        {
            bytes = needed;
            if (!Quota.TryCharge(bytes))
            {
                return false;
            }
        }

        bool mapped = reservation == null ? MapFromNew(bytes) : MapFrom(reservation, bytes);
        if (!mapped)
        {
            Quota.Cancel(bytes);
        }

        return mapped;
    }

    // The one reservation of the contiguous layout.
    private bool TakeBudget()
    {
        Reservation* reservation = _metadata->Alloc<Reservation>();
        if (reservation == null)
        {
            return false;
        }

        reservation->Next = (byte*)Map.Arenas;
        reservation->End = reservation->Next + ArenaLayout.Bytes;
        _reservations = reservation;
        ReservedBytes = ArenaLayout.Bytes;
        _reserved++;
        return true;
    }

    // The reservation whose rest makes a run of so many pages, with the free pages before it; null if none does. A run that begins in pages that have gone back is charged for them as well, so that what lies
    // before must not be asked for twice.
    private readonly Reservation* FindRest(nuint pages, out nuint needed)
    {
        Reservation* reservation = _reservations;
        for (; reservation != null; reservation = reservation->Following)
        {
            nuint before = _pages.CountFreeBefore((nuint)reservation->Next >> SizeClass.PageShift);
            needed = ToSteps(pages - nuint.Min(pages - 1, before));
            if (needed <= (nuint)(reservation->End - reservation->Next))
            {
                return reservation;
            }
        }

        needed = ToSteps(pages);
        return null;
    }

    private static nuint ToSteps(nuint pages) => ((pages << SizeClass.PageShift) + MinStep - 1) & ~(MinStep - 1);

    private bool MapFromNew(nuint bytes)
    {
        Reservation* reservation = Reserve(bytes);
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

        if (!MakeUsable(start, bytes) || !AddArenas(start, bytes) || !_pages.Cover((nuint)start >> SizeClass.PageShift, bytes >> SizeClass.PageShift))
        {
            _ = VirtualMemory.Fault(start, bytes);
            return false;
        }

        reservation->Next += bytes;
        MappedBytes += bytes;
        _growths++;
        _unusedPages += bytes >> SizeClass.PageShift;
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
        _reserved++;
        return reservation;
    }

    // Of a reservation just made, nothing of which could be mapped: kept, it would only be in the way of smaller requests.
    private void Unreserve(Reservation* reservation)
    {
        nuint size = (nuint)(reservation->End - reservation->Next);
        if (VirtualMemory.Free(reservation->Next, size))
        {
            ReservedBytes -= size;
        }

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

    private bool AddArenas(byte* start, nuint bytes)
    {
        nuint last = ((nuint)start + bytes - 1) >> HeapArena.SizeShift;
        for (nuint number = (nuint)start >> HeapArena.SizeShift; number <= last; number++)
        {
            if (!Map.AddArena(number, _metadata))
            {
                return false;
            }
        }

        return true;
    }

    // Addresses obtained and not all mapped yet: [Next, End).
    private struct Reservation
    {
        public byte* Next;
        public byte* End;
        public Reservation* Following;
    }
}
