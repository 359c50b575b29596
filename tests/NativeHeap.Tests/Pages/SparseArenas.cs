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

    public SparseArenas(nuint systemPage = 4096)
    {
        if (!_structures->Map.Initialize() || !_structures->Pages.Initialize(&_structures->Map) || !_structures->Index.Initialize(&_structures->Map, systemPage))
        {
            throw new OutOfMemoryException();
        }
    }

    public PageAllocator* Pages => &_structures->Pages;

    public ScavengeIndex* Index => &_structures->Index;

    /// <summary>Puts an arena, all in use, where there is none.</summary>
    public void Add(nuint number)
    {
        if (!_arenas.ContainsKey(number))
        {
            void* arena = NativeMemory.AllocZeroed((nuint)sizeof(SparseArena));
            _arenas.Add(number, (nint)arena);
            _structures->Map.SetArena(number, (SparseArena*)arena);
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
    public List<(nuint First, nuint Count)> FreeRuns() => RunsOf(arena => (nint)((HeapArena*)arena)->FreeBits(0));

    /// <summary>The runs that have been given back, as the arenas' bits say, longest possible, by address.</summary>
    public List<(nuint First, nuint Count)> ReturnedRuns() => RunsOf(arena => (nint)((HeapArena*)arena)->ReturnedBits);

    private List<(nuint First, nuint Count)> RunsOf(Func<nint, nint> bitsOf)
    {
        List<(nuint First, nuint Count)> runs = [];
        foreach ((nuint number, nint arena) in _arenas)
        {
            ReadOnlySpan<ulong> words = new((ulong*)bitsOf(arena), HeapArena.PageCount / 64);
            for (int i = 0; i < HeapArena.PageCount;)
            {
                ulong rest = words[i / 64] >> (i % 64);
                bool isSet = (rest & 1) != 0;
                int same = int.Min(BitOperations.TrailingZeroCount(isSet ? ~rest : rest), 64 - (i % 64));
                nuint first = (number * HeapArena.PageCount) + (nuint)i;
                if (isSet && runs.Count > 0 && runs[^1].First + runs[^1].Count == first)
                {
                    runs[^1] = (runs[^1].First, runs[^1].Count + (nuint)same);
                }
                else if (isSet)
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
        _structures->Index.Release();
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
        public ScavengeIndex Index;
    }
}
