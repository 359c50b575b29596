using System;

using NativeHeap.Tests.Maintenance;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A process that has done nothing else: what is prewarmed is the lowest memory that there is, and all of what comes then is taken from it.</summary>
public sealed class PrewarmedProcessTests
{
    [Fact]
    public void What_is_allocated_after_prewarming_needs_nothing()
    {
        (int exit, string output) = ThisProgram.Run(typeof(PrewarmedScenario), (PrewarmedScenario.Variable, "1"), (ScavengedScenario.Variable, "0"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void What_is_prewarmed_is_in_memory_where_no_other_test_has_been()
    {
        (int exit, string output) = ThisProgram.Run(typeof(HeapPrewarmTests), (HeapPrewarmTests.AloneVariable, "1"));
        Assert.True(exit == 0, output);
    }
}

/// <summary>What happens in such a process.</summary>
public sealed unsafe class PrewarmedScenario
{
    internal const string Variable = "NATIVEHEAP_TESTS_PREWARMED";

    private const int Mega = 1 << 20;

    [Fact]
    public void Nothing_is_mapped_and_nothing_comes_back_from_the_system()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == "1", "For a process of its own.");
        using Heap heap = new();
        heap.Prewarm(40 * Mega);
        ProcessStatistics warm = Heap.GetProcessStatistics();
        for (long bytes = 0; bytes < 36 * Mega; bytes += 3_072)
        {
            *(byte*)heap.Alloc(3_000) = 1;
        }

        ProcessStatistics used = Heap.GetProcessStatistics();
        Assert.Equal((warm.MappedBytes, warm.ReturnedBytes), (used.MappedBytes, used.ReturnedBytes));
    }
}
