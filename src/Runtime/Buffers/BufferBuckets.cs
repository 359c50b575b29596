// The sizes of buffers that a pool keeps: four to a doubling, as jemalloc spaces its size classes (its manual, "size classes"), so that no more than a fifth of a buffer over 256 bytes is beyond what was asked for.
//
//     bucket    0   1    2    3    4    5    6    7    8    9   ...  51
//     bytes    64  128  192  256  320  384  448  512  640  768  ...  1 MiB
//
// With x = size - 1 and p = log2(max(x, 256)):   bucket = 4 (p - 8) + x / 2^(p - 2)
//
// All are multiples of 64, a line of the cache: buffers that two threads write do not share one.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeHeap.Buffers;

/// <summary>Maps lengths to buckets and back.</summary>
internal static class BufferBuckets
{
    /// <summary>The number of buckets.</summary>
    public const int Count = 52;

    /// <summary>The longest buffer that is kept: 1 MiB. Longer ones go back to where they are from.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The alignment of native buffers, in bytes.</summary>
    public const int Alignment = 64;

    private const int FirstLog = 8;

    /// <summary>The bucket whose buffers are the shortest that are long enough.</summary>
    /// <param name="length">In bytes, from 1 to <see cref="MaxLength"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(int length)
    {
        uint last = (uint)(length - 1);
        int log = BitOperations.Log2(last | (1 << FirstLog));
        return ((log - FirstLog) << 2) + (int)(last >> (log - 2));
    }

    /// <summary>The length of a bucket's buffers.</summary>
    public static int LengthOf(int bucket)
    {
        int doubling = int.Max((bucket >> 2) - 1, 0);
        return (bucket - (doubling << 2) + 1) << (FirstLog - 2 + doubling);
    }

    /// <summary>The bucket for any length: 0 counts as 1, and what is too long for all is <see cref="Count"/>.</summary>
    public static int Find(int length) => length <= MaxLength ? IndexOf(int.Max(length, 1)) : Count;

    /// <summary>How many buffers of a bucket a magazine holds: some 256 KiB of them, but at most 32.</summary>
    public static int MagazineSize(int bucket) => int.Clamp((256 * 1024) / LengthOf(bucket), 1, 32);
}
