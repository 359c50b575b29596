using System.Linq;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>A limit, and what is charged to it.</summary>
public sealed class MemoryQuotaTests
{
    private MemoryQuota _quota;

    public MemoryQuotaTests() => _quota.Reset(RefusedBy.HeapMaximum);

    [Fact]
    public void Without_a_limit_everything_is_granted()
    {
        Assert.True(_quota.TryCharge((nuint)1 << 47));
        Assert.True(_quota.TryCharge((nuint)1 << 47));
        Assert.Equal(1L << 48, _quota.Used);
    }

    [Fact]
    public void A_limit_is_reached_to_the_byte_and_not_passed()
    {
        _quota.Maximum = 1_000;
        Assert.True(_quota.TryCharge(999));
        Assert.False(_quota.TryCharge(2));
        Assert.Equal(999, _quota.Used);
        Assert.True(_quota.TryCharge(1));
        Assert.False(_quota.TryCharge(1));
        Assert.True(_quota.TryCharge(0));
        Assert.Equal(1_000, _quota.Used);
    }

    [Fact]
    public void Charges_of_several_threads_are_all_counted()
    {
        Thread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                for (int i = 0; i < 100_000; i++)
                {
                    Assert.True(_quota.TryCharge(3));
                    _quota.Uncharge(2);
                }
            })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(400_000, _quota.Used);
    }

    [Fact]
    public void What_has_fallen_to_the_soft_limit_again_is_not_told()
    {
        _quota.SoftLimit = 100;
        Assert.True(_quota.TryCharge(101));
        Assert.True(_quota.IsRising);
        _quota.Uncharge(1);
        Assert.False(_quota.TakeTelling(isRefused: false));
        Assert.True(_quota.TryCharge(1));
        Assert.True(_quota.TakeTelling(isRefused: false));
    }

    [Fact]
    public void A_refusal_names_the_limit()
    {
        _quota.Maximum = 10;
        Refusal.Last = RefusedBy.System;
        Assert.True(_quota.TryCharge(10));
        Assert.Equal(RefusedBy.System, Refusal.Last);
        Assert.False(_quota.TryCharge(1));
        Assert.Equal(RefusedBy.HeapMaximum, Refusal.Last);
        SystemFailure.Clear();
        Assert.Equal(RefusedBy.System, Refusal.Last);
    }

    [Fact]
    public void Lowered_below_what_is_in_use_it_grants_nothing_until_enough_is_given_back()
    {
        Assert.True(_quota.TryCharge(500));
        _quota.Maximum = 200;
        Assert.False(_quota.TryCharge(1));
        _quota.Uncharge(299);
        Assert.False(_quota.TryCharge(1));
        _quota.Uncharge(2);
        Assert.True(_quota.TryCharge(1));
        Assert.Equal(200, _quota.Used);
    }

    [Fact]
    public void The_peak_is_the_most_that_was_held_and_not_what_was_only_asked_for()
    {
        Assert.True(_quota.TryCharge(100));
        Assert.True(_quota.TryCharge(900));
        _quota.Cancel(900);
        Assert.Equal(100, _quota.Peak);
        Assert.True(_quota.TryCharge(50));
        _quota.Uncharge(120);
        Assert.Equal(150, _quota.Peak);
        Assert.True(_quota.TryCharge(10));
        _quota.Uncharge(40);
        Assert.Equal((150L, 0L), (_quota.Peak, _quota.Used));
    }

    // Each step: what is charged (or given back, if negative), and whether there is something to tell after it.
    [Theory]
    [InlineData("once when it is passed", new[] { 999, 1, 1, 500 }, "..!.")]
    [InlineData("not again while it wavers around the limit", new[] { 1_001, -60, 60, -1, 500 }, "!....")]
    [InlineData("again after it fell below 15/16", new[] { 1_001, -63, 63, -64, 64, 1, -1_000, 1_000 }, "!...!..!")]
    [InlineData("when a request would have passed the maximum", new[] { 500, 1_600, 1, -1, 1_600 }, ".!..!")]
    [InlineData("not when it is over before anybody is told", new[] { 1_001, -500, 500 }, "x.!", false)]
    public void What_is_told(string when, int[] steps, string expected, bool tellAtOnce = true)
    {
        Assert.NotNull(when);
        _quota.SoftLimit = 1_000;
        _quota.Maximum = 2_000;
        for (int i = 0; i < steps.Length; i++)
        {
            bool granted = true;
            if (steps[i] < 0)
            {
                _quota.Uncharge((nuint)(-steps[i]));
            }
            else
            {
                granted = _quota.TryCharge((nuint)steps[i]);
            }

            bool isTold = (tellAtOnce || i > 0) && _quota.TakeTelling(isRefused: !granted);
            Assert.True(isTold == (expected[i] == '!'), $"step {i}");
            Assert.False(tellAtOnce && _quota.IsRising);
        }
    }

    [Fact]
    public void Without_a_soft_limit_the_maximum_is_what_is_told()
    {
        _quota.Maximum = 100;
        Assert.True(_quota.TryCharge(100));
        Assert.False(_quota.IsRising);
        Assert.False(_quota.TryCharge(1));
        Assert.True(_quota.IsRising);
        Assert.True(_quota.TakeTelling(isRefused: true));
        Assert.False(_quota.TakeTelling(isRefused: true));
    }

    [Fact]
    public void Many_threads_together_never_pass_it()
    {
        const int Each = 7;
        const int Rounds = 50_000;
        _quota.Maximum = 4 * Each;
        int granted = 0;
        long most = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(0, 6).Select(_ => new Thread(() =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    if (_quota.TryCharge(Each))
                    {
                        // Of those that hold a charge at one time, each counts the others.
                        long used = _quota.Used;
                        if (used > Volatile.Read(ref most))
                        {
                            Volatile.Write(ref most, used);
                        }

                        granted++;
                        _quota.Uncharge(Each);
                    }
                }
            })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.True(granted > 0);
        Assert.InRange(most, Each, 4 * Each);
        Assert.InRange(_quota.Peak, Each, 4 * Each);
        Assert.Equal(0, _quota.Used);
    }
}
