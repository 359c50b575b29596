using System;
using System.Collections.Generic;
using System.Linq;

using Xunit;

namespace NativeHeap.Testing.Tests;

[NativeAllocated]
public partial struct Order
{
    public long Id;
    public long Price;
    public int Quantity;
}

/// <summary>The scope that looks for leaks.</summary>
public sealed unsafe class LeakCheckTests
{
    [Theory]
    [InlineData(CheckLevel.Off, "Blocks of up to 24 bytes without pointers")]
    [InlineData(CheckLevel.Basic, "Order")]
    public void What_was_allocated_since_the_beginning_and_not_freed_is_thrown_by_kind(CheckLevel level, string order)
    {
        using Heap heap = new(new HeapOptions { Check = level, Name = "book" });
        Order* before = Order.Alloc(heap);
        _ = heap.AllocZeroed(112);
        LeakCheck check = LeakCheck.Begin(heap);
        for (int i = 0; i < 47; i++)
        {
            _ = Order.Alloc(heap);
        }

        heap.Free(heap.Alloc(100));
        _ = heap.AllocZeroed(57_344);
        NativeLeakException error = Assert.Throws<NativeLeakException>(check.Dispose);
        Assert.Equal(
            string.Join(
                Environment.NewLine,
                "Native memory was allocated and not freed.",
                "The heap 'book' holds 48 objects, 57.1 KiB that it did not hold before:",
                "  lost: 48 objects, 57.1 KiB",
                "    Blocks of more than 32,768 bytes that may hold pointers: 1 object, 56.0 KiB",
                $"    {order}: 47 objects, 1.1 KiB"),
            error.Message);
        Assert.Equal(48, Assert.Single(error.Leaks).Objects);
        check.Dispose();
        Order.Free(heap, before);
    }

    [Fact]
    public void A_clean_scope_says_nothing_and_tells_what_there_is_so_far()
    {
        using Heap heap = new();
        using LeakCheck check = LeakCheck.Begin(heap);
        Assert.Empty(check.GetLeaks());
        Order* order = Order.Alloc(heap);
        Assert.Equal((1, 24), check.GetLeaks().Select(leak => (leak.Objects, leak.Bytes)).Single());
        Order.Free(heap, order);
        Assert.Empty(check.GetLeaks());
    }

    [Fact]
    public void All_heaps_are_looked_at_if_none_is_named_and_those_that_are_made_meanwhile()
    {
        using Heap early = new(new HeapOptions { Name = "early" });
        LeakCheck check = LeakCheck.Begin();
        using (Heap ended = new())
        {
            _ = ended.Alloc(10);
        }

        using Heap late = new(new HeapOptions { Name = "late" });
        void* one = early.Alloc(64);
        void* other = late.Alloc(64);
        Order* order = Order.Alloc();
        string message = Assert.Throws<NativeLeakException>(check.End).Message;
        Assert.Contains("The heap 'Shared' holds 1 object, 24 bytes that it did not hold before:", message, StringComparison.Ordinal);
        Assert.Contains("The heap 'early' holds 1 object, 64 bytes", message, StringComparison.Ordinal);
        Assert.Contains("The heap 'late' holds 1 object, 64 bytes", message, StringComparison.Ordinal);
        Order.Free(order);
        early.Free(one);
        late.Free(other);
    }

    [Fact]
    public void What_only_became_lost_or_reachable_is_no_more_than_before()
    {
        using Heap heap = new();
        NativeList<nint> list = new(heap);
        void* held = heap.AllocZeroed(512);
        list.Add((nint)held);
        using (LeakCheck.Begin(heap))
        {
            list[0] = 0;
        }

        using (LeakCheck.Begin(heap))
        {
            list[0] = (nint)held;
        }

        using LeakCheck check = LeakCheck.Begin(heap);
        void* lost = heap.AllocZeroed(512);
        LeakReport leak = Assert.Single(check.GetLeaks());
        Assert.Equal((Reachability.Lost, 1), leak.Groups.Select(group => (group.Reachability, group.Objects)).Single());
        heap.Free(lost);
        Assert.Empty(check.GetLeaks());
        list.Dispose();
    }

    [Fact]
    public void What_is_expected_is_let_pass()
    {
        using Heap heap = new();
        using LeakCheck check = LeakCheck.Begin(heap, new LeakCheckOptions { IgnoreReachable = true });
        NativeTable<Order> table = new(heap);
        _ = table.Add(default, out _);
        Assert.Empty(check.GetLeaks());
        void* block = heap.Alloc(64);
        Assert.Equal(["Blocks of up to 64 bytes that may hold pointers"], check.GetLeaks().SelectMany(leak => leak.Groups).Select(group => group.Kind));

        using LeakCheck without = LeakCheck.Begin(heap, new LeakCheckOptions { Ignore = objects => objects.Bytes < 1_000 });
        List<nint> small = [.. Enumerable.Range(0, 8).Select(_ => (nint)heap.Alloc(100))];
        Assert.Empty(without.GetLeaks());
        void* large = heap.Alloc(40_000);
        Assert.Equal(1, Assert.Single(without.GetLeaks()).Objects);
        heap.Free(large);
        heap.Free(block);
        small.ForEach(address => heap.Free((void*)address));
        table.Dispose();
    }
}
