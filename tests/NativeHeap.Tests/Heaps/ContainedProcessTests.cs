using System;
using System.Collections.Generic;
using System.Diagnostics;

using NativeHeap.Tests.Faults;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A process in a container.</summary>
public sealed class ContainedProcessTests
{
    [Fact]
    public void The_containers_limit_is_the_maximum_and_three_quarters_of_it_the_soft_limit()
    {
        (int exit, string output) = RunContained(nameof(ContainedScenario.The_containers_limits));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void What_is_set_goes_before_the_containers()
    {
        (int exit, string output) = RunContained(nameof(ContainedScenario.Limits_that_are_set), ("NATIVEHEAP_MAXIMUM_BYTES", "100M"));
        Assert.True(exit == 0, output);
        (exit, output) = RunContained(nameof(ContainedScenario.No_limits), ("NATIVEHEAP_MAXIMUM_BYTES", "0"));
        Assert.True(exit == 0, output);
    }

    private static (int Exit, string Output) RunContained(string scenario, params IEnumerable<(string Variable, string Value)> environment)
    {
        using ControlGroup group = new(ContainedScenario.Limit);
        ProcessStartInfo test = ThisProgram.Command("-method", $"{typeof(ContainedScenario).FullName}.{scenario}");
        test.Environment[ContainedScenario.Variable] = "1";
        foreach ((string variable, string value) in environment)
        {
            test.Environment[variable] = value;
        }

        return ThisProgram.Run(group.Contain(test));
    }
}

/// <summary>What happens in a container of 768 MiB.</summary>
public sealed unsafe class ContainedScenario
{
    internal const string Variable = "NATIVEHEAP_TEST_CONTAINED";
    internal const long Limit = 768L << 20;

    [Fact]
    public void The_containers_limits() => Check(Limit, Limit / 4 * 3);

    [Fact]
    public void Limits_that_are_set() => Check(100L << 20, null);

    [Fact]
    public void No_limits() => Check(null, null);

    private static void Check(long? maximum, long? soft)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) != null, "For a process in a container.");
        Assert.Equal(Limit, ProcessLimits.ContainerLimitBytes);
        Assert.Equal(maximum, ProcessLimits.MaximumBytes);
        Assert.Equal(soft, ProcessLimits.SoftLimitBytes);
        Assert.Equal(maximum == null, Heap.Shared.TryAlloc((nuint)Limit + 1, out _));
        Assert.True(Heap.Shared.TryAlloc(1 << 20, out _));
    }
}
