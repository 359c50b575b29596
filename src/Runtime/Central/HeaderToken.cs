// The word that stands for a container outside of it: its header's address and how many containers the header has served.
//
//     token = address * 2^16 + generation          address < 2^48,   1 <= generation < 2^16
//
// No word ever comes again: a header whose generations are used up serves no more, which loses its bytes once in 65,535 containers. 0 is no container's word.

using System.Runtime.CompilerServices;

namespace NativeHeap.Central;

/// <summary>Makes and reads the words of containers.</summary>
internal static unsafe class HeaderToken
{
    /// <summary>The last generation of a header.</summary>
    public const int MaxGeneration = ushort.MaxValue;

    private const int GenerationBits = 16;

    /// <summary>The word of a header's container.</summary>
    /// <param name="header">The header.</param>
    /// <param name="generation">From 1 to <see cref="MaxGeneration"/>.</param>
    public static ulong Make(void* header, int generation) => ((ulong)header << GenerationBits) | (uint)generation;

    /// <summary>The header of a word that is not 0, which its current word is the first of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* HeaderOf(ulong token) => (void*)(token >> GenerationBits);
}
