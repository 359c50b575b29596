using System;
using System.Linq;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What a heap says of what is alive in it.</summary>
public sealed unsafe class LeakReportTests
{
    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void What_is_alive_is_said_by_kind_and_the_most_bytes_first(CheckLevel level)
    {
        using Heap heap = new(new HeapOptions { Name = "book", Check = level });
        for (int i = 0; i < 47; i++)
        {
            _ = Order.Alloc(heap);
        }

        _ = heap.Alloc(100);
        _ = LargeMessage.Alloc(heap);
        _ = new NativeTable<Order>(heap).Add(default, out _);
        Order.Free(heap, Order.Alloc(heap));
        LeakReport report = heap.GetLeakReport();
        Assert.Equal(
            string.Join(
                Environment.NewLine,
                "The heap 'book' holds 50 objects, 233.2 KiB:",
                "  lost: 49 objects, 41.2 KiB",
                "    Blocks of more than 32,768 bytes without pointers: 1 object, 40.0 KiB",
                "    Blocks of up to 24 bytes without pointers: 47 objects, 1.1 KiB",
                "    Blocks of up to 112 bytes that may hold pointers: 1 object, 112 bytes",
                "  reachable: 1 object, 192.0 KiB",
                "    Tables and pools: 1 object, 192.0 KiB"),
            report.ToString());
        Assert.Equal((report.Objects, report.Bytes), (report.Groups.Sum(group => group.Objects), report.Groups.Sum(group => group.Bytes)));
        Assert.Equal((heap.GetStatistics().LiveObjects, heap.GetStatistics().LiveBytes), (report.Objects, report.Bytes));
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
