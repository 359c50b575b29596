// What happens in the processes that GuardedProcessTests starts; compiled ahead of time, too, where the environment can ask for it as they do.

using System;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What happens in a process with guarded samples.</summary>
public sealed unsafe partial class GuardedScenario
{
    internal const string Variable = "NATIVEHEAP_TESTS_MISUSE";
    internal const string Survived = "The misuse was survived.";

    private static string? Misuse => Environment.GetEnvironmentVariable(Variable);

    [Fact]
    public void Misuses()
    {
        Assert.SkipUnless(Misuse is not null and not "Shared" and not "NullReferences", "For a process of its own.");
        if (Misuse!.StartsWith("OtherHandler", StringComparison.Ordinal))
        {
            // A handler by which the process ends with the signal's number: C's own function for it.
            byte* action = stackalloc byte[256];
            new Span<byte>(action, 256).Clear();
            *(nint*)action = NativeLibrary.GetExport(NativeLibrary.Load("libc", typeof(GuardedScenario).Assembly, null), "_exit");
            Assert.Equal(0, SetAction(11, action, null));
        }

        Thread thread = new(Touch) { Name = "Trader" };
        thread.Start();
        thread.Join();
        Console.Error.WriteLine(Survived);
    }

    [Fact]
    public void Null_references()
    {
        Assert.SkipUnless(Misuse == "NullReferences", "For a process of its own.");
        HeapMemory.Free(HeapMemory.Alloc(100));
        bool goesOn = true;
        Thread collector = new(() =>
        {
            while (Volatile.Read(ref goesOn))
            {
                // One after the other would leave the exceptions hardly any time, with a handler and without.
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        collector.Start();
        int caught = 0;
        for (int i = 0; i < 10_000; i++)
        {
            try
            {
                _ = Length(null!);
            }
            catch (NullReferenceException)
            {
                caught++;
            }
        }

        Volatile.Write(ref goesOn, false);
        collector.Join();
        Assert.Equal(10_000, caught);
    }

    [Fact]
    public void Samples_of_the_shared_heap()
    {
        Assert.SkipUnless(Misuse == "Shared", "For a process of its own.");
        Order*[] orders = new Order*[20_000];
        for (int i = 0; i < orders.Length; i++)
        {
            orders[i] = Order.Alloc();
        }

        Assert.InRange(Heap.GetProcessStatistics().GuardedObjects, 10, GuardedPages.PlaceCount);
        foreach (Order* order in orders)
        {
            Order.Free(order);
        }

        Heap.Trim();
        Assert.Equal(0, Heap.GetProcessStatistics().GuardedObjects);
        using Heap without = new(new HeapOptions { GuardedSampleBytes = 0 });
        for (int i = 0; i < 20_000; i++)
        {
            Assert.False(HeapProcess.Pages->Guarded.Holds(without.Alloc(24)));
        }

        using Heap with = new();
        Assert.NotEqual(0, with.Set->GuardedShare);
    }

    private static int Length(string text) => text.Length;

    private static void Touch()
    {
        using Heap heap = new(new HeapOptions { GuardedSampleBytes = 1 });
        if (Misuse == "OtherHandler")
        {
            *(int*)8 = 1;
            return;
        }

        bool isBefore = Misuse == "WriteBefore";
        byte* order = Take(heap, isBefore);
        if (Misuse!.EndsWith("Freed", StringComparison.Ordinal))
        {
            Thread thread = new(() => Order.Free(heap, (Order*)order)) { Name = "Clerk" };
            thread.Start();
            thread.Join();
        }

        switch (Misuse)
        {
            case "WriteBehind" or "OtherHandlerAfterReport":
                order[24] = 1;
                break;
            case "ReadBehind":
                Console.Error.WriteLine(order[24]);
                break;
            case "WriteBefore":
                *(long*)(order - 8) = 1;
                break;
            case "WriteFreed":
                order[8] = 1;
                break;
            case "ReadFreed":
                Console.Error.WriteLine(order[0]);
                break;
            case "NativeWrite":
                nint c = NativeLibrary.Load(OperatingSystem.IsWindows() ? "msvcrt" : "libc", typeof(GuardedScenario).Assembly, null);
                _ = ((delegate* unmanaged<void*, int, nuint, void*>)NativeLibrary.GetExport(c, "memset"))(order + 24, 1, 8);
                break;
            default:
                Assert.Fail(Misuse);
                break;
        }
    }

    // One at the start of its place, or at the end.
    private static byte* Take(Heap heap, bool atStart)
    {
        Order.Free(heap, Order.Alloc(heap));
        while (true)
        {
            ThreadRecord.Current->Samples.Count(1_000);
            byte* order = (byte*)Order.Alloc(heap);
            bool isAtStart = ((nint)order & 4095) == 0;
            if (HeapProcess.Pages->Guarded.Holds(order) && isAtStart == atStart)
            {
                return order;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAction(int signal, void* action, void* previous);
}
