// Which slots of a pool are occupied, a bit each, and where the lowest one is that is not.
//
//     bit s of Words = 1  <=>  slot s is occupied
//     bit w of _full = 1  <=>  Words[w] is all ones;      bit f of _fullest = 1  <=>  _full[f] is all ones
//     Lowest = the first of Words that is not all ones
//
// So the next free slot is at hand nearly always; after the one that filled its word it is three words further, and a scan of _fullest, whose words stand for 262,144 slots each: a
// word or two for a million, at most 384 for 100 million.
//
// The words lie in regions of zeros, which are usable for one word more than slots need: "not full" needs no end. Iteration reads Words, 64 slots at a time.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeHeap.Entities;

/// <summary>A bitmap with summaries of what is full.</summary>
internal unsafe struct OccupancyBits
{
    private ulong* _full;
    private ulong* _fullest;

    /// <summary>A bit a slot.</summary>
    public ulong* Words;

    /// <summary>The first word that is not all ones.</summary>
    public int Lowest;

    /// <summary>The bytes of <see cref="Words"/> that a number of slots needs.</summary>
    public static nuint WordBytes(nuint slots) => (((slots + 63) / 64) + 1) * sizeof(ulong);

    /// <summary>The bytes of the summaries that a number of slots needs.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="maxSlots">The slots that there may come to be.</param>
    public static nuint SummaryBytes(nuint slots, nuint maxSlots) => (FullestWords(maxSlots) + ((slots + (64 * 64) - 1) / (64 * 64)) + 1) * sizeof(ulong);

    /// <summary>The slots that words and summaries of so many bytes suffice for.</summary>
    /// <param name="wordBytes">The bytes of the words.</param>
    /// <param name="summaryBytes">The bytes of the summaries.</param>
    /// <param name="maxSlots">The slots that there may come to be.</param>
    public static nuint SlotsOf(nuint wordBytes, nuint summaryBytes, nuint maxSlots) =>
        nuint.Min(((wordBytes / sizeof(ulong)) - 1) * 64, ((summaryBytes / sizeof(ulong)) - FullestWords(maxSlots) - 1) * (64 * 64));

    /// <summary>Sets up a bitmap of zeros.</summary>
    /// <param name="words">Where the words lie.</param>
    /// <param name="summaries">Where the summaries lie.</param>
    /// <param name="maxSlots">The slots that there may come to be.</param>
    public void Initialize(ulong* words, ulong* summaries, nuint maxSlots)
    {
        Words = words;
        _fullest = summaries;
        _full = summaries + FullestWords(maxSlots);
    }

    /// <summary>The lowest slot that is not occupied; it may be one after all that there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int LowestFree() => (Lowest * 64) + BitOperations.TrailingZeroCount(~Words[Lowest]);

    /// <summary>Whether a slot is occupied.</summary>
    public readonly bool IsOccupied(int slot) => ((Words[slot >> 6] >> slot) & 1) != 0;

    /// <summary>Occupies the slot that <see cref="LowestFree"/> returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Occupy(int slot)
    {
        ulong word = Words[slot >> 6] | (1UL << slot);
        Words[slot >> 6] = word;
        if (word == ulong.MaxValue)
        {
            Fill(slot >> 6);
        }
    }

    /// <summary>Frees an occupied slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(int slot)
    {
        int word = slot >> 6;
        if (Words[word] == ulong.MaxValue)
        {
            Unfill(word);
        }

        Words[word] &= ~(1UL << slot);
        Lowest = int.Min(Lowest, word);
    }

    /// <summary>Makes summaries, which are all zero, of words that are not.</summary>
    /// <param name="slots">How many there are.</param>
    public void Summarize(int slots)
    {
        for (int word = slots >> 6; word >= 0; word--)
        {
            if (Words[word] == ulong.MaxValue)
            {
                Mark(word);
            }
            else
            {
                Lowest = word;
            }
        }
    }

    /// <summary>Frees all slots.</summary>
    /// <param name="slots">How many there are.</param>
    public void FreeAll(int slots)
    {
        for (int word = 0; word <= slots >> 6; word++)
        {
            Words[word] = 0;
            _full[word >> 6] = 0;
            _fullest[word >> 12] = 0;
        }

        Lowest = 0;
    }

    private static nuint FullestWords(nuint slots) => ((slots + (64 * 64 * 64) - 1) / (64 * 64 * 64)) + 1;

    // The lowest word has become full: marks it, and finds the next.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fill(int word)
    {
        Mark(word);
        int full = word >> 6;
        if (_full[full] == ulong.MaxValue)
        {
            int fullest = full >> 6;
            while (_fullest[fullest] == ulong.MaxValue)
            {
                fullest++;
            }

            full = (fullest * 64) + BitOperations.TrailingZeroCount(~_fullest[fullest]);
        }

        Lowest = (full * 64) + BitOperations.TrailingZeroCount(~_full[full]);
    }

    private readonly void Mark(int word)
    {
        int full = word >> 6;
        _full[full] |= 1UL << word;
        if (_full[full] == ulong.MaxValue)
        {
            _fullest[full >> 6] |= 1UL << full;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Unfill(int word)
    {
        int full = word >> 6;
        _full[full] &= ~(1UL << word);
        _fullest[full >> 6] &= ~(1UL << full);
    }
}
