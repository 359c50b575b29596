using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Pages;

namespace NativeHeap.Tests.Pages;

/// <summary>
/// A page allocator over arenas at addresses of the test's choice. It only counts pages and never touches them, so there need be no memory there.
/// </summary>
internal sealed unsafe class SparseArenas : IDisposable
{
    private readonly SortedDictionary<nuint, nint> _arenas = [];
    private readonly Structures* _structures = (Structures*)NativeMemory.AllocZeroed((nuint)sizeof(Structures));

    public SparseArenas()
    {
        if (!_structures->Map.Initialize() || !_structures->Pages.Initialize(&_structures->Map))
        {
            throw new OutOfMemoryException();
        }
    }

    public PageAllocator* Pages => &_structures->Pages;

    /// <summary>Puts an arena, all in use, where there is none.</summary>
    public void Add(nuint number)
    {
        if (!_arenas.ContainsKey(number))
        {
            void* arena = NativeMemory.AllocZeroed((nuint)sizeof(HeapArena));
            _arenas.Add(number, (nint)arena);
            _structures->Map.SetArena(number, (HeapArena*)arena);
            if (!_structures->Pages.Cover(number * HeapArena.PageCount, HeapArena.PageCount))
            {
                throw new OutOfMemoryException();
            }
        }
    }

    /// <summary>Puts arenas wherever a range of pages needs them.</summary>
    public void AddFor(nuint firstPage, nuint pages)
    {
        for (nuint number = firstPage / HeapArena.PageCount; number <= (firstPage + pages - 1) / HeapArena.PageCount; number++)
        {
            Add(number);
        }
    }

    /// <summary>The free runs as the arenas' bits say, longest possible, by address.</summary>
    public List<(nuint First, nuint Count)> FreeRuns()
    {
        List<(nuint First, nuint Count)> runs = [];
        foreach ((nuint number, nint arena) in _arenas)
        {
            ReadOnlySpan<ulong> words = new(((HeapArena*)arena)->FreeBits(0), HeapArena.PageCount / 64);
            for (int i = 0; i < HeapArena.PageCount;)
            {
                ulong rest = words[i / 64] >> (i % 64);
                bool isFree = (rest & 1) != 0;
                int same = int.Min(BitOperations.TrailingZeroCount(isFree ? ~rest : rest), 64 - (i % 64));
                nuint first = (number * HeapArena.PageCount) + (nuint)i;
                if (isFree && runs.Count > 0 && runs[^1].First + runs[^1].Count == first)
                {
                    runs[^1] = (runs[^1].First, runs[^1].Count + (nuint)same);
                }
                else if (isFree)
                {
                    runs.Add((first, (nuint)same));
                }

                i += same;
            }
        }

        return runs;
    }

    public void Dispose()
    {
        _structures->Pages.Release();
        _structures->Map.Release();
        foreach (nint arena in _arenas.Values.ToArray())
        {
            NativeMemory.Free((void*)arena);
        }

        NativeMemory.Free(_structures);
    }

    private struct Structures
    {
        public ArenaMap Map;
        public PageAllocator Pages;
    }
}
