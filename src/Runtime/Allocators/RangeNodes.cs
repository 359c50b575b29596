// The ranges of a block, one node each, used and free, linked in the order of their offsets. They lie outside of the block, so it may be memory that this process cannot even read.
//
//     node 0 stands for "none": it is no range, its Largest is 0
//     the first range starts at 0, each other where the one before it ends, and the last ends at the block's length
//     two free ranges never touch
//
// Left, Right and Largest belong to whoever keeps the free ranges (RangeTree.cs, SegregatedLists.cs). Unused nodes are a list by Next.

namespace NativeHeap.Allocators;

/// <summary>A range of the block.</summary>
internal struct RangeNode
{
    public nuint Offset;
    public nuint Size;

    /// <summary>The range before and after this one in the block; 0 if there is none.</summary>
    public int Previous;
    public int Next;

    /// <summary>Of a free range: the roots of its subtrees, or its neighbours in a list; 0 for none.</summary>
    public int Left;
    public int Right;

    /// <summary>Of a free range in a tree: the longest size in its subtree.</summary>
    public nuint Largest;

    public bool IsFree;

    public readonly nuint End => Offset + Size;
}

/// <summary>The nodes, by number.</summary>
internal struct RangeNodes
{
    private const int MostAdded = 2;

    private HeapArray<RangeNode> _nodes;
    private int _unused;

    /// <summary>A node, used or unused.</summary>
    public readonly ref RangeNode this[int number] => ref _nodes[number];

    /// <summary>Whether there is room for what an allocation may add: a range before and one after it.</summary>
    public readonly bool HasRoom => _nodes.HasRoom(MostAdded) || (_unused != 0 && _nodes[_unused].Next != 0);

    /// <summary>Makes room for what an allocation may add.</summary>
    /// <returns>Whether there is room; if not, the heap has no memory.</returns>
    public bool TryReserve(Heap heap)
    {
        // One more for node 0.
        if (!HasRoom && !_nodes.TryReserve(heap, MostAdded + 1))
        {
            return false;
        }

        if (_nodes.Count == 0)
        {
            _nodes.Add(default);
        }

        return true;
    }

    /// <summary>Makes one node, of the whole block, the only one. The first call needs <see cref="TryReserve"/>, as <see cref="Add"/> does.</summary>
    /// <returns>Its number.</returns>
    public int Reset(nuint size)
    {
        _nodes.Count = 1;
        _unused = 0;
        return Add(0, size, previous: 0);
    }

    /// <summary>Adds a used range after another.</summary>
    /// <returns>Its number.</returns>
    public int Add(nuint offset, nuint size, int previous)
    {
        int number = _unused;
        if (number == 0)
        {
            number = _nodes.Count;
            _nodes.Add(default);
        }
        else
        {
            _unused = _nodes[number].Next;
        }

        int next = previous == 0 ? 0 : _nodes[previous].Next;
        _nodes[number] = new RangeNode { Offset = offset, Size = size, Previous = previous, Next = next };
        Link(previous, number);
        Link(number, next);
        return number;
    }

    /// <summary>Makes a range longer by the one after it, which is gone then.</summary>
    public void Absorb(int number, int next)
    {
        _nodes[number].Size += _nodes[next].Size;
        Link(number, _nodes[next].Next);
        _nodes[next].Next = _unused;
        _unused = next;
    }

    /// <summary>Gives the memory back to the heap.</summary>
    public void Release(Heap heap)
    {
        _nodes.Release(heap);
        this = default;
    }

    private readonly void Link(int previous, int next)
    {
        if (previous != 0)
        {
            _nodes[previous].Next = next;
        }

        if (next != 0)
        {
            _nodes[next].Previous = previous;
        }
    }
}
