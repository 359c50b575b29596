// A third kind of memory under the engine: objects that know whether they have been released.
//
// Every use of a released object fails the test, and so does a second release. What the native heap would suffer in silence
// (use after free, double free, leak) is seen here at the first wrong access.

using System;

using OrderBook.Book;
using OrderBook.Feed;

namespace OrderBook.Tests.Book;

internal sealed class Tracked<T>(T value)
{
    private T _value = value;
    private bool _released;

    /// <summary>Objects made and not released, by this thread's test.</summary>
    [ThreadStatic]
    private static int t_live;

    public static int Live => t_live;

    public ref T Value
    {
        get
        {
            if (_released)
            {
                throw new InvalidOperationException($"A released {typeof(T).Name} is used.");
            }

            return ref _value;
        }
    }

    public static Tracked<T> Create(T value)
    {
        t_live++;
        return new(value);
    }

    public void Release()
    {
        _ = Value;
        _released = true;
        t_live--;
    }
}

internal struct TrackedOrderFields
{
    public long Id;
    public TrackedOrder Previous;
    public TrackedOrder Next;
    public TrackedLevel Level;
    public int Quantity;
    public ushort Symbol;
    public Side Side;
}

internal struct TrackedLevelFields
{
    public long Rank;
    public long Quantity;
    public TrackedOrder First;
    public TrackedOrder Last;
    public TrackedLevel Parent;
    public TrackedLevel Left;
    public TrackedLevel Right;
    public TrackedLevel Better;
    public TrackedLevel Worse;
    public int Count;
    public int Height;
}

internal readonly struct TrackedOrder : IOrderHandle<TrackedOrder, TrackedLevel>
{
    private readonly Tracked<TrackedOrderFields>? _order;

    private TrackedOrder(Tracked<TrackedOrderFields> order) => _order = order;

    public bool IsNull => _order is null;

    public long Id => _order!.Value.Id;

    public ushort Symbol => _order!.Value.Symbol;

    public Side Side => _order!.Value.Side;

    public ref int Quantity => ref _order!.Value.Quantity;

    public ref TrackedOrder Previous => ref _order!.Value.Previous;

    public ref TrackedOrder Next => ref _order!.Value.Next;

    public ref TrackedLevel Level => ref _order!.Value.Level;

    public static TrackedOrder Create(in FeedEvent added)
        => new(Tracked<TrackedOrderFields>.Create(new() { Id = added.Id, Quantity = added.Quantity, Symbol = added.Symbol, Side = added.Side }));

    public void Release() => _order!.Release();

    public bool Is(TrackedOrder other) => ReferenceEquals(_order, other._order);
}

internal readonly struct TrackedLevel : ILevelHandle<TrackedLevel, TrackedOrder>
{
    private readonly Tracked<TrackedLevelFields>? _level;

    private TrackedLevel(Tracked<TrackedLevelFields> level) => _level = level;

    public bool IsNull => _level is null;

    public long Rank => _level!.Value.Rank;

    public ref long Quantity => ref _level!.Value.Quantity;

    public ref int Count => ref _level!.Value.Count;

    public ref int Height => ref _level!.Value.Height;

    public ref TrackedOrder First => ref _level!.Value.First;

    public ref TrackedOrder Last => ref _level!.Value.Last;

    public ref TrackedLevel Parent => ref _level!.Value.Parent;

    public ref TrackedLevel Left => ref _level!.Value.Left;

    public ref TrackedLevel Right => ref _level!.Value.Right;

    public ref TrackedLevel Better => ref _level!.Value.Better;

    public ref TrackedLevel Worse => ref _level!.Value.Worse;

    public static TrackedLevel Create(long rank) => new(Tracked<TrackedLevelFields>.Create(new() { Rank = rank, Height = 1 }));

    public void Release() => _level!.Release();

    public bool Is(TrackedLevel other) => ReferenceEquals(_level, other._level);
}

internal readonly struct TrackedSlots : IIndexSlots<TrackedSlots, TrackedOrder>
{
    private readonly IndexSlot<TrackedOrder>[] _slots;

    private TrackedSlots(int length) => _slots = new IndexSlot<TrackedOrder>[length];

    public ref IndexSlot<TrackedOrder> this[int index] => ref _slots[index];

    public static TrackedSlots Create(int length) => new(length);

    public void Release()
    {
    }
}
