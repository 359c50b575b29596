using System;
using System.Threading;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>Waiting for a word to change. That no wake-up is lost is the lock's to show; see <see cref="HeapLockTests"/>.</summary>
public sealed unsafe class ParkingTests
{
    // For a failure to end: no outcome depends on it.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Waited at by threads of their own, so it does not move and is never given back.
    private readonly int* _word = (int*)MetadataAllocator.Create()->Alloc(64);

    [Fact]
    public void A_word_that_has_changed_is_not_waited_for()
    {
        *_word = 1;
        Parking.Wait(_word, 2);
        Assert.Equal(1, *_word);
    }

    [Fact]
    public void Waking_where_nobody_waits_is_nothing()
    {
        Parking.WakeOne(_word);
        Assert.Equal(0, *_word);
    }

    [Fact]
    public void Who_waits_goes_on_when_the_word_has_changed_and_it_is_woken()
    {
        nint address = (nint)_word;
        Thread waiting = new(() =>
        {
            int* word = (int*)address;
            while (Volatile.Read(ref *word) == 0)
            {
                Parking.Wait(word, 0);
            }
        });
        waiting.Start();
        Volatile.Write(ref *_word, 1);
        Parking.WakeOne(_word);
        Assert.True(waiting.Join(s_patience), "The thread waits for a word that has changed.");
    }

    [Fact]
    public void A_wait_with_a_limit_ends_though_nobody_wakes()
    {
        nint address = (nint)_word;
        Thread waiting = new(() =>
        {
            Parking.Wait((int*)address, 0, 0);
            Parking.Wait((int*)address, 0, 1);
            Parking.Wait((int*)address, 0, 20);
        });
        waiting.Start();
        Assert.True(waiting.Join(s_patience));
    }

    [Fact]
    public void Who_waits_with_a_limit_or_for_ever_is_woken()
    {
        nint address = (nint)_word;
        foreach (uint limit in new[] { 3_600_000u, Parking.Forever })
        {
            *_word = 0;
            Thread waiting = new(() =>
            {
                while (Volatile.Read(ref *(int*)address) == 0)
                {
                    Parking.Wait((int*)address, 0, limit);
                }
            });
            waiting.Start();
            Thread.Sleep(5);
            Volatile.Write(ref *_word, 1);
            Parking.WakeOne(_word);
            Assert.True(waiting.Join(s_patience), "The thread waits for a word that has changed.");
        }
    }

    [Fact]
    public void The_sleep_that_serves_where_there_is_nothing_better_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no usleep, and waits by WaitOnAddress.");
        Thread sleeping = new(Parking.Sleep);
        sleeping.Start();
        Assert.True(sleeping.Join(s_patience));
    }
}
