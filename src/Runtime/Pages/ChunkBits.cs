// The free bits of one chunk of 512 pages (4 MiB), eight words, and what is asked of them: set a range, clear it, count it, sum it up, find a run.
// Bit 0 of word 0 is the page at the lowest address; a set bit is a free page. The ranges may be of any length, and of other bits that there are a page (HeapArena.cs).

using System.Numerics;

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Operations on the free bits of a chunk.</summary>
internal static unsafe class ChunkBits
{
    /// <summary>The pages of a chunk.</summary>
    public const int PageCount = 1 << PageCountShift;

    /// <summary>The binary logarithm of <see cref="PageCount"/>.</summary>
    public const int PageCountShift = 9;

    /// <summary>The words of a chunk's bits.</summary>
    public const int Words = PageCount / 64;

    /// <summary>The bytes of a chunk: 4 MiB, the step in which arenas are mapped.</summary>
    public const nuint ByteCount = (nuint)PageCount << SizeClass.PageShift;

    /// <summary>Sets or clears <paramref name="count"/> bits from <paramref name="first"/> on.</summary>
    public static void Fill(ulong* words, int first, int count, bool free)
    {
        while (count > 0)
        {
            int bit = first & 63;
            int inWord = int.Min(count, 64 - bit);
            ulong mask = MaskOf(bit, inWord);
            if (free)
            {
                words[first >> 6] |= mask;
            }
            else
            {
                words[first >> 6] &= ~mask;
            }

            first += inWord;
            count -= inWord;
        }
    }

    /// <summary>The first <paramref name="count"/> bits of a word: none if it is negative, all from 64 on.</summary>
    public static ulong Below(int count) => count <= 0 ? 0 : count >= 64 ? ulong.MaxValue : (1UL << count) - 1;

    private static ulong MaskOf(int bit, int count) => Below(count) << bit;

    /// <summary>Whether <paramref name="count"/> bits from <paramref name="first"/> on are all set.</summary>
    public static bool AreFree(ulong* words, int first, int count)
    {
        while (count > 0)
        {
            int bit = first & 63;
            int inWord = int.Min(count, 64 - bit);
            ulong mask = MaskOf(bit, inWord);
            if ((words[first >> 6] & mask) != mask)
            {
                return false;
            }

            first += inWord;
            count -= inWord;
        }

        return true;
    }

    /// <summary>The number of bits set among <paramref name="count"/> from <paramref name="first"/> on.</summary>
    public static int Count(ulong* words, int first, int count)
    {
        int set = 0;
        while (count > 0)
        {
            int bit = first & 63;
            int inWord = int.Min(count, 64 - bit);
            set += BitOperations.PopCount(words[first >> 6] & MaskOf(bit, inWord));
            first += inWord;
            count -= inWord;
        }

        return set;
    }

    /// <summary>The bits of a word that lie in aligned groups of <paramref name="length"/>, a power of two, all of whose bits are set.</summary>
    public static ulong WholeGroups(ulong word, int length)
    {
        for (int half = 1; half < length; half *= 2)
        {
            // A bit stands for all that follow it in twice the length.
            word &= word >> half;
        }

        // The first bit of each group, and from there the others.
        word &= ulong.MaxValue / ((1UL << length) - 1);
        for (int half = 1; half < length; half *= 2)
        {
            word |= word << half;
        }

        return word;
    }

    /// <summary>The run of set bits that ends with the highest one.</summary>
    /// <param name="words">The bits of a chunk, not all 0.</param>
    /// <param name="count">The run's length.</param>
    /// <returns>Its first bit.</returns>
    public static int FindHighestRun(ulong* words, out int count)
    {
        int i = Words - 1;
        while (words[i] == 0)
        {
            i--;
        }

        int end = (i * 64) + BitOperations.Log2(words[i]) + 1;
        int first = FirstOfRun(words, end);
        count = end - first;
        return first;
    }

    /// <summary>The first bit of the run of set bits that ends right before a bit: that bit itself if there is none.</summary>
    public static int FirstOfRun(ulong* words, int end)
    {
        int first = end;
        while (first > 0)
        {
            // The ones that go on downward from the bit before.
            int bit = (first - 1) & 63;
            int ones = int.Min(BitOperations.LeadingZeroCount(~(words[(first - 1) >> 6] << (63 - bit))), bit + 1);
            first -= ones;
            if (ones <= bit)
            {
                break;
            }
        }

        return first;
    }

    /// <summary>The lengths of the runs of free pages at the start, at most, and at the end.</summary>
    public static PageSummary Summarize(ulong* words)
    {
        int start = -1;
        int max = 0;
        int run = 0;
        for (int i = 0; i < Words; i++)
        {
            ulong word = words[i];
            if (word == ulong.MaxValue)
            {
                run += 64;
                continue;
            }

            // The run from earlier words ends here; then the longest inside; then the one that goes on into the next word.
            run += BitOperations.TrailingZeroCount(~word);
            start = start < 0 ? run : start;
            max = int.Max(max, run);
            if (BitOperations.PopCount(word) > max)
            {
                max = int.Max(max, LongestRun(word));
            }

            run = BitOperations.LeadingZeroCount(~word);
        }

        return new PageSummary((uint)(start < 0 ? run : start), (uint)int.Max(max, run), (uint)run);
    }

    /// <summary>The first of the lowest <paramref name="count"/> free pages in a row, or -1.</summary>
    public static int FindRun(ulong* words, int count)
    {
        int run = 0;
        for (int i = 0; i < Words; i++)
        {
            ulong word = words[i];
            int bit = 0;
            while (bit < 64)
            {
                ulong rest = word >> bit;
                if (rest == 0)
                {
                    run = 0;
                    break;
                }

                int gap = BitOperations.TrailingZeroCount(rest);
                if (gap != 0)
                {
                    run = 0;
                    bit += gap;
                    rest >>= gap;
                }

                // Zeros shifted in from above end the run at the word's end at the latest.
                int ones = int.Min(BitOperations.TrailingZeroCount(~rest), 64 - bit);
                if (run + ones >= count)
                {
                    return (i * 64) + bit - run;
                }

                run += ones;
                bit += ones;
            }
        }

        return -1;
    }

    // Doubles the length asked for while the word has such a run, then adds the halves that still fit: twelve steps at most.
    private static int LongestRun(ulong word)
    {
        // runs[k] has a bit where at least 2^k ones in a row end.
        ulong* runs = stackalloc ulong[7];
        int top = 0;
        runs[0] = word;
        while (top < 6 && (runs[top + 1] = runs[top] & (runs[top] << (1 << top))) != 0)
        {
            top++;
        }

        ulong ends = runs[top];
        int length = ends == 0 ? 0 : 1 << top;
        for (int k = top - 1; k >= 0 && length != 0; k--)
        {
            ulong longer = ends & (runs[k] << length);
            if (longer != 0)
            {
                ends = longer;
                length += 1 << k;
            }
        }

        return length;
    }
}
