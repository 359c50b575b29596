// What is reported of repeated samples. Medians, because the machines are shared and a sample that was interrupted says nothing;
// the least and the greatest beside them, because a median alone hides how much it can be trusted.

using System;
using System.Collections.Generic;

namespace NativeHeap.Benchmarks.Measuring;

internal readonly record struct Summary(double Median, double Min, double Max)
{
    public static Summary Of(IReadOnlyCollection<double> samples)
    {
        double[] sorted = [.. samples];
        Array.Sort(sorted);
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(median, sorted[0], sorted[^1]);
    }

    /// <summary>The same of the samples less a constant.</summary>
    public Summary Less(double constant) => new(Median - constant, Min - constant, Max - constant);
}

internal static class Statistics
{
    public static double GeometricMean(IReadOnlyCollection<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += Math.Log(value);
        }

        return Math.Exp(sum / values.Count);
    }
}
