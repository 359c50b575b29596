// From an order's id to the order: a hash table with open addressing.
//
// Slots of 16 bytes in an array of a power of two; an id's home is the top bits of its product with 2^64 / golden ratio, which
// spreads the counters that exchanges use as ids; a clash goes to the next slot. What holds after every call:
//
//     count <= capacity / 2
//     every slot from an id's home to the id's own slot is taken        (so a search may stop at the first empty slot)
//
// A removal moves later entries of the run back into the hole instead of leaving a tombstone: after a million adds and cancels the
// table is as short to search as after the first. Growth doubles the array and happens in the warm-up: Clear keeps the capacity.
// With the native slots, growing too takes nothing from the garbage collector.

using System;
using System.Numerics;

namespace OrderBook.Book;

internal sealed class OrderIndex<TOrder, TLevel, TSlots>
    where TOrder : struct, IOrderHandle<TOrder, TLevel>
    where TLevel : struct, ILevelHandle<TLevel, TOrder>
    where TSlots : struct, IIndexSlots<TSlots, TOrder>
{
    public const int InitialCapacity = 1 << 12;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    private TSlots _slots;
    private int _mask;
    private int _shift;

    public OrderIndex(int capacity = InitialCapacity)
    {
        if (capacity < 2 || !BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A power of two of at least 2 is needed.");
        }

        Adopt(TSlots.Create(capacity), capacity);
    }

    public int Count { get; private set; }

    public int Capacity => _mask + 1;

    /// <summary>The order of this id, and the slot to pass to <see cref="RemoveAt"/>; a null handle if there is none.</summary>
    public TOrder Find(long id, out int slot)
    {
        slot = Home(id);
        while (true)
        {
            ref IndexSlot<TOrder> candidate = ref _slots[slot];
            if (candidate.Order.IsNull || candidate.Id == id)
            {
                return candidate.Order;
            }

            slot = (slot + 1) & _mask;
        }
    }

    /// <summary>Enters an order whose id is not in the table yet.</summary>
    public void Add(long id, TOrder order)
    {
        if (Count >= Capacity / 2)
        {
            Grow();
        }

        Place(id, order);
        Count++;
    }

    public void RemoveAt(int slot)
    {
        int hole = slot;
        for (int next = (hole + 1) & _mask; !_slots[next].Order.IsNull; next = (next + 1) & _mask)
        {
            // An entry may move back to the hole unless its home lies behind the hole.
            int fromHome = (next - Home(_slots[next].Id)) & _mask;
            int fromHole = (next - hole) & _mask;
            if (fromHome >= fromHole)
            {
                _slots[hole] = _slots[next];
                hole = next;
            }
        }

        _slots[hole] = default;
        Count--;
    }

    /// <summary>Empties the table. The orders are not the index's to release.</summary>
    public void Clear()
    {
        for (int i = 0; i < Capacity && Count > 0; i++)
        {
            ref IndexSlot<TOrder> slot = ref _slots[i];
            Count -= slot.Order.IsNull ? 0 : 1;
            slot = default;
        }
    }

    /// <summary>Gives back the memory.</summary>
    public void Release() => _slots.Release();

    private int Home(long id) => (int)(((ulong)id * Multiplier) >> _shift);

    private void Place(long id, TOrder order)
    {
        int slot = Home(id);
        while (!_slots[slot].Order.IsNull)
        {
            slot = (slot + 1) & _mask;
        }

        ref IndexSlot<TOrder> free = ref _slots[slot];
        free.Id = id;
        free.Order = order;
    }

    private void Grow()
    {
        TSlots old = _slots;
        int oldCapacity = Capacity;
        Adopt(TSlots.Create(oldCapacity * 2), oldCapacity * 2);
        for (int i = 0; i < oldCapacity; i++)
        {
            ref IndexSlot<TOrder> slot = ref old[i];
            if (!slot.Order.IsNull)
            {
                Place(slot.Id, slot.Order);
            }
        }

        old.Release();
    }

    private void Adopt(TSlots slots, int capacity)
    {
        _slots = slots;
        _mask = capacity - 1;
        _shift = 64 - BitOperations.Log2((uint)capacity);
    }
}
