using System;
using System.Threading;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>Processor time of a thread and of the process.</summary>
public sealed class CpuClockTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_thread_that_works_takes_processor_time_and_the_process_as_much()
    {
        // Windows counts in ticks of 15.6 ms.
        const long Enough = 50_000_000;
        CpuTimes before = CpuClock.Read();
        CpuTimes after;
        double sum = 0;
        do
        {
            for (int i = 1; i < 100_000; i++)
            {
                sum += 1.0 / i;
            }

            after = CpuClock.Read();
        }
        while (after.Thread - before.Thread < Enough && after.Wall - before.Wall < s_patience.Ticks * 100);
        Assert.True(sum > 0);
        Assert.InRange(after.Thread - before.Thread, Enough, long.MaxValue);
        Assert.InRange(after.Process - before.Process, Enough / 2, long.MaxValue);
        Assert.InRange(after.Wall - before.Wall, Enough / 2, long.MaxValue);
    }

    [Fact]
    public void A_thread_that_waits_takes_none_of_what_another_does()
    {
        CpuTimes before = CpuClock.Read();
        Thread other = new(() =>
        {
            CpuTimes start = CpuClock.Read();
            CpuTimes now;
            do
            {
                now = CpuClock.Read();
            }
            while (now.Thread - start.Thread < 100_000_000 && now.Wall - start.Wall < s_patience.Ticks * 100);
        });
        other.Start();
        other.Join();
        CpuTimes after = CpuClock.Read();
        Assert.InRange(after.Thread - before.Thread, 0, 50_000_000);
        Assert.InRange(after.Process - before.Process, 50_000_000, long.MaxValue);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        _ = CpuClock.Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = CpuClock.Read();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
