// Buy and sell orders, best price first and oldest first, and what trades when they meet. The book owns its orders: who is filled or cancelled is freed.

using System;
using System.Text;

using NativeHeap;

namespace Misuse;

/// <summary>An order book of one share.</summary>
/// <param name="bug">The mistake that it makes.</param>
/// <param name="forget">Told of an order before it is freed, or null.</param>
internal sealed unsafe class Book(Bug bug, Action<int>? forget)
{
    private Order* _buys;
    private Order* _sells;

    /// <summary>Shares traded.</summary>
    public long Traded { get; private set; }

    /// <summary>Orders filled.</summary>
    public int Filled { get; private set; }

    /// <summary>Trades an order as far as it goes, and keeps the rest.</summary>
    /// <returns>The order; null if nothing of it is left.</returns>
    public Order* Enter(int id, bool isBuy, int price, int quantity, string note)
    {
        Order* order = Order.Alloc(new Order { Id = id, Price = price, Quantity = quantity, IsBuy = isBuy });
        WriteNote(order, note);
        ref Order* others = ref SideOf(!isBuy);
        while (order->Quantity > 0 && others != null && (isBuy ? others->Price <= price : others->Price >= price))
        {
            Order* other = others;
            int traded = Math.Min(order->Quantity, other->Quantity);
            order->Quantity -= traded;
            other->Quantity -= traded;
            Traded += traded;
            if (other->Quantity == 0)
            {
                others = other->Next;
                Fill(other);
            }
        }

        if (order->Quantity == 0)
        {
            Fill(order);
            return null;
        }

        Insert(order);
        return order;
    }

    /// <summary>Takes an order out.</summary>
    public void Cancel(Order* order, int entered)
    {
        Remove(order);
        if (bug == Bug.Leak && order->Quantity < entered)
        {
            // The bug: of an order filled in part, somebody else is thought to take care.
            return;
        }

        Free(order);
    }

    /// <summary>Takes every order out.</summary>
    public int Close()
    {
        int count = 0;
        foreach (bool isBuy in (bool[])[true, false])
        {
            ref Order* side = ref SideOf(isBuy);
            while (side != null)
            {
                Order* order = side;
                side = order->Next;
                Free(order);
                count++;
            }
        }

        return count;
    }

    private void WriteNote(Order* order, string note)
    {
        order->NoteLength = Encoding.UTF8.GetByteCount(note);
        order->Note = (byte*)HeapMemory.Alloc((nuint)order->NoteLength);
        _ = Encoding.UTF8.GetBytes(note, new Span<byte>(order->Note, order->NoteLength));
        if (bug == Bug.Overrun)
        {
            // The bug: as C does, with a zero at the end.
            order->Note[order->NoteLength] = 0;
        }
    }

    private void Fill(Order* order)
    {
        Filled++;
        Free(order);
    }

    private void Free(Order* order)
    {
        forget?.Invoke(order->Id);
        HeapMemory.Free(order->Note);
        Order.Free(order);
    }

    private ref Order* SideOf(bool isBuy) => ref isBuy ? ref _buys : ref _sells;

    private void Insert(Order* order)
    {
        Order** place = &order->Next;
        fixed (Order** first = &SideOf(order->IsBuy))
        {
            place = first;
            while (*place != null && (order->IsBuy ? (*place)->Price >= order->Price : (*place)->Price <= order->Price))
            {
                place = &(*place)->Next;
            }

            order->Next = *place;
            *place = order;
        }
    }

    private void Remove(Order* order)
    {
        fixed (Order** first = &SideOf(order->IsBuy))
        {
            Order** place = first;
            while (*place != null && *place != order)
            {
                place = &(*place)->Next;
            }

            if (*place != null)
            {
                *place = order->Next;
            }
        }
    }
}
