// A day at the exchange: senders enter orders, change and cancel them, by chance that begins with one number, so that every day is the same. The session finds an order by its number, in a table.

using System;
using System.Collections.Generic;
using System.Globalization;

using NativeHeap;

namespace Misuse;

/// <summary>Plays a day.</summary>
internal sealed unsafe class Session
{
    private const int Middle = 10_000;

    private readonly Dictionary<int, (NativePointer<Order> Order, int Entered)> _orders = [];
    private readonly Random _random = new(20_261_126);
    private readonly Book _book;
    private readonly bool _cancels;
    private readonly bool _changes;
    private readonly bool _freesTable;
    private int _entered;
    private int _cancelled;

    public Session(Bug bug)
    {
        // The bug of two: nobody tells the table which orders are filled.
        bool isStale = bug is Bug.DoubleFree or Bug.UseAfterFree;
        _book = new Book(bug, isStale ? null : id => _orders.Remove(id));
        _cancels = !isStale;
        _changes = bug != Bug.DoubleFree;
        _freesTable = bug == Bug.DoubleFree;
    }

    /// <summary>Plays it.</summary>
    /// <returns>What happened, in a line.</returns>
    public string Run(int orders)
    {
        for (int id = 1; id <= orders; id++)
        {
            Enter(id);
            int older = _random.Next(1, id + 1);
            switch (_random.Next(4))
            {
                case 0 when _cancels:
                    Cancel(older);
                    break;
                case 1 when _changes:
                    Change(older);
                    break;
                default:
                    break;
            }
        }

        int closed = _book.Close();
        if (_freesTable)
        {
            // The bug: the book has freed them.
            foreach ((NativePointer<Order> order, _) in _orders.Values)
            {
                Order.Free(order);
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_entered:N0} orders, {_book.Filled:N0} filled, {_cancelled:N0} cancelled, {closed:N0} in the book at the end; {_book.Traded:N0} shares traded");
    }

    private void Enter(int id)
    {
        int quantity = _random.Next(1, 20) * 100;
        string note = $"desk {_random.Next(1, 30)}, strategy {_random.Next(1, 2_000)}";
        Order* order = _book.Enter(id, isBuy: _random.Next(2) == 0, Middle + _random.Next(-50, 51), quantity, note);
        _entered++;
        if (order != null)
        {
            _orders[id] = ((NativePointer<Order>)order, quantity);
        }
    }

    private void Cancel(int id)
    {
        if (_orders.Remove(id, out (NativePointer<Order> Order, int Entered) found))
        {
            _cancelled++;
            _book.Cancel(found.Order.ToPointer(), found.Entered);
        }
    }

    private void Change(int id)
    {
        if (_orders.TryGetValue(id, out (NativePointer<Order> Order, int Entered) found))
        {
            // Less of it.
            ref Order order = ref found.Order.Value;
            order.Quantity = Math.Max(100, order.Quantity - 100);
        }
    }
}
