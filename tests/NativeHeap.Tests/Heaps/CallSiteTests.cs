// Where stubs are called, as reports say it: by what tracked stubs have around their calls. tests/NativeHeap.Generators.Tests has which overloads are called.

using System;
using System.Linq;

using NativeHeap.CompilerServices;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

public sealed unsafe class CallSiteTests
{
    private const string File = "/src/Book.cs";

    [Theory]
    [InlineData(CheckLevel.Basic)]
    [InlineData(CheckLevel.Full)]
    public void A_leak_report_has_a_row_for_each_line(CheckLevel level)
    {
        using Heap heap = new(new HeapOptions { Check = level });
        for (int i = 0; i < 47; i++)
        {
            _ = AllocAt(heap, 88);
        }

        _ = AllocAt(heap, 90);
        _ = Order.Alloc(heap);
        LeakedObjects[] groups = [.. heap.GetLeakReport().Groups];
        Assert.Equal(["Order (allocated at Book.cs:88)", "Order", "Order (allocated at Book.cs:90)"], groups.Select(static g => g.Kind));
        Assert.Equal([47, 1, 1], groups.Select(static g => g.Objects));
        Assert.Equal([(File, 88), (null, 0), (File, 90)], groups.Select(static g => (g.File, g.Line)));
    }

    [Fact]
    public void At_Full_a_double_free_names_the_line_of_the_allocation_and_of_the_first_free()
    {
        using Heap heap = new(FullCheckTests.Full());
        Order* order = AllocAt(heap, 12);
        FreeAt(heap, order, 34);
        string message = Assert.Throws<HeapCorruptionException>(() => FreeAt(heap, order, 56)).Message;
        Assert.Contains($"was freed before, as Order, allocated at Book.cs:12, freed at Book.cs:34, by thread {Environment.CurrentManagedThreadId}: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_after_free_names_both_lines()
    {
        using Heap heap = new(FullCheckTests.Full());
        Order* order = AllocAt(heap, 12);
        FreeAt(heap, order, 34);
        order->Quantity = 1;
        string message = Assert.Throws<HeapCorruptionException>(heap.Verify).Message;
        Assert.Contains(" allocated at Book.cs:12 by thread ", message, StringComparison.Ordinal);
        Assert.Contains(" after it was freed at Book.cs:34 by thread ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Within_a_site_there_may_be_another_and_after_it_the_outer_one_holds_on()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        using (new CallSite(File, 1))
        {
            using (new CallSite(File, 2))
            {
                _ = Order.Alloc(heap);
            }

            _ = Order.Alloc(heap);
        }

        _ = Order.Alloc(heap);
        int[] lines = [.. heap.GetLeakReport().Groups.Select(static g => g.Line).Order()];
        Assert.Equal([0, 1, 2], lines);
    }

    [Fact]
    public void A_call_that_throws_leaves_no_site_behind()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic, MaximumBytes = 8_192 });
        _ = Assert.Throws<OutOfMemoryException>(() =>
        {
            using (new CallSite(File, 5))
            {
                _ = LargeMessage.Alloc(heap);
            }
        });
        Assert.Equal(0u, ThreadRecord.Current->Site);
    }

    [Fact]
    public void A_line_that_was_met_makes_no_garbage()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        Order.Free(heap, AllocAt(heap, 7));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            FreeAt(heap, AllocAt(heap, 7), 7);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("/src/Book.cs", "Book.cs:7")]
    [InlineData(@"C:\src\Book.cs", "Book.cs:7")]
    [InlineData("Book.cs", "Book.cs:7")]
    public void A_path_of_any_system_is_said_by_the_files_name(string path, string said)
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        using (new CallSite(path, 7))
        {
            _ = Order.Alloc(heap);
        }

        LeakedObjects group = Assert.Single(heap.GetLeakReport().Groups);
        Assert.Equal($"Order (allocated at {said})", group.Kind);
        Assert.Equal(path, group.File);
    }

    private static Order* AllocAt(Heap heap, int line)
    {
        using (new CallSite(File, line))
        {
            return Order.Alloc(heap);
        }
    }

    private static void FreeAt(Heap heap, Order* order, int line)
    {
        using (new CallSite(File, line))
        {
            Order.Free(heap, order);
        }
    }
}
