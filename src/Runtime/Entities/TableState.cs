// What a NativeTable is behind its struct, whatever the type of its values: a sparse array of slots, by which a handle finds its value, over dense arrays of values and handles.
//
//     Slots[i] = (position, generation)         Handles[position] = (i, generation)         each the inverse of the other, but for retired slots
//
//     [0, Count)           in use: Values[position] is the element, generations are odd
//     [Count, Available)   free: the next element takes the first of them; generations are even
//     retired slots        in no position: SlotCount - Available of them
//
//     Limit = min(Available, what the regions have room for): the positions that an addition finds ready          Count <= Limit <= MaxCount
//
// The free slots need no list of their own: they stand behind the handles in use, and a removal exchanges two neighbours of that border. The slot removed last is taken first.
// All there is to know of a table is thus in Handles and Values, which is what is saved.
//
// The arrays grow in place (Pages/AddressRegion.cs). Handles and slots are written a batch at a time when an addition finds none free, so that a table that has room for 100 million
// elements and holds ten has touched a page or two.
//
// It overlays the first bytes of a ContainerHeader. One thread at a time changes it; while none does, any number may read.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Entities;

/// <summary>Index and generation of a slot, as a handle has them.</summary>
internal readonly record struct SlotName(uint Index, uint Generation);

/// <summary>Where a slot's element is.</summary>
internal struct TableSlot
{
    public uint Position;
    public uint Generation;
}

/// <summary>The state of a table.</summary>
internal unsafe partial struct TableState : ISavedState<TableState>
{
    private const int ValuesRegion = 0;
    private const int HandlesRegion = 1;
    private const int SlotsRegion = 2;
    private const int MinBatch = 16;
    private const int MaxBatch = 512;

    // Room for slots beyond as many as there may be elements, to take the place of retired ones: 8,192 of them, after 2^31 removals each.
    private const nuint SpareSlotBytes = 64 * 1024;

    /// <summary>The header's.</summary>
    public ulong Token;

    /// <summary>The values.</summary>
    public byte* Values;

    /// <summary>The slots.</summary>
    public TableSlot* Slots;

    /// <summary>The handles of the values, then the free slots.</summary>
    public SlotName* Handles;

    /// <summary>The slots ever made.</summary>
    public uint SlotCount;

    /// <summary>The elements.</summary>
    public int Count;

    /// <summary>The elements that there is room for without a call of <see cref="TryMakeRoom"/>.</summary>
    public int Limit;

    /// <summary>Moves on whenever elements come, go or move.</summary>
    public int Version;

    /// <summary>The slots that are not retired.</summary>
    public int Available;

    /// <summary>The most elements that there may be.</summary>
    public int MaxCount;

    /// <summary>The generation of a new slot.</summary>
    public uint Origin;

    /// <summary>The bytes of a value.</summary>
    public int ValueSize;

    /// <summary>The elements that the regions have room for as they are.</summary>
    public int Capacity
    {
        get
        {
            nuint values = Region(ValuesRegion)->Committed / (uint)ValueSize;
            nuint handles = Region(HandlesRegion)->Committed / (uint)sizeof(SlotName);
            nuint slots = (Region(SlotsRegion)->Committed / (uint)sizeof(TableSlot)) - (SlotCount - (uint)Available);
            return (int)nuint.Min(nuint.Min(values, handles), nuint.Min(slots, (uint)MaxCount));
        }
    }

    /// <summary>Whether there can be no slots any more, since so many have been retired.</summary>
    public bool HasRetiredAll => Available == Count && (SlotCount + 1) * (nuint)sizeof(TableSlot) > Region(SlotsRegion)->Reserved;

    /// <summary>The heap that it is part of.</summary>
    public Heap? Heap => NativeHeap.Heap.Of(Header->List->Set);

    private ContainerHeader* Header => (ContainerHeader*)Unsafe.AsPointer(ref this);

    /// <summary>Makes an empty table.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="valueSize">The bytes of a value.</param>
    /// <param name="maxCount">The most elements that there may be: at least 1, and not more than fit in <see cref="PageHeap.MaxObjectSize"/> bytes.</param>
    /// <returns>The table, or null when the system has no memory.</returns>
    public static TableState* Create(CentralSet* set, int valueSize, int maxCount)
    {
        ContainerHeader* header = ContainerList.Open(&set->Containers);
        if (header == null)
        {
            return null;
        }

        nuint names = (nuint)(uint)maxCount * (uint)sizeof(SlotName);
        if (!set->Containers.Reserve(header, ValuesRegion, (nuint)(uint)maxCount * (uint)valueSize)
            || !set->Containers.Reserve(header, HandlesRegion, names)
            || !set->Containers.Reserve(header, SlotsRegion, names + SpareSlotBytes))
        {
            set->Containers.Close(header);
            return null;
        }

        header->Kind = ContainerKind.Table;
        var table = (TableState*)header;
        table->Values = header->Region(ValuesRegion)->Start;
        table->Handles = (SlotName*)header->Region(HandlesRegion)->Start;
        table->Slots = (TableSlot*)header->Region(SlotsRegion)->Start;
        table->MaxCount = maxCount;
        table->ValueSize = valueSize;
        table->Origin = Generations.NextOrigin();
        return table;
    }

