using System;
using System.Threading;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>A thread that sleeps until there is work, and those who make it.</summary>
public sealed unsafe class DoorbellTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Never given back, as a thread may wait at it.
    private readonly Doorbell* _bell = MetadataAllocator.Create()->Alloc<Doorbell>();

    [Fact]
    public void A_ring_while_awake_is_nothing()
    {
        _bell->Ring();
        Assert.False(_bell->IsAsleep);
        _bell->Pause(1);
    }

    [Fact]
    public void A_ring_after_the_announcement_ends_the_sleep_before_it_begins()
    {
        _bell->Announce();
        Assert.True(_bell->IsAsleep);
        _bell->Ring();
        Assert.False(_bell->IsAsleep);
        _bell->Sleep();
    }

    [Fact]
    public void Who_finds_work_after_the_announcement_stays_awake()
    {
        _bell->Announce();
        _bell->StayAwake();
        Assert.False(_bell->IsAsleep);
        _bell->Sleep();
    }

    [Fact]
    public void No_work_is_left_lying_while_the_thread_sleeps()
    {
        const int Makers = 2;
        int rounds = LongTests.Scale(5_000, 300_000);
        nint address = (nint)_bell;
        int made = 0;
        int done = 0;
        Thread worker = new(() =>
        {
            var bell = (Doorbell*)address;
            while (done < Makers * rounds)
            {
                done += Interlocked.Exchange(ref made, 0);
                bell->Announce();
                if (Volatile.Read(ref made) != 0 || done == Makers * rounds)
                {
                    bell->StayAwake();
                }
                else
                {
                    bell->Sleep();
                }
            }
        });
        Thread[] makers = new Thread[Makers];
        for (int i = 0; i < Makers; i++)
        {
            makers[i] = new Thread(() =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    _ = Interlocked.Increment(ref made);
                    ((Doorbell*)address)->Ring();
                }
            });
        }

        worker.Start();
        foreach (Thread maker in makers)
        {
            maker.Start();
        }

        Assert.True(worker.Join(s_patience), "The thread sleeps though there is work.");
    }
}
