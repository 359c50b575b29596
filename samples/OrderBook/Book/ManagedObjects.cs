// The same order and price level as objects of the garbage collector: the other side of the comparison.
//
// Written as one writes it when nobody counts collections: a class, `new` for each, forgotten when done. No pool, which would be a
// second allocator in disguise. The fields are those of the native structs, to the byte.

using OrderBook.Feed;

namespace OrderBook.Book;

internal sealed class OrderObject(in FeedEvent added)
{
    public readonly long Id = added.Id;
    public ManagedOrder Previous;
    public ManagedOrder Next;
    public ManagedLevel Level;
    public int Quantity = added.Quantity;
    public readonly ushort Symbol = added.Symbol;
    public readonly Side Side = added.Side;
}

internal sealed class LevelObject(long rank)
{
    public readonly long Rank = rank;
    public long Quantity;
    public ManagedOrder First;
    public ManagedOrder Last;
    public ManagedLevel Parent;
    public ManagedLevel Left;
    public ManagedLevel Right;
    public ManagedLevel Better;
    public ManagedLevel Worse;
    public int Count;
    public int Height = 1;
}

// The null-forgiving operators below stand where the engine has tested IsNull; were it wrong, a NullReferenceException would say so.
internal readonly struct ManagedOrder : IOrderHandle<ManagedOrder, ManagedLevel>
{
    private readonly OrderObject? _order;

    private ManagedOrder(OrderObject order) => _order = order;

    public bool IsNull => _order is null;

    public long Id => _order!.Id;

    public ushort Symbol => _order!.Symbol;

    public Side Side => _order!.Side;

    public ref int Quantity => ref _order!.Quantity;

    public ref ManagedOrder Previous => ref _order!.Previous;

    public ref ManagedOrder Next => ref _order!.Next;

    public ref ManagedLevel Level => ref _order!.Level;

    public static ManagedOrder Create(in FeedEvent added) => new(new OrderObject(in added));

    public void Release()
    {
        // The collector finds out by itself.
    }

    public bool Is(ManagedOrder other) => ReferenceEquals(_order, other._order);
}

internal readonly struct ManagedLevel : ILevelHandle<ManagedLevel, ManagedOrder>
{
    private readonly LevelObject? _level;

    private ManagedLevel(LevelObject level) => _level = level;

    public bool IsNull => _level is null;

    public long Rank => _level!.Rank;

    public ref long Quantity => ref _level!.Quantity;

    public ref int Count => ref _level!.Count;

    public ref int Height => ref _level!.Height;

    public ref ManagedOrder First => ref _level!.First;

    public ref ManagedOrder Last => ref _level!.Last;

    public ref ManagedLevel Parent => ref _level!.Parent;

    public ref ManagedLevel Left => ref _level!.Left;

    public ref ManagedLevel Right => ref _level!.Right;

    public ref ManagedLevel Better => ref _level!.Better;

    public ref ManagedLevel Worse => ref _level!.Worse;

    public static ManagedLevel Create(long rank) => new(new LevelObject(rank));

    public void Release()
    {
        // The collector finds out by itself.
    }

    public bool Is(ManagedLevel other) => ReferenceEquals(_level, other._level);
}

internal readonly struct ManagedSlots : IIndexSlots<ManagedSlots, ManagedOrder>
{
    private readonly IndexSlot<ManagedOrder>[] _slots;

    private ManagedSlots(int length) => _slots = new IndexSlot<ManagedOrder>[length];

    public ref IndexSlot<ManagedOrder> this[int index] => ref _slots[index];

    public static ManagedSlots Create(int length) => new(length);

    public void Release()
    {
        // The collector finds out by itself.
    }
}
