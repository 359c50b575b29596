// An order book's hot path: owners as locals, raw pointers in an intrusive list, batches.
#nullable enable

namespace Valid.Trading
{
    public enum Side : byte
    {
        Buy,
        Sell,
    }

    [NativeAllocated(Alignment = 64)]
    public unsafe partial struct Order
    {
        public long Id;
        public long Price;
        public Order* Next;
        public Order* Previous;
        public int Quantity;
        public Side Side;

        public readonly long Notional => Price * Quantity;
    }

    [NativeAllocated]
    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    public partial struct Trade
    {
        public long Buyer;
        public long Seller;
        public long Price;
        public int Quantity;
    }

    public sealed unsafe class Level
    {
        private readonly NativePointer<Order>[] _scratch = new NativePointer<Order>[32];
        private Order* _first;
        private Order* _last;

        public Order* Add(in Order order)
        {
            Order* added = Order.Alloc(in order);
            added->Next = null;
            added->Previous = _last;
            if (_last == null)
            {
                _first = added;
            }
            else
            {
                _last->Next = added;
            }

            _last = added;
            return added;
        }

        public void Remove(Order* order)
        {
            if (order->Previous == null)
            {
                _first = order->Next;
            }
            else
            {
                order->Previous->Next = order->Next;
            }

            if (order->Next == null)
            {
                _last = order->Previous;
            }
            else
            {
                order->Next->Previous = order->Previous;
            }

            Order.Free(order);
        }

        public ref Order First => ref *_first;

        public void Clear()
        {
            int count = 0;
            for (Order* order = _first; order != null;)
            {
                Order* next = order->Next;
                _scratch[count++] = order;
                if (count == _scratch.Length)
                {
                    Order.FreeBatch(_scratch);
                    count = 0;
                }

                order = next;
            }

            Order.FreeBatch(_scratch.AsSpan(0, count));
            _first = null;
            _last = null;
        }
    }

    public static class Gateway
    {
        public static NativeOwner<Trade> Match(in Order buy, in Order sell)
        {
            var trade = Trade.Rent();
            ref Trade value = ref trade.Value;
            value.Buyer = buy.Id;
            value.Seller = sell.Id;
            value.Price = Math.Min(buy.Price, sell.Price);
            value.Quantity = Math.Min(buy.Quantity, sell.Quantity);
            return trade;
        }

        public static NativeOwner<Trade> MatchOrThrow(in Order buy, in Order sell)
        {
            using NativeOwner<Trade> trade = Match(in buy, in sell);
            if (trade.Value.Quantity == 0)
            {
                throw new InvalidOperationException();
            }

            return trade.Move();
        }

        public static bool TryMatch(in Order buy, in Order sell, out NativeOwner<Trade> trade)
        {
            using var candidate = Match(in buy, in sell);
            bool matched = candidate.Value.Quantity > 0;
            trade = matched ? candidate.Move() : default;
            return matched;
        }

        public static unsafe Trade* Publish(in Order buy, in Order sell)
        {
            using var trade = Match(in buy, in sell);
            Trade* seen = trade.DangerousGetPointer();
            return seen->Quantity > 0 ? trade.Detach() : null;
        }

        public static long Total(ReadOnlySpan<Order> orders)
        {
            using NativeOwner<Trade> sum = Trade.Rent(new Trade { Price = 0 });
            foreach (ref readonly Order order in orders)
            {
                sum.Value.Price += order.Notional;
            }

            return sum.Value.Price;
        }
    }
}
