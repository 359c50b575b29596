// The hardening of the shared heap is read when the process' heap is made, so these tests start a process, which is this program with one scenario.

using System;
using System.IO;
using System.Linq;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What heaps are hardened by: the process from outside, and the options.</summary>
public sealed class HardenedProcessTests
{
    [Fact]
    public void The_environment_hardens_the_shared_heap_and_heaps_that_say_nothing_of_it()
    {
        string[] orders = new string[2];
        for (int i = 0; i < orders.Length; i++)
        {
            string file = Path.GetTempFileName();
            (int exit, string output) = ThisProgram.Run(typeof(HardenedScenario), (HardenedScenario.Variable, "zeroonfree, RandomOrder"), (HardenedScenario.File, file));
            Assert.True(exit == 0, output);
            orders[i] = File.ReadAllText(file);
            File.Delete(file);
        }

        // Two processes of one program have orders of their own.
        Assert.True(orders[0].Length > 1_000);
        Assert.NotEqual(orders[0], orders[1]);
    }

    [Theory]
    [InlineData("Off", "None")]
    [InlineData("Off", "RandomOrder,ZeroOnFree")]
    [InlineData("Basic", "None")]
    [InlineData("Basic", "RandomOrder,ZeroOnFree")]
    public void Isolated_types_are_checked_and_hardened_as_the_process_is(string check, string hardening)
    {
        (int exit, string output) = ThisProgram.Run(typeof(IsolatedTypeTests), (HardenedScenario.Variable, hardening), ("NATIVEHEAP_CHECK", check));
        Assert.True(exit == 0 && output.Contains("Skipped: 0,", StringComparison.Ordinal), output);
    }

    [Fact]
    public void A_name_that_there_is_not_stops_the_first_call()
    {
        (int exit, string output) = ThisProgram.Run(typeof(HardenedScenario), (HardenedScenario.Variable, "RandomOrder,Concrete"));
        Assert.NotEqual(0, exit);
        Assert.Contains(
            "The setting NATIVEHEAP_HARDENING (AppContext NativeHeap.Hardening) is 'RandomOrder,Concrete'. It must be one or, with commas between them, several of None, RandomOrder, ZeroOnFree, or not set.",
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_there_is_not_is_an_error_that_names_it()
    {
        Assert.Null(new HeapOptions().Hardening);
        Assert.Equal(HeapHardening.RandomOrder | HeapHardening.ZeroOnFree, new HeapOptions { Hardening = (HeapHardening)3 }.Hardening);
        foreach (int wrong in (int[])[4, 7, -1, 1 << 30])
        {
            string message = Assert.Throws<ArgumentOutOfRangeException>(() => new HeapOptions { Hardening = (HeapHardening)wrong }).Message;
            Assert.Contains($"There is no HeapHardening {wrong}. It must be one or several of None, RandomOrder, ZeroOnFree, or null.", message, StringComparison.Ordinal);
        }
    }
}

/// <summary>What happens in a process that is hardened.</summary>
public sealed unsafe class HardenedScenario
{
    internal const string Variable = "NATIVEHEAP_HARDENING";
    internal const string File = "NATIVEHEAP_TEST_ORDER_FILE";

    [Fact]
    public void The_shared_heap_draws_lots_and_clears()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) is not null, "For a process of its own.");
        nint[] orders = [.. Enumerable.Range(0, 2_000).Select(static _ => (nint)Order.Alloc())];
        Assert.InRange(orders.Zip(orders.Skip(1)).Count(static pair => pair.Second - pair.First == sizeof(Order)), 0, 100);
        System.IO.File.WriteAllText(Environment.GetEnvironmentVariable(File)!, string.Join(' ', orders.Select(order => order - orders.Min())));

        Order* order = (Order*)orders[7];
        order->Price = 7;
        Order.Free(order);
        Assert.Equal(0, order->Price);
        long* block = (long*)HeapMemory.Alloc(64);
        block[7] = 9;
        HeapMemory.Free(block);
        Assert.Equal(0, block[7]);
        using Heap heap = new();
        order = Order.Alloc(heap);
        order->Price = 7;
        heap.Free(order);
        Assert.Equal(0, order->Price);

        using Heap plain = new(new HeapOptions { Hardening = HeapHardening.None });
        order = Order.Alloc(plain);
        order->Price = 7;
        Order.Free(plain, order);
        Assert.Equal(7, order->Price);
    }
}
