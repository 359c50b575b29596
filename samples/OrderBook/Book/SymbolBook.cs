// The book of one symbol: two sides of price levels, and at each level the queue of its orders in the order of their arrival.
//
// Price priority is the tree's (LevelTree), time priority is the queue's. The queue is a doubly linked list through the orders: to
// append is O(1), and so is to take out an order from anywhere, which is what most orders come to. What holds after every call:
//
//     level.Quantity = sum of order.Quantity over its queue,  level.Count = their number
//     order.Level = level,  order.Next.Previous = order;  level.First has no Previous, level.Last no Next
//     RestingOrders = sum of level.Count over both sides
//
// Which orders exist is the index's business (ExchangeBooks); a book neither finds orders nor releases them, only its levels.

using OrderBook.Feed;

namespace OrderBook.Book;

internal sealed class SymbolBook<TOrder, TLevel>
    where TOrder : struct, IOrderHandle<TOrder, TLevel>
    where TLevel : struct, ILevelHandle<TLevel, TOrder>
{
    public LevelTree<TOrder, TLevel> Bids { get; } = new();

    public LevelTree<TOrder, TLevel> Asks { get; } = new();

    public int RestingOrders { get; private set; }

    /// <summary>Whether somebody bids what somebody else asks, or more.</summary>
    public bool IsCrossed
    {
        get
        {
            TLevel bid = Bids.Best;
            TLevel ask = Asks.Best;
            return !bid.IsNull && !ask.IsNull && -bid.Rank >= ask.Rank;
        }
    }

    public LevelTree<TOrder, TLevel> Levels(Side side) => side == Side.Buy ? Bids : Asks;

    /// <summary>Puts an order at the end of the queue of its price.</summary>
    public void Append(TOrder order, long price)
    {
        TLevel level = order.Side == Side.Buy ? Bids.FindOrAdd(-price) : Asks.FindOrAdd(price);
        TOrder last = level.Last;
        order.Level = level;
        order.Previous = last;
        if (last.IsNull)
        {
            level.First = order;
        }
        else
        {
            last.Next = order;
        }

        level.Last = order;
        level.Quantity += order.Quantity;
        level.Count++;
        RestingOrders++;
    }

    /// <summary>Lowers what is left of an order by less than all of it. The order keeps its place.</summary>
    public static void Reduce(TOrder order, int quantity)
    {
        order.Quantity -= quantity;
        order.Level.Quantity -= quantity;
    }

    /// <summary>Takes an order out of its queue, and its level out of the book if it was the last there.</summary>
    public void Unlink(TOrder order)
    {
        TLevel level = order.Level;
        RestingOrders--;
        if (--level.Count == 0)
        {
            Levels(order.Side).Remove(level);
            return;
        }

        TOrder previous = order.Previous;
        TOrder next = order.Next;
        if (previous.IsNull)
        {
            level.First = next;
        }
        else
        {
            previous.Next = next;
        }

        if (next.IsNull)
        {
            level.Last = previous;
        }
        else
        {
            next.Previous = previous;
        }

        level.Quantity -= order.Quantity;
    }

    public long RestingQuantity() => RestingQuantity(Bids) + RestingQuantity(Asks);

    /// <summary>Releases all orders and levels.</summary>
    public void Clear()
    {
        Clear(Bids);
        Clear(Asks);
        RestingOrders = 0;
    }

    private static long RestingQuantity(LevelTree<TOrder, TLevel> side)
    {
        long sum = 0;
        for (TLevel level = side.Best; !level.IsNull; level = level.Worse)
        {
            sum += level.Quantity;
        }

        return sum;
    }

    private static void Clear(LevelTree<TOrder, TLevel> side)
    {
        TLevel level = side.Best;
        while (!level.IsNull)
        {
            TOrder order = level.First;
            while (!order.IsNull)
            {
                TOrder next = order.Next;
                order.Release();
                order = next;
            }

            TLevel worse = level.Worse;
            level.Release();
            level = worse;
        }

        side.Forget();
    }
}
