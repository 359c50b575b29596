using System;

using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>Values that are written and read where they lie.</summary>
public sealed class SpscRingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue - 20)]
    public void Claimed_places_are_published_and_peeked_values_consumed_up_to_where_the_memory_ends(long start)
    {
        using Heap heap = new();
        using NativeSpscRing<int> ring = new(heap, 8, start);
        int place = (int)(start & 7);
        int next = 0;
        int expected = 0;
        for (int turn = 0; turn < 50; turn++)
        {
            int wanted = turn % 11;
            Span<int> places = ring.Claim(wanted);
            Assert.Equal(int.Min(wanted, 8 - place), places.Length);
            for (int i = 0; i < places.Length; i++)
            {
                places[i] = next + i;
            }

            // Not all of them have to be passed on.
            int count = places.Length - (turn % 3 == 0 && !places.IsEmpty ? 1 : 0);
            ring.Publish(count);
            next += count;
            place = (place + count) & 7;
            Assert.Equal(count, ring.Count);
            Span<int> values = ring.Peek(20);
            Assert.Equal((count, count), (values.Length, ring.Count));
            foreach (int value in values)
            {
                Assert.Equal(expected++, value);
            }

            ring.Consume(values.Length);
            Assert.True(ring.IsEmpty);
        }
    }

    [Fact]
    public void What_is_claimed_is_not_there_until_it_is_published_and_what_is_peeked_at_stays()
    {
        using Heap heap = new();
        using NativeSpscRing<long> ring = new(heap, 4);
        ring.Claim(4)[0] = 5;
        Assert.False(ring.TryDequeue(out _));
        Assert.Equal((0, 0), (ring.Peek(1).Length, ring.Count));
        ring.Publish(1);
        ring.Peek(1)[0]++;
        Assert.Equal(6, ring.Peek(4)[0]);
        Assert.True(ring.TryDequeue(out long value));
        Assert.Equal((6L, 0), (value, ring.Peek(4).Length));
        Assert.True(ring.Enqueue([1, 2, 3, 4]) == 4 && ring.Claim(1).IsEmpty);
        Assert.Equal(3, ring.Peek(4).Length);
        ring.Consume(3);
        Assert.Equal([4], ring.Peek(4).ToArray());
    }

    [Fact]
    public void More_than_was_claimed_or_peeked_at_is_refused()
    {
        using Heap heap = new();
        using NativeSpscRing<long> ring = new(heap, 4);
        NativeSpscRing<long> same = ring;
        Assert.Equal(2, ring.Enqueue([1, 2]));
        Assert.Contains("2 free places", Assert.Throws<ArgumentOutOfRangeException>(() => same.Publish(3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Publish(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Publish(int.MinValue));
        Assert.Contains("0 values", Assert.Throws<ArgumentOutOfRangeException>(() => same.Consume(1)).Message, StringComparison.Ordinal);
        _ = ring.Peek(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Consume(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => same.Consume(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = same.Claim(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = same.Peek(-1); });
        Assert.Equal(2, ring.Count);
        ring.Consume(2);
        ring.Publish(0);
        ring.Consume(0);
        Assert.True(ring.IsEmpty);
    }

    [Fact]
    public void Use_after_disposal_is_an_error()
    {
        NativeSpscRing<long> ring = new(4);
        ring.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = ring.Claim(1); });
        Assert.Throws<ObjectDisposedException>(() => ring.Publish(0));
        Assert.Throws<ObjectDisposedException>(() => { _ = ring.Peek(1); });
        Assert.Throws<ObjectDisposedException>(() => ring.Consume(0));
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using Heap heap = new();
        using NativeSpscRing<Guid> ring = new(heap, 16);
        TableChecks.AssertNoGarbage(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                ring.Publish(ring.Claim(i % 5).Length);
                ring.Consume(ring.Peek(5).Length);
            }
        });
    }
}
