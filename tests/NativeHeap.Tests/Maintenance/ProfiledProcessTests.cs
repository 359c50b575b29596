// The settings of the process for its memory are read when its heap is made, so these tests start processes, which are this program with one scenario.

using System;
using System.IO;
using System.Linq;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Platform;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>Processes with settings for their memory.</summary>
public sealed class ProfiledProcessTests
{
    [Theory]
    [InlineData("NATIVEHEAP_PROFILE", "Compact")]
    [InlineData("NATIVEHEAP_PROFILE", "LowLatency")]
    [InlineData("NATIVEHEAP_PREWARM_BYTES", "48M")]
    [InlineData("NATIVEHEAP_LOCK_MEMORY", "true")]
    [InlineData("NATIVEHEAP_HUGE_PAGES", "1")]
    public void What_is_set_is_done_or_said_to_be_impossible(string variable, string value)
    {
        (int exit, string output) = ThisProgram.Run(typeof(ProfiledScenario), (ProfiledScenario.Switch, variable), (variable, value));
        Assert.True(exit == 0, output);
    }

    [Theory]
    [InlineData("NATIVEHEAP_PROFILE", "Thrifty", "must be one of Balanced, LowLatency, Compact")]
    [InlineData("NATIVEHEAP_PREWARM_BYTES", "much", "must be a number of bytes")]
    [InlineData("NATIVEHEAP_LOCK_MEMORY", "perhaps", "must be true, false, 1 or 0")]
    [InlineData("NATIVEHEAP_HUGE_PAGES", "2", "must be true, false, 1 or 0")]
    public void What_makes_no_sense_stops_the_first_call_by_name(string variable, string value, string wanted)
    {
        (int exit, string output) = ThisProgram.Run(typeof(ProfiledScenario), (ProfiledScenario.Switch, variable), (variable, value));
        Assert.NotEqual(0, exit);
        Assert.Contains($"The setting {variable}", output, StringComparison.Ordinal);
        Assert.Contains(wanted, output, StringComparison.Ordinal);
    }
}

/// <summary>What each setting does.</summary>
public sealed unsafe class ProfiledScenario
{
    internal const string Switch = "NATIVEHEAP_TEST_OF_PROFILE";
    private const long Mega = 1 << 20;

    [Fact]
    public void As_set()
    {
        string? variable = Environment.GetEnvironmentVariable(Switch);
        Assert.SkipUnless(variable != null, "For a process of its own.");
        switch (variable)
        {
            case "NATIVEHEAP_PROFILE" when Environment.GetEnvironmentVariable(variable) == nameof(HeapProfile.Compact):
                Compact();
                break;
            case "NATIVEHEAP_PROFILE":
                LowLatency();
                break;
            case "NATIVEHEAP_PREWARM_BYTES":
                Prewarmed();
                break;
            case "NATIVEHEAP_LOCK_MEMORY":
                Locked();
                break;
            default:
                Huge();
                break;
        }
    }

    private static void Compact()
    {
        using Heap heap = new();
        using Heap balanced = new(new HeapOptions { Profile = HeapProfile.Balanced });
        foreach (Heap each in new[] { Heap.Shared, heap, balanced })
        {
            void*[] blocks = new void*[10_000];
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = each.Alloc(100);
            }

            foreach (void* block in blocks)
            {
                each.Free(block);
            }
        }

        Assert.InRange(Heap.Shared.GetStatistics().ThreadCachedBytes, 1, 8 << 10);
        Assert.InRange(heap.GetStatistics().ThreadCachedBytes, 1, 8 << 10);
        Assert.InRange(balanced.GetStatistics().ThreadCachedBytes, 16 << 10, Mega);
        Assert.Equal((nuint)0, HeapProcess.Scavenger->KeptBytes);
    }

    private static void LowLatency()
    {
        using Heap balanced = new(new HeapOptions { Profile = HeapProfile.Balanced });
        foreach (Heap each in new[] { Heap.Shared, balanced })
        {
            void*[] blocks = new void*[10_000];
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = each.Alloc(1_000);
            }

            foreach (void* block in blocks)
            {
                each.Free(block);
            }
        }

        for (int pass = 0; pass < 3; pass++)
        {
            HeapProcess.Scavenger->BeginPass(PassReach.Idle);
            Assert.True(HeapProcess.Scavenger->WorkFor(1_000_000_000_000));
        }

        Assert.InRange(Heap.Shared.GetStatistics().SpanBytes, 9 * Mega, 12 * Mega);
        Assert.InRange(balanced.GetStatistics().SpanBytes, 0, 2 * Mega);
        Heap.Shared.EndWarmUp();
        Assert.True(Heap.Shared.TryAlloc(1_000, out _));
        Assert.Contains("'Shared'", Assert.Throws<OutOfMemoryException>(() => { _ = Heap.Shared.Alloc(20 << 20); }).Message, StringComparison.Ordinal);
    }

    private static void Prewarmed()
    {
        Heap.Shared.Free(Heap.Shared.Alloc(100));
        Assert.InRange(Heap.GetProcessStatistics().FreeBytes, 47 * Mega, 60 * Mega);
    }

    private static void Locked()
    {
        void* block = null;
        try
        {
            block = Heap.Shared.Alloc(10 << 20);
        }
        catch (InvalidOperationException error) when (error.Message.Contains("lock less", StringComparison.Ordinal))
        {
            Assert.Contains("ulimit -l", error.Message, StringComparison.Ordinal);
            return;
        }

        if (OperatingSystem.IsLinux() && !Emulation.IsQemu)
        {
            Assert.InRange(StatusOf("VmLck"), 10 * Mega, 64 * Mega);
        }

        // What is locked stays: the system keeps it.
        Heap.Shared.Free(block);
        if (OperatingSystem.IsLinux() && !Emulation.IsQemu)
        {
            Assert.Equal((nuint)0, Heap.Trim());
            Assert.InRange(StatusOf("VmLck"), 10 * Mega, 64 * Mega);
        }
    }

    private static void Huge()
    {
        // What makes no sense is refused before anything is asked of the system, and ends the process.
        if (VirtualMemory.HugePageRefusal() is string reason && Environment.GetEnvironmentVariable("NATIVEHEAP_HUGE_PAGES") == "1")
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => { _ = Heap.Shared.Alloc(10); });
            Assert.True(
                error.Message.Contains("NATIVEHEAP_HUGE_PAGES asks for huge pages", StringComparison.Ordinal) && error.Message.Contains(reason, StringComparison.Ordinal),
                error.ToString());
            return;
        }

        byte* block = (byte*)Heap.Shared.Alloc(32 << 20);
        new Span<byte>(block, 32 << 20).Fill(1);
        if (!Emulation.IsQemu)
        {
            Assert.Equal(32 * Mega, ProcessMap.AdvisedHuge(block, 32 << 20));
        }

        Heap.Shared.Free(block);
    }

    private static long StatusOf(string name) =>
        long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]) << 10;
}
