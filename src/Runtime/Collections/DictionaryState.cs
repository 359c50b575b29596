// What a NativeDictionary is behind its struct: a hash table with open addressing, in one block of the heap.
//
//     block = control bytes, 16 a group (ControlGroup.cs) | entries, key and value side by side, SlotCount of them
//
//     SlotCount = 4, 8, 16, 32, 64 ...;  groups = max(1, SlotCount / 16)           a table of fewer than 16 slots is one group, whose other slots stay empty
//     Limit     = 7/8 of SlotCount, or all of fewer than 16: an empty slot always remains, which ends a lookup
//     Limit     = Count + GrowthLeft + slots that are removed
//
// A hash is multiplied by 2^64 / golden ratio, since that of an integer is itself. The upper seven bits are the tag, those from 32 on the first group; the groups after that are 1, 3, 6, 10 ... further, which meets
// each one once (a power of two of them).
//
// It grows by a block of twice as many slots; where much has been removed, of as many. Control bytes and entries are apart, as against groups with their entries: lookups take the same time, a table just made is not
// touched but for a byte a slot, and keys that are not there are told from the control bytes of a large table alone, which are often still in a cache.
//
// An allocation may call handlers of soft limits, and those may do anything: so each step looks afterwards whether the table is as it was. It overlays a CollectionHeader. One thread at a time changes it; while none
// does, any number may read. DictionaryState.Lookup.cs has the lookups.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Collections;

/// <summary>A key and its value.</summary>
internal struct DictionaryEntry<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public TKey Key;
    public TValue Value;
}

