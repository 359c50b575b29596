// What a NativePool is behind its struct, whatever the type of its values: slots that never move, a generation for each, and a bitmap of those in use.
//
//     slot i of Values, Generations[i], bit i of Bits          0 <= i < SlotCount
//
//     in use    bit set, generation odd
//     free      bit not set, generation even           the lowest is the next to be used, so that elements stay close together at the start
//     retired   bit set, generation = Origin, even     never used again; Retired of them, nearly always none
//
//     Limit = min(SlotCount, what the regions have room for, MaxCount + Retired): the slots that an addition may use without more ado
//
// The arrays grow in place (Pages/AddressRegion.cs). Generations are written a batch at a time when all slots are in use, so that room that is only reserved is not touched.
//
// It overlays the first bytes of a ContainerHeader. One thread at a time changes it; while none does, any number may read.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Entities;

/// <summary>The state of a pool.</summary>
internal unsafe partial struct PoolState : ISavedState<PoolState>
{
    private const int ValuesRegion = 0;
    private const int GenerationsRegion = 1;
    private const int WordsRegion = 2;
    private const int SummariesRegion = 3;
    private const int MinBatch = 64;
    private const int MaxBatch = 1024;

    // Slots beyond as many as there may be elements, to take the place of retired ones.
    private const int SpareSlots = 1024;

    /// <summary>The header's.</summary>
    public ulong Token;

    /// <summary>The slots' values.</summary>
    public byte* Values;

    /// <summary>The slots' generations.</summary>
    public uint* Generations;

    /// <summary>The slots in use, and those retired.</summary>
    public OccupancyBits Bits;

    /// <summary>The slots ever made.</summary>
    public uint SlotCount;

    /// <summary>The elements.</summary>
    public int Count;

    /// <summary>The slots that may be used without a call of <see cref="TryMakeRoom"/>.</summary>
    public int Limit;

    /// <summary>Moves on whenever elements come or go.</summary>
    public int Version;

    /// <summary>The slots retired.</summary>
    public int Retired;

    /// <summary>The most elements that there may be.</summary>
    public int MaxCount;

    /// <summary>The generation of a new slot.</summary>
    public uint Origin;

    /// <summary>The bytes of a value.</summary>
    public int ValueSize;

    /// <summary>The elements that the regions have room for as they are.</summary>
    public int Capacity => int.Min(CommittedSlots - Retired, MaxCount);

    /// <summary>Whether there can be no slots any more, since so many have been retired.</summary>
    public readonly bool HasRetiredAll => Count + Retired == MaxSlots(MaxCount);

    /// <summary>The heap that it is part of.</summary>
    public Heap? Heap => NativeHeap.Heap.Of(Header->List->Set);

    private int CommittedSlots
    {
        get
        {
            nuint maxSlots = (nuint)MaxSlots(MaxCount);
            nuint values = Region(ValuesRegion)->Committed / (uint)ValueSize;
            nuint generations = Region(GenerationsRegion)->Committed / sizeof(uint);
            nuint bits = OccupancyBits.SlotsOf(Region(WordsRegion)->Committed, Region(SummariesRegion)->Committed, maxSlots);
            return (int)nuint.Min(nuint.Min(values, generations), nuint.Min(bits, maxSlots));
        }
    }

    private ContainerHeader* Header => (ContainerHeader*)Unsafe.AsPointer(ref this);

    /// <summary>Makes an empty pool.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="valueSize">The bytes of a value.</param>
    /// <param name="maxCount">The most elements that there may be: at least 1, and not more than fit in <see cref="PageHeap.MaxObjectSize"/> bytes.</param>
    /// <returns>The pool, or null when the system has no memory.</returns>
    public static PoolState* Create(CentralSet* set, int valueSize, int maxCount)
    {
        ContainerHeader* header = ContainerList.Open(&set->Containers);
        if (header == null)
        {
            return null;
        }

        nuint slots = (nuint)MaxSlots(maxCount);
        ContainerList* list = header->List;
        if (!list->Reserve(header, ValuesRegion, slots * (uint)valueSize)
            || !list->Reserve(header, GenerationsRegion, slots * sizeof(uint))
            || !list->Reserve(header, WordsRegion, OccupancyBits.WordBytes(slots))
            || !list->Reserve(header, SummariesRegion, OccupancyBits.SummaryBytes(slots, slots)))
        {
            list->Close(header);
            return null;
        }

        header->Kind = ContainerKind.Pool;
        var pool = (PoolState*)header;
        pool->MaxCount = maxCount;
        pool->ValueSize = valueSize;
        pool->Values = header->Region(ValuesRegion)->Start;
        pool->Generations = (uint*)header->Region(GenerationsRegion)->Start;
        pool->Bits.Initialize((ulong*)header->Region(WordsRegion)->Start, (ulong*)header->Region(SummariesRegion)->Start, slots);
        pool->Origin = Entities.Generations.NextOrigin();
        if (!pool->TryReserve(0))
        {
            list->Close(header);
            return null;
        }

        return pool;
    }

