// The objects that are alive in a recording, and the numbers, slots, by which its trace calls them.
//
//     Count      = the most objects alive at one time: a new slot is taken only when none is free
//     map        : address -> slot of the live object there;  load <= 1/2
//     free lists : each free slot is in two, by the age of its free and by the thread that freed it, the youngest first
//
// A thread takes the slot that it freed last; if it has none, the one that has been free longest. With one list for all, the last freed first, a thread would be handed slots that
// another released a moment ago, and since a replay with several threads takes turns at a slot, it would wait for what the recorded program did not.
//
// The recorder's lock guards it. An operation that needs memory asks for all of it first; if there is none, it has changed nothing.

using System.Runtime.CompilerServices;

namespace NativeHeap.Recording;

/// <summary>What a slot holds while its object lives.</summary>
internal struct LiveObject
{
    /// <summary>Where it is; 0 if the slot is free.</summary>
    public nuint Address;

    /// <summary>In bytes, as asked for.</summary>
    public uint Size;

    /// <summary>The index of its heap.</summary>
    public int HeapIndex;
}

/// <summary>Live objects by slot and by address. Zeroed is empty.</summary>
internal struct LiveSlots
{
    // Fibonacci hashing: multiply by 2^64 / the golden ratio, and the high bits are well mixed.
    private const ulong HashFactor = 0x9E37_79B9_7F4A_7C15;
    private const int ByAge = 0;
    private const int ByThread = 1;

    private GrowingArray<Slot> _slots;
    private GrowingArray<uint> _map;
    private GrowingArray<FreeList> _ofThreads;
    private FreeList _free;
    private uint _live;

    /// <summary>The number of slots.</summary>
    public uint Count { get; private set; }

    /// <summary>The object of a slot below <see cref="Count"/>.</summary>
    public readonly ref LiveObject this[uint slot] => ref _slots[slot].Object;

    /// <summary>Finds the live object at an address.</summary>
    public readonly bool TryFind(nuint address, out uint slot)
    {
        slot = 0;
        uint place = PlaceOf(address);
        if (place == uint.MaxValue)
        {
            return false;
        }

        slot = _map[place] - 1;
        return true;
    }

    /// <summary>Gives a new object a slot.</summary>
    /// <param name="added">The object.</param>
    /// <param name="thread">Who allocated it.</param>
    /// <param name="slot">Its slot.</param>
    /// <returns>Whether it has one: not if the system has no memory.</returns>
    public bool TryAdd(LiveObject added, uint thread, out uint slot)
    {
        slot = 0;
        if (!_slots.TryReach(Count) || !_ofThreads.TryReach(thread) || !TryReachMap())
        {
            return false;
        }

        uint link = _ofThreads[thread].First != 0 ? _ofThreads[thread].First : _free.Last;
        if (link == 0)
        {
            link = ++Count;
        }
        else
        {
            Unlink(ref _free, ByAge, link);
            Unlink(ref _ofThreads[_slots[link - 1].FreedBy], ByThread, link);
        }

        slot = link - 1;
        _slots[slot].Object = added;
        Enter(slot);
        _live++;
        return true;
    }

    /// <summary>Frees a live object's slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="thread">Who frees the object.</param>
    /// <returns>Whether it is free: not if the system has no memory.</returns>
    public bool TryRemove(uint slot, uint thread)
    {
        if (!_ofThreads.TryReach(thread))
        {
            return false;
        }

        Leave(slot);
        _slots[slot].Object = default;
        _slots[slot].FreedBy = thread;
        Link(ref _free, ByAge, slot + 1);
        Link(ref _ofThreads[thread], ByThread, slot + 1);
        _live--;
        return true;
    }

    /// <summary>Says that a live object is at another address now, and of another size.</summary>
    public readonly void Move(uint slot, nuint address, uint size)
    {
        Leave(slot);
        _slots[slot].Object.Address = address;
        _slots[slot].Object.Size = size;
        Enter(slot);
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _slots.Release();
        _map.Release();
        _ofThreads.Release();
        this = default;
    }

    // The place in the map of an address; uint.MaxValue if it is not there.
    private readonly uint PlaceOf(nuint address)
    {
        if (_map.Length == 0)
        {
            return uint.MaxValue;
        }

        uint place = HomeOf(address);
        while (_map[place] != 0)
        {
            if (_slots[_map[place] - 1].Object.Address == address)
            {
                return place;
            }

            place = Next(place);
        }

        return uint.MaxValue;
    }

    private readonly uint HomeOf(nuint address) => (uint)((address * HashFactor) >> 32) & (_map.Length - 1);

    private readonly uint Next(uint place) => (place + 1) & (_map.Length - 1);

    private readonly void Enter(uint slot)
    {
        uint place = HomeOf(_slots[slot].Object.Address);
        while (_map[place] != 0)
        {
            place = Next(place);
        }

        _map[place] = slot + 1;
    }

    // What follows without a gap is moved up where the hole would hide it.
    private readonly void Leave(uint slot)
    {
        uint hole = PlaceOf(_slots[slot].Object.Address);
        for (uint place = Next(hole); _map[place] != 0; place = Next(place))
        {
            uint distance = place - HomeOf(_slots[_map[place] - 1].Object.Address);
            if ((distance & (_map.Length - 1)) >= ((place - hole) & (_map.Length - 1)))
            {
                _map[hole] = _map[place];
                hole = place;
            }
        }

        _map[hole] = 0;
    }

    private bool TryReachMap()
    {
        if (_live < _map.Length / 2)
        {
            return true;
        }

        GrowingArray<uint> old = _map;
        GrowingArray<uint> larger = default;
        if (old.Length > uint.MaxValue / 2 || !larger.TryReach(2 * old.Length))
        {
            return false;
        }

        _map = larger;
        for (uint place = 0; place < old.Length; place++)
        {
            if (old[place] != 0)
            {
                Enter(old[place] - 1);
            }
        }

        old.Release();
        return true;
    }

    // In lists a slot is called by its number + 1, so that zeroed memory is an empty list.
    private readonly void Link(ref FreeList list, int which, uint link)
    {
        _slots[link - 1].Neighbours[which] = new() { Older = list.First };
        (list.First != 0 ? ref _slots[list.First - 1].Neighbours[which].Younger : ref list.Last) = link;
        list.First = link;
    }

    private readonly void Unlink(ref FreeList list, int which, uint link)
    {
        Neighbours neighbours = _slots[link - 1].Neighbours[which];
        (neighbours.Younger != 0 ? ref _slots[neighbours.Younger - 1].Neighbours[which].Older : ref list.First) = neighbours.Older;
        (neighbours.Older != 0 ? ref _slots[neighbours.Older - 1].Neighbours[which].Younger : ref list.Last) = neighbours.Younger;
    }

    /// <summary>The ends of a list: the youngest first.</summary>
    private struct FreeList
    {
        public uint First;
        public uint Last;
    }

    private struct Neighbours
    {
        public uint Younger;
        public uint Older;
    }

    [InlineArray(2)]
    private struct NeighboursInBothLists
    {
        private Neighbours _byAge;
    }

    private struct Slot
    {
        public LiveObject Object;
        public uint FreedBy;
        public NeighboursInBothLists Neighbours;
    }
}
