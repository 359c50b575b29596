using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.AspNetCore.Tests;

/// <summary>Waits for what other threads are still about to do; how long it takes is not what a test is about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task IsTrueAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, "It has not come true.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Every buffer has been returned.</summary>
    public static async Task AllReturnedAsync(IReadOnlyCollection<NativeMemoryPool> pools)
    {
        long start = Stopwatch.GetTimestamp();
        while (pools.Any(pool => pool.GetStatistics().RentedBuffers != 0) && Stopwatch.GetElapsedTime(start) < s_patience)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.All(pools, pool => Assert.Equal(0, pool.GetStatistics().RentedBuffers));
        Assert.All(pools, pool => Assert.Equal(0, pool.GetStatistics().RentedBytes));
    }
}