    /// <summary>Makes room in the regions, without touching it.</summary>
    /// <param name="count">For so many elements: at most <see cref="MaxCount"/>.</param>
    /// <returns>Whether there is room; if not, the system has no memory, and the table is as it was.</returns>
    public bool TryReserve(int count)
    {
        nuint slots = (nuint)(uint)count + (SlotCount - (uint)Available);
        return TryCommit(ValuesRegion, (nuint)(uint)count * (uint)ValueSize)
            && TryCommit(HandlesRegion, (nuint)(uint)count * (uint)sizeof(SlotName))
            && TryCommit(SlotsRegion, slots * (uint)sizeof(TableSlot));
    }

    /// <summary>Makes room for one element more.</summary>
    /// <returns>Whether there is.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryMakeRoom()
    {
        if (Count == MaxCount || !TryReserve(Count + 1))
        {
            return false;
        }

        int capacity = Capacity;
        if (Available == Count)
        {
            AddSlots(int.Min(int.Clamp((int)SlotCount, MinBatch, MaxBatch), capacity - Available));
        }

        Limit = int.Min(Available, capacity);
        return true;
    }

    /// <summary>Takes the first free slot; there must be one within <see cref="Limit"/>. The element is at the position that was <see cref="Count"/>.</summary>
    /// <returns>The name of the slot, and of the element from now on.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlotName Take()
    {
        int position = Count;
        SlotName free = Handles[position];
        SlotName name = new(free.Index, free.Generation + 1);
        Handles[position] = name;
        Slots[name.Index].Generation = name.Generation;
        Count = position + 1;
        Version++;
        return name;
    }

    /// <summary>Frees a slot in use. Its position is that of what was last; the value is for the caller to move.</summary>
    /// <param name="index">The slot.</param>
    /// <param name="position">Its position.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(uint index, int position)
    {
        int last = Count - 1;
        SlotName moved = Handles[last];
        Handles[position] = moved;
        Slots[moved.Index].Position = (uint)position;

        // If the two are one and the same, this undoes the above.
        uint generation = Slots[index].Generation + 1;
        Handles[last] = new SlotName(index, generation);
        Slots[index].Position = (uint)last;
        Slots[index].Generation = generation;
        Count = last;
        Version++;
        if (generation == Origin)
        {
            Retire(last);
        }
    }

    /// <summary>Frees all slots in use.</summary>
    public void FreeAll()
    {
        while (Count != 0)
        {
            Free(Handles[Count - 1].Index, Count - 1);
        }

        Version++;
    }

    /// <summary>Gives the memory back that nothing is in. A table without elements begins anew, under another origin.</summary>
    public void Trim()
    {
        if (Count == 0)
        {
            Origin = Generations.NextOrigin();
            SlotCount = 0;
            Available = 0;
        }

        ContainerList* list = Header->List;
        list->Decommit(Header, ValuesRegion, (nuint)(uint)Count * (uint)ValueSize);
        list->Decommit(Header, HandlesRegion, (nuint)(uint)Available * (uint)sizeof(SlotName));
        list->Decommit(Header, SlotsRegion, SlotCount * (uint)sizeof(TableSlot));
        Limit = int.Min(Available, Capacity);
    }

    private AddressRegion* Region(int region) => Header->Region(region);

    private bool TryCommit(int region, nuint bytes) => bytes <= Region(region)->Reserved && ContainerRoutes.TryCommit(Header, region, bytes);

    private void AddSlots(int count)
    {
        for (; count > 0; count--)
        {
            uint index = SlotCount++;
            uint position = (uint)Available++;
            Handles[position] = new SlotName(index, Origin);
            Slots[index] = new TableSlot { Position = position, Generation = Origin };
        }
    }

    // The last of the free ones comes to its position.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Retire(int position)
    {
        Available--;
        SlotName last = Handles[Available];
        Handles[position] = last;
        Slots[last.Index].Position = (uint)position;
        Limit = int.Min(Limit, Available);
    }
}
