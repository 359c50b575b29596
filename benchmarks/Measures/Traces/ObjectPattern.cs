// What a verified replay writes into an object: words that say whose they are and where they belong.
//
// Each allocation has a number of its own, and each word of the object is made of that number and its place. So a word that any other object's owner
// has written is found, wherever it was written from, and a copy that is shifted within the object as well.

using System.Runtime.CompilerServices;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static unsafe class ObjectPattern
{
    // Odd, without short patterns of bits: words of different objects or places differ in most bytes.
    private const ulong OwnerStep = 0x9E37_79B9_7F4A_7C15;
    private const ulong PlaceStep = 0xC2B2_AE3D_27D4_EB4F;

    public static void Fill(byte* block, uint size, long owner)
    {
        ulong word = FirstWord(owner);
        uint i = 0;
        for (; size - i >= sizeof(ulong); i += sizeof(ulong))
        {
            Unsafe.WriteUnaligned(block + i, word);
            word += PlaceStep;
        }

        for (; i < size; i++)
        {
            block[i] = (byte)word;
            word >>= 8;
        }
    }

    /// <summary>The first offset in whose word the content is not the owner's; -1 if all is.</summary>
    public static long FindForeign(byte* block, uint size, long owner)
    {
        ulong word = FirstWord(owner);
        uint i = 0;
        for (; size - i >= sizeof(ulong); i += sizeof(ulong))
        {
            if (Unsafe.ReadUnaligned<ulong>(block + i) != word)
            {
                return i;
            }

            word += PlaceStep;
        }

        for (; i < size; i++)
        {
            if (block[i] != (byte)word)
            {
                return i;
            }

            word >>= 8;
        }

        return -1;
    }

    /// <summary>The offset of the first byte that is not zero; -1 if all are.</summary>
    public static long FindNonZero(byte* block, uint size)
    {
        for (uint i = 0; i < size; i++)
        {
            if (size - i >= sizeof(ulong) && Unsafe.ReadUnaligned<ulong>(block + i) == 0)
            {
                i += sizeof(ulong) - 1;
            }
            else if (block[i] != 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static ulong FirstWord(long owner) => ((ulong)owner + 1) * OwnerStep;
}
