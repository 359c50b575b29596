using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using CsCheck;

using NativeHeap.Buffers;
using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>A pool beside a list of what is rented: no two buffers share memory, contents stay, and the figures add up after every step.</summary>
public sealed class MemoryPoolModelTests
{
    private enum Step
    {
        Rent,
        Return,
        Trim,
        TrimIdle,
        ReturnElsewhere,
    }

    [Theory]
    [InlineData(BufferBacking.Native, null)]
    [InlineData(BufferBacking.PinnedObjectHeap, null)]
    [InlineData(BufferBacking.Native, 300_000L)]
    public void Any_steps_leave_what_is_rented_alone_and_add_up(BufferBacking backing, long? maximum)
    {
        Gen<(Step Step, int Length, int Pick)> step = Gen.Select(
            Gen.Frequency((10, Gen.Const(Step.Rent)), (10, Gen.Const(Step.Return)), (1, Gen.Const(Step.Trim)), (2, Gen.Const(Step.TrimIdle)), (2, Gen.Const(Step.ReturnElsewhere))),
            Gen.Frequency((8, Gen.Int[0, 5_000]), (2, Gen.Int[5_000, 100_000]), (1, Gen.Int[1_000_000, 1_100_000])),
            Gen.Int[0, 1_000_000]);
        step.Array[0, 150].Sample(steps => Run(steps, backing, maximum), iter: LongTests.Scale(60, 300), threads: 1);
    }

    private static void Run((Step Step, int Length, int Pick)[] steps, BufferBacking backing, long? maximum)
    {
        using Heap heap = new();
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Heap = heap, Backing = backing, MaximumBytes = maximum, IdleTime = Timeout.InfiniteTimeSpan });
        List<(NativeMemoryOwner Owner, byte Mark)> rented = [];
        byte mark = 0;
        foreach ((Step step, int length, int pick) in steps)
        {
            switch (step)
            {
                case Step.Rent:
                    long inUse = rented.Sum(each => (long)each.Owner.Capacity);
                    if (pool.TryRent(length, out NativeMemoryOwner? owner))
                    {
                        owner!.Span.Fill(++mark);
                        rented.Add((owner, mark));
                    }
                    else
                    {
                        Assert.True(length > BufferBuckets.MaxLength || inUse + BufferBuckets.LengthOf(BufferBuckets.Find(length)) > maximum);
                    }

                    break;
                case Step.Return when rented.Count > 0:
                    Return(rented, pick);
                    break;
                case Step.ReturnElsewhere when rented.Count > 0:
                    Thread thread = new(() => Return(rented, pick));
                    thread.Start();
                    thread.Join();
                    break;
                case Step.Trim:
                    _ = pool.Trim();
                    Assert.Equal(0, pool.GetStatistics().PooledBuffers);
                    break;
                case Step.TrimIdle:
                    pool.TrimIdle();
                    break;
                default:
                    break;
            }

            Check(pool, rented, maximum);
        }

        while (rented.Count > 0)
        {
            Return(rented, 0);
        }

        _ = pool.Trim();
        Check(pool, rented, maximum);
        Assert.Equal((0, 0), (pool.GetStatistics().TotalBytes, heap.GetStatistics().LiveObjects));
        TableChecks.AssertEquations();
    }

    private static void Return(List<(NativeMemoryOwner Owner, byte Mark)> rented, int pick)
    {
        (NativeMemoryOwner owner, byte mark) = rented[pick % rented.Count];
        Assert.True(owner.Span.IndexOfAnyExcept(mark) < 0);
        owner.Dispose();
        rented.RemoveAt(pick % rented.Count);
    }

    private static void Check(NativeMemoryPool pool, List<(NativeMemoryOwner Owner, byte Mark)> rented, long? maximum)
    {
        NativeMemoryPoolStatistics statistics = pool.GetStatistics();
        Assert.Equal((rented.Count, rented.Sum(each => (long)each.Owner.Capacity)), (statistics.RentedBuffers, statistics.RentedBytes));
        Assert.True(statistics.PooledBytes >= statistics.PooledBuffers * BufferBuckets.LengthOf(0) && (maximum == null || statistics.TotalBytes <= maximum));
    }
}
