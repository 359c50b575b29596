// Free ranges in a search tree, by offset or by size, each node with the longest size in its subtree: what first, next and best fit look for is found in O(log n).
//
//     left subtree < node < right subtree        in the order of the tree; equal sizes in the order of offsets
//     Largest(node) = max(Size, Largest(left), Largest(right));   0 of node 0, which stands for "none"
//     Priority(parent) >= Priority(child)        a treap: its shape depends on the ranges in it alone, not on the order in which they came
//
// Nodes know their parents, so what changes a node begins at the node, and climbs only as far as the longest size of a subtree changes: a few steps. Joining and parting subtrees is recursive, and expected to
// be two or three calls deep, however large the tree.
//
// Alignment makes a range that is long enough too short, now and then: then the search goes on to the next in order, so each policy holds exactly.

namespace NativeHeap.Allocators;

/// <summary>A search tree of free ranges.</summary>
internal struct RangeTree(bool bySize)
{
    private int _root;

    /// <summary>The longest size in the tree; 0 if it is empty.</summary>
    public readonly nuint Largest(in RangeNodes nodes) => nodes[_root].Largest;

    /// <summary>Makes the tree empty.</summary>
    public void Clear() => _root = 0;

    /// <summary>Adds a range.</summary>
    public void Add(in RangeNodes nodes, int added)
    {
        // Down to where its priority puts it; it is in the subtree of all that lie on the way.
        nuint size = nodes[added].Size;
        int parent = 0;
        int below = _root;
        while (below != 0 && Priority(below) >= Priority(added))
        {
            nodes[below].Largest = nuint.Max(nodes[below].Largest, size);
            parent = below;
            below = IsLess(in nodes, added, below) ? nodes[below].Left : nodes[below].Right;
        }

        Split(in nodes, below, added, out int less, out int greater);
        SetLeft(in nodes, added, less);
        SetRight(in nodes, added, greater);
        Update(in nodes, added);
        nodes[added].Parent = parent;
        if (parent == 0)
        {
            _root = added;
        }
        else if (IsLess(in nodes, added, parent))
        {
            nodes[parent].Left = added;
        }
        else
        {
            nodes[parent].Right = added;
        }
    }

    /// <summary>Removes a range that is in the tree.</summary>
    public void Remove(in RangeNodes nodes, int removed)
    {
        int parent = nodes[removed].Parent;
        int heir = Merge(in nodes, nodes[removed].Left, nodes[removed].Right);
        nodes[heir].Parent = parent;
        if (parent == 0)
        {
            _root = heir;
        }
        else if (nodes[parent].Left == removed)
        {
            nodes[parent].Left = heir;
        }
        else
        {
            nodes[parent].Right = heir;
        }

        Climb(in nodes, parent);
    }

    /// <summary>Gives a range that is in the tree another offset and size, which leave it between its neighbours in the block.</summary>
    public void Resize(in RangeNodes nodes, int range, nuint offset, nuint size)
    {
        if (bySize)
        {
            Remove(in nodes, range);
        }

        nodes[range].Offset = offset;
        nodes[range].Size = size;
        if (bySize)
        {
            Add(in nodes, range);
        }
        else
        {
            // Its place in the order is the same.
            Climb(in nodes, range);
        }
    }

    /// <summary>The first range in order that a request fits into, by offset of those that end after <paramref name="from"/>; 0 if there is none.</summary>
    public readonly int FindFirst(in RangeNodes nodes, nuint from, in FitRequest request) => FindFirst(in nodes, _root, from, in request);

    private readonly int FindFirst(in RangeNodes nodes, int root, nuint from, in FitRequest request)
    {
        // The loop goes right, recursion left.
        while (nodes[root].Largest >= request.Size)
        {
            ref RangeNode node = ref nodes[root];
            if (bySize ? node.Size >= request.Size : node.End > from)
            {
                int found = FindFirst(in nodes, node.Left, from, in request);
                if (found != 0 || request.Fits(in node))
                {
                    return found != 0 ? found : root;
                }
            }

            root = node.Right;
        }

        return 0;
    }

    // Parts a tree into what is less than a range and what is greater.
    private readonly void Split(in RangeNodes nodes, int root, int at, out int less, out int greater)
    {
        if (root == 0)
        {
            less = greater = 0;
        }
        else if (IsLess(in nodes, root, at))
        {
            Split(in nodes, nodes[root].Right, at, out int right, out greater);
            SetRight(in nodes, root, right);
            Update(in nodes, root);
            less = root;
        }
        else
        {
            Split(in nodes, nodes[root].Left, at, out less, out int left);
            SetLeft(in nodes, root, left);
            Update(in nodes, root);
            greater = root;
        }
    }

    // Joins two trees, all of the left less than all of the right.
    private static int Merge(in RangeNodes nodes, int left, int right)
    {
        if (left == 0 || right == 0)
        {
            return left + right;
        }

        if (Priority(left) > Priority(right))
        {
            SetRight(in nodes, left, Merge(in nodes, nodes[left].Right, right));
            Update(in nodes, left);
            return left;
        }

        SetLeft(in nodes, right, Merge(in nodes, left, nodes[right].Left));
        Update(in nodes, right);
        return right;
    }

    // From a node whose size or subtrees have changed up to where that changes nothing any more.
    private static void Climb(in RangeNodes nodes, int node)
    {
        while (node != 0)
        {
            nuint before = nodes[node].Largest;
            Update(in nodes, node);
            node = nodes[node].Largest == before ? 0 : nodes[node].Parent;
        }
    }

    private static void Update(in RangeNodes nodes, int root)
    {
        ref RangeNode node = ref nodes[root];
        node.Largest = nuint.Max(node.Size, nuint.Max(nodes[node.Left].Largest, nodes[node.Right].Largest));
    }

    private static void SetLeft(in RangeNodes nodes, int parent, int child)
    {
        nodes[parent].Left = child;
        nodes[child].Parent = parent;
    }

    private static void SetRight(in RangeNodes nodes, int parent, int child)
    {
        nodes[parent].Right = child;
        nodes[child].Parent = parent;
    }

    private readonly bool IsLess(in RangeNodes nodes, int a, int b) =>
        bySize && nodes[a].Size != nodes[b].Size ? nodes[a].Size < nodes[b].Size : nodes[a].Offset < nodes[b].Offset;

    // As good as random, and the same for a number at any time.
    private static uint Priority(int number)
    {
        uint mixed = (uint)number * 0x85EB_CA6B;
        mixed = (mixed ^ (mixed >> 13)) * 0xC2B2_AE35;
        return mixed ^ (mixed >> 16);
    }
}
