// Looking for a key, by itself or by something that stands for it, and taking or giving back a slot.
//
// A key goes into the first free slot on its way, and a lookup ends at the first group with an empty slot: no key is ever beyond one.

using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NativeHeap.Collections;

internal unsafe partial struct DictionaryState<TKey, TValue>
{
    // 2^64 / golden ratio, to an odd number (D. E. Knuth, "The art of computer programming", vol. 3, 6.4): multiples of it lie evenly in the circle of 64-bit numbers.
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;
    private const int TagShift = 57;
    private const int GroupShift = 32;

    /// <summary>The entry of a key; null if it has none.</summary>
    /// <param name="key">The key, or what stands for it.</param>
    /// <param name="comparer">Says what equals what.</param>
    /// <param name="hash">The key's hash, for <see cref="Take"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly DictionaryEntry<TKey, TValue>* Find<TLookup, TComparer>(TLookup key, TComparer comparer, out ulong hash)
        where TComparer : IAlternateEqualityComparer<TLookup, TKey>
        where TLookup : allows ref struct
    {
        hash = Mix(comparer.GetHashCode(key));
        Vector128<byte> tag = Vector128.Create(TagOf(hash));
        uint group = GroupOf(hash);
        for (uint step = 1; ; step++)
        {
            nint first = (nint)group * ControlGroup.Slots;
            ControlGroup control = ControlGroup.Read(Control + first);
            for (uint matches = control.Matches(tag); matches != 0; matches &= matches - 1)
            {
                DictionaryEntry<TKey, TValue>* entry = Entries + first + BitOperations.TrailingZeroCount(matches);
                if (comparer.Equals(key, entry->Key))
                {
                    return entry;
                }
            }

            if (control.HasEmpty)
            {
                return null;
            }

            group = (group + step) & (uint)GroupMask;
        }
    }

    /// <summary>Takes a slot for a key that has none.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <returns>The entry, whose memory is as it happens to be; null if the table has to grow first.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DictionaryEntry<TKey, TValue>* Take(ulong hash)
    {
        nint slot = FindFree(hash);
        int growth = Control[slot] == ControlGroup.Empty ? 1 : 0;
        if (GrowthLeft < growth)
        {
            return null;
        }

        GrowthLeft -= growth;
        Control[slot] = TagOf(hash);
        Count++;
        Version++;
        return Entries + slot;
    }

    /// <summary>Gives an entry's slot back.</summary>
    public void Remove(DictionaryEntry<TKey, TValue>* entry)
    {
        nint slot = (nint)(entry - Entries);
        bool endsLookups = ControlGroup.Read(Control + (slot & ~(nint)(ControlGroup.Slots - 1))).HasEmpty;
        Control[slot] = endsLookups ? ControlGroup.Empty : ControlGroup.Removed;
        GrowthLeft += endsLookups ? 1 : 0;
        Count--;
    }

    /// <summary>The first entry in use from a slot on.</summary>
    /// <param name="slot">The slot, from 0; moves to the one after the entry.</param>
    /// <returns>The entry, or null if there is none.</returns>
    public readonly DictionaryEntry<TKey, TValue>* Next(ref nint slot)
    {
        while (slot < SlotCount)
        {
            uint used = ControlGroup.Read(Control + (slot & ~(nint)(ControlGroup.Slots - 1))).Used >> ((int)slot & (ControlGroup.Slots - 1));
            if (used != 0)
            {
                slot += BitOperations.TrailingZeroCount(used);
                return Entries + slot++;
            }

            slot = (slot | (ControlGroup.Slots - 1)) + 1;
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly nint FindFree(ulong hash)
    {
        uint group = GroupOf(hash);
        for (uint step = 1; ; step++)
        {
            nint first = (nint)group * ControlGroup.Slots;
            uint free = ControlGroup.Read(Control + first).Free;
            if (free != 0)
            {
                return first + BitOperations.TrailingZeroCount(free);
            }

            group = (group + step) & (uint)GroupMask;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly uint GroupOf(ulong hash) => (uint)(hash >> GroupShift) & (uint)GroupMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte TagOf(ulong hash) => (byte)(hash >> TagShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(int hash) => (uint)hash * GoldenRatio;
}
