// From any address to its span where arenas lie anywhere: a table of two levels.
//
//     address 47                26 25        13 12          0
//             [ arena number  22 ][ page   13 ][ offset  13 ]
//     map[arena number] -> SparseArena or null;  SparseArena.Spans[page] -> PageSpan
//
//     Spans[i]         the span that page i belongs to, or null
//     SharedClasses[i] = the span class of that span if it is one of slots of the shared heap, else 0
//
// Addresses have 48 bits at most, so the first level has 4 Mi entries: 32 MiB of address space, of which only touched pages cost memory, a 4 KiB page
// for each 32 GiB of addresses in which arenas lie. The heap is as sparse as the system's gifts.
//
// SharedClasses says nothing new: it is what Free of an untyped block of the shared heap asks for, a byte a page in few cache lines, where the span itself would be a
// line of its own.
//
// Entries of the first level are set once, under the page heap's lock, and never cleared (arenas are never unreserved). Spans and SharedClasses are written under that lock, or by whoever cuts
// a span from a page cache (PageHeap.Caches.cs), and read by anybody.

using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>An arena and what its pages lead to.</summary>
internal unsafe struct SparseArena
{
    /// <summary>The arena. First, so that a pointer to either is one to both.</summary>
    public HeapArena Arena;

    /// <summary>The span classes.</summary>
    public fixed byte SharedClasses[HeapArena.PageCount];

    /// <summary>The spans.</summary>
    public fixed ulong Spans[HeapArena.PageCount];
}

/// <summary>Maps addresses to arenas and spans, wherever they lie.</summary>
internal unsafe struct SparseMap
{
    private const nuint EntryCount = (nuint)1 << (ArenaMap.AddressBits - HeapArena.SizeShift);

    private ulong* _arenas;

    /// <summary>The first level, for <see cref="SpanOf"/> and <see cref="SharedClassOf"/>.</summary>
    public readonly ulong* Arenas => _arenas;

    /// <summary>Reserves the first level.</summary>
    /// <returns>Whether the system had the address space.</returns>
    public bool Initialize()
    {
        _arenas = (ulong*)VirtualMemory.Alloc(EntryCount * sizeof(ulong));
        return _arenas != null;
    }

    /// <summary>Gives the first level back.</summary>
    public void Release()
    {
        if (_arenas != null)
        {
            _ = VirtualMemory.Free(_arenas, EntryCount * sizeof(ulong));
            _arenas = null;
        }
    }

    /// <summary>The arena of a number, or null.</summary>
    public readonly SparseArena* GetArena(nuint number) => (SparseArena*)Volatile.Read(ref _arenas[number]);

    /// <summary>Publishes an arena.</summary>
    public readonly void SetArena(nuint number, SparseArena* arena) => Volatile.Write(ref _arenas[number], (ulong)arena);

    /// <summary>The span recorded for a page of an arena.</summary>
    public readonly PageSpan* GetSpan(nuint page) => (PageSpan*)Volatile.Read(ref GetArena(page / HeapArena.PageCount)->Spans[page % HeapArena.PageCount]);

    /// <summary>Records the span of a page of an arena. The span must be filled in before.</summary>
    public readonly void SetSpan(nuint page, PageSpan* span, int sharedClass)
    {
        SparseArena* arena = GetArena(page / HeapArena.PageCount);
        Volatile.Write(ref arena->Spans[page % HeapArena.PageCount], (ulong)span);
        arena->SharedClasses[page % HeapArena.PageCount] = (byte)sharedClass;
    }

    /// <summary>The span recorded for an address, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSpan* SpanOf(ulong* arenas, void* address)
    {
        SparseArena* arena = ArenaOf(arenas, address);
        return arena == null ? null : (PageSpan*)Volatile.Read(ref arena->Spans[PageInArena(address)]);
    }

    /// <summary>The span class recorded for an address, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedClassOf(ulong* arenas, void* address)
    {
        SparseArena* arena = ArenaOf(arenas, address);
        return arena == null ? 0 : arena->SharedClasses[PageInArena(address)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SparseArena* ArenaOf(ulong* arenas, void* address) =>
        (nuint)address >> ArenaMap.AddressBits == 0 ? (SparseArena*)Volatile.Read(ref arenas[(nuint)address >> HeapArena.SizeShift]) : null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint PageInArena(void* address) => ((nuint)address >> SizeClass.PageShift) & (HeapArena.PageCount - 1);
}
