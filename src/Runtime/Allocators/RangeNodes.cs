// The ranges of a block, one node each, used and free, linked in the order of their offsets. They lie outside of the block, so it may be memory that this process cannot even read.
//
//     node 0 stands for "none": it is no range, and not free, and its Largest is 0. What is written to it as the neighbour or the parent of another is never read
//     the first range starts at 0, each other where the one before it ends, and the last ends at the block's length
//     two free ranges never touch
//
// Left, Right, Parent and Largest belong to whoever keeps the free ranges (RangeTree.cs, SegregatedLists.cs). Unused nodes are a list by Next.

namespace NativeHeap.Allocators;

/// <summary>A range of the block.</summary>
internal struct RangeNode
{
    /// <summary>Where it starts, in bytes.</summary>
    public nuint Offset;

    /// <summary>In bytes.</summary>
    public nuint Size;

    /// <summary>The range before this one in the block; 0 if there is none.</summary>
    public int Previous;

    /// <summary>The range after this one in the block; 0 if there is none.</summary>
    public int Next;

    /// <summary>Of a free range in a tree: the root of its left subtree; in a list: the one before it. 0 for none.</summary>
    public int Left;

    /// <summary>Of a free range in a tree: the root of its right subtree; in a list: the one after it. 0 for none.</summary>
    public int Right;

    /// <summary>Of a free range in a tree: whose subtree it is; 0 for the root.</summary>
    public int Parent;

    /// <summary>Of a free range in a tree: the longest size in its subtree.</summary>
    public nuint Largest;

    /// <summary>Whether the range is free.</summary>
    public bool IsFree;

    /// <summary>Where the range after it starts.</summary>
    public readonly nuint End => Offset + Size;
}

/// <summary>The nodes, by number.</summary>
internal struct RangeNodes
{
    private const int MostAdded = 2;

    private HeapArray<RangeNode> _nodes;
    private int _unused;

    /// <summary>The first range of the block.</summary>
    public int First { get; private set; }

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
        First = 0;
        return Add(0, size, previous: 0);
    }

    /// <summary>Adds a used range.</summary>
    /// <param name="offset">Where it starts.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="previous">The range before it in the block; 0 if there is none.</param>
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

        int next = previous == 0 ? First : _nodes[previous].Next;
        _nodes[number] = new RangeNode { Offset = offset, Size = size };
        Link(previous, number);
        Link(number, next);
        return number;
    }

    /// <summary>Takes a range out of the block's, whose place a neighbour is to take.</summary>
    public void Remove(int number)
    {
        Link(_nodes[number].Previous, _nodes[number].Next);
        _nodes[number].Next = _unused;
        _unused = number;
    }

    /// <summary>Gives the memory back to the heap.</summary>
    public void Release(Heap heap)
    {
        _nodes.Release(heap);
        this = default;
    }

    private void Link(int previous, int next)
    {
        if (previous == 0)
        {
            First = next;
        }
        else
        {
            _nodes[previous].Next = next;
        }

        if (next != 0)
        {
            _nodes[next].Previous = previous;
        }
    }
}
