using System;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Threads;

/// <summary>The distance and the pause between two samples of a thread.</summary>
public sealed class SampleCountdownTests
{
    private const int Pause = 40;

    [Fact]
    public void The_distances_are_exponential_with_a_mean_of_1()
    {
        const int Count = 100_000;
        SampleCountdown samples = default;
        Assert.False(samples.HasBegun);
        samples.Begin(seed: 5);
        Assert.True(samples.HasBegun);
        double sum = 0;
        int beyondOne = 0;
        for (int i = 0; i < Count; i++)
        {
            Assert.True(samples.Left > 0);
            sum += samples.Left;
            beyondOne += samples.Left > 1 ? 1 : 0;
            samples.Restart();
        }

        // Within five standard deviations; the seed makes it the same in each run.
        Assert.InRange(sum / Count, 0.984, 1.016);
        Assert.InRange(beyondOne / (double)Count, (1 / Math.E) - 0.008, (1 / Math.E) + 0.008);
    }

    [Fact]
    public void What_is_counted_is_taken_from_what_is_missing()
    {
        SampleCountdown samples = default;
        samples.Begin(seed: 5);
        double left = samples.Left;
        samples.Count(0.25);
        Assert.Equal(left - 0.25, samples.Left);
    }

    [Fact]
    public void The_first_sample_is_taken_at_once_and_the_next_when_the_thread_has_worked_for_so_long() =>
        ThreadTests.Run(() =>
        {
            SampleCountdown samples = default;
            samples.Begin(seed: 1);
            Assert.True(TryOften(ref samples));
            Work(Pause / 4);
            Assert.False(TryOften(ref samples));
            Work(Pause);
            Assert.True(TryOften(ref samples));
        });

    [Fact]
    public void Time_in_which_a_thread_does_nothing_does_not_count() =>
        ThreadTests.Run(() =>
        {
            SampleCountdown samples = default;
            samples.Begin(seed: 1);
            Assert.True(TryOften(ref samples));
            Thread.Sleep(2 * Pause);
            Assert.False(TryOften(ref samples));
        });

    [Fact]
    public void A_thread_that_takes_anothers_place_need_not_wait_for_it() =>
        ThreadTests.Run(() =>
        {
            SampleCountdown samples = default;
            samples.Begin(seed: 1);
            Work(3 * Pause);
            Assert.True(TryOften(ref samples));
            bool passes = false;
            Thread next = new(() => passes = TryOften(ref samples));
            next.Start();
            next.Join();
            Assert.True(passes);
        });

    // For more than a tick of the clock, before which the system is not asked again.
    private static bool TryOften(ref SampleCountdown samples)
    {
        int start = Environment.TickCount;
        do
        {
            if (samples.TryPass(Pause))
            {
                return true;
            }

            Thread.Sleep(1);
        }
        while (Environment.TickCount - start < 2);

        return samples.TryPass(Pause);
    }

    private static void Work(int milliseconds)
    {
        long end = CpuClock.ThreadTime + (milliseconds * 1_000_000L);
        while (CpuClock.ThreadTime < end)
        {
            Thread.SpinWait(100);
        }
    }
}
