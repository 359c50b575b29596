using System;
using System.Collections.Generic;

using NativeHeap.Buffers;
using NativeHeap.Central;
using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>Messages that are gone, and structs that never were one.</summary>
public sealed unsafe class MessageMisuseTests
{
    // Every member that needs the message.
    private static readonly Dictionary<string, Action<MessageBuffer>> s_uses = new()
    {
        ["Length"] = message => _ = message.Length,
        ["Capacity"] = message => _ = message.Capacity,
        ["Span"] = message => _ = message.Span,
        ["Pointer"] = message => _ = message.Pointer,
        ["ReferenceCount"] = message => _ = message.ReferenceCount,
        ["SetLength"] = message => message.SetLength(0),
        ["Retain"] = message => message.Retain(),
        ["Retain several"] = message => message.Retain(2),
        ["Release"] = message => message.Release(),
    };

    public static TheoryData<string> Uses => [.. s_uses.Keys];

    [Theory]
    [MemberData(nameof(Uses))]
    public void Default_is_no_message(string use)
    {
        MessageBuffer none = default;
        Assert.True(none.IsDefault);
        none.Dispose();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => s_uses[use](none));
        Assert.Contains("default", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Uses))]
    public void Use_after_the_last_release_is_an_error_and_harms_nobody(string use)
    {
        using Heap own = new();
        foreach (Heap heap in (Heap[])[Heap.Shared, own])
        {
            foreach (int length in (int[])[0, 100, 100_000])
            {
                long live = heap.GetStatistics().LiveObjects;
                MessageBuffer message = MessageBuffer.Rent(heap, length);
                message.Retain(2);
                _ = message.Release() | message.Release() | message.Release();
                byte* pointer = HeaderOf(message);
                for (int i = 0; i < 3; i++)
                {
                    ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => s_uses[use](message));
                    Assert.Contains("released", error.Message, StringComparison.Ordinal);
                }

                Assert.Throws<ObjectDisposedException>(message.Dispose);
                Assert.Equal(live, heap.GetStatistics().LiveObjects);

                // The next message in the same memory is none of it.
                MessageBuffer next = MessageBuffer.Rent(heap, length);
                Assert.True(length > 32_768 || pointer == HeaderOf(next));
                Assert.Throws<ObjectDisposedException>(() => s_uses[use](message));
                Assert.Equal((length, 1), (next.Length, next.ReferenceCount));
                Assert.True(next.Release());
                Assert.Equal(live, heap.GetStatistics().LiveObjects);
            }
        }

        TableChecks.AssertEquations();
    }

    [Theory]
    [MemberData(nameof(Uses))]
    public void A_message_whose_memory_holds_something_else_or_has_gone_back_to_the_system_is_gone(string use)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What has gone back to the system there cannot be read.");
        MessageBuffer message = MessageBuffer.Rent(3 << 20);
        message.Span.Fill(1);
        MessageBuffer small = MessageBuffer.Rent(100);
        Assert.True(message.Release() && small.Release());
        void* block = HeapMemory.Alloc(116);
        new Span<byte>(block, 116).Fill(0xff);
        Assert.Throws<ObjectDisposedException>(() => s_uses[use](small));
        HeapMemory.Free(block);
        _ = Heap.Trim();
        Assert.Throws<ObjectDisposedException>(() => s_uses[use](message));
    }

    [Fact]
    public void No_two_messages_in_a_row_in_the_same_memory_have_the_same_word_and_none_is_default()
    {
        const int Different = 32_768;
        using Heap heap = new();

        // However many have begun in new memory before.
        long* block = stackalloc long[2];
        for (int i = 0; i < 10_000; i++)
        {
            block[0] = 0;
            _ = MessageHeader.Open(block, 1, 0);
        }

        HashSet<MessageBuffer> words = [];
        byte* pointer = null;
        for (int i = 0; i < 3 * Different; i++)
        {
            MessageBuffer message = MessageBuffer.Rent(heap, 40);
            Assert.True(!message.IsDefault && (pointer == null || pointer == message.Pointer));
            pointer = message.Pointer;
            Assert.True(words.Add(message) || i >= Different);
            Assert.True(message.Release());
        }
    }

    [Fact]
    public void New_memory_does_not_begin_with_one_tag_everywhere()
    {
        HashSet<ulong> words = [];
        long* block = stackalloc long[2];
        for (int i = 0; i < 10; i++)
        {
            block[0] = 0;
            Assert.True(words.Add(MessageHeader.Open(block, 1, 0)));
        }
    }

    [Fact]
    public void References_are_counted_to_two_thousand_million_and_not_beyond()
    {
        using Heap heap = new();
        MessageBuffer message = MessageBuffer.Rent(heap, 10);
        message.Retain(int.MaxValue - 1);
        Assert.Equal(int.MaxValue, message.ReferenceCount);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => message.Retain());
        Assert.Contains("2,147,483,647 references", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => message.Retain(int.MaxValue));
        Assert.False(message.Release());
        message.Retain();
        Assert.Equal(int.MaxValue, message.ReferenceCount);
        ((MessageHeader*)HeaderOf(message))->State -= (long)(int.MaxValue - 1) << 32;
        Assert.True(message.Release());
    }

    [Fact]
    public void A_header_that_was_written_over_frees_nothing()
    {
        using Heap heap = new();
        MessageBuffer message = MessageBuffer.Rent(heap, 100);
        byte saved = *HeaderOf(message);
        *HeaderOf(message) = (byte)(saved + 1);
        Assert.Throws<ObjectDisposedException>(() => message.Release());
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        *HeaderOf(message) = saved;
        Assert.True(message.Release());
    }

    [Fact]
    public void A_message_that_has_ended_with_its_heap_frees_nothing_of_the_next_heaps()
    {
        Heap heap = new();
        MessageBuffer message = MessageBuffer.Rent(heap, 100);
        MessageBuffer large = MessageBuffer.Rent(heap, 100_000);
        heap.Dispose();
        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => message.Release());
        Assert.Contains("heap", error.Message, StringComparison.Ordinal);

        // The next heap has the index of the last, and may have its pages, but no such block yet.
        using Heap next = new();
        Assert.Throws<ObjectDisposedException>(() => large.Release());
        Assert.Equal(0, next.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    private static byte* HeaderOf(MessageBuffer message) => (byte*)HeaderToken.HeaderOf(*(ulong*)&message);
}
