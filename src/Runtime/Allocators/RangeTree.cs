// Free ranges in a search tree, by offset or by size, each node with the longest size in its subtree: what first, next and best fit look for is found in O(log n).
//
//     left subtree < node < right subtree        in the order of the tree; equal sizes in the order of offsets
//     Largest(node) = max(Size, Largest(left), Largest(right))
//     Priority(parent) >= Priority(child)        a treap: its shape depends on the ranges in it alone, not on the order in which they came
//
// Alignment makes a range that is long enough too short, now and then: then the search goes on to the next in order, so each policy holds exactly.
//
// Recursion is as deep as the tree: a few dozen calls.

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
    public void Add(in RangeNodes nodes, int added) => _root = Add(in nodes, _root, added);

    /// <summary>Removes a range that is in the tree.</summary>
    public void Remove(in RangeNodes nodes, int removed) => _root = Remove(in nodes, _root, removed);

    /// <summary>The first range in order that a request fits into, of those that end after <paramref name="from"/>; 0 if there is none.</summary>
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

    private readonly int Add(in RangeNodes nodes, int root, int added)
    {
        if (root == 0 || Priority(added) > Priority(root))
        {
            Split(in nodes, root, added, out nodes[added].Left, out nodes[added].Right);
            root = added;
        }
        else if (IsLess(in nodes, added, root))
        {
            nodes[root].Left = Add(in nodes, nodes[root].Left, added);
        }
        else
        {
            nodes[root].Right = Add(in nodes, nodes[root].Right, added);
        }

        Update(in nodes, root);
        return root;
    }

    private readonly int Remove(in RangeNodes nodes, int root, int removed)
    {
        if (root == removed)
        {
            return Merge(in nodes, nodes[root].Left, nodes[root].Right);
        }

        if (IsLess(in nodes, removed, root))
        {
            nodes[root].Left = Remove(in nodes, nodes[root].Left, removed);
        }
        else
        {
            nodes[root].Right = Remove(in nodes, nodes[root].Right, removed);
        }

        Update(in nodes, root);
        return root;
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
            Split(in nodes, nodes[root].Right, at, out nodes[root].Right, out greater);
            less = root;
            Update(in nodes, root);
        }
        else
        {
            Split(in nodes, nodes[root].Left, at, out less, out nodes[root].Left);
            greater = root;
            Update(in nodes, root);
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
            nodes[left].Right = Merge(in nodes, nodes[left].Right, right);
            Update(in nodes, left);
            return left;
        }

        nodes[right].Left = Merge(in nodes, left, nodes[right].Left);
        Update(in nodes, right);
        return right;
    }

    private static void Update(in RangeNodes nodes, int root)
    {
        ref RangeNode node = ref nodes[root];
        node.Largest = nuint.Max(node.Size, nuint.Max(nodes[node.Left].Largest, nodes[node.Right].Largest));
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
