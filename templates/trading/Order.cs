using NativeHeap;

namespace TradingTemplate;

internal enum Side : byte
{
    Buy,
    Sell,
}

/// <summary>An order that rests in the book, in the queue of its price.</summary>
[NativeAllocated]
internal unsafe partial struct Order
{
    public long Id;
    public Order* Previous;
    public Order* Next;
    public int Price;
    public int Quantity;
    public Side Side;
}

/// <summary>The orders of one side at one price: first come, first served.</summary>
internal unsafe struct Queue
{
    public Order* First;
    public Order* Last;
}

internal enum MessageKind : byte
{
    New,
    Cancel,
}

/// <summary>What the market says, as it goes through the ring.</summary>
internal readonly record struct Message(MessageKind Kind, Side Side, long Id, int Price, int Quantity);
