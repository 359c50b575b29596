// The level of the shared heap is read when the process' heap is made, so these tests start a process, which is this program with one scenario. And what the documentation says.

using System;
using System.IO;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A process whose heaps are checked from outside.</summary>
public sealed class CheckedProcessTests
{
    private static readonly Regex s_address = new("0x[0-9a-f]+");

    [Fact]
    public void The_environment_has_the_shared_heap_checked_and_heaps_without_a_level_of_their_own()
    {
        (int exit, string output) = ThisProgram.Run(typeof(CheckedScenario), (CheckedScenario.Variable, "basic"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public unsafe void The_errors_that_the_documentation_shows_are_those_that_are_thrown()
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "hardening.md"));
        using Heap book = new(new HeapOptions { Check = CheckLevel.Basic, Name = "book" });
        using Heap quotes = new(new HeapOptions { Check = CheckLevel.Basic, Name = "quotes" });
        Order* order = Order.Alloc(book);
        Order* other = Order.Alloc(quotes);
        Order.Free(book, order);
        Action[] mistakes =
        [
            () => Order.Free(book, order),
            () => Aligned.Free(quotes, (Aligned*)other),
            () => Order.Free(book, other),
            () => Order.Free(quotes, (Order*)((byte*)other + 8)),
        ];
        foreach (Action mistake in mistakes)
        {
            string message = s_address.Replace(Assert.Throws<HeapCorruptionException>(mistake).Message, "0x7f24e8000000");
            Assert.True(document.Contains(message, StringComparison.Ordinal), message);
        }
    }

    [Fact]
    public void Heaps_that_were_checked_most_closely_are_inaccessible_for_a_while_and_then_used_again()
    {
        (int exit, string output) = ThisProgram.Run(typeof(SealedHeapsScenario), (SealedHeapsScenario.Variable, "1"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void A_level_that_there_is_not_stops_the_first_call_by_name()
    {
        (int exit, string output) = ThisProgram.Run(typeof(CheckedScenario), (CheckedScenario.Variable, "thorough"));
        Assert.NotEqual(0, exit);
        Assert.Contains("The setting NATIVEHEAP_CHECK (AppContext NativeHeap.Check) is 'thorough'. It must be one of Off, Basic, Full, or not set.", output, StringComparison.Ordinal);
    }
}

/// <summary>What happens in a process that is checked.</summary>
public sealed unsafe class CheckedScenario
{
    internal const string Variable = "NATIVEHEAP_CHECK";

    private static bool IsSet => Environment.GetEnvironmentVariable(Variable) is not null;

    [Fact]
    public void Wrong_calls_of_stubs_and_HeapMemory_are_told_at_once()
    {
        Assert.SkipUnless(IsSet, "For a process of its own.");
        Order* order = Order.Alloc();
        Order* kept = Order.AllocZeroed();
        LargeMessage* message = LargeMessage.Alloc();
        long live = Heap.Shared.GetStatistics().LiveObjects;
        Assert.Throws<HeapCorruptionException>(() => Aligned.Free((Aligned*)order));
        Assert.Throws<HeapCorruptionException>(() => Order.Free((Order*)((byte*)order + 8)));
        Assert.Throws<HeapCorruptionException>(() => Order.Free((Order*)message));
        Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free((LargeMessage*)order));
        Assert.Equal(live, Heap.Shared.GetStatistics().LiveObjects);
        Order.Free(order);
        LargeMessage.Free(message);
        Assert.Contains("was freed before", Assert.Throws<HeapCorruptionException>(() => Order.Free(order)).Message, StringComparison.Ordinal);
        Assert.Throws<HeapCorruptionException>(() => LargeMessage.Free(message));
        Assert.Throws<HeapCorruptionException>(() => HeapMemory.Free(order));
        Assert.Throws<HeapCorruptionException>(() => HeapMemory.Realloc(order, 100));
        NativePointer<Order>[] twice = [kept, kept];
        Assert.Throws<HeapCorruptionException>(() => Order.FreeBatch(twice));
        Assert.Equal(live - 3, Heap.Shared.GetStatistics().LiveObjects);

        using Heap heap = new();
        Order* own = Order.Alloc(heap);
        Assert.Throws<HeapCorruptionException>(() => Order.Free(own));
        Order.Free(heap, own);
        Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, own));
        using Heap other = new(new HeapOptions { Check = CheckLevel.Off });
        Order.Free(other, Order.Alloc(other));
    }
}
