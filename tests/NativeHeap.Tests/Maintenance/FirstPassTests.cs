using System;

using NativeHeap.Heaps;
using NativeHeap.Maintenance;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>What only happens once in a process: the first call of each of the system's functions, for which the runtime allocates a managed object unless it has been resolved at the start.</summary>
public sealed class FirstPassTests
{
    [Fact]
    public void Nothing_managed_is_allocated_by_the_first_pass_of_a_process()
    {
        (int exit, string output) = ThisProgram.Run(typeof(FirstPassScenario), (FirstPassScenario.Variable, "1"));
        Assert.True(exit == 0, output);
    }
}

/// <summary>What happens in such a process.</summary>
public sealed unsafe class FirstPassScenario
{
    internal const string Variable = "NATIVEHEAP_TESTS_FIRST_PASS";

    [Fact]
    public void Everything_is_resolved_at_the_start()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == "1", "For a process of its own.");
        _ = HeapProcess.EnsureStarted();
        void* block = Heap.Shared.Alloc(8 << 20);
        new Span<byte>(block, 8 << 20).Fill(1);
        Heap.Shared.Free(block);
        long before = GC.GetAllocatedBytesForCurrentThread();
        CpuBudget budget = new(CpuClock.Read());
        _ = budget.Grant(CpuClock.Read());
        nuint given = Heap.Trim();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.True(given > 0);
    }
}
