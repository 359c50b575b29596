// What the engine asks of an order and of a price level, wherever they live.
//
// The order book is written once, over two kinds of handle, and runs on two kinds of memory:
//
//     handle          refers to                                  made by          ended by
//     NativeOrder     an Order outside the managed heap          Order.Alloc()    Order.Free(p)
//     ManagedOrder    an OrderObject of the garbage collector    new              being forgotten
//     NativeLevel     a Level                                    Level.Alloc()    Level.Free(p)
//     ManagedLevel    a LevelObject                              new              being forgotten
//
// A handle is a struct of one word. The handles are type arguments of the engine, and because they are structs, the JIT compiles the
// engine once for each: every property below becomes one load or store, as if the code had been written twice by hand. (A class as
// the type argument would share its code with all other classes and pay a lookup for each static member.) So what the two runs
// differ in is the memory, and nothing else.
//
// The properties return references, so that `level.First.Previous = order` can be written for both.

using OrderBook.Feed;

namespace OrderBook.Book;

internal interface IOrderHandle<TSelf, TLevel>
    where TSelf : struct, IOrderHandle<TSelf, TLevel>
    where TLevel : struct, ILevelHandle<TLevel, TSelf>
{
    bool IsNull { get; }

    long Id { get; }

    ushort Symbol { get; }

    Side Side { get; }

    /// <summary>What is left of the order: above 0 as long as it rests.</summary>
    ref int Quantity { get; }

    /// <summary>The order before this one in the queue of its price; null at the front.</summary>
    ref TSelf Previous { get; }

    ref TSelf Next { get; }

    /// <summary>The price at which the order rests.</summary>
    ref TLevel Level { get; }

    /// <summary>A new order whose links are null.</summary>
    static abstract TSelf Create(in FeedEvent added);

    /// <summary>Ends the order. No handle to it may be used again.</summary>
    void Release();

    bool Is(TSelf other);
}

internal interface ILevelHandle<TSelf, TOrder>
    where TSelf : struct, ILevelHandle<TSelf, TOrder>
    where TOrder : struct, IOrderHandle<TOrder, TSelf>
{
    bool IsNull { get; }

    /// <summary>The price of an ask, the negated price of a bid: on either side the better level has the smaller rank.</summary>
    long Rank { get; }

    /// <summary>The sum of the quantities in the queue.</summary>
    ref long Quantity { get; }

    /// <summary>How many orders are in the queue.</summary>
    ref int Count { get; }

    /// <summary>The height of the tree below: 1 for a leaf.</summary>
    ref int Height { get; }

    ref TOrder First { get; }

    ref TOrder Last { get; }

    ref TSelf Parent { get; }

    ref TSelf Left { get; }

    ref TSelf Right { get; }

    /// <summary>The level of the next smaller rank; null for the best.</summary>
    ref TSelf Better { get; }

    /// <summary>The level of the next greater rank; null for the worst.</summary>
    ref TSelf Worse { get; }

    /// <summary>A new level of height 1, with an empty queue and null links.</summary>
    static abstract TSelf Create(long rank);

    /// <summary>Ends the level. No handle to it may be used again.</summary>
    void Release();

    bool Is(TSelf other);
}

/// <summary>An id and the order that has it, side by side: a probe that misses never touches an order.</summary>
internal struct IndexSlot<TOrder>
{
    public long Id;
    public TOrder Order;
}

/// <summary>The array under the index of orders. All slots are zero at first.</summary>
internal interface IIndexSlots<TSelf, TOrder>
    where TSelf : struct, IIndexSlots<TSelf, TOrder>
{
    ref IndexSlot<TOrder> this[int index] { get; }

    static abstract TSelf Create(int length);

    void Release();
}
