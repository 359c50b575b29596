// What ends a process, or is read when it starts, in a process of its own: one method for each, which the test names by a variable.

using System;
using System.Linq;
using System.Runtime.CompilerServices;

using NativeHeap.Guards;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What happens in a process that goes by settings of misuse.</summary>
public sealed unsafe class SettingScenario
{
    internal const string Variable = "NATIVEHEAP_TEST_SETTING_SCENARIO";

    [Fact]
    public void A_double_free_of_the_shared_heap()
    {
        Require();
        Order* order = Order.Alloc();
        Order.Free(order);
        Order.Free(order);
    }

    [Fact]
    public void A_double_free_of_a_heap_that_fails_fast()
    {
        Require();
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Full, FailsFast = true });
        Order* order = Order.Alloc(heap);
        Order.Free(heap, order);
        Order.Free(heap, order);
    }

    [Fact]
    public void A_double_free_that_is_found_late()
    {
        Require();
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Off, FailsFast = true });
        Order* order = Order.Alloc(heap);
        Order.Free(heap, order);
        Order.Free(heap, order);
        Heap.FlushThread();
    }

    [Fact]
    public void A_heap_that_throws_where_the_process_fails_fast()
    {
        Require();
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic, FailsFast = false });
        Order* order = Order.Alloc(heap);
        Order.Free(heap, order);
        _ = Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, order));
    }

    [Fact]
    public void Every_stack_is_asked()
    {
        Require();
        Leak();
        Leak();
        string[] kinds = [.. Heap.Shared.GetLeakReport().Groups.Select(static g => g.Kind)];
        Assert.Contains($"Order (allocated at {nameof(SettingScenario)}.cs:{LeakLine})", kinds);
        Assert.Contains(kinds, static kind => kind.StartsWith("Blocks of up to ", StringComparison.Ordinal) && kind.EndsWith($" (allocated at {nameof(SettingScenario)}.cs:{LeakLine + 1})", StringComparison.Ordinal));
    }

    [Fact]
    public void Some_stacks_are_asked()
    {
        Require();
        for (int i = 0; i < 2_000; i++)
        {
            Leak();
        }

        // Of 4,000 calls one in ten, on the average; the bounds are a dozen standard deviations away.
        Assert.InRange(Heap.Shared.GetLeakReport().Groups.Where(static g => g.Line >= LeakLine).Sum(static g => g.Objects), 250, 600);
    }

    [Fact]
    public void More_lines_than_there_are_numbers()
    {
        Require();
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        for (int line = 1; line <= 70_000; line++)
        {
            using (new NativeHeap.CompilerServices.CallSite("Many.cs", line))
            {
                _ = Order.Alloc(heap);
            }
        }

        LeakedObjects[] groups = [.. heap.GetLeakReport().Groups];
        Assert.Equal(70_000, groups.Sum(static g => g.Objects));
        Assert.Equal(ushort.MaxValue - 1, groups.Count(static g => g.Line != 0));
        Assert.Null(Origins.SiteOf(0));
    }

    private const int LeakLine = 106;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leak()
    {
        _ = Order.Alloc();
        _ = Heap.Shared.Alloc(100);
    }

    private static void Require([CallerMemberName] string scenario = "")
        => Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == scenario, "For a process of its own.");
}
