// A pool's arrays in a file: generations, the words of the bitmap, then the values in use, by ascending slot, a run of neighbours at a time. Bits and generations must agree, as PoolState.cs has
// them; summaries and counts are made of them.

using System.Numerics;

namespace NativeHeap.Entities;

internal unsafe partial struct PoolState
{
    /// <inheritdoc/>
    public static ulong Magic => SaveHeader.PoolMagic;

    /// <inheritdoc/>
    public readonly SaveHeader Describe() => new() { ValueSize = ValueSize, SlotCount = SlotCount, Origin = Origin, Count = Count };

    /// <inheritdoc/>
    public readonly void Write(ref SaveWriter writer)
    {
        writer.Write(Generations, SlotCount * sizeof(uint));
        writer.Write(Bits.Words, WordsOf(SlotCount) * sizeof(ulong));
        for (int slot = 0; NextRun(ref slot, out int length); slot += length)
        {
            writer.Write(Values + ((nuint)(uint)slot * (uint)ValueSize), (nuint)(uint)length * (uint)ValueSize);
        }
    }

    /// <inheritdoc/>
    public void Read(ref SaveReader reader, in SaveHeader header)
    {
        if (header.SlotCount > (uint)MaxSlots(MaxCount))
        {
            throw reader.Error($"it has {header.SlotCount} slots, and this one was made for {MaxCount} elements: make it with a larger maxCapacity");
        }

        if (header.Available != 0 || Entities.Generations.IsLive(header.Origin))
        {
            throw reader.Error("its header is damaged");
        }

        if (!TryReserveSlots(header.SlotCount))
        {
            throw EntityErrors.OutOfMemory((nuint)header.SlotCount * (uint)ValueSize, Heap);
        }

        SlotCount = header.SlotCount;
        Origin = header.Origin;
        reader.Read(Generations, SlotCount * sizeof(uint));
        reader.Read(Bits.Words, WordsOf(SlotCount) * sizeof(ulong));
        if (!TryCount() || Count != header.Count)
        {
            throw reader.Error("its slots contradict each other");
        }

        for (int slot = 0; NextRun(ref slot, out int length); slot += length)
        {
            reader.Read(Values + ((nuint)(uint)slot * (uint)ValueSize), (nuint)(uint)length * (uint)ValueSize);
        }

        Bits.Summarize((int)SlotCount);
        Limit = int.Min(int.Min((int)SlotCount, CommittedSlots), MaxCount + Retired);
    }

    private static nuint WordsOf(uint slots) => ((nuint)slots + 63) / 64;

    // Counts the slots in use and those retired, by bits and generations, which must agree.
    private bool TryCount()
    {
        for (nuint slot = 0; slot < WordsOf(SlotCount) * 64; slot++)
        {
            bool isOccupied = Bits.IsOccupied((int)slot);
            if (slot >= SlotCount)
            {
                if (isOccupied)
                {
                    return false;
                }

                continue;
            }

            bool isLive = Entities.Generations.IsLive(Generations[slot]);
            bool isRetired = isOccupied && !isLive;
            if ((isLive && !isOccupied) || (isRetired && Generations[slot] != Origin))
            {
                return false;
            }

            Count += isLive ? 1 : 0;
            Retired += isRetired ? 1 : 0;
        }

        return true;
    }

    // The next slots in use that are neighbours, from a slot on.
    private readonly bool NextRun(ref int slot, out int length)
    {
        slot = Next(slot, inverted: 0);
        length = Next(slot, inverted: ulong.MaxValue) - slot;
        return length != 0;
    }

    // The first slot from one on that is in use, or that is not; SlotCount if there is none.
    private readonly int Next(int slot, ulong inverted)
    {
        ulong mask = ulong.MaxValue << slot;
        for (int word = slot >> 6; word < (int)WordsOf(SlotCount); word++, mask = ulong.MaxValue)
        {
            ulong bits = (InUse(word) ^ inverted) & mask;
            if (bits != 0)
            {
                return int.Min((word * 64) + BitOperations.TrailingZeroCount(bits), (int)SlotCount);
            }
        }

        return (int)SlotCount;
    }
}
