// Counts of latencies by size, with a bounded relative error and no allocation while recording.
//
// Up to 2 * 128 ticks each value has a bucket of its own; above, each doubling is cut into 128 equal buckets. So a bucket is less than
// 1/128 = 0.8 % wide, and a percentile, for which the upper end of its bucket is given, is at most that much too high. The largest
// value is kept exactly. Values beyond the last bucket (2^40 ticks, minutes) are counted in it.
//
//     sum of all buckets = Count
//
// The buckets lie on the native heap, to keep the histogram out of the garbage collector's sight in either run.

using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OrderBook.Replay;

internal sealed unsafe class LatencyHistogram : IDisposable
{
    private const int SubBucketBits = 7;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int MaxBits = 40;
    private const int BucketCount = (MaxBits - SubBucketBits + 1) * SubBuckets;

    private long* _buckets = (long*)NativeMemory.AllocZeroed(BucketCount, sizeof(long));

    ~LatencyHistogram() => Dispose();

    public long Count { get; private set; }

    public long Max { get; private set; }

    public void Record(long ticks)
    {
        _buckets[BucketOf(ticks)]++;
        Count++;
        if (ticks > Max)
        {
            Max = ticks;
        }
    }

    /// <summary>The least recorded size that the given part of all values does not exceed.</summary>
    /// <param name="part">From 0 to 1.</param>
    public long Percentile(double part)
    {
        long rank = Math.Clamp((long)Math.Ceiling(part * Count), 1, Math.Max(1, Count));
        long seen = 0;
        for (int i = 0; i < BucketCount; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
            {
                return Math.Min(UpperEnd(i), Max);
            }
        }

        return Max;
    }

    public void Clear()
    {
        NativeMemory.Clear(_buckets, BucketCount * sizeof(long));
        Count = 0;
        Max = 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_buckets);
        _buckets = null;
        GC.SuppressFinalize(this);
    }

    internal static int BucketOf(long ticks)
    {
        ulong value = (ulong)Math.Clamp(ticks, 0, (1L << MaxBits) - 1);
        int shift = Math.Max(0, BitOperations.Log2(value | 1) - SubBucketBits);
        return (shift << SubBucketBits) + (int)(value >> shift);
    }

    internal static long UpperEnd(int bucket)
    {
        int shift = Math.Max(0, (bucket >> SubBucketBits) - 1);
        long top = bucket - ((long)shift << SubBucketBits);
        return ((top + 1) << shift) - 1;
    }
}
