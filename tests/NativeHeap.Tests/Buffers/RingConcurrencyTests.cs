using System;
using System.Linq;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>Rings between threads: nothing is lost or comes twice, and each producer's values come in its order.</summary>
public sealed class RingConcurrencyTests
{
    private static int Values => LongTests.Scale(60_000, 600_000) / (Emulation.IsAny ? 10 : 1);

    [Theory]
    [InlineData(Rings.Spsc, 1, 1, 1)]
    [InlineData(Rings.Spsc, 1, 64, 1)]
    [InlineData(Rings.Spsc, 1, 64, 7)]
    [InlineData(Rings.Spsc, 1, 16, 40)]
    [InlineData(Rings.Mpsc, 1, 2, 1)]
    [InlineData(Rings.Mpsc, 1, 64, 7)]
    [InlineData(Rings.Mpsc, 3, 2, 1)]
    [InlineData(Rings.Mpsc, 3, 64, 1)]
    [InlineData(Rings.Mpsc, 3, 64, 7)]
    [InlineData(Rings.Mpsc, 3, 16, 40)]
    public void Values_arrive_once_and_each_producers_in_order(string kind, int producers, int capacity, int batch)
    {
        using Heap heap = new();

        // So that positions pass the end of their numbers on the way.
        using IRing<Stamp> ring = Rings.Make<Stamp>(kind, heap, capacity, long.MaxValue - 1_000);
        long[] next = new long[producers];
        Action consume = () => Consume(ring, next, batch, (long)producers * Values);
        Rings.Together([consume, .. Enumerable.Range(0, producers).Select(producer => (Action)(() => Produce(ring, producer, batch)))]);
        Assert.All(next, count => Assert.Equal(Values, count));
        Assert.True(ring.IsEmpty);
    }

    [Fact]
    public void Values_written_in_place_arrive_whole()
    {
        using Heap heap = new();
        using NativeSpscRing<Stamp> ring = new(heap, 32, long.MaxValue - 1_000);
        Rings.Together(
            () =>
            {
                SpinWait wait = default;
                for (int sent = 0; sent < Values;)
                {
                    Span<Stamp> places = ring.Claim(int.Min(5, Values - sent));
                    for (int i = 0; i < places.Length; i++)
                    {
                        places[i] = Stamp.Of(0, sent + i);
                    }

                    ring.Publish(places.Length);
                    sent += places.Length;
                    Wait(ref wait, places.Length);
                }
            },
            () =>
            {
                SpinWait wait = default;
                for (int got = 0; got < Values;)
                {
                    Span<Stamp> values = ring.Peek(9);
                    foreach (Stamp value in values)
                    {
                        Assert.Equal(Stamp.Of(0, got++), value);
                    }

                    ring.Consume(values.Length);
                    Wait(ref wait, values.Length);
                }
            });
        Assert.True(ring.IsEmpty);
    }

    [Theory]
    [InlineData(Rings.Spsc)]
    [InlineData(Rings.Mpsc)]
    public void Whoever_looks_from_outside_sees_a_count_that_there_can_be(string kind)
    {
        using Heap heap = new();
        using IRing<long> ring = Rings.Make<long>(kind, heap, 8);
        bool ended = false;
        Rings.Together(
            () =>
            {
                for (int i = 0; i < Values; i++)
                {
                    Rings.Enqueue(ring, i);
                }
            },
            () =>
            {
                for (int i = 0; i < Values; i++)
                {
                    Assert.Equal(i, Rings.Dequeue(ring));
                }

                Volatile.Write(ref ended, true);
            },
            () =>
            {
                while (!Volatile.Read(ref ended))
                {
                    Assert.InRange(ring.Count, 0, 8);
                    _ = Thread.Yield();
                }
            });
    }

    private static void Produce(IRing<Stamp> ring, int producer, int batch)
    {
        SpinWait wait = default;
        Stamp[] values = new Stamp[batch];
        for (int sent = 0; sent < Values;)
        {
            int count = int.Min(batch, Values - sent);
            for (int i = 0; i < count; i++)
            {
                values[i] = Stamp.Of(producer, sent + i);
            }

            int added = batch == 1 ? (ring.TryEnqueue(in values[0]) ? 1 : 0) : ring.Enqueue(values.AsSpan(0, count));
            sent += added;
            Wait(ref wait, added);
        }
    }

    private static void Consume(IRing<Stamp> ring, long[] next, int batch, long total)
    {
        SpinWait wait = default;
        Stamp[] values = new Stamp[batch];
        while (total > 0)
        {
            int count = batch == 1 ? (ring.TryDequeue(out values[0]) ? 1 : 0) : ring.Dequeue(values);
            foreach (Stamp value in values.AsSpan(0, count))
            {
                Assert.Equal(Stamp.Of(value.Producer, next[value.Producer]++), value);
            }

            total -= count;
            Wait(ref wait, count);
        }
    }

    private static void Wait(ref SpinWait wait, int done)
    {
        if (done == 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
        else
        {
            wait.Reset();
        }
    }

    // Of several words, so that half of one shows.
    private readonly record struct Stamp(int Producer, long Number, Guid Wide, long Check)
    {
        public static Stamp Of(int producer, long number) => new(producer, number, new Guid((int)number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), ~number);
    }
}
