// The limit that the environment sets is read when the process' heap is made, so these tests start a process, which is this program with one scenario.

using System;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A process whose limit is set from outside.</summary>
public sealed class LimitedProcessTests
{
    [Fact]
    public void The_generated_stubs_fail_at_the_limit_of_the_environment_and_go_on_afterwards()
    {
        (int exit, string output) = ThisProgram.Run(typeof(LimitedScenario), (LimitedScenario.Variable, LimitedScenario.Setting), (LimitedScenario.SoftVariable, LimitedScenario.SoftSetting));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void Nought_is_no_limit()
    {
        (int exit, string output) = ThisProgram.Run(typeof(UnlimitedScenario), (LimitedScenario.Variable, "0"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void A_limit_that_is_no_number_stops_the_first_call_by_name()
    {
        (int exit, string output) = ThisProgram.Run(typeof(LimitedScenario), (LimitedScenario.Variable, "plenty"));
        Assert.NotEqual(0, exit);
        Assert.Contains("The setting NATIVEHEAP_MAXIMUM_BYTES (AppContext NativeHeap.MaximumBytes) is 'plenty'", output, StringComparison.Ordinal);
    }
}

/// <summary>What happens in a process limited to 24 MiB.</summary>
public sealed unsafe class LimitedScenario
{
    internal const string Variable = "NATIVEHEAP_MAXIMUM_BYTES";
    internal const string Setting = "24M";
    internal const string SoftVariable = "NATIVEHEAP_SOFT_LIMIT_BYTES";
    internal const string SoftSetting = "20M";
    private const long Maximum = 24 << 20;
    private const long Soft = 20 << 20;

    private int _told;

    private static bool IsSet => Environment.GetEnvironmentVariable(Variable) is not (null or "0");

    [Fact]
    public void Stubs_at_the_limit()
    {
        Assert.SkipUnless(IsSet, "For a process of its own.");
        Assert.Equal(Maximum, ProcessLimits.MaximumBytes);
        Assert.Equal(Soft, ProcessLimits.SoftLimitBytes);
        ProcessLimits.OnPressure = pressure => _told += pressure is { Heap: null, LimitBytes: Soft, RefusedBytes: 0 } ? 1 : 100;
        NativePointer<LargeMessage>[] messages = new NativePointer<LargeMessage>[Maximum / sizeof(LargeMessage)];
        int count = 0;
        string? message = null;
        while (message == null)
        {
            try
            {
                messages[count] = LargeMessage.Alloc();
                count++;
            }
            catch (OutOfMemoryException error)
            {
                message = error.Message;
            }
        }

        Assert.Contains("25,165,824 bytes (ProcessLimits.MaximumBytes)", message, StringComparison.Ordinal);
        Assert.Equal(1, _told);
        Assert.InRange(count, (int)(Maximum * 9 / 10 / sizeof(LargeMessage)), messages.Length);

        // All or nothing, and no owner that holds nothing.
        NativePointer<LargeMessage>[] batch = new NativePointer<LargeMessage>[8];
        LargeMessage.Free(messages[--count]);
        LargeMessage.Free(messages[--count]);
        Assert.Throws<OutOfMemoryException>(() => LargeMessage.AllocBatch(batch));
        Assert.Equal(-1, batch.AsSpan().IndexOfAnyExcept(default(NativePointer<LargeMessage>)));
        Assert.Equal(count, Heap.Shared.GetStatistics().LiveObjects);
        messages[count++] = LargeMessage.Alloc();
        messages[count++] = LargeMessage.AllocZeroed();
        Assert.Throws<OutOfMemoryException>(() => LargeMessage.Rent().Dispose());

        // A handler that throws leaves nothing of a batch either.
        LargeMessage.Free(messages[--count]);
        LargeMessage.Free(messages[--count]);
        ProcessLimits.OnPressure = _ => throw new NotSupportedException();
        Assert.Throws<NotSupportedException>(() => LargeMessage.AllocBatch(batch));
        Assert.Equal(-1, batch.AsSpan().IndexOfAnyExcept(default(NativePointer<LargeMessage>)));
        Assert.Equal(count, Heap.Shared.GetStatistics().LiveObjects);
        ProcessLimits.OnPressure = null;

        LargeMessage.FreeBatch(messages.AsSpan(0, count));
        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.Equal(0, process.LiveObjects);
        Assert.InRange(process.MappedBytes, 0, Maximum);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
        LargeMessage.Rent().Dispose();
    }
}

/// <summary>What happens in a process that asks for no limit.</summary>
public sealed class UnlimitedScenario
{
    [Fact]
    public void No_limit()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(LimitedScenario.Variable) == "0", "For a process of its own.");
        Assert.Null(ProcessLimits.MaximumBytes);
        Assert.Null(ProcessLimits.SoftLimitBytes);
    }
}
