// The heap graph: all live blocks of the process, and which points to which. Who asks is whoever wants to know what is lost.
//
//     node n = slot n % 64 of word n / 64 of _live, in the order of addresses; a span has whole words, a large object one of its own
//     edge e = node _sources[e] holds a pointer into node _targets[e], to its first byte or any other; in the order of sources
//     edges of word w = [_firstEdge[w], _firstEdge[w + 1])
//     _reached = what is reachable from a root, by any number of edges (PointerScan.cs says what is a root: all that is no block)
//
//     reachable:        in _reached
//     lost:             none of the others, and nothing points to it but what it reaches itself; of a ring to which nothing points one, the first found
//     indirectly lost:  the rest, which only lost blocks lead to: free the lost ones as a program should, and these go with them
//
// These are the words of Valgrind's memcheck ("definitely lost", "indirectly lost", "still reachable"). The lost are found by two passes over what is not reached, without a recursion: in the first, in order, each block not
// passed yet is a candidate, and all that it leads to is passed. In the second, the candidates in reverse order, and those that have been passed before they come are none. What is left is one for each group of blocks that lead
// to each other and that no other leads to: its first block in order is a candidate, since nothing outside leads to it; and a candidate of a group that another leads to comes before that one's in the first pass, or it would
// have been passed, and so after it in the second.
//
// Made of copies, first of what is live and then of what that holds. What other threads change between the two may be seen or not; nothing that is seen is read from memory that has gone. It takes a few bits
// a slot, four bytes more a slot of a checked heap, and eight bytes a pointer, of managed memory, and a time that grows with all memory of all heaps.

using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Diagnostics;

/// <summary>The blocks of a span.</summary>
internal readonly unsafe struct SpanNodes(UsedSlots* slots, PageSpan* span, int heapIndex, int firstWord)
{
    /// <summary>The first byte.</summary>
    public readonly byte* Base = slots->Base;

    /// <summary>The size of a slot, in bytes.</summary>
    public readonly nuint SlotSize = slots->SlotSize;

    /// <summary>The span class that its blocks are allocated as.</summary>
    public readonly int ObjectClass = span->IsGuarded ? span->ObjectClass : slots->SpanClass;

    /// <summary>The heap, by its index.</summary>
    public readonly int HeapIndex = heapIndex;

    /// <summary>The first of its words.</summary>
    public readonly int FirstWord = firstWord;

    /// <summary>How many it has.</summary>
    public readonly int Words = slots->Words;

    /// <summary>Who has each block (Guards/Origins.cs), slot by slot; null if that is not known.</summary>
    public readonly uint[]? Origins = span->IsMarked ? CopyOrigins(span, slots->Words * 64) : null;

    private static uint[] CopyOrigins(PageSpan* span, int slots)
    {
        uint[] origins = new uint[slots];
        for (int slot = 0; slot < int.Min(slots, span->MarkCount); slot++)
        {
            origins[slot] = SlotMarks.OriginOf(span, slot);
        }

        return origins;
    }
}

/// <summary>All live blocks, and which points to which.</summary>
internal sealed unsafe class HeapGraph
{
    private const int None = -1;

    private readonly List<SpanNodes> _spans = [];
    private readonly List<int> _sources = [];
    private readonly List<int> _targets = [];
    private readonly List<int> _roots = [];
    private readonly Stack<int> _open = new();
    private readonly ulong[] _live;
    private readonly int[] _firstEdge;
    private readonly ulong[] _reached;
    private readonly ulong[] _lost;

    // The span of each page, counted from 1, by arena; and the arena that was asked for last.
    private readonly Dictionary<nuint, int[]> _arenas = [];
    private nuint _arena = nuint.MaxValue;
    private int[]? _pages;

    /// <summary>Reads the heaps of the process, which must have started.</summary>
    public HeapGraph()
    {
        _live = ReadNodes();
        ReadEdges();
        _firstEdge = IndexEdges();
        _reached = new ulong[_live.Length];
        foreach (int root in _roots)
        {
            Reach(_reached, root);
        }

        _lost = FindLost();
    }

    /// <summary>The spans, in the order of addresses.</summary>
    public IReadOnlyList<SpanNodes> Spans => _spans;

    /// <summary>Which of a word's slots are live and of a reachability.</summary>
    public ulong Find(int word, Reachability reachability) => reachability switch
    {
        Reachability.Reachable => _reached[word],
        Reachability.Lost => _lost[word],
        _ => _live[word] & ~_reached[word] & ~_lost[word],
    };

