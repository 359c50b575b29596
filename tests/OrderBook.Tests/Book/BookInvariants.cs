// Walks a book and asserts what the files of the engine say holds after every call.

using System.Collections.Generic;

using OrderBook.Book;
using OrderBook.Feed;

using Xunit;

namespace OrderBook.Tests.Book;

internal static class BookInvariants
{
    /// <summary>Asserts the invariants of one side.</summary>
    /// <returns>Its queues, best price first, as <see cref="BookModel.Describe"/> writes them.</returns>
    public static List<string> Check<TOrder, TLevel>(LevelTree<TOrder, TLevel> tree, Side side)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
    {
        List<long> ranks = [];
        if (!tree.Root.IsNull)
        {
            Assert.True(tree.Root.Parent.IsNull);
        }

        CheckTree<TOrder, TLevel>(tree.Root, ranks);
        Assert.Equal(tree.Count, ranks.Count);

        List<string> queues = [];
        TLevel better = default;
        int position = 0;
        for (TLevel level = tree.Best; !level.IsNull; level = level.Worse)
        {
            Assert.Equal(ranks[position++], level.Rank);
            Assert.True(level.Better.Is(better));
            queues.Add($"{(side == Side.Buy ? -level.Rank : level.Rank)}: {CheckQueue<TOrder, TLevel>(level, side)}");
            better = level;
        }

        Assert.Equal(ranks.Count, position);
        return queues;
    }

    private static int CheckTree<TOrder, TLevel>(TLevel level, List<long> ranks)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
    {
        if (level.IsNull)
        {
            return 0;
        }

        Assert.True(level.Left.IsNull || level.Left.Parent.Is(level));
        Assert.True(level.Right.IsNull || level.Right.Parent.Is(level));
        int left = CheckTree<TOrder, TLevel>(level.Left, ranks);
        Assert.True(ranks.Count == 0 || ranks[^1] < level.Rank);
        ranks.Add(level.Rank);
        int right = CheckTree<TOrder, TLevel>(level.Right, ranks);
        Assert.InRange(left - right, -1, 1);
        Assert.Equal(1 + (left > right ? left : right), level.Height);
        return level.Height;
    }

    private static string CheckQueue<TOrder, TLevel>(TLevel level, Side side)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
    {
        List<string> orders = [];
        long quantity = 0;
        TOrder previous = default;
        for (TOrder order = level.First; !order.IsNull; order = order.Next)
        {
            Assert.True(order.Level.Is(level));
            Assert.True(order.Previous.Is(previous));
            Assert.Equal(side, order.Side);
            Assert.True(order.Quantity > 0);
            quantity += order.Quantity;
            orders.Add($"{order.Id} x {order.Quantity}");
            previous = order;
        }

        Assert.True(level.Last.Is(previous));
        Assert.Equal(level.Count, orders.Count);
        Assert.Equal(level.Quantity, quantity);
        Assert.NotEmpty(orders);
        return string.Join(", ", orders);
    }
}
