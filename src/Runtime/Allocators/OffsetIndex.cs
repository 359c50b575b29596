// Finds the node of an allocation by its offset: a hash table with linear probing, of node numbers, whose keys are the nodes' own offsets.
//
//     an entry of 0 is empty;   entries in use <= half of the table
//     between an entry's home and its place there is no empty entry        removal closes the gap that it leaves, so there are no tombstones

using System.Numerics;

namespace NativeHeap.Allocators;

/// <summary>Allocations by offset.</summary>
internal struct OffsetIndex
{
    // Fibonacci hashing: multiply by 2^64 / the golden ratio, and the high bits are well mixed.
    private const ulong HashFactor = 0x9E37_79B9_7F4A_7C15;
    private const int FirstLength = 64;

    private HeapArray<int> _table;
    private int _shift;
    private int _used;

    /// <summary>Whether there is room for one more entry.</summary>
    public readonly bool HasRoom => 2 * (_used + 1) <= _table.Count;

    /// <summary>Makes room for one more entry.</summary>
    /// <returns>Whether there is room; if not, the heap has no memory.</returns>
    public bool TryReserve(Heap heap, in RangeNodes nodes)
    {
        if (HasRoom)
        {
            return true;
        }

        OffsetIndex larger = default;
        int length = int.Max(FirstLength, 2 * _table.Count);
        if (length < 0 || !larger._table.TryReserve(heap, length))
        {
            return false;
        }

        if (HasRoom)
        {
            // A handler of a soft limit, called meanwhile, has been here before.
            larger.Release(heap);
            return true;
        }

        larger._shift = 64 - BitOperations.Log2((uint)length);
        while (larger._table.Count < length)
        {
            larger._table.Add(0);
        }

        for (int place = 0; place < _table.Count; place++)
        {
            if (_table[place] != 0)
            {
                larger.Add(in nodes, _table[place]);
            }
        }

        _table.Release(heap);
        this = larger;
        return true;
    }

    /// <summary>Adds a node, for which <see cref="TryReserve"/> has made room.</summary>
    public void Add(in RangeNodes nodes, int number)
    {
        int place = HomeOf(nodes[number].Offset);
        while (_table[place] != 0)
        {
            place = Next(place);
        }

        _table[place] = number;
        _used++;
    }

    /// <summary>The node with an offset; 0 if there is none.</summary>
    public readonly int Find(in RangeNodes nodes, nuint offset)
    {
        int place = PlaceOf(in nodes, offset);
        return place < 0 ? 0 : _table[place];
    }

    /// <summary>Removes the node with an offset.</summary>
    /// <returns>Its number; 0 if there is none.</returns>
    public int Remove(in RangeNodes nodes, nuint offset)
    {
        int gap = PlaceOf(in nodes, offset);
        if (gap < 0)
        {
            return 0;
        }

        int removed = _table[gap];
        for (int place = Next(gap); _table[place] != 0; place = Next(place))
        {
            int mask = _table.Count - 1;
            int home = HomeOf(nodes[_table[place]].Offset);
            if (((place - home) & mask) >= ((place - gap) & mask))
            {
                _table[gap] = _table[place];
                gap = place;
            }
        }

        _table[gap] = 0;
        _used--;
        return removed;
    }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        for (int place = 0; place < _table.Count; place++)
        {
            _table[place] = 0;
        }

        _used = 0;
    }

    /// <summary>Gives the memory back to the heap.</summary>
    public void Release(Heap heap)
    {
        _table.Release(heap);
        this = default;
    }

    private readonly int PlaceOf(in RangeNodes nodes, nuint offset)
    {
        if (_table.Count != 0)
        {
            for (int place = HomeOf(offset); _table[place] != 0; place = Next(place))
            {
                if (nodes[_table[place]].Offset == offset)
                {
                    return place;
                }
            }
        }

        return -1;
    }

    private readonly int HomeOf(nuint offset) => (int)((offset * HashFactor) >> _shift);

    private readonly int Next(int place) => (place + 1) & (_table.Count - 1);
}
