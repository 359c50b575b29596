using System.Collections.Generic;
using System.Numerics;

using NativeHeap.Entities;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>What is true of every pool at any time.</summary>
internal static unsafe class PoolChecks
{
    /// <summary>Asserts the invariants of the pool's own structures.</summary>
    public static void AssertInvariants(PoolState* pool)
    {
        Assert.True(pool->Limit <= pool->SlotCount && pool->Limit <= pool->MaxCount + pool->Retired);
        int live = 0;
        int retired = 0;
        for (int slot = 0; slot < (int)pool->SlotCount; slot++)
        {
            uint generation = pool->Generations[slot];
            bool isLive = Generations.IsLive(generation);
            bool isRetired = pool->Bits.IsOccupied(slot) && !isLive;
            live += isLive ? 1 : 0;
            retired += isRetired ? 1 : 0;
            if ((isLive && !pool->Bits.IsOccupied(slot)) || (isRetired && generation != pool->Origin))
            {
                Assert.Fail($"Slot {slot} is at generation {generation}, and its bit is {pool->Bits.IsOccupied(slot)}.");
            }
        }

        Assert.Equal((pool->Count, pool->Retired), (live, retired));
        int lowest = 0;
        while (lowest < (int)pool->SlotCount && pool->Bits.IsOccupied(lowest))
        {
            lowest++;
        }

        Assert.Equal(lowest, pool->Bits.LowestFree());
        Assert.True(lowest <= pool->Limit);
        int words = 0;
        for (int word = 0; word <= (int)(pool->SlotCount >> 6); word++)
        {
            words += BitOperations.PopCount(pool->InUse(word));
        }

        Assert.Equal(pool->Count, words);
    }

    /// <summary>Asserts that the parts of a pool, for several numbers of them, have every element once, in order and evenly.</summary>
    public static void AssertPartitions<T>(NativePool<T> pool)
        where T : unmanaged
    {
        List<NativeHandle<T>> all = [];
        foreach (NativeEntry<T> entry in pool)
        {
            all.Add(entry.Handle);
        }

        foreach (int count in (int[])[1, 2, 3, 7, 16, 100, pool.Count + 5])
        {
            List<NativeHandle<T>> met = [];
            NativePoolPartitions<T> parts = pool.Partitions(count);
            NativePoolPartition<T>[] copies = new NativePoolPartition<T>[count];
            parts.CopyTo(copies);
            int index = 0;
            foreach (NativePoolPartition<T> part in parts)
            {
                Assert.InRange(part.Count, pool.Count / count, (pool.Count + count - 1) / count);
                int before = met.Count;
                foreach (NativeEntry<T> entry in part)
                {
                    met.Add(entry.Handle);
                }

                Assert.Equal(part.Count, met.Count - before);
                AssertSame(part, copies[index]);
                AssertSame(part, parts[index]);
                index++;
            }

            Assert.Equal(count, index);
            Assert.Equal(all, met);
        }
    }

    private static void AssertSame<T>(NativePoolPartition<T> left, NativePoolPartition<T> right)
        where T : unmanaged
    {
        NativePool<T>.Enumerator other = right.GetEnumerator();
        Assert.Equal(left.Count, right.Count);
        foreach (NativeEntry<T> entry in left)
        {
            Assert.True(other.MoveNext());
            Assert.Equal(entry.Handle, other.Current.Handle);
        }

        Assert.False(other.MoveNext());
    }
}
