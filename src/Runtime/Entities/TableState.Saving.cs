// A table's arrays in a file: handles, those of the free slots after the others, then values. Slots are made of the handles, whose inverse they are, and that there is an inverse is what has to be
// true of a file beside its checksums: no slot twice, none out of range, generations odd where there is a value.

namespace NativeHeap.Entities;

internal unsafe partial struct TableState
{
    /// <inheritdoc/>
    public static ulong Magic => SaveHeader.TableMagic;

    /// <inheritdoc/>
    public readonly SaveHeader Describe() =>
        new() { ValueSize = ValueSize, SlotCount = SlotCount, Origin = Origin, Count = Count, Available = Available };

    /// <inheritdoc/>
    public readonly void Write(ref SaveWriter writer)
    {
        writer.Write(Handles, (nuint)(uint)Available * (uint)sizeof(SlotName));
        writer.Write(Values, (nuint)(uint)Count * (uint)ValueSize);
    }

    /// <inheritdoc/>
    public void Read(ref SaveReader reader, in SaveHeader header)
    {
        nuint names = (nuint)(uint)header.Available * (uint)sizeof(SlotName);
        nuint slots = (nuint)header.SlotCount * (uint)sizeof(TableSlot);
        nuint values = (nuint)(uint)header.Count * (uint)ValueSize;
        if (header.Count > header.Available || (uint)header.Available > header.SlotCount || Generations.IsLive(header.Origin))
        {
            throw reader.Error("its header is damaged");
        }

        if (header.Available > MaxCount || slots > Region(SlotsRegion)->Reserved)
        {
            throw reader.Error($"it has {header.SlotCount} slots, and this one was made for {MaxCount} elements: make it with a larger maxCapacity");
        }

        if (!TryCommit(ValuesRegion, values) || !TryCommit(HandlesRegion, names) || !TryCommit(SlotsRegion, slots))
        {
            throw EntityErrors.OutOfMemory(values + names + slots, Heap);
        }

        reader.Read(Handles, names);
        reader.Read(Values, values);
        Count = header.Count;
        Available = header.Available;
        SlotCount = header.SlotCount;
        Origin = header.Origin;
        Limit = int.Min(Available, Capacity);
        if (!TryInvertHandles())
        {
            throw reader.Error("its slots contradict each other");
        }
    }

    // Makes the slots, and finds handles that cannot be, or be twice.
    private readonly bool TryInvertHandles()
    {
        for (int position = 0; position < Available; position++)
        {
            SlotName name = Handles[position];
            if (name.Index >= SlotCount || Generations.IsLive(name.Generation) != (position < Count))
            {
                return false;
            }

            Slots[name.Index] = new TableSlot { Position = (uint)position, Generation = name.Generation };
        }

        bool isInverse = true;
        for (int position = 0; position < Available; position++)
        {
            isInverse &= Slots[Handles[position].Index].Position == (uint)position;
        }

        return isInverse;
    }
}
