using System;

using NativeHeap;

namespace TradingTemplate;

/// <summary>A book with price-time priority: best price first, and first come, first served at a price. Prices are ticks from 1 to <see cref="MaxPrice"/>. For one thread.</summary>
internal sealed unsafe class OrderBook : IDisposable
{
    public const int MaxPrice = 4_096;

    // All of the book is in one heap: its memory has a limit, and ends at once with it.
    private readonly Heap _heap = new(new HeapOptions { Name = "Book", MaximumBytes = 256 << 20 });
    private readonly NativeArray<Queue> _buys;
    private readonly NativeArray<Queue> _sells;
    private readonly NativeDictionary<long, NativePointer<Order>> _orders;
    private int _bestBuy;
    private int _bestSell = MaxPrice + 1;

    public OrderBook(int expectedOrders)
    {
        _buys = new NativeArray<Queue>(_heap, MaxPrice + 2);
        _sells = new NativeArray<Queue>(_heap, MaxPrice + 2);
        _orders = new NativeDictionary<long, NativePointer<Order>>(_heap, expectedOrders);
        _heap.Prewarm<Order>(expectedOrders);
    }

    public int Count => _orders.Count;

    public long Fills { get; private set; }

    public long Volume { get; private set; }

    public int BestBuy => _bestBuy;

    public int BestSell => _bestSell;

    public long Bytes => _heap.GetStatistics().LiveBytes;

    public void Apply(in Message message)
    {
        if (message.Kind == MessageKind.Cancel)
        {
            Cancel(message.Id);
            return;
        }

        int rest = Match(message);
        if (rest > 0)
        {
            Rest(message, rest);
        }
    }

    public void Dispose() => _heap.Dispose();

    // What is left of an incoming order when it has met all that it may trade with.
    private int Match(in Message incoming)
    {
        int quantity = incoming.Quantity;
        while (quantity > 0)
        {
            bool isBuy = incoming.Side == Side.Buy;
            int price = isBuy ? _bestSell : _bestBuy;
            if (isBuy ? price > incoming.Price : price < incoming.Price)
            {
                break;
            }

            Order* resting = QueueOf(isBuy ? Side.Sell : Side.Buy, price).First;
            int filled = Math.Min(quantity, resting->Quantity);
            quantity -= filled;
            resting->Quantity -= filled;
            Fills++;
            Volume += filled;
            if (resting->Quantity == 0)
            {
                _ = _orders.Remove(resting->Id);
                Remove(resting);
            }
        }

        return quantity;
    }

    private void Rest(in Message message, int quantity)
    {
        ref Queue queue = ref QueueOf(message.Side, message.Price);
        Order* order = Order.Alloc(_heap);
        *order = new Order { Id = message.Id, Price = message.Price, Quantity = quantity, Side = message.Side, Previous = queue.Last };
        if (queue.Last == null)
        {
            queue.First = order;
        }
        else
        {
            queue.Last->Next = order;
        }

        queue.Last = order;
        _orders.Add(message.Id, order);
        if (message.Side == Side.Buy)
        {
            _bestBuy = Math.Max(_bestBuy, message.Price);
        }
        else
        {
            _bestSell = Math.Min(_bestSell, message.Price);
        }
    }

    private void Cancel(long id)
    {
        // It may have been filled before the cancellation came.
        if (_orders.Remove(id, out NativePointer<Order> order))
        {
            Remove(order);
        }
    }

    private void Remove(Order* order)
    {
        ref Queue queue = ref QueueOf(order->Side, order->Price);
        (order->Previous == null ? ref queue.First : ref order->Previous->Next) = order->Next;
        (order->Next == null ? ref queue.Last : ref order->Next->Previous) = order->Previous;
        Order.Free(_heap, order);

        // Queues 0 and MaxPrice + 1 stay empty: they stand for no price at all.
        while (_bestBuy > 0 && _buys[_bestBuy].First == null)
        {
            _bestBuy--;
        }

        while (_bestSell <= MaxPrice && _sells[_bestSell].First == null)
        {
            _bestSell++;
        }
    }

    private ref Queue QueueOf(Side side, int price) => ref (side == Side.Buy ? _buys : _sells)[price];
}