    /// <summary>Makes room in the regions, without touching it.</summary>
    /// <param name="count">For so many elements: at most <see cref="MaxCount"/>.</param>
    /// <returns>Whether there is room; if not, the system has no memory, and the pool is as it was.</returns>
    public bool TryReserve(int count) => TryReserveSlots((nuint)(uint)count + (uint)Retired);

    /// <summary>Makes room for one slot more than <see cref="Limit"/>.</summary>
    /// <returns>Whether there is.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryMakeRoom()
    {
        if (Count == MaxCount || !TryReserveSlots((nuint)(uint)Limit + 1))
        {
            return false;
        }

        int slots = CommittedSlots;
        if (SlotCount == (uint)Limit)
        {
            int batch = int.Min(int.Clamp((int)SlotCount, MinBatch, MaxBatch), slots - (int)SlotCount);
            new Span<uint>(Generations + SlotCount, batch).Fill(Origin);
            SlotCount += (uint)batch;
        }

        Limit = int.Min(int.Min((int)SlotCount, slots), MaxCount + Retired);
        return true;
    }

    /// <summary>Takes the lowest free slot, which must be below <see cref="Limit"/>.</summary>
    /// <returns>The generation of the slot, and of the element from now on.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Take(int slot)
    {
        Bits.Occupy(slot);
        Count++;
        Version++;
        return ++Generations[slot];
    }

    /// <summary>Frees a slot in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(int slot)
    {
        uint generation = ++Generations[slot];
        Count--;
        Version++;
        if (generation != Origin)
        {
            Bits.Free(slot);
        }
        else
        {
            Retired++;
        }
    }

    /// <summary>The slots in use of a word of the bitmap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong InUse(int word)
    {
        ulong bits = Bits.Words[word];
        return Retired == 0 ? bits : WithoutRetired(word, bits);
    }

    /// <summary>The slot after a number of elements, of which there must be so many, starting to count at a slot.</summary>
    public readonly int Skip(int slot, int elements)
    {
        if (elements == 0)
        {
            return slot;
        }

        int word = slot >> 6;
        ulong bits = InUse(word) & (ulong.MaxValue << slot);
        while (BitOperations.PopCount(bits) < elements)
        {
            elements -= BitOperations.PopCount(bits);
            bits = InUse(++word);
        }

        for (; elements > 1; elements--)
        {
            bits &= bits - 1;
        }

        return (word * 64) + BitOperations.TrailingZeroCount(bits) + 1;
    }

    /// <summary>Gives the memory back that nothing is in. A pool without elements begins anew, under another origin.</summary>
    public void Trim()
    {
        int end = Count == 0 ? 0 : PurgeHoles();
        if (Count == 0)
        {
            if (SlotCount != 0)
            {
                Bits.FreeAll((int)SlotCount);
            }

            Origin = Entities.Generations.NextOrigin();
            SlotCount = 0;
            Retired = 0;
            Version++;
        }

        ContainerHeader* header = Header;
        header->List->Decommit(header, ValuesRegion, (nuint)(uint)end * (uint)ValueSize);
        header->List->Decommit(header, GenerationsRegion, SlotCount * sizeof(uint));
        header->List->Decommit(header, WordsRegion, OccupancyBits.WordBytes(SlotCount));
        header->List->Decommit(header, SummariesRegion, OccupancyBits.SummaryBytes(SlotCount, (nuint)MaxSlots(MaxCount)));
        Limit = int.Min(int.Min((int)SlotCount, CommittedSlots), MaxCount + Retired);
    }

    private static int MaxSlots(int maxCount) => (int)long.Min((long)maxCount + SpareSlots, int.MaxValue - 64);

    private AddressRegion* Region(int region) => Header->Region(region);

    private bool TryReserveSlots(nuint slots) =>
        slots <= (nuint)MaxSlots(MaxCount)
        && TryCommit(WordsRegion, OccupancyBits.WordBytes(slots))
        && TryCommit(SummariesRegion, OccupancyBits.SummaryBytes(slots, (nuint)MaxSlots(MaxCount)))
        && TryCommit(GenerationsRegion, slots * sizeof(uint))
        && TryCommit(ValuesRegion, slots * (uint)ValueSize);

    private bool TryCommit(int region, nuint bytes) => ContainerRoutes.TryCommit(Header, region, bytes);

    // Gives back the pages of free values between others, and returns where the last of those ends.
    private int PurgeHoles()
    {
        int end = 0;
        for (int word = 0; word <= (int)(SlotCount >> 6); word++)
        {
            ulong bits = Bits.Words[word];
            if (bits != 0)
            {
                int start = (word * 64) + BitOperations.TrailingZeroCount(bits);
                ContainerList.Purge(Header, ValuesRegion, (nuint)(uint)end * (uint)ValueSize, (nuint)(uint)(start - end) * (uint)ValueSize);
                end = (word * 64) + 64 - BitOperations.LeadingZeroCount(bits);
            }
        }

        return end;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly ulong WithoutRetired(int word, ulong bits)
    {
        for (ulong rest = bits; rest != 0; rest &= rest - 1)
        {
            int slot = (word * 64) + BitOperations.TrailingZeroCount(rest);
            bits &= Entities.Generations.IsLive(Generations[slot]) ? ulong.MaxValue : ~(rest & (0 - rest));
        }

        return bits;
    }
}