/// <summary>The state of a dictionary.</summary>
internal unsafe partial struct DictionaryState<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>The header's.</summary>
    public ulong Token;

    /// <summary>The control bytes; those of <see cref="ControlGroup.None"/> if there is no block.</summary>
    public byte* Control;

    /// <summary>The entries.</summary>
    public DictionaryEntry<TKey, TValue>* Entries;

    /// <summary>The number of groups less 1.</summary>
    public int GroupMask;

    /// <summary>The number of entries that there is room for; 0 if there is no block.</summary>
    public int SlotCount;

    /// <summary>The entries in use.</summary>
    public int Count;

    /// <summary>The empty slots that may still be taken.</summary>
    public int GrowthLeft;

    /// <summary>Moves on whenever an entry comes or moves.</summary>
    public int Version;

    private const int SmallestTable = 4;

    // The last power of two that both the type of an index and a block can hold.
    private static int MaxSlots => (int)nuint.Min(1 << 30, BitOperations.RoundUpToPowerOf2((PageHeap.MaxObjectSize / (nuint)(sizeof(DictionaryEntry<TKey, TValue>) + 1)) + 1) >> 1);

    /// <summary>The most entries of a dictionary.</summary>
    public static int MaxCount => LimitOf(MaxSlots);

    /// <summary>The most entries without growing.</summary>
    public readonly int Limit => LimitOf(SlotCount);

    private static int Alignment => int.Max(ControlGroup.Slots, TypeLayout.NaturalAlignmentOf<DictionaryEntry<TKey, TValue>>());

    private CollectionHeader* Header => (CollectionHeader*)Unsafe.AsPointer(ref this);

    /// <summary>Makes a dictionary without entries.</summary>
    public static DictionaryState<TKey, TValue>* Create(Heap heap)
    {
        var state = (DictionaryState<TKey, TValue>*)CollectionRoutes.Open(heap);
        state->SetNoBlock();
        return state;
    }

    /// <summary>Allocates the first block of a dictionary that nobody knows yet. Ends it if there is no memory.</summary>
    /// <param name="capacity">The entries that there is to be room for: at most <see cref="MaxCount"/>.</param>
    public void Fill(int capacity)
    {
        if (capacity != 0)
        {
            int slots = SlotsFor(capacity);
            nuint bytes = BytesOf(slots);
            byte* block = (byte*)CollectionRoutes.AllocFirst(Header, AllocationRoutes.AlignedSpanClass(bytes, (nuint)Alignment), bytes, (nuint)Alignment, zeroed: false);
            if (block != null)
            {
                SetBlock(block, slots);
            }
        }
    }

    /// <summary>Makes room, as far as the dictionary is still there.</summary>
    /// <param name="capacity">For so many entries: at most <see cref="MaxCount"/>.</param>
    /// <returns>Whether there is room, or the dictionary has ended; if not, the system has no memory, and the dictionary is as it was.</returns>
    public bool TryReserve(int capacity)
    {
        ulong token = Token;
        while (Token == token && Count + GrowthLeft < capacity)
        {
            if (!TryRehash(SlotsFor(capacity)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Makes room for one entry more at least, by a block twice as large; or of the same size, without removed slots, where those are a quarter, so that many additions pay for it, or where more is not to be had.
    /// </summary>
    /// <returns>Whether there is room, or the dictionary has ended; if not, the system has no memory, and the dictionary is as it was.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGrow()
    {
        ulong token = Token;
        bool isWorn = SlotCount != 0 && (Count * 4L <= Limit * 3L || SlotCount == MaxSlots);
        return (!isWorn && TryRehash(int.Max(2 * SlotCount, SmallestTable))) || Token != token || (Count < Limit && TryRehash(SlotCount));
    }

    /// <summary>Gives back the memory of the room that the entries do not need.</summary>
    public void Trim()
    {
        if (Count == 0)
        {
            void* block = SlotCount == 0 ? null : Control;
            SetNoBlock();
            Version++;
            CollectionRoutes.Free(CollectionRoutes.SetOf(Header), block);
        }
        else if (SlotsFor(Count) < SlotCount)
        {
            // Refused, it stays as it is.
            _ = TryRehash(SlotsFor(Count));
        }
    }

    /// <summary>Removes all entries. The memory is kept.</summary>
    public void Clear()
    {
        Count = 0;
        if (SlotCount != 0)
        {
            SetBlock(Control, SlotCount);
        }
    }

    /// <summary>Ends the dictionary, and frees its block.</summary>
    public void Dispose()
    {
        CentralSet* set = CollectionRoutes.SetOf(Header);
        void* block = SlotCount == 0 ? null : Control;
        CollectionRoutes.Close(Header);
        CollectionRoutes.Free(set, block);
    }

    /// <summary>The error of a refused request for entries.</summary>
    public Exception OutOfMemory(int count) => CollectionRoutes.OutOfMemory(Header, BytesOf(SlotsFor(count)));

    private bool TryRehash(int slots)
    {
        ulong token = Token;
        byte* control = Control;
        byte* block = (byte*)CollectionRoutes.Alloc(Header, BytesOf(slots), (nuint)Alignment, zeroed: false);
        if (block == null)
        {
            return false;
        }

        void* unused = block;
        if (Token == token && Control == control && Count <= LimitOf(slots))
        {
            unused = SlotCount == 0 ? null : control;
            MoveTo(block, slots);
        }

        CollectionRoutes.Free(CollectionRoutes.SetOf(Header), unused);
        return true;
    }

    private void MoveTo(byte* block, int slots)
    {
        byte* control = Control;
        DictionaryEntry<TKey, TValue>* entries = Entries;
        int groups = SlotCount == 0 ? 0 : GroupMask + 1;
        SetBlock(block, slots);
        GrowthLeft -= Count;
        Version++;
        for (nint group = 0; group < groups; group++)
        {
            for (uint used = ControlGroup.Read(control + (group * ControlGroup.Slots)).Used; used != 0; used &= used - 1)
            {
                DictionaryEntry<TKey, TValue>* entry = entries + (group * ControlGroup.Slots) + BitOperations.TrailingZeroCount(used);
                ulong hash = Mix(default(NaturalEquality<TKey>).GetHashCode(entry->Key));
                nint slot = FindFree(hash);
                Control[slot] = TagOf(hash);
                Entries[slot] = *entry;
            }
        }
    }

    private void SetBlock(byte* block, int slots)
    {
        nuint controlBytes = ControlBytesOf(slots);
        Control = block;
        Entries = (DictionaryEntry<TKey, TValue>*)(block + EntriesOffset(slots));
        GroupMask = (int)(controlBytes / ControlGroup.Slots) - 1;
        SlotCount = slots;
        GrowthLeft = LimitOf(slots);
        NativeMemory.Fill(block, controlBytes, ControlGroup.Empty);
    }

    private void SetNoBlock()
    {
        Control = ControlGroup.None;
        Entries = null;
        GroupMask = 0;
        SlotCount = 0;
        GrowthLeft = 0;
    }

    private static int LimitOf(int slots) => slots < ControlGroup.Slots ? slots : slots / 8 * 7;

    // The fewest slots whose limit is the capacity or more.
    private static int SlotsFor(int capacity) => (int)BitOperations.RoundUpToPowerOf2(capacity <= ControlGroup.Slots / 2
        ? (uint)int.Max(capacity, SmallestTable)
        : (uint)((((ulong)(uint)capacity * 8) + 6) / 7));

    private static nuint ControlBytesOf(int slots) => (nuint)int.Max(slots, ControlGroup.Slots);

    private static nuint EntriesOffset(int slots) => (ControlBytesOf(slots) + (nuint)Alignment - 1) & ~((nuint)Alignment - 1);

    private static nuint BytesOf(int slots) => EntriesOffset(slots) + ((nuint)slots * (nuint)sizeof(DictionaryEntry<TKey, TValue>));
}
