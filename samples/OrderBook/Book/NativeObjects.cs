// The order and the price level on the native heap.
//
// This is all that a user of the library writes: two plain structs with an attribute, linked by ordinary pointers. Alloc and Free
// come from the generator, with the size class a constant: an Order of 40 bytes takes a slot of 48, a Level of 80 one of exactly 80.
//
// Alloc() hands out memory as it is, so every field is written: one by one for the order, of which there are many, by a copy for the
// level.

using System.Runtime.InteropServices;

using NativeHeap;

using OrderBook.Feed;

namespace OrderBook.Book;

[NativeAllocated]
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct Order
{
    public long Id;
    public Order* Previous;
    public Order* Next;
    public Level* Level;
    public int Quantity;
    public ushort Symbol;
    public Side Side;
}

[NativeAllocated]
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct Level
{
    public long Rank;
    public long Quantity;
    public Order* First;
    public Order* Last;
    public Level* Parent;
    public Level* Left;
    public Level* Right;
    public Level* Better;
    public Level* Worse;
    public int Count;
    public int Height;
}

// A handle has the layout of a pointer, so a pointer field can be lent out as a handle field.
internal readonly unsafe struct NativeOrder : IOrderHandle<NativeOrder, NativeLevel>
{
    private readonly Order* _order;

    private NativeOrder(Order* order) => _order = order;

    public bool IsNull => _order == null;

    public long Id => _order->Id;

    public ushort Symbol => _order->Symbol;

    public Side Side => _order->Side;

    public ref int Quantity => ref _order->Quantity;

    public ref NativeOrder Previous => ref *(NativeOrder*)&_order->Previous;

    public ref NativeOrder Next => ref *(NativeOrder*)&_order->Next;

    public ref NativeLevel Level => ref *(NativeLevel*)&_order->Level;

    public static NativeOrder Create(in FeedEvent added)
    {
        Order* order = Order.Alloc();
        order->Id = added.Id;
        order->Previous = null;
        order->Next = null;
        order->Level = null;
        order->Quantity = added.Quantity;
        order->Symbol = added.Symbol;
        order->Side = added.Side;
        return new(order);
    }

    public void Release() => Order.Free(_order);

    public bool Is(NativeOrder other) => _order == other._order;
}

internal readonly unsafe struct NativeLevel : ILevelHandle<NativeLevel, NativeOrder>
{
    private readonly Level* _level;

    private NativeLevel(Level* level) => _level = level;

    public bool IsNull => _level == null;

    public long Rank => _level->Rank;

    public ref long Quantity => ref _level->Quantity;

    public ref int Count => ref _level->Count;

    public ref int Height => ref _level->Height;

    public ref NativeOrder First => ref *(NativeOrder*)&_level->First;

    public ref NativeOrder Last => ref *(NativeOrder*)&_level->Last;

    public ref NativeLevel Parent => ref *(NativeLevel*)&_level->Parent;

    public ref NativeLevel Left => ref *(NativeLevel*)&_level->Left;

    public ref NativeLevel Right => ref *(NativeLevel*)&_level->Right;

    public ref NativeLevel Better => ref *(NativeLevel*)&_level->Better;

    public ref NativeLevel Worse => ref *(NativeLevel*)&_level->Worse;

    public static NativeLevel Create(long rank)
    {
        Level* level = Level.Alloc(new Level { Rank = rank, Height = 1 });
        return new(level);
    }

    public void Release() => Level.Free(_level);

    public bool Is(NativeLevel other) => _level == other._level;
}

internal readonly unsafe struct NativeSlots : IIndexSlots<NativeSlots, NativeOrder>
{
    private readonly IndexSlot<NativeOrder>* _slots;

    private NativeSlots(IndexSlot<NativeOrder>* slots) => _slots = slots;

    public ref IndexSlot<NativeOrder> this[int index] => ref _slots[index];

    public static NativeSlots Create(int length)
        => new((IndexSlot<NativeOrder>*)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(IndexSlot<NativeOrder>)));

    public void Release() => NativeMemory.Free(_slots);
}
