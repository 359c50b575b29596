using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>Messages between threads: each is freed exactly once, by whoever comes last, and the heap is as it was.</summary>
public sealed class MessageFanOutTests
{
    private static int Messages => LongTests.Scale(60_000, 600_000) / (Emulation.IsAny ? 10 : 1);

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    public void Each_consumer_reads_every_message_and_the_last_one_frees_it(bool shared, int consumers)
    {
        using Heap own = new();
        Heap heap = shared ? Heap.Shared : own;
        long live = heap.GetStatistics().LiveObjects;
        IRing<MessageBuffer>[] rings = [.. Enumerable.Range(0, consumers).Select(_ => Rings.Make<MessageBuffer>(Rings.Spsc, Heap.Shared, 256))];
        long freed = 0;
        Action feed = () => Feed(heap, rings);
        Rings.Together([feed, .. rings.Select(ring => (Action)(() => _ = Interlocked.Add(ref freed, Consume(ring))))]);
        foreach (IRing<MessageBuffer> ring in rings)
        {
            ring.Dispose();
        }

        Assert.Equal(Messages, freed);
        Assert.Equal(live, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void References_taken_and_given_back_by_all_threads_at_once_are_all_counted()
    {
        using Heap heap = new();
        int rounds = Messages / 100;
        MessageBuffer[] messages = new MessageBuffer[100];
        int freed = 0;
        foreach (ref MessageBuffer message in messages.AsSpan())
        {
            message = MessageBuffer.Rent(heap, 50);
            message.Retain(2);
        }

        Action act = () =>
        {
            // Each of the three has one reference to each message at any time, and more for a while.
            for (int i = 0; i < rounds; i++)
            {
                foreach (MessageBuffer message in messages)
                {
                    message.Retain(1 + (i & 3));
                }

                foreach (MessageBuffer message in messages)
                {
                    for (int n = 0; n <= (i & 3); n++)
                    {
                        Assert.False(message.Release());
                    }
                }
            }

            foreach (MessageBuffer message in messages)
            {
                _ = Interlocked.Add(ref freed, message.Release() ? 1 : 0);
            }
        };
        Rings.Together(act, act, act);
        Assert.Equal((messages.Length, 0L), (freed, heap.GetStatistics().LiveObjects));
        TableChecks.AssertEquations();
    }

    [Fact]
    public void Messages_of_many_producers_come_back_through_one_ring()
    {
        using Heap heap = new();
        using IRing<MessageBuffer> ring = Rings.Make<MessageBuffer>(Rings.Mpsc, heap, 64);
        long sum = 0;
        Action feed = () =>
        {
            for (int i = 1; i <= Messages / 3; i++)
            {
                MessageBuffer message = MessageBuffer.Rent(heap, sizeof(int));
                MemoryMarshal.Write(message.Span, i);
                Rings.Enqueue(ring, message);
            }
        };
        Rings.Together(feed, feed, feed, () =>
        {
            for (int i = 0; i < Messages / 3 * 3; i++)
            {
                using MessageBuffer message = Rings.Dequeue(ring);
                sum += MemoryMarshal.Read<int>(message.Span);
            }
        });
        long each = Messages / 3;
        Assert.Equal((3 * each * (each + 1) / 2, 1L), (sum, heap.GetStatistics().LiveObjects));
    }

    private static void Feed(Heap heap, IRing<MessageBuffer>[] rings)
    {
        for (int i = 0; i < Messages; i++)
        {
            // Lengths of several size classes, and now and then a large object.
            int length = i % 5_000 == 0 ? 50_000 : sizeof(int) + (i * 7 % 1_500);
            MessageBuffer message = MessageBuffer.Rent(heap, length);
            Span<byte> bytes = message.Span;
            bytes.Fill((byte)i);
            MemoryMarshal.Write(bytes, i);
            if (rings.Length > 1)
            {
                message.Retain(rings.Length - 1);
            }

            foreach (IRing<MessageBuffer> ring in rings)
            {
                Rings.Enqueue(ring, message);
            }
        }
    }

    private static long Consume(IRing<MessageBuffer> ring)
    {
        long freed = 0;
        for (int i = 0; i < Messages; i++)
        {
            MessageBuffer message = Rings.Dequeue(ring);
            ReadOnlySpan<byte> bytes = message.Span;
            Assert.Equal(i, MemoryMarshal.Read<int>(bytes));
            Assert.True(bytes[sizeof(int)..].IndexOfAnyExcept((byte)i) < 0);
            freed += message.Release() ? 1 : 0;
        }

        return freed;
    }
}
