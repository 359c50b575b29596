// The price levels of one side of a book: an AVL tree threaded in price order.
//
// The tree finds the level of a price in at most 1.44 log2(n) steps. The thread (Better, Worse) makes a list of the same levels,
// sorted, so that what a book is asked for all the time costs no search: the best level is a field, the next best is one load away
// when the best is used up. Both are links in the levels themselves: a new level is one allocation, and nothing else is one.
//
// What holds after every call, for each level L of a side:
//
//     every rank left of L < L.Rank < every rank right of L
//     L.Height = 1 + max(height left, height right),  |height left - height right| <= 1
//     L.Worse.Better = L,  L.Rank < L.Worse.Rank,  and nothing lies between;  Best has no Better
//     L.Count > 0                                   (the owner removes a level with its last order)
//
// Why an AVL tree and not an array indexed by price: a feed's prices are not bounded beforehand, and the far ends of a book are
// thinly populated. Why not a sorted array: an insertion in the middle would move pointers that orders hold.

namespace OrderBook.Book;

internal sealed class LevelTree<TOrder, TLevel>
    where TOrder : struct, IOrderHandle<TOrder, TLevel>
    where TLevel : struct, ILevelHandle<TLevel, TOrder>
{
    private TLevel _root;
    private TLevel _best;

    /// <summary>The level of the smallest rank; null if the side is empty.</summary>
    public TLevel Best => _best;

    public TLevel Root => _root;

    public int Count { get; private set; }

    /// <summary>The level of this rank, which is made if there is none.</summary>
    public TLevel FindOrAdd(long rank)
    {
        TLevel parent = default;
        TLevel better = default;
        TLevel worse = default;
        TLevel node = _root;
        while (!node.IsNull)
        {
            long nodeRank = node.Rank;
            if (nodeRank == rank)
            {
                return node;
            }

            // The last turns to either side on the way down are the neighbours of the place where the way ends.
            parent = node;
            if (rank < nodeRank)
            {
                worse = node;
                node = node.Left;
            }
            else
            {
                better = node;
                node = node.Right;
            }
        }

        TLevel level = TLevel.Create(rank);
        level.Parent = parent;
        if (parent.IsNull)
        {
            _root = level;
        }
        else if (rank < parent.Rank)
        {
            parent.Left = level;
        }
        else
        {
            parent.Right = level;
        }

        Thread(level, better, worse);
        Rebalance(parent);
        Count++;
        return level;
    }

    /// <summary>Takes a level out and releases it.</summary>
    public void Remove(TLevel level)
    {
        TLevel lowest;
        if (level.Left.IsNull || level.Right.IsNull)
        {
            lowest = level.Parent;
            Replace(level, level.Left.IsNull ? level.Right : level.Left);
        }
        else
        {
            // Its successor in order takes its place: the thread knows it, and it has no left child.
            TLevel heir = level.Worse;
            if (heir.Parent.Is(level))
            {
                lowest = heir;
            }
            else
            {
                lowest = heir.Parent;
                Replace(heir, heir.Right);
                heir.Right = level.Right;
                heir.Right.Parent = heir;
            }

            Replace(level, heir);
            heir.Left = level.Left;
            heir.Left.Parent = heir;
            heir.Height = level.Height;
        }

        Unthread(level);
        level.Release();
        Rebalance(lowest);
        Count--;
    }

    /// <summary>Forgets all levels, which the caller has released.</summary>
    public void Forget()
    {
        _root = default;
        _best = default;
        Count = 0;
    }

    private static int HeightOf(TLevel level) => level.IsNull ? 0 : level.Height;

    private void Thread(TLevel level, TLevel better, TLevel worse)
    {
        level.Better = better;
        level.Worse = worse;
        if (better.IsNull)
        {
            _best = level;
        }
        else
        {
            better.Worse = level;
        }

        if (!worse.IsNull)
        {
            worse.Better = level;
        }
    }

    private void Unthread(TLevel level)
    {
        TLevel better = level.Better;
        TLevel worse = level.Worse;
        if (better.IsNull)
        {
            _best = worse;
        }
        else
        {
            better.Worse = worse;
        }

        if (!worse.IsNull)
        {
            worse.Better = better;
        }
    }

    /// <summary>Hangs <paramref name="heir"/>, which may be null, where <paramref name="level"/> hung.</summary>
    private void Replace(TLevel level, TLevel heir)
    {
        TLevel parent = level.Parent;
        if (parent.IsNull)
        {
            _root = heir;
        }
        else if (parent.Left.Is(level))
        {
            parent.Left = heir;
        }
        else
        {
            parent.Right = heir;
        }

        if (!heir.IsNull)
        {
            heir.Parent = parent;
        }
    }

    /// <summary>Restores heights and balance from a level upward, until one comes out as high as it was.</summary>
    private void Rebalance(TLevel level)
    {
        while (!level.IsNull)
        {
            int before = level.Height;
            int left = HeightOf(level.Left);
            int right = HeightOf(level.Right);
            if (left > right + 1)
            {
                if (HeightOf(level.Left.Left) < HeightOf(level.Left.Right))
                {
                    RotateLeft(level.Left);
                }

                level = RotateRight(level);
            }
            else if (right > left + 1)
            {
                if (HeightOf(level.Right.Right) < HeightOf(level.Right.Left))
                {
                    RotateRight(level.Right);
                }

                level = RotateLeft(level);
            }
            else
            {
                SetHeight(level);
            }

            if (level.Height == before)
            {
                return;
            }

            level = level.Parent;
        }
    }

    private TLevel RotateLeft(TLevel level)
    {
        TLevel top = level.Right;
        Replace(level, top);
        level.Right = top.Left;
        if (!level.Right.IsNull)
        {
            level.Right.Parent = level;
        }

        top.Left = level;
        level.Parent = top;
        SetHeight(level);
        SetHeight(top);
        return top;
    }

    private TLevel RotateRight(TLevel level)
    {
        TLevel top = level.Left;
        Replace(level, top);
        level.Left = top.Right;
        if (!level.Left.IsNull)
        {
            level.Left.Parent = level;
        }

        top.Right = level;
        level.Parent = top;
        SetHeight(level);
        SetHeight(top);
        return top;
    }

    private static void SetHeight(TLevel level)
    {
        int left = HeightOf(level.Left);
        int right = HeightOf(level.Right);
        level.Height = 1 + (left > right ? left : right);
    }
}
