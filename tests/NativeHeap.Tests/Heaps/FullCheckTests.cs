// A heap of CheckLevel.Full: writes where no object is are told when they are looked for, by whom and of whose object; what is freed is filled and kept; what is right goes on as in any heap.

using System;
using System.Collections.Generic;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

public sealed unsafe class FullCheckTests
{
    public static TheoryData<int> Sizes => [0, 1, 8, 24, 100, 1_000, 9_000, 32_704, 32_705, 40_000, 300_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_byte_behind_a_block_is_told_when_it_is_freed_and_the_block_is_freed_nevertheless(int size)
    {
        using Heap heap = new(Full());
        byte* block = (byte*)heap.Alloc((nuint)size);
        block[size] ^= 1;
        HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(() => heap.Free(block));
        Assert.Contains($"A byte was written 0 bytes behind the last byte of an untyped block at 0x{(nuint)block:x}, of {size:N0} bytes, allocated by thread {Environment.CurrentManagedThreadId}.", error.Message, StringComparison.Ordinal);
        Assert.Equal((nint)block, error.Address);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        _ = StatisticsChecks.Rows(heap, out _);
    }

    [Fact]
    public void A_byte_before_an_object_is_told_but_for_the_first_of_a_span()
    {
        using Heap heap = new(Full());
        Order*[] orders = [Order.Alloc(heap), Order.Alloc(heap), Order.Alloc(heap)];
        Order* last = Highest(orders);
        ((byte*)last)[-1] = 0;
        Assert.Contains("1 bytes before the first byte of Order at", Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, last)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    public void A_write_after_free_is_told_by_Verify_once(int offset)
    {
        using Heap heap = new(Full());
        Order* order = Order.Alloc(heap);
        Order.Free(heap, order);
        heap.Verify();
        ((byte*)order)[offset] = 7;
        HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(heap.Verify);
        Assert.Contains($"A byte was written to Order at 0x{(nuint)order:x}, of 24 bytes, allocated by thread", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{offset} bytes from its start, after it was freed by thread", error.Message, StringComparison.Ordinal);
        heap.Verify();
    }

    [Fact]
    public void What_is_said_of_a_freed_object_names_who_still_points_into_it()
    {
        using Heap heap = new(Full());
        using Heap others = new(new HeapOptions { Check = CheckLevel.Full, Name = "others" });
        Link* freed = Link.AllocZeroed(heap);
        Link* near = Link.AllocZeroed(heap);
        Link* far = Link.AllocZeroed(others);
        near->Other = freed;
        far->Next = (Link*)((byte*)freed + 16);
        Link.Free(heap, freed);
        string expected = $"It is still pointed to by Link at 0x{(nuint)near:x}, 8 bytes in; Link at 0x{(nuint)far:x} of the heap 'others', 0 bytes in.";
        string swapped = $"It is still pointed to by Link at 0x{(nuint)far:x} of the heap 'others', 0 bytes in; Link at 0x{(nuint)near:x}, 8 bytes in.";
        string message = Assert.Throws<HeapCorruptionException>(() => Link.Free(heap, freed)).Message;
        AssertEnds(message, near < far ? expected : swapped);

        freed->Value = 1;
        AssertEnds(Assert.Throws<HeapCorruptionException>(heap.Verify).Message, near < far ? expected : swapped);

        near->Other = far->Next = null;
        AssertEnds(Assert.Throws<HeapCorruptionException>(() => Link.Free(heap, freed)).Message, " No live object points to it: look in local variables, and in fields of classes.");
    }

    [Fact]
    public void Of_many_who_still_point_to_a_freed_object_some_are_named()
    {
        using Heap heap = new(Full());
        Link* freed = Link.AllocZeroed(heap);
        for (int i = 0; i < 10; i++)
        {
            Link.AllocZeroed(heap)->Next = freed;
        }

        Link.Free(heap, freed);
        string message = Assert.Throws<HeapCorruptionException>(() => Link.Free(heap, freed)).Message;
        AssertEnds(message, "; and 6 more.");
    }

    [Fact]
    public void A_write_after_free_is_told_when_the_quarantine_is_left()
    {
        using Heap heap = new(Full(quarantine: 10_000));
        Order* order = Order.Alloc(heap);
        Order.Free(heap, order);
        order->Quantity = 1;
        HeapCorruptionException? told = null;
        for (int i = 0; i < 1_000 && told == null; i++)
        {
            try
            {
                Order.Free(heap, Order.Alloc(heap));
            }
            catch (HeapCorruptionException error)
            {
                told = error;
            }
        }

        Assert.Equal((nint)order, told?.Address);
        Assert.InRange(heap.GetStatistics().QuarantinedBytes, 1, 10_000);
        _ = StatisticsChecks.Rows(heap, out _);
    }

    [Fact]
    public void A_write_is_told_when_the_heap_ends_and_it_ends_nevertheless()
    {
        Heap heap = new(Full());
        ((byte*)Order.Alloc(heap))[24] = 1;
        Assert.Throws<HeapCorruptionException>(heap.Reset);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Order* order = Order.Alloc(heap);
        Order.Free(heap, order);
        order->Id = 5;
        Assert.Throws<HeapCorruptionException>(heap.Dispose);
        Assert.Throws<ObjectDisposedException>(() => heap.Alloc(1));
        heap.Dispose();
    }

    [Fact]
    public void What_is_new_and_what_is_freed_is_filled_and_what_is_to_be_zero_is()
    {
        using Heap heap = new(Full());
        Order* order = Order.Alloc(heap);
        Assert.Equal(0xCDCD_CDCD_CDCD_CDCD, (ulong)order->Id);
        order->Id = 1;
        Order.Free(heap, order);
        Assert.Equal(0xDDDD_DDDD_DDDD_DDDD, (ulong)order->Id);
        Assert.NotEqual((nint)order, (nint)Order.Alloc(heap));
        Assert.Equal(0, Order.AllocZeroed(heap)->Id);
        byte* large = (byte*)heap.AllocZeroed(100_000);
        Assert.False(new Span<byte>(large, 100_000).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void What_was_freed_is_told_with_who_freed_it()
    {
        using Heap heap = new(Full());
        Order* order = Order.Alloc(heap);
        ThreadTests.Run(() => Order.Free(heap, order));
        string message = Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, order)).Message;
        Assert.Contains("was freed before, as Order, by thread ", message, StringComparison.Ordinal);
        byte* large = (byte*)heap.Alloc(100_000);
        heap.Free(large);
        Assert.ThrowsAny<Exception>(() => heap.Free(large));
        LargeMessage* typed = LargeMessage.Alloc(heap);
        LargeMessage.Free(heap, typed);
        Assert.Contains("that was freed before, as LargeMessage, by thread", Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free(heap, typed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_object_that_is_freed_and_all_of_a_heap_that_ends_is_sealed()
    {
        Heap heap = new(Full());
        byte* large = (byte*)heap.Alloc(100_000);
        Order* order = Order.Alloc(heap);
        heap.Free(large);
        Assert.Equal(SpanState.Sealed, HeapProcess.Pages->Map.SpanOf(large)->State);
        heap.Dispose();
        Assert.Equal(SpanState.Sealed, HeapProcess.Pages->Map.SpanOf(large)->State);
        Assert.Equal(SpanState.Sealed, HeapProcess.Pages->Map.SpanOf(order)->State);
        using Heap next = new(Full());
        Assert.Contains("is of a heap that has been reset or disposed of", Assert.Throws<HeapCorruptionException>(() => Order.Free(next, order)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_of_another_type_is_told_though_its_slot_is_of_one_class()
    {
        using Heap heap = new(Full());
        Trade* trade = Trade.Alloc(heap);
        Assert.Contains("was freed as another type's (Order): it is Trade, slot", Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, (Order*)trade)).Message, StringComparison.Ordinal);
        Assert.Throws<HeapCorruptionException>(() => Aligned.Free(heap, (Aligned*)trade));
        Trade.Free(heap, trade);
    }

    [Fact]
    public void What_is_right_is_served_as_in_any_heap()
    {
        using Heap heap = new(Full(quarantine: 100_000));
        for (int round = 0; round < 3; round++)
        {
            List<nint> blocks = [];
            for (int size = 1; size < 70_000; size += 331)
            {
                byte* block = (byte*)heap.Alloc((nuint)size);
                Assert.Equal((nuint)size, heap.UsableSize(block));
                new Span<byte>(block, size).Fill((byte)size);
                byte* moved = (byte*)heap.Realloc(block, (nuint)(size * 2));
                Assert.NotEqual((nint)block, (nint)moved);
                Assert.False(new Span<byte>(moved, size).ContainsAnyExcept((byte)size));
                blocks.Add((nint)moved);
                byte* aligned = (byte*)heap.AllocAligned((nuint)size, 4_096);
                Assert.Equal(0u, (nuint)aligned % 4_096);
                new Span<byte>(aligned, size).Fill(9);
                blocks.Add((nint)aligned);
                blocks.Add((nint)Aligned.Alloc(heap));
                Assert.Equal(0u, (nuint)blocks[^1] % 64);
            }

            Assert.Equal(blocks.Count, heap.GetStatistics().LiveObjects);
            int walked = 0;
            foreach (HeapBlock block in heap.Walk())
            {
                Assert.Equal(heap.UsableSize(block.Address), block.UsableSize);
                walked++;
            }

            Assert.Equal(blocks.Count, walked);
            heap.Verify();
            foreach (nint block in blocks)
            {
                heap.Free((void*)block);
            }

            _ = StatisticsChecks.Rows(heap, out _);
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
            _ = Heap.Trim();
        }

        using NativeList<int> list = new(heap);
        using NativeDictionary<int, Order> map = new(heap);
        using NativeTable<Order> table = new(heap);
        for (int i = 0; i < 10_000; i++)
        {
            list.Add(i);
            map[i] = new Order { Id = i };
            table.Add(out _);
        }

        Assert.Equal(9_999, list[9_999]);
        Assert.Equal(77, map[77].Id);
        heap.Verify();
    }

    [Theory]
    [InlineData(HeapHardening.RandomOrder)]
    [InlineData(HeapHardening.RandomOrder | HeapHardening.ZeroOnFree)]
    public void What_was_zeroed_or_with_the_system_while_it_was_free_is_no_write(HeapHardening hardening)
    {
        // No size that divides a page, so that guards lie across the edges of pages, too.
        const int Size = 13;
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Full, QuarantineBytes = 0, Hardening = hardening });
        List<nint> blocks = [];
        for (int round = 0; round < 4; round++)
        {
            while (blocks.Count < 2_000 - (round * 100))
            {
                blocks.Add((nint)heap.Alloc(Size));
            }

            heap.Verify();

            // Every other page of the system is a hole then.
            for (int i = blocks.Count - 1; i >= 0; i--)
            {
                if ((((blocks[i] >> 12) + round) & 1) != 0)
                {
                    heap.Free((void*)blocks[i]);
                    blocks.RemoveAt(i);
                }
            }

            heap.Verify();
            Assert.NotEqual(0L, (long)Heap.Trim());
            heap.Verify();
        }
    }

    [Fact]
    public void A_walk_over_a_type_finds_its_objects()
    {
        using Heap heap = new(Full());
        Order* order = Order.Alloc(heap);
        Order.Free(heap, Order.Alloc(heap));
        List<nint> found = [];
        foreach (NativePointer<Order> pointer in heap.Walk<Order>())
        {
            found.Add((nint)pointer.ToPointer());
        }

        Assert.Equal([(nint)order], found);
    }

    internal static HeapOptions Full(long quarantine = 16 << 20) => new() { Check = CheckLevel.Full, QuarantineBytes = quarantine };

    private static void AssertEnds(string message, string end) => Assert.True(message.EndsWith(end, StringComparison.Ordinal), message);

    private static Order* Highest(Order*[] orders)
    {
        Order* highest = null;
        foreach (Order* order in orders)
        {
            highest = order > highest ? order : highest;
        }

        return highest;
    }
}

/// <summary>More heaps than stay inaccessible, in a process of their own: what they leave behind lies where other tests' memory would.</summary>
public sealed unsafe class SealedHeapsScenario
{
    internal const string Variable = "NATIVEHEAP_TEST_SEALED_HEAPS";

    [Fact]
    public void The_oldest_of_what_is_sealed_is_used_again()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) is not null, "For a process of its own.");
        for (int i = 0; i < 100; i++)
        {
            using Heap heap = new(FullCheckTests.Full());
            byte* block = (byte*)heap.Alloc(2 << 20);
            block[0] = block[(2 << 20) - 1] = 1;
            _ = Order.Alloc(heap);
        }

        Assert.InRange((long)HeapProcess.Pages->SealedBytes, 12 << 20, 16 << 20);
        Assert.InRange(Heap.GetProcessStatistics().MappedBytes, 12 << 20, 64 << 20);
        StatisticsChecks.AssertAddsUp(Heap.GetProcessStatistics());
    }
}
