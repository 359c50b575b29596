using System;
using System.Linq;

using NativeHeap.Guards;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What a heap says of what is alive in it.</summary>
public sealed unsafe class LeakReportTests
{
    [Theory]
    [InlineData(CheckLevel.Off, "Blocks of more than 32,768 bytes without pointers", "Blocks of up to 24 bytes without pointers")]
    [InlineData(CheckLevel.Basic, "LargeMessage", "Order")]
    public void What_is_alive_is_said_by_kind_and_the_most_bytes_first(CheckLevel level, string message, string order)
    {
        using Heap heap = new(new HeapOptions { Name = "book", Check = level });
        for (int i = 0; i < 47; i++)
        {
            _ = Order.Alloc(heap);
        }

        _ = heap.AllocZeroed(112);
        _ = LargeMessage.Alloc(heap);
        _ = new NativeTable<Order>(heap).Add(default, out _);
        Order.Free(heap, Order.Alloc(heap));
        LeakReport report = heap.GetLeakReport();
        Assert.Equal(
            string.Join(
                Environment.NewLine,
                "The heap 'book' holds 50 objects, 233.2 KiB:",
                "  lost: 49 objects, 41.2 KiB",
                $"    {message}: 1 object, 40.0 KiB",
                $"    {order}: 47 objects, 1.1 KiB",
                "    Blocks of up to 112 bytes that may hold pointers: 1 object, 112 bytes",
                "  reachable: 1 object, 192.0 KiB",
                "    Tables and pools: 1 object, 192.0 KiB"),
            report.ToString());
        Assert.Equal((report.Objects, report.Bytes), (report.Groups.Sum(group => group.Objects), report.Groups.Sum(group => group.Bytes)));
        Assert.Equal(level == CheckLevel.Off ? null : "Order", report.Groups.Single(group => group.Objects == 47).Type);
        Assert.Equal((heap.GetStatistics().LiveObjects, heap.GetStatistics().LiveBytes), (report.Objects, report.Bytes));
    }

    [Fact]
    public void Objects_of_one_type_are_one_row_and_those_of_others_of_their_size_class_are_not()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        _ = Order.Alloc(heap);
        _ = Pair<long>.Alloc(heap);
        _ = Pair<double>.Alloc(heap);
        _ = Pair<double>.Alloc(heap);
        _ = heap.AllocZeroed(16);
        Assert.Equal(
            ["Pair<Double>: 2 objects, 32 bytes", "Order: 1 object, 24 bytes", "Blocks of up to 16 bytes that may hold pointers: 1 object, 16 bytes", "Pair<Int64>: 1 object, 16 bytes"],
            heap.GetLeakReport().Groups.Select(group => group.ToString()).ToArray());
    }

    [Fact]
    public void Where_the_line_is_known_objects_of_each_line_are_a_row()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        _ = Link.AllocZeroed(heap);
        ThreadRecord* thread = ThreadRecord.Current;
        Link* target = Link.AllocZeroed(heap);
        thread->Site = Origins.NumberOf("/src/OrderBook.cs", 88);
        for (int i = 0; i < 47; i++)
        {
            Link.AllocZeroed(heap)->Next = i == 0 ? target : null;
        }

        thread->Site = Origins.NumberOf("/src/OrderBook.cs", 90);
        _ = Aligned.Alloc(heap);
        thread->Site = 0;
        LeakReport report = heap.GetLeakReport();
        Assert.Equal(
            [
                "Link (allocated at OrderBook.cs:88): 47 objects, 1.1 KiB",
                "Aligned (allocated at OrderBook.cs:90): 1 object, 64 bytes",
                "Link: 1 object, 24 bytes",
                "Link: 1 object, 24 bytes",
            ],
            report.Groups.Select(group => group.ToString()).ToArray());
        Assert.Equal(("Link", "/src/OrderBook.cs", 88), (report.Groups[0].Type, report.Groups[0].File, report.Groups[0].Line));
        Assert.Equal("Link (allocated at OrderBook.cs:88)", Assert.Single(Heap.FindReferences(target).References).Kind);
    }

    [Fact]
    public void Tables_and_pools_are_a_kind()
    {
        using Heap heap = new();
        NativeTable<Order> table = new(heap);
        _ = ref table.Add(default, out _);
        LeakedObjects group = Assert.Single(heap.GetLeakReport().Groups);
        Assert.Equal(("Tables and pools", 1), (group.Kind, group.Objects));
        table.Dispose();
        Assert.Empty(heap.GetLeakReport().Groups);
    }

    [Fact]
    public void Of_nothing_it_says_so()
    {
        using Heap heap = new();
        heap.Free(heap.Alloc(100));
        LeakReport report = heap.GetLeakReport();
        Assert.Equal((0, 0, "The heap holds nothing."), (report.Objects, report.Bytes, report.ToString()));
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(() => heap.GetLeakReport());
    }
}
