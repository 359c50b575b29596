// From any address to its arena and its span, in the process's layout (ArenaLayout.cs). The layout's own file says how; here is what is the same in both.
//
// Arenas come, under the page heap's lock, and never go. Lookups take no lock.

using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>Maps addresses to arenas and spans.</summary>
internal unsafe struct ArenaMap
{
    /// <summary>The number of bits an address can have.</summary>
    public const int AddressBits = 48;

    /// <summary>Stands for all heaps.</summary>
    public const int AnyHeap = -1;

    private SparseMap _sparse;
    private ContiguousMap _contiguous;
    private nuint _firstArena;
    private nuint _endArena;

    /// <summary>The bytes mapped for tables that do not come from the metadata allocator, and are not the same in every process.</summary>
    public readonly nuint TableBytes => ArenaLayout.IsContiguous ? _contiguous.TableBytes : 0;

    /// <summary>Where lookups start, for <see cref="SharedClassOf"/> and <see cref="SpanOf(void*, void*)"/>: who asks often keeps it at hand.</summary>
    public readonly void* Arenas => ArenaLayout.IsContiguous ? _contiguous.Arenas : _sparse.Arenas;

    /// <summary>Obtains what is there from the start: in the contiguous layout the addresses of all arenas, too.</summary>
    /// <returns>Whether the system had the address space.</returns>
    public bool Initialize() => ArenaLayout.IsContiguous ? _contiguous.Initialize(ArenaLayout.Bytes) : _sparse.Initialize();

    /// <summary>Gives that back. For maps other than the process's own, which lives for ever.</summary>
    public void Release()
    {
        if (ArenaLayout.IsContiguous)
        {
            _contiguous.Release();
        }
        else
        {
            _sparse.Release();
        }
    }

    /// <summary>The arena of a number, or null.</summary>
    public readonly HeapArena* GetArena(nuint number) => ArenaLayout.IsContiguous ? _contiguous.GetArena(number) : (HeapArena*)_sparse.GetArena(number);

    /// <summary>Makes an arena, if there is none of the number.</summary>
    /// <param name="number">The number; in the contiguous layout, of an arena within the budget.</param>
    /// <param name="metadata">Where its tables come from.</param>
    /// <returns>Whether there is one now; if not, the system has no memory.</returns>
    public bool AddArena(nuint number, MetadataAllocator* metadata)
    {
        if (GetArena(number) != null)
        {
            return true;
        }

        SparseArena* arena = ArenaLayout.IsContiguous ? null : metadata->Alloc<SparseArena>();
        if (!ArenaLayout.IsContiguous && arena == null)
        {
            return false;
        }

        SetArena(number, arena);
        return true;
    }

    /// <summary>Publishes an arena.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="arena">The arena; null in the contiguous layout, which has one for each number within the budget.</param>
    public void SetArena(nuint number, SparseArena* arena)
    {
        if (ArenaLayout.IsContiguous)
        {
            _contiguous.UseArena(number);
        }
        else
        {
            _sparse.SetArena(number, arena);
        }

        bool isOnly = _endArena == 0;
        _firstArena = isOnly ? number : nuint.Min(_firstArena, number);
        Volatile.Write(ref _endArena, isOnly ? number + 1 : nuint.Max(_endArena, number + 1));
    }

    /// <summary>The span recorded for a page of an arena.</summary>
    /// <param name="page">The page, of the whole address space.</param>
    public readonly PageSpan* GetSpan(nuint page) => ArenaLayout.IsContiguous ? _contiguous.GetSpan(page) : _sparse.GetSpan(page);

    /// <summary>Records the span of a page of an arena. The span must be filled in before.</summary>
    /// <param name="page">The page, of the whole address space.</param>
    /// <param name="span">The span; null to forget it.</param>
    /// <param name="sharedClass">Its span class, if it is one of slots of the shared heap; else 0.</param>
    public readonly void SetSpan(nuint page, PageSpan* span, int sharedClass)
    {
        if (ArenaLayout.IsContiguous)
        {
            _contiguous.SetSpan(page, span, sharedClass);
        }
        else
        {
            _sparse.SetSpan(page, span, sharedClass);
        }
    }

    /// <summary>The first span of a heap from a page on, in the order of addresses.</summary>
    /// <param name="page">The page, of the whole address space; moved behind the span.</param>
    /// <param name="heapIndex">The heap, or <see cref="AnyHeap"/>.</param>
    /// <returns>The span, which may be gone by the time it is looked at if none of its blocks is the caller's; null if there is none.</returns>
    public readonly PageSpan* NextSpan(ref nuint page, int heapIndex)
    {
        nuint end = Volatile.Read(in _endArena) * HeapArena.PageCount;
        for (page = nuint.Max(page, _firstArena * HeapArena.PageCount); page < end;)
        {
            if (GetArena(page / HeapArena.PageCount) == null)
            {
                page = ((page / HeapArena.PageCount) + 1) * HeapArena.PageCount;
                continue;
            }

            PageSpan* span = GetSpan(page);
            bool isSpan = span != null && span->State is (SpanState.Slots or SpanState.Large) && page - span->FirstPage < span->PageCount;
            page = isSpan ? span->FirstPage + span->PageCount : page + 1;
            if (isSpan && (span->HeapIndex == heapIndex || heapIndex == AnyHeap))
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

    /// <summary>The span class of the span that an address lies in, if that is one of slots of the shared heap; else 0. Takes any 64-bit value.</summary>
    /// <param name="arenas">A map's <see cref="Arenas"/>.</param>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedClassOf(void* arenas, void* address) => ArenaLayout.IsContiguous
        ? ContiguousMap.SharedClassOf((byte*)arenas, ArenaLayout.Bytes, address)
        : SparseMap.SharedClassOf((ulong*)arenas, address);

    /// <summary>
    /// The span recorded for an address, or null. Takes any 64-bit value; for one that is no block of the caller's, the span may be gone by the time it is looked at:
    /// <see cref="PageSpan.Contains"/> tells.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PageSpan* SpanOf(void* address) => SpanOf(Arenas, address);

    /// <inheritdoc cref="SpanOf(void*)"/>
    /// <param name="arenas">A map's <see cref="Arenas"/>.</param>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSpan* SpanOf(void* arenas, void* address) => ArenaLayout.IsContiguous
        ? ContiguousMap.SpanOf((byte*)arenas, ArenaLayout.Bytes, address)
        : SparseMap.SpanOf((ulong*)arenas, address);

    /// <summary>The span in use of a heap that an address lies in, or null. Takes any 64-bit value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PageSpan* SpanOf(void* address, int heapIndex)
    {
        PageSpan* span = SpanOf(address);
        return span != null && span->Contains(address) && span->HeapIndex == heapIndex && span->State != SpanState.Sealed ? span : null;
    }
}
