using System;
using System.Collections.Generic;

using NativeHeap.Entities;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>The bitmap of a pool against a set of numbers.</summary>
public sealed unsafe class OccupancyBitsTests
{
    private static readonly int s_maxSlots = LongTests.Scale(2_000_000, 20_000_000);

    private readonly MetadataAllocator* _metadata = MetadataAllocator.Create();

    [Fact]
    public void Slots_are_handed_out_from_the_lowest_to_the_highest()
    {
        OccupancyBits bits = Create();
        for (int slot = 0; slot < s_maxSlots; slot++)
        {
            if (bits.LowestFree() != slot)
            {
                Assert.Fail($"Slot {slot} was to come, and {bits.LowestFree()} did.");
            }

            bits.Occupy(slot);
        }

        Assert.Equal(s_maxSlots, bits.LowestFree());
    }

    [Fact]
    public void A_freed_slot_is_the_next_if_it_is_the_lowest()
    {
        OccupancyBits bits = Create();
        for (int slot = 0; slot < s_maxSlots; slot++)
        {
            bits.Occupy(slot);
        }

        // At every level of the summaries: neighbours, other words, other words of words.
        foreach (int slot in (int[])[s_maxSlots - 1, 300_000, 262_144, 262_143, 4_097, 4_096, 4_095, 64, 63, 1, 0])
        {
            bits.Free(slot);
            Assert.False(bits.IsOccupied(slot));
            Assert.Equal(slot, bits.LowestFree());
        }

        foreach (int slot in (int[])[0, 1, 63, 64, 4_095, 4_096, 4_097, 262_143, 262_144, 300_000, s_maxSlots - 1])
        {
            Assert.Equal(slot, bits.LowestFree());
            bits.Occupy(slot);
            Assert.True(bits.IsOccupied(slot));
        }

        Assert.Equal(s_maxSlots, bits.LowestFree());
    }

    [Fact]
    public void Random_slots_agree_with_a_sorted_set()
    {
        OccupancyBits bits = Create();
        Random random = new(7);
        SortedSet<int> free = [];
        int end = 0;
        List<int> taken = [];
        for (int i = 0; i < LongTests.Scale(200_000, 5_000_000); i++)
        {
            if (taken.Count != 0 && random.Next(100) < 45)
            {
                int pick = random.Next(taken.Count);
                bits.Free(taken[pick]);
                Assert.True(free.Add(taken[pick]));
                taken[pick] = taken[^1];
                taken.RemoveAt(taken.Count - 1);
            }
            else
            {
                int expected = free.Count != 0 ? free.Min : end++;
                _ = free.Remove(expected);
                Assert.Equal(expected, bits.LowestFree());
                bits.Occupy(expected);
                taken.Add(expected);
            }
        }

        bits.FreeAll(end);
        Assert.Equal(0, bits.LowestFree());
        for (int slot = 0; slot < end; slot++)
        {
            Assert.False(bits.IsOccupied(slot));
        }
    }

    [Fact]
    public void What_a_number_of_slots_needs_suffices_for_it()
    {
        Random random = new(3);
        for (int i = 0; i < 100_000; i++)
        {
            nuint slots = i < 20_000 ? (nuint)i : (nuint)random.Next();
            nuint most = slots + (nuint)random.Next(1 << random.Next(1, 30));
            nuint suffices = OccupancyBits.SlotsOf(OccupancyBits.WordBytes(slots), OccupancyBits.SummaryBytes(slots, most), most);
            Assert.True(suffices >= slots && suffices < slots + 64, $"{slots}: {suffices}");
        }
    }

    private OccupancyBits Create()
    {
        OccupancyBits bits = default;
        nuint slots = (nuint)(uint)s_maxSlots;
        bits.Initialize((ulong*)_metadata->Alloc(OccupancyBits.WordBytes(slots)), (ulong*)_metadata->Alloc(OccupancyBits.SummaryBytes(slots, slots)), slots);
        return bits;
    }
}
