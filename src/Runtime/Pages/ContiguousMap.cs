// From any address to its span where arenas lie side by side: three regions, reserved together, as Go had them until 1.10 (spans, bitmap, arena).
//
//     [ spans | bitmap | guard | arenas ]          P = the pages of all arenas;  A = the arenas, the last of which may have fewer pages than the others
//
//     spans     8 bytes a page           = arenas / 1024, Go's proportion: the span that the page belongs to, or null
//     bitmap    P bytes                  the span class of that span if it is one of slots of the shared heap, else 0 (SparseMap.cs says what it is for)
//               A * sizeof(HeapArena)    the bits of each arena's pages (HeapArena.cs): three a page
//     guard     64 KiB, a page of any system: never usable, so that what runs on beyond the arenas' start does not reach the tables
//     arenas    P pages, from a multiple of an arena's size on, so that arena numbers are the same as in the sparse layout
//
//     page of an address = (address - Arenas) >> 13, if the difference is below their size;    its span = spans[page]
//
// Go's bitmap took arenas / 32, two bits for each word of memory, as a collector must know where pointers are. Here what is free in a span stands in the span, so that the bitmap is about pages, and
// takes arenas / 6000. The tables end where the guard begins: whoever has the arenas' address, and their size, which is a constant for the JIT, has all of them.
//
// All tables are usable from the start, so that any address may be looked up without asking how far arenas are mapped. Only touched pages cost memory; on Windows the whole counts as committed, 1.2 MiB
// for each GiB.
//
// Who writes what under which lock is as in the sparse layout.

using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Maps addresses to arenas and spans that lie side by side.</summary>
internal unsafe struct ContiguousMap
{
    /// <summary>The bytes between the tables and the arenas.</summary>
    public const nuint Guard = 64 << 10;

    // What precedes the arenas, for each page and for each arena.
    private const nuint PageEntry = sizeof(ulong) + sizeof(byte);

    private byte* _arenas;
    private nuint _bytes;
    private nuint _inUse;

    /// <summary>The first byte of the arenas, for <see cref="SpanOf"/> and <see cref="SharedClassOf"/>.</summary>
    public readonly byte* Arenas => _arenas;

    /// <summary>The bytes of the tables of the arenas in use.</summary>
    public readonly nuint TableBytes => _inUse == 0 ? 0 : TablesOf(nuint.Min(_inUse * HeapArena.Size, _bytes));

    /// <summary>Reserves the regions, and makes the tables usable.</summary>
    /// <param name="bytes">The size of all arenas: whole chunks.</param>
    /// <returns>Whether the system had the addresses, and promised the memory of the tables.</returns>
    public bool Initialize(nuint bytes)
    {
        nuint ahead = Ahead(bytes);
        byte* start = (byte*)VirtualMemory.Reserve(ahead + bytes, HeapArena.Size);
        if (start == null)
        {
            return false;
        }

        _arenas = start + ahead;
        _bytes = bytes;
        byte* tables = _arenas - Guard - TablesOf(bytes);
        if (VirtualMemory.Map(tables, TablesOf(bytes)) && VirtualMemory.Used(tables, TablesOf(bytes)))
        {
            return true;
        }

        Release();
        return false;
    }

    /// <summary>Gives everything back, the arenas included.</summary>
    public void Release()
    {
        if (_arenas != null)
        {
            _ = VirtualMemory.Free(_arenas - Ahead(_bytes), Ahead(_bytes) + _bytes);
            this = default;
        }
    }

    /// <summary>The arena of a number, if it is in use, or null.</summary>
    public readonly HeapArena* GetArena(nuint number)
    {
        nuint arena = number - FirstNumber;
        return arena < Volatile.Read(in _inUse) ? (HeapArena*)(_arenas - Guard - BitsOf(_bytes)) + arena : null;
    }

    /// <summary>Brings an arena into use, and all before it.</summary>
    public void UseArena(nuint number) => Volatile.Write(ref _inUse, nuint.Max(_inUse, number - FirstNumber + 1));

    /// <summary>The span recorded for a page of the arenas.</summary>
    public readonly PageSpan* GetSpan(nuint page) => (PageSpan*)Volatile.Read(ref SpansOf(_arenas, _bytes)[page - FirstPage]);

    /// <summary>Records the span of a page of the arenas. The span must be filled in before.</summary>
    public readonly void SetSpan(nuint page, PageSpan* span, int sharedClass)
    {
        Volatile.Write(ref SpansOf(_arenas, _bytes)[page - FirstPage], (ulong)span);
        ClassesOf(_arenas, _bytes)[page - FirstPage] = (byte)sharedClass;
    }

    /// <summary>The span recorded for an address, or null.</summary>
    /// <param name="arenas">A map's <see cref="Arenas"/>.</param>
    /// <param name="bytes">Their size.</param>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSpan* SpanOf(byte* arenas, nuint bytes, void* address)
    {
        nuint offset = (nuint)address - (nuint)arenas;
        return offset < bytes ? (PageSpan*)Volatile.Read(ref SpansOf(arenas, bytes)[offset >> SizeClass.PageShift]) : null;
    }

    /// <summary>The span class recorded for an address, or 0.</summary>
    /// <inheritdoc cref="SpanOf"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedClassOf(byte* arenas, nuint bytes, void* address)
    {
        nuint offset = (nuint)address - (nuint)arenas;
        return offset < bytes ? ClassesOf(arenas, bytes)[offset >> SizeClass.PageShift] : 0;
    }

    private readonly nuint FirstNumber => (nuint)_arenas >> HeapArena.SizeShift;

    private readonly nuint FirstPage => (nuint)_arenas >> SizeClass.PageShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint BitsOf(nuint bytes) => ((bytes + HeapArena.Size - 1) >> HeapArena.SizeShift) * (nuint)sizeof(HeapArena);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint TablesOf(nuint bytes) => BitsOf(bytes) + ((bytes >> SizeClass.PageShift) * PageEntry);

    // The tables, and the addresses that the arenas' alignment leaves over in front of them.
    private static nuint Ahead(nuint bytes) => (Guard + TablesOf(bytes) + HeapArena.Size - 1) & ~(HeapArena.Size - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* SpansOf(byte* arenas, nuint bytes) => (ulong*)(arenas - Guard - TablesOf(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* ClassesOf(byte* arenas, nuint bytes) => arenas - Guard - BitsOf(bytes) - (bytes >> SizeClass.PageShift);
}
