using System;
using System.Linq;

using OrderBook.Replay;

using Xunit;

namespace OrderBook.Tests.Replay;

public class LatencyHistogramTests
{
    [Fact]
    public void Buckets_cover_all_values_without_a_gap_and_stay_narrow()
    {
        long value = 0;
        for (int bucket = 0; LatencyHistogram.UpperEnd(bucket) < 1L << 39; bucket++)
        {
            long end = LatencyHistogram.UpperEnd(bucket);
            Assert.Equal(bucket, LatencyHistogram.BucketOf(value));
            Assert.Equal(bucket, LatencyHistogram.BucketOf(end));
            Assert.True(end - value <= value / 128);
            value = end + 1;
        }
    }

    [Fact]
    public void Percentiles_are_those_of_the_sorted_values_to_within_a_bucket()
    {
        Random random = new(11);
        using LatencyHistogram histogram = new();
        long[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20))];
        foreach (long value in values)
        {
            histogram.Record(value);
        }

        Array.Sort(values);
        foreach (double part in new[] { 0.0, 0.5, 0.99, 0.999, 1.0 })
        {
            long exact = values[Math.Max(0, (int)Math.Ceiling(part * values.Length) - 1)];
            Assert.InRange(histogram.Percentile(part), exact, exact + (exact / 128));
        }

        Assert.Equal(values[^1], histogram.Max);
        Assert.Equal(values.Length, histogram.Count);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(255, 255)]
    public void Small_values_are_exact_and_a_clock_that_went_back_counts_as_nothing(long value, long percentile)
    {
        using LatencyHistogram histogram = new();
        histogram.Record(value);

        Assert.Equal(percentile, histogram.Percentile(0.5));
    }

    [Fact]
    public void A_value_beyond_the_last_bucket_is_still_the_maximum()
    {
        using LatencyHistogram histogram = new();
        histogram.Record(long.MaxValue);

        Assert.Equal(long.MaxValue, histogram.Max);
        Assert.True(histogram.Percentile(1) > 1L << 39);
        histogram.Clear();
        Assert.Equal((0, 0), (histogram.Max, histogram.Percentile(0.5)));
    }
}
