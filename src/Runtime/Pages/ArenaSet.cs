// A set of arenas by number, from which the highest below a given one is found in a few steps however far apart they lie: a tree of bits.
//
//     level 0: bit a = 1  <=>  arena a is in the set          4 Mi bits, 512 KiB
//     level n: bit i = 1  <=>  word i of level n - 1 != 0     8 KiB, 128 bytes, and one word
//
// Of the words, only touched pages cost memory: one of 4 KiB for each 2 TiB of addresses in which arenas lie. Under the page heap's lock.

using System.Numerics;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>A set of arena numbers.</summary>
internal unsafe struct ArenaSet
{
    /// <summary>The answer when there is no such arena.</summary>
    public static readonly nuint None = nuint.MaxValue;

    private const int Levels = 4;
    private const int NumberBits = ArenaMap.AddressBits - HeapArena.SizeShift;

    private fixed ulong _levels[Levels];

    /// <summary>Obtains the words.</summary>
    /// <returns>Whether the system had the memory.</returns>
    public bool Initialize()
    {
        ulong* words = (ulong*)VirtualMemory.Alloc(ByteCount);
        for (int level = 0; level < Levels && words != null; level++)
        {
            _levels[level] = (ulong)words;
            words += WordCount(level);
        }

        return words != null;
    }

    /// <summary>Gives the words back.</summary>
    public void Release()
    {
        if (_levels[0] != 0)
        {
            _ = VirtualMemory.Free((void*)_levels[0], ByteCount);
            _levels[0] = 0;
        }
    }

    /// <summary>Puts an arena in.</summary>
    public readonly void Add(nuint number)
    {
        for (int level = 0; level < Levels; level++)
        {
            Level(level)[number >> 6] |= 1UL << (int)(number & 63);
            number >>= 6;
        }
    }

    /// <summary>Takes an arena out.</summary>
    public readonly void Remove(nuint number)
    {
        bool isEmpty = true;
        for (int level = 0; level < Levels && isEmpty; level++)
        {
            ulong* word = Level(level) + (number >> 6);
            *word &= ~(1UL << (int)(number & 63));
            isEmpty = *word == 0;
            number >>= 6;
        }
    }

    /// <summary>The highest arena of the set with a number below <paramref name="end"/>, or <see cref="None"/>.</summary>
    public readonly nuint HighestBelow(nuint end)
    {
        for (int level = 0; level < Levels; level++)
        {
            int bit = (int)(end & 63);
            end >>= 6;
            ulong below = bit == 0 ? 0 : Level(level)[end] & ((1UL << bit) - 1);
            if (below != 0)
            {
                return HighestIn(level, (end << 6) + (nuint)BitOperations.Log2(below));
            }
        }

        return None;
    }

    // The highest arena beneath a bit of a level that is set.
    private readonly nuint HighestIn(int level, nuint bit)
    {
        while (level > 0)
        {
            level--;
            bit = (bit << 6) + (nuint)BitOperations.Log2(Level(level)[bit]);
        }

        return bit;
    }

    private static nuint ByteCount
    {
        get
        {
            nuint words = 0;
            for (int level = 0; level < Levels; level++)
            {
                words += WordCount(level);
            }

            return words * sizeof(ulong);
        }
    }

    private static nuint WordCount(int level) => (nuint)1 << int.Max(0, NumberBits - ((level + 1) * 6));

    private readonly ulong* Level(int level) => (ulong*)_levels[level];
}
