// From any address to its span: a table of two levels.
//
//     address 47                26 25        13 12          0
//             [ arena number  22 ][ page   13 ][ offset  13 ]
//     map[arena number] -> HeapArena or null;  HeapArena.Spans[page] -> PageSpan
//
// Addresses have 48 bits at most, so the first level has 4 Mi entries: 32 MiB of address space, of which only touched pages cost memory, a 4 KiB page
// for each 32 GiB of addresses in which arenas lie. Arenas may lie anywhere; the heap is as sparse as the system's gifts.
//
// Entries are set once, under the page heap's lock, and never cleared (arenas are never unreserved); lookups take no lock.

using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Maps addresses to arenas and spans.</summary>
internal unsafe struct ArenaMap
{
    /// <summary>The number of bits an address can have.</summary>
    public const int AddressBits = 48;

    private const nuint EntryCount = (nuint)1 << (AddressBits - HeapArena.SizeShift);

    private ulong* _arenas;
    private nuint _firstArena;
    private nuint _endArena;

    /// <summary>Reserves the first level.</summary>
    /// <returns>Whether the system had the address space.</returns>
    public bool Initialize()
    {
        _arenas = (ulong*)VirtualMemory.Alloc(EntryCount * sizeof(ulong));
        return _arenas != null;
    }

    /// <summary>Gives the first level back. For maps other than the process's own, which lives for ever.</summary>
    public void Release()
    {
        _ = VirtualMemory.Free(_arenas, EntryCount * sizeof(ulong));
        _arenas = null;
    }

    /// <summary>The arena of a number, or null.</summary>
    public readonly HeapArena* GetArena(nuint number) => (HeapArena*)Volatile.Read(ref _arenas[number]);

    /// <summary>Publishes an arena.</summary>
    public void SetArena(nuint number, HeapArena* arena)
    {
        Volatile.Write(ref _arenas[number], (ulong)arena);
        bool isOnly = _endArena == 0;
        _firstArena = isOnly ? number : nuint.Min(_firstArena, number);
        Volatile.Write(ref _endArena, isOnly ? number + 1 : nuint.Max(_endArena, number + 1));
    }

    /// <summary>The first span of a heap from a page on, in the order of addresses.</summary>
    /// <param name="page">The page, of the whole address space; moved behind the span.</param>
    /// <param name="heapIndex">The heap.</param>
    /// <returns>The span, which may be gone by the time it is looked at if none of its blocks is the caller's; null if there is none.</returns>
    public readonly PageSpan* NextSpan(ref nuint page, int heapIndex)
    {
        nuint end = Volatile.Read(in _endArena) * HeapArena.PageCount;
        for (page = nuint.Max(page, _firstArena * HeapArena.PageCount); page < end;)
        {
            HeapArena* arena = GetArena(page / HeapArena.PageCount);
            if (arena == null)
            {
                page = ((page / HeapArena.PageCount) + 1) * HeapArena.PageCount;
                continue;
            }

            PageSpan* span = arena->GetSpan(page % HeapArena.PageCount);
            bool isSpan = span != null && span->Contains((void*)(page << SizeClass.PageShift));
            page = isSpan ? span->FirstPage + span->PageCount : page + 1;
            if (isSpan && span->HeapIndex == heapIndex)
            {
                return span;
            }
        }

        return null;
    }

    /// <summary>The first stretch of a range of pages that lies in one arena.</summary>
    /// <param name="page">Where the range starts; moved to where the stretch ends.</param>
    /// <param name="end">Where the range ends.</param>
    /// <param name="start">The first page of the stretch, within its arena.</param>
    /// <param name="count">Its length, in pages.</param>
    /// <returns>The arena.</returns>
    public readonly HeapArena* NextStretch(ref nuint page, nuint end, out int start, out int count)
    {
        HeapArena* arena = GetArena(page / HeapArena.PageCount);
        start = (int)(page % HeapArena.PageCount);
        count = (int)nuint.Min(end - page, HeapArena.PageCount - (nuint)start);
        page += (nuint)count;
        return arena;
    }

    /// <summary>The first level, for <see cref="SharedClassOf"/>: who asks often keeps it at hand.</summary>
    public readonly ulong* Arenas => _arenas;

    /// <summary>The span class of the span that an address lies in, if that is one of slots of the shared heap; else 0. Takes any 64-bit value.</summary>
    /// <param name="arenas">A map's <see cref="Arenas"/>.</param>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedClassOf(ulong* arenas, void* address)
    {
        HeapArena* arena = ArenaOf(arenas, address);
        return arena == null ? 0 : arena->GetSharedClass(PageInArena(address));
    }

    /// <summary>
    /// The span recorded for an address, or null. Takes any 64-bit value; for one that is no block of the caller's, the span may be gone by the time it is looked at:
    /// <see cref="PageSpan.Contains"/> tells.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PageSpan* SpanOf(void* address) => SpanOf(_arenas, address);

    /// <inheritdoc cref="SpanOf(void*)"/>
    /// <param name="arenas">A map's <see cref="Arenas"/>.</param>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSpan* SpanOf(ulong* arenas, void* address)
    {
        HeapArena* arena = ArenaOf(arenas, address);
        return arena == null ? null : arena->GetSpan(PageInArena(address));
    }

    /// <summary>The span in use of a heap that an address lies in, or null. Takes any 64-bit value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PageSpan* SpanOf(void* address, int heapIndex)
    {
        PageSpan* span = SpanOf(address);
        return span != null && span->Contains(address) && span->HeapIndex == heapIndex ? span : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HeapArena* ArenaOf(ulong* arenas, void* address) =>
        (nuint)address >> AddressBits == 0 ? (HeapArena*)Volatile.Read(ref arenas[(nuint)address >> HeapArena.SizeShift]) : null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint PageInArena(void* address) => ((nuint)address >> SizeClass.PageShift) & (HeapArena.PageCount - 1);
}
