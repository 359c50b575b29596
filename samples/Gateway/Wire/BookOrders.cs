// A side of a book in the order of a snapshot: the best price first, the oldest first where prices are equal. The exchange writes it so, and the gateway compares it so.

using System;

using OrderBook.Book;

namespace Gateway.Wire;

internal static class BookOrders
{
    /// <summary>Copies the first orders of a side.</summary>
    /// <returns>How many: all, unless there is no room for more.</returns>
    public static int Copy(LevelTree<NativeOrder, NativeLevel> side, Span<SnapshotOrder> to)
    {
        int count = 0;
        for (NativeLevel level = side.Best; !level.IsNull; level = level.Worse)
        {
            for (NativeOrder order = level.First; !order.IsNull; order = order.Next)
            {
                if (count == to.Length)
                {
                    return count;
                }

                to[count++] = new SnapshotOrder(order.Id, Math.Abs(level.Rank), order.Quantity);
            }
        }

        return count;
    }

    /// <summary>Whether a side holds what a snapshot says, in the same order; a snapshot that is full may leave out the rest.</summary>
    public static bool Are(LevelTree<NativeOrder, NativeLevel> side, SnapshotView snapshot, int from, int count)
    {
        int index = from;
        for (NativeLevel level = side.Best; !level.IsNull; level = level.Worse)
        {
            for (NativeOrder order = level.First; !order.IsNull; order = order.Next)
            {
                if (index == from + count)
                {
                    return count == MessageLengths.MaxSnapshotSide;
                }

                if (snapshot[index++] != new SnapshotOrder(order.Id, Math.Abs(level.Rank), order.Quantity))
                {
                    return false;
                }
            }
        }

        return index == from + count;
    }
}
