using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>The members of <see cref="MessageBuffer"/> on one thread.</summary>
public sealed unsafe class MessageBufferTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(48)]
    [InlineData(1_000)]
    [InlineData(32_752)]
    [InlineData(32_753)]
    [InlineData(5 * MiB)]
    public void A_message_of_any_length_is_one_block_of_its_heap_until_it_is_released(int length)
    {
        using Heap own = new();
        foreach (Heap heap in (Heap[])[Heap.Shared, own])
        {
            long live = heap.GetStatistics().LiveObjects;
            MessageBuffer message = heap == own ? MessageBuffer.Rent(own, length) : MessageBuffer.Rent(length);
            Assert.Equal(live + 1, heap.GetStatistics().LiveObjects);
            Assert.Equal((false, length, length, 1), (message.IsDefault, message.Length, message.Capacity, message.ReferenceCount));
            Assert.Equal((0, length), ((int)((nuint)message.Pointer % 16), message.Span.Length));
            Assert.True(heap.Owns(message.Pointer - 1));
            message.Span.Fill(0xa5);
            Assert.True(message.Span.IndexOfAnyExcept((byte)0xa5) < 0);
            Assert.True(length == 0 || Unsafe.AreSame(ref message.Span[0], ref *message.Pointer));
            Assert.True(message.Release());
            Assert.Equal(live, heap.GetStatistics().LiveObjects);
        }

        TableChecks.AssertEquations();
    }

    [Fact]
    public void The_last_release_frees_whichever_copy_it_is_of()
    {
        using Heap heap = new();
        MessageBuffer message = MessageBuffer.Rent(heap, 100);
        MessageBuffer second = message.Retain();
        message.Retain(3);
        Assert.Equal(5, second.ReferenceCount);
        Assert.False(second.Release());
        Assert.False(message.Release());
        Assert.False(message.Release());
        second.Dispose();
        Assert.Equal((1, 1L), (message.ReferenceCount, heap.GetStatistics().LiveObjects));
        Assert.True(second.Release());
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_word_is_kept_wherever_eight_bytes_can_be()
    {
        Assert.Equal(8, sizeof(MessageBuffer));
        using Heap heap = new();
        MessageBuffer first = MessageBuffer.Rent(heap, 10);
        MessageBuffer second = MessageBuffer.Rent(heap, 10);
        Assert.True(first != second && first.Equals(first) && !first.Equals(second) && first.Equals((object)first) && !first.Equals(null) && first == first.Retain());
        Dictionary<MessageBuffer, int> numbers = new() { [first] = 1, [second] = 2 };
        using NativeBox<Envelope> box = new(heap, new Envelope { Message = second, Topic = 5 });
        Assert.Equal((1, 2), (numbers[first], numbers[box.Value.Message]));
        Assert.False(first.Release());
        first.Dispose();
        box.Value.Message.Dispose();
    }

    [Fact]
    public void The_length_may_be_anything_up_to_what_was_rented()
    {
        using Heap heap = new();
        using MessageBuffer message = MessageBuffer.Rent(heap, 100);
        message.Span.Fill(7);
        message.SetLength(3);
        Assert.Equal((3, 3, 100), (message.Length, message.Span.Length, message.Capacity));
        message.SetLength(0);
        message.SetLength(100);
        Assert.True(message.Span.IndexOfAnyExcept((byte)7) < 0);
        foreach (int length in (int[])[-1, 101, int.MaxValue, int.MinValue])
        {
            ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => message.SetLength(length));
            Assert.Contains("rented for 100 bytes", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(100, message.Length);
    }

    [Fact]
    public void Copies_of_spans_and_sequences_are_messages_in_one_piece()
    {
        byte[] data = new byte[10_000];
        new Random(1).NextBytes(data);
        using Heap heap = new();
        foreach ((int start, int length) in ((int, int)[])[(0, 0), (0, 10_000), (10, 9_900), (3_999, 2)])
        {
            ReadOnlySequence<byte> sequence = Cut(data, 1, 4_000, 4_000, 7_777).Slice(start, length);
            ReadOnlySpan<byte> expected = data.AsSpan(start, length);
            foreach (MessageBuffer message in (MessageBuffer[])
                [MessageBuffer.CopyFrom(expected), MessageBuffer.CopyFrom(heap, expected), MessageBuffer.CopyFrom(in sequence), MessageBuffer.CopyFrom(heap, in sequence)])
            {
                Assert.True(message.Span.SequenceEqual(expected));
                Assert.True(message.Release());
            }
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_sequence_that_fails_or_is_too_long_leaves_nothing_behind()
    {
        using Heap heap = new();
        using GoneOwner gone = new();
        ReadOnlySequence<byte> sequence = new(gone.Memory);
        Assert.Throws<NotSupportedException>(() => MessageBuffer.CopyFrom(heap, in sequence));

        // Of 3 GiB, by the same array again and again.
        byte[] block = new byte[64 * MiB];
        Piece first = new(block, 0);
        Piece last = first;
        for (int i = 1; i < 48; i++)
        {
            last = last.Append(block);
        }

        ReadOnlySequence<byte> huge = new(first, 0, last, block.Length);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => MessageBuffer.CopyFrom(heap, in huge));
        Assert.Contains("not 3,221,225,472", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Arguments_that_cannot_be_are_refused()
    {
        using Heap heap = new();
        foreach (int length in (int[])[-1, int.MinValue])
        {
            Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => MessageBuffer.Rent(length)).ParamName);
            Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => MessageBuffer.Rent(heap, length)).ParamName);
            Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => MessageBuffer.TryRent(length, out _)).ParamName);
        }

        Assert.Throws<ArgumentNullException>(() => MessageBuffer.Rent(null!, 1));
        Assert.Throws<ArgumentNullException>(() => MessageBuffer.TryRent(null!, 1, out _));
        Assert.Throws<ArgumentNullException>(() => MessageBuffer.CopyFrom(null!, []));
        using MessageBuffer message = MessageBuffer.Rent(heap, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => message.Retain(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => message.Retain(-1));
        Assert.Equal(1, message.ReferenceCount);
    }

    [Fact]
    public void Memory_refused_is_the_heaps_error_and_leaves_nothing_behind()
    {
        using Heap heap = new(new HeapOptions { Name = "Feed", MaximumBytes = MiB });
        Assert.Contains("Feed", Assert.Throws<OutOfMemoryException>(() => MessageBuffer.Rent(heap, 2 * MiB)).Message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => MessageBuffer.CopyFrom(heap, new byte[2 * MiB]));
        Assert.False(MessageBuffer.TryRent(heap, 2 * MiB, out MessageBuffer none));
        Assert.True(none.IsDefault);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.True(MessageBuffer.TryRent(heap, 1_000, out MessageBuffer message));
        Assert.True(MessageBuffer.TryRent(1_000, out MessageBuffer shared));
        Assert.Equal((1_000, 1, 1_000, 1L), (message.Length, message.ReferenceCount, shared.Length, heap.GetStatistics().LiveObjects));
        Assert.True(message.Release() && shared.Release());
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(() => MessageBuffer.Rent(heap, 1));
        Assert.Throws<ObjectDisposedException>(() => MessageBuffer.TryRent(heap, 1, out _));
        TableChecks.AssertEquations();
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using Heap heap = new();
        byte[] data = new byte[700];
        ReadOnlySequence<byte> sequence = Cut(data, 100, 650);
        TableChecks.AssertNoGarbage(() =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                using MessageBuffer message = MessageBuffer.Rent(i * 37);
                using MessageBuffer own = MessageBuffer.Rent(heap, i * 37);
                message.Retain(2);
                _ = message.Release() | message.Retain().Release() | message.Release();
                message.SetLength(message.Length / 2);
                message.Span.Clear();
                Assert.True(MessageBuffer.TryRent(heap, i, out MessageBuffer tried) && tried.Release());
                MessageBuffer.CopyFrom(data).Dispose();
                MessageBuffer.CopyFrom(heap, in sequence).Dispose();
                _ = message == own || message.GetHashCode() == own.ReferenceCount;
            }
        });
    }

    private static ReadOnlySequence<byte> Cut(byte[] data, params int[] places)
    {
        Piece first = new(data.AsMemory(0, places[0]), 0);
        Piece last = first;
        for (int i = 0; i < places.Length; i++)
        {
            last = last.Append(data.AsMemory(places[i], (i + 1 < places.Length ? places[i + 1] : data.Length) - places[i]));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    [NativeAllocated]
    private partial struct Envelope
    {
        public MessageBuffer Message;
        public int Topic;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    private sealed class GoneOwner : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(100);

        public override Span<byte> GetSpan() => throw new NotSupportedException();

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
