using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>All objects of a heap end, and the heap goes on.</summary>
public sealed unsafe class HeapResetTests
{
    [Fact]
    public void Nothing_is_left_and_every_byte_is_accounted_for()
    {
        using Heap heap = new();
        _ = AllocLevel(heap, 20_000);
        long spans = heap.GetStatistics().SpanBytes - Large(heap);
        heap.Reset();
        HeapStatistics statistics = heap.GetStatistics();
        Assert.Equal((0, 0, 0), (statistics.LiveObjects, statistics.LiveBytes, statistics.ThreadCachedBytes));
        Assert.Equal((spans, spans), (statistics.SpanBytes, statistics.CentralCachedBytes + statistics.ReturnedBytes));
        LimitTests.AssertAddsUp(heap);
    }

    [Fact]
    public void The_next_level_gets_the_pages_of_the_last_and_the_heap_grows_by_nothing()
    {
        using Heap heap = new();
        HashSet<nint> pages = [.. AllocLevel(heap, 20_000, large: false).Select(PageOf)];
        long spans = heap.GetStatistics().SpanBytes;
        for (int level = 0; level < 5; level++)
        {
            heap.Reset();
            Assert.True(pages.IsSupersetOf(AllocLevel(heap, 20_000, large: false).Select(PageOf)), "A page is new to the heap.");
            Assert.Equal(spans, heap.GetStatistics().SpanBytes);
        }

        static nint PageOf(nint block) => block >> 13;
    }

    [Fact]
    public void Objects_are_distinct_and_keep_their_content_after_a_reset()
    {
        using Heap heap = new();
        HeapModel model = new(heap);
        Random random = new(3);
        for (int level = 0; level < 8; level++)
        {
            for (int i = 0; i < 1_000; i++)
            {
                model.Apply(random.Next(4) == 0 ? HeapOperation.Free : HeapOperation.Alloc, random.Next(random.Next(30) == 0 ? 100_000 : 2_000), 1, random.Next());
            }

            model.Check();
            model.Apply(HeapOperation.Reset, 0, 1, 0);
            model.Check();
        }
    }

    [Fact]
    public void What_two_levels_do_not_need_goes_back_and_Trim_takes_the_rest()
    {
        using Heap heap = new();
        _ = AllocLevel(heap, 20_000);
        heap.Reset();
        long kept = heap.GetStatistics().SpanBytes;
        _ = heap.Alloc(100);
        heap.Reset();
        Assert.InRange(heap.GetStatistics().SpanBytes, 1, kept / 20);
        _ = Heap.Trim();
        Assert.Equal(0, heap.GetStatistics().SpanBytes);
        LimitTests.AssertAddsUp(heap);
    }

    [Fact]
    public void Other_threads_have_none_of_its_slots_any_more()
    {
        using Heap heap = new();
        using Barrier rounds = new(2);
        List<nint> others = [];
        Exception? error = null;
        Thread other = new(() =>
        {
            try
            {
                for (int round = 0; round < 10; round++)
                {
                    // Leaves the slots of half of them in its bins.
                    List<nint> blocks = AllocLevel(heap, 2_000, large: false);
                    blocks.Take(1_000).ToList().ForEach(block => heap.Free((void*)block));
                    rounds.SignalAndWait(CancellationToken.None);
                    rounds.SignalAndWait(CancellationToken.None);
                    others = AllocLevel(heap, 2_000, large: false);
                    rounds.SignalAndWait(CancellationToken.None);
                    rounds.SignalAndWait(CancellationToken.None);
                }
            }
            catch (Exception e)
            {
                error = e;
                rounds.RemoveParticipant();
            }
        });
        other.Start();
        for (int round = 0; round < 10 && error == null; round++)
        {
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
            heap.Reset();
            Assert.Equal(0, heap.GetStatistics().ThreadCachedBytes);
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
            List<nint> own = AllocLevel(heap, 2_000, large: false);
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
            Assert.Equal(4_000, own.Concat(others).Distinct().Count());
            Assert.Equal(4_000, heap.GetStatistics().LiveObjects);
            heap.Reset();
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
        }

        other.Join();
        Assert.True(error == null, error?.ToString());
    }

    [Fact]
    public void An_owner_from_before_frees_nothing()
    {
        using Heap heap = new();
        NativeOwner<Order> owner = Order.Rent(heap);
        NativeOwner<LargeMessage> large = LargeMessage.Rent(heap);
        heap.Reset();
        Order* next = Order.Alloc(heap);
        LargeMessage* nextLarge = LargeMessage.Alloc(heap);
        Assert.True(next == owner.DangerousGetPointer(), "The same slot was to be handed out again.");
        owner.Dispose();
        large.Dispose();
        Assert.Equal(2, heap.GetStatistics().LiveObjects);
        using NativeOwner<Order> after = Order.Rent(heap);
        Assert.False(after.DangerousGetPointer() == next);
        LargeMessage.Free(heap, nextLarge);
    }

    [Fact]
    public void A_table_of_the_heap_ends_with_all_else_and_the_next_starts_empty()
    {
        using Heap heap = new();
        NativeTable<long> table = new(heap);
        table.Add(out NativeHandle<long> handle) = 7;
        heap.Reset();
        Assert.Throws<ObjectDisposedException>(() => table.Count);
        Assert.Throws<ObjectDisposedException>(() => table.Contains(handle));
        table.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveBytes);
        NativeTable<long> next = new(heap);
        Assert.False(next.Contains(handle));
        next.Add(out _) = 8;
        Assert.Equal(8, Assert.Single(next.Values.ToArray()));
        LimitTests.AssertAddsUp(heap);
    }

    [Fact]
    public void A_pointer_from_before_is_no_block()
    {
        using Heap heap = new();
        void* small = heap.Alloc(100);
        void* large = heap.Alloc(100_000);
        heap.Reset();
        Assert.Throws<ArgumentException>(() => heap.Free(large));
        heap.Free(small);
        Assert.Equal((nint)small, Assert.Throws<HeapCorruptionException>(Heap.FlushThread).Address);
    }

    [Fact]
    public void The_shared_heap_and_a_disposed_one_cannot_be_reset()
    {
        Assert.Contains("Heap.Shared cannot be reset", Assert.Throws<InvalidOperationException>(Heap.Shared.Reset).Message, StringComparison.Ordinal);
        Heap heap = new();
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(heap.Reset);
    }

    // A program's level, the same each time: blocks of many sizes, some over 32 KiB.
    private static List<nint> AllocLevel(Heap heap, int count, bool large = true)
    {
        Random random = new(11);
        List<nint> blocks = [];
        for (int i = 0; i < count; i++)
        {
            int size = random.Next(1, large && i % 500 == 0 ? 200_000 : random.Next(1, 1_000));
            blocks.Add((nint)heap.Alloc((nuint)size));
        }

        return blocks;
    }

    private static long Large(Heap heap) => heap.Set->LargeBytes;
}
