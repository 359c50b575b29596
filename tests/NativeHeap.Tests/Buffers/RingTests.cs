using System;
using System.Linq;
using System.Runtime.CompilerServices;

using NativeHeap.Buffers;
using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>Both rings on one thread: borders, batches, errors.</summary>
public sealed unsafe class RingTests
{
    public static TheoryData<string> Kinds => Rings.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_ring_has_room_for_the_next_power_of_two(string kind)
    {
        using Heap heap = new();
        foreach ((int asked, int capacity) in ((int, int)[])[(1, kind == Rings.Spsc ? 1 : 2), (2, 2), (3, 4), (1_000, 1_024), (1_024, 1_024)])
        {
            using IRing<int> ring = Rings.Make<int>(kind, heap, asked);
            Assert.Equal((capacity, 0, true), (ring.Capacity, ring.Count, ring.IsEmpty));
            Assert.Equal(1, heap.GetStatistics().LiveObjects);
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    // From 0, and over the ends of the numbers that positions are.
    [Theory]
    [InlineData(Rings.Spsc, 1, 0)]
    [InlineData(Rings.Spsc, 8, 0)]
    [InlineData(Rings.Spsc, 4, long.MaxValue - 3)]
    [InlineData(Rings.Spsc, 4, -6)]
    [InlineData(Rings.Spsc, 8, int.MaxValue - 3L)]
    [InlineData(Rings.Spsc, 8, uint.MaxValue - 3L)]
    [InlineData(Rings.Mpsc, 1, 0)]
    [InlineData(Rings.Mpsc, 8, 0)]
    [InlineData(Rings.Mpsc, 2, long.MaxValue - 3)]
    [InlineData(Rings.Mpsc, 4, long.MaxValue - 6)]
    [InlineData(Rings.Mpsc, 4, -6)]
    [InlineData(Rings.Mpsc, 8, int.MaxValue - 3L)]
    [InlineData(Rings.Mpsc, 8, uint.MaxValue - 3L)]
    public void What_goes_in_comes_out_in_order_between_full_and_empty(string kind, int capacity, long start)
    {
        using Heap heap = new();
        using IRing<long> ring = Rings.Make<long>(kind, heap, capacity, start);
        long next = 1;
        long expected = 1;
        for (int lap = 0; lap < 5; lap++)
        {
            for (int fill = 0; fill <= ring.Capacity; fill++)
            {
                for (int i = 0; i < fill; i++)
                {
                    Assert.Equal(i, ring.Count);
                    Assert.True(ring.TryEnqueue(next++));
                }

                if (fill == ring.Capacity)
                {
                    Assert.False(ring.TryEnqueue(-1));
                    Assert.Equal(0, ring.Enqueue([-1, -2]));
                }

                for (int i = fill; i > 0; i--)
                {
                    Assert.Equal((i, false), (ring.Count, ring.IsEmpty));
                    Assert.True(ring.TryDequeue(out long value));
                    Assert.Equal(expected++, value);
                }

                Assert.False(ring.TryDequeue(out long none));
                Assert.Equal((0L, 0, true), (none, ring.Count, ring.IsEmpty));
                Assert.Equal(0, ring.Dequeue(new long[2]));
            }
        }
    }

    [Theory]
    [InlineData(Rings.Spsc, 0)]
    [InlineData(Rings.Spsc, long.MaxValue - 40)]
    [InlineData(Rings.Mpsc, 0)]
    [InlineData(Rings.Mpsc, long.MaxValue - 40)]
    public void A_batch_takes_what_there_is_room_for_and_gives_what_there_is(string kind, long start)
    {
        using Heap heap = new();
        using IRing<int> ring = Rings.Make<int>(kind, heap, 16, start);
        int[] numbers = [.. Enumerable.Range(1, 40)];
        int[] taken = new int[40];
        for (int offset = 0; offset < 20; offset++)
        {
            Assert.Equal(0, ring.Enqueue([]));
            Assert.Equal(0, ring.Dequeue([]));
            Assert.Equal(5, ring.Enqueue(numbers.AsSpan(0, 5)));
            Assert.Equal(11, ring.Enqueue(numbers.AsSpan(5)));
            Assert.Equal((16, 0), (ring.Count, ring.Enqueue(numbers)));
            Assert.Equal(3, ring.Dequeue(taken.AsSpan(0, 3)));
            Assert.Equal(3, ring.Enqueue(numbers.AsSpan(16)));
            Assert.Equal(16, ring.Dequeue(taken.AsSpan(3)));
            Assert.Equal(numbers.Take(19), taken.Take(19));
            Assert.True(ring.IsEmpty);

            // So that each turn begins at another place.
            Assert.True(ring.TryEnqueue(0) && ring.TryDequeue(out _));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Values_of_any_size_and_alignment_are_what_they_were(string kind)
    {
        using Heap heap = new();
        Check<byte>(kind, heap, 200);
        Check<Three>(kind, heap, new Three { A = 1, B = 2, C = 3 });
        Check<Guid>(kind, heap, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        Check<Kilobytes>(kind, heap, default(Kilobytes) with { Last = 9 });
        using MessageBuffer message = MessageBuffer.Rent(heap, 5);
        Check(kind, heap, message);
    }

    [Fact]
    public void A_producer_that_stops_in_the_middle_holds_up_what_comes_after_it_and_nobody()
    {
        using Heap heap = new();
        using IRing<long> ring = Rings.Make<long>(Rings.Mpsc, heap, 4);
        RingEnds* ends = EndsOf(heap);
        Assert.True(ring.TryEnqueue(1));

        // What it has done by then: taken a position, and perhaps written the value, but not the cell's number.
        long position = ends->Producers.Index++;
        long* cell = (long*)ends->Producers.Values + (2 * position);
        cell[1] = 2;
        Assert.Equal(2, ring.Enqueue([3, 4, 5]));
        Assert.Equal((4, false), (ring.Count, ring.TryEnqueue(5)));
        long[] values = new long[9];
        Assert.Equal((1, 1L), (ring.Dequeue(values), values[0]));
        Assert.False(ring.TryDequeue(out _));
        Assert.Equal((0, 3, false), (ring.Dequeue(values), ring.Count, ring.IsEmpty));
        Assert.True(ring.TryEnqueue(5));
        Assert.False(ring.TryEnqueue(6));
        *cell = position + 1;
        Assert.Equal(4, ring.Dequeue(values));
        Assert.Equal([2L, 3, 4, 5], values.Take(4));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_two_sides_are_lines_apart_and_so_are_neighbours(string kind)
    {
        Assert.Equal((128, 256), (sizeof(RingEnd), sizeof(RingEnds)));
        using Heap heap = new();
        using IRing<byte> ring = Rings.Make<byte>(kind, heap, 3);
        RingEnds* ends = EndsOf(heap);
        Assert.Equal((0, 0), ((int)((nuint)ends % 128), (int)(heap.UsableSize(ends) % 128)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData((1 << 30) + 1)]
    [InlineData(int.MaxValue)]
    public void A_capacity_that_cannot_be_is_refused(int capacity)
    {
        foreach (Func<object> make in (Func<object>[])[() => new NativeSpscRing<long>(capacity), () => new NativeMpscRing<long>(capacity)])
        {
            ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(make);
            Assert.Equal("capacity", error.ParamName);
            Assert.Contains("1 to 1,073,741,824", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeSpscRing<Mebibytes>(1 << 30));
    }

    [Fact]
    public void Memory_refused_is_the_heaps_error_and_leaves_nothing_behind()
    {
        using Heap heap = new(new HeapOptions { Name = "Feed", MaximumBytes = 1 << 20 });
        Assert.Contains("Feed", Assert.Throws<OutOfMemoryException>(() => new NativeSpscRing<long>(heap, 1 << 20)).Message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => new NativeMpscRing<long>(heap, 1 << 20));
        Assert.Throws<ArgumentNullException>(() => new NativeSpscRing<long>(null!, 1));
        Assert.Throws<ArgumentNullException>(() => new NativeMpscRing<long>(null!, 1));
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new NativeSpscRing<long>(heap, 1));
        Assert.Throws<ObjectDisposedException>(() => new NativeMpscRing<long>(heap, 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Use_after_disposal_is_an_error_and_a_second_disposal_is_none(string kind)
    {
        using Heap heap = new();
        IRing<int> ring = Rings.Make<int>(kind, heap, 4);
        ring.Dispose();
        ring.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        foreach (Action use in (Action[])
        [
            () => ring.TryEnqueue(1), () => ring.Enqueue([1]), () => ring.TryDequeue(out _), () => ring.Dequeue(new int[1]), () => _ = ring.Count, () => _ = ring.Capacity, () => _ = ring.IsEmpty,
        ])
        {
            Assert.Contains($"Native{kind[0]}{kind[1..].ToLowerInvariant()}Ring", Assert.Throws<ObjectDisposedException>(use).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_ring_that_ends_after_its_heap_frees_nothing(string kind)
    {
        using Heap heap = new();
        IRing<int> ring = Rings.Make<int>(kind, heap, 4);
        heap.Reset();
        void* block = heap.Alloc(256 + 128);
        ring.Dispose();
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        heap.Free(block);
        IRing<int> last = Rings.Make<int>(kind, heap, 4);
        heap.Dispose();
        last.Dispose();
        TableChecks.AssertEquations();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_operation_allocates_managed_memory(string kind)
    {
        using Heap heap = new();
        using IRing<Guid> ring = Rings.Make<Guid>(kind, heap, 16);
        Guid[] some = new Guid[20];
        TableChecks.AssertNoGarbage(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                _ = ring.TryEnqueue(default) | ring.TryDequeue(out _);
                _ = ring.Enqueue(some) + ring.Count + ring.Dequeue(some) + ring.Capacity;
            }
        });
    }

    // The only block of a heap.
    private static RingEnds* EndsOf(Heap heap)
    {
        foreach (HeapBlock block in heap.Walk())
        {
            return (RingEnds*)block.Address;
        }

        return null;
    }

    private static void Check<T>(string kind, Heap heap, T value)
        where T : unmanaged, IEquatable<T>
    {
        using IRing<T> ring = Rings.Make<T>(kind, heap, 4);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(ring.TryEnqueue(value) && ring.TryEnqueue(default) && ring.TryEnqueue(value));
            T[] values = new T[3];
            Assert.Equal(3, ring.Dequeue(values));
            Assert.Equal([value, default, value], values);
        }
    }

    private record struct Three(byte A, byte B, byte C);

    private record struct Kilobytes(int First, Block Middle, int Last);

    [InlineArray(4_000)]
    private struct Block : IEquatable<Block>
    {
        private byte _first;

        public readonly bool Equals(Block other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

        public override readonly bool Equals(object? obj) => obj is Block other && Equals(other);

        public override readonly int GetHashCode() => _first;
    }

    [InlineArray(1 << 20)]
    private struct Mebibytes
    {
        private byte _first;
    }
}