    private ulong[] ReadNodes()
    {
        List<ulong> live = [];
        UsedSlots slots;
        PageSpan* span;
        for (nuint page = 0; (span = LiveSpans.Next(ref page, &slots, content: null, out CentralSet* set)) != null;)
        {
            if (live.Count > (int.MaxValue >> 6) - slots.Words)
            {
                throw HeapErrors.TooManySlots();
            }

            _spans.Add(new SpanNodes(&slots, span, set->Index, live.Count));
            live.AddRange(new ReadOnlySpan<ulong>(slots.Bits, slots.Words));
            for (nuint covered = (nuint)slots.Base >> SizeClass.PageShift; covered < page; covered++)
            {
                ref int[]? pages = ref CollectionsMarshal.GetValueRefOrAddDefault(_arenas, covered / HeapArena.PageCount, out _);
                pages ??= new int[HeapArena.PageCount];
                pages[covered % HeapArena.PageCount] = _spans.Count;
            }
        }

        return [.. live];
    }

    private void ReadEdges()
    {
        if (_spans.Count != 0)
        {
            nuint low = (nuint)_spans[0].Base;
            SpanNodes last = _spans[^1];
            EdgeSink sink = new(this);
            PointerScan<EdgeSink>.Run(low, (nuint)last.Base + ((nuint)(last.Words * 64) * last.SlotSize) - low, ref sink);
        }
    }

    private int[] IndexEdges()
    {
        int[] first = new int[_live.Length + 1];
        int edge = 0;
        for (int word = 0; word < first.Length; word++)
        {
            while (edge < _sources.Count && _sources[edge] >> 6 < word)
            {
                edge++;
            }

            first[word] = edge;
        }

        return first;
    }

    private ulong[] FindLost()
    {
        ulong[] passed = [.. _reached];
        List<int> candidates = [];
        for (int word = 0; word < _live.Length; word++)
        {
            ulong rest;
            while ((rest = _live[word] & ~passed[word]) != 0)
            {
                int node = (word * 64) + BitOperations.TrailingZeroCount(rest);
                candidates.Add(node);
                Reach(passed, node);
            }
        }

        ulong[] lost = new ulong[_live.Length];
        _reached.CopyTo(passed, 0);
        for (int i = candidates.Count - 1; i >= 0; i--)
        {
            if (Reach(passed, candidates[i]))
            {
                _ = TrySet(lost, candidates[i]);
            }
        }

        return lost;
    }

    // Adds a node, and all that it leads to, to a set that holds with each node all that it leads to. False if it was there.
    private bool Reach(ulong[] set, int node)
    {
        if (!TrySet(set, node))
        {
            return false;
        }

        _open.Push(node);
        while (_open.TryPop(out node))
        {
            int end = _firstEdge[(node >> 6) + 1];
            for (int edge = FirstEdgeOf(node); edge < end && _sources[edge] == node; edge++)
            {
                if (TrySet(set, _targets[edge]))
                {
                    _open.Push(_targets[edge]);
                }
            }
        }

        return true;
    }

    private int FirstEdgeOf(int node)
    {
        int low = _firstEdge[node >> 6];
        int high = _firstEdge[(node >> 6) + 1];
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_sources[middle] < node)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static bool TrySet(ulong[] set, int node)
    {
        ulong bit = 1UL << node;
        ref ulong word = ref set[node >> 6];
        bool isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    // The live block that an address lies in, or None.
    private int NodeOf(nuint address)
    {
        nuint page = address >> SizeClass.PageShift;
        nuint arena = page / HeapArena.PageCount;
        if (arena != _arena)
        {
            _arena = arena;
            _pages = _arenas.GetValueOrDefault(arena);
        }

        int span = _pages == null ? 0 : _pages[page % HeapArena.PageCount];
        if (span == 0)
        {
            return None;
        }

        ref readonly SpanNodes nodes = ref CollectionsMarshal.AsSpan(_spans)[span - 1];
        nuint slot = (address - (nuint)nodes.Base) / nodes.SlotSize;
        if (slot >= (nuint)nodes.Words * 64)
        {
            return None;
        }

        int node = (nodes.FirstWord * 64) + (int)slot;
        return ((_live[node >> 6] >> node) & 1) != 0 ? node : None;
    }

    private readonly struct EdgeSink(HeapGraph graph) : IPointerSink
    {
        public void Add(in Holder holder, nuint offset, nuint value)
        {
            int target = graph.NodeOf(value);
            if (target == None)
            {
                return;
            }

            if (holder.Kind != HolderKind.Block)
            {
                graph._roots.Add(target);
                return;
            }

            int source = graph.NodeOf((nuint)holder.Start);
            if (source != None && source != target)
            {
                graph._sources.Add(source);
                graph._targets.Add(target);
            }
        }
    }
}
