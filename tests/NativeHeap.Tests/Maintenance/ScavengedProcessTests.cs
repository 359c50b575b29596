// Whether memory goes back in a process that does nothing is asked of processes of their own, which are this program with one scenario.

using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Platform;
using NativeHeap.Tests.Platform;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>A process with the background thread, as all are but those of tests.</summary>
public sealed class ScavengedProcessTests
{
    [Fact]
    public void Memory_goes_back_in_a_process_that_does_nothing()
    {
        (int exit, string output) = ThisProgram.Run(typeof(ScavengedScenario), (ScavengedScenario.Variable, "500"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void A_delay_that_is_none_stops_the_first_call_by_name()
    {
        (int exit, string output) = ThisProgram.Run(typeof(ScavengedScenario), (ScavengedScenario.Variable, "soon"));
        Assert.NotEqual(0, exit);
        Assert.Contains("The setting NATIVEHEAP_SCAVENGE_DELAY (AppContext NativeHeap.ScavengeDelay) is 'soon'", output, StringComparison.Ordinal);
    }
}

/// <summary>What happens in such a process.</summary>
public sealed unsafe class ScavengedScenario
{
    internal const string Variable = "NATIVEHEAP_SCAVENGE_DELAY";
    private const int Size = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(50);

    private static bool IsSet => Environment.GetEnvironmentVariable(Variable) is not (null or "0");

    // Under QEMU the size has its translations of the code that runs meanwhile, some MiB.
    private static bool CountsOnlyOurs => OperatingSystem.IsLinux() && !Emulation.IsQemu;

    [Fact]
    public void Holes_and_bursts()
    {
        Assert.SkipUnless(IsSet, "For a process of its own.");
        _ = HeapProcess.EnsureStarted();
        Holes(LongTests.Scale(400_000, 2_000_000));
        Burst(LongTests.Scale(256, 2_048));
    }

    // All freed but every 100th: what stays is the system's pages that hold one, 5 % and 4 MiB.
    private static void Holes(int count)
    {
        // The test's own memory is there before it measures.
        nint[] blocks = new nint[count];
        Array.Fill(blocks, 1);
        HashSet<nint> pages = new(count / 20);
        long before = Settled();
        for (int i = 0; i < count; i++)
        {
            byte* block = (byte*)Heap.Shared.Alloc(Size);
            new Span<byte>(block, Size).Fill((byte)i);
            blocks[i] = (nint)block;
        }

        long peak = Resident() - before;
        for (int i = 0; i < count; i++)
        {
            if (i % 100 != 0)
            {
                Heap.Shared.Free((void*)blocks[i]);
            }
            else
            {
                _ = pages.Add(blocks[i] / Environment.SystemPageSize);
                _ = pages.Add((blocks[i] + Size - 1) / Environment.SystemPageSize);
            }
        }

        long left = Settled() - before;
        if (CountsOnlyOurs && Environment.SystemPageSize <= 8192)
        {
            Assert.InRange(peak, count * (long)Size, long.MaxValue);
            Assert.InRange(left, 0, (pages.Count * (long)Environment.SystemPageSize * 105 / 100) + (4 << 20));
        }

        HeapStatistics statistics = Heap.Shared.GetStatistics();
        Assert.False(statistics.IsApproximate);
        Assert.InRange(statistics.ReturnedBytes, 1, statistics.SpanBytes - statistics.LiveBytes);
        for (int i = 0; i < count; i += 100)
        {
            Assert.Equal(-1, new ReadOnlySpan<byte>((void*)blocks[i], Size).IndexOfAnyExcept((byte)i));
            Heap.Shared.Free((void*)blocks[i]);
        }
    }

    // All freed: what stays is 5 % of the peak.
    private static void Burst(int megabytes)
    {
        List<nint> blocks = [];
        long before = Settled();
        Random random = new(1);
        for (long bytes = 0; bytes < (long)megabytes << 20;)
        {
            int size = random.Next(20) == 0 ? random.Next(100_000) : random.Next(1, 3_000);
            void* block = Heap.Shared.Alloc((nuint)size);
            new Span<byte>(block, size).Fill(1);
            blocks.Add((nint)block);
            bytes += size;
        }

        long peak = Resident() - before;
        foreach (nint block in blocks)
        {
            Heap.Shared.Free((void*)block);
        }

        long left = Settled() - before;
        if (CountsOnlyOurs)
        {
            // The list that the test itself keeps is the collector's.
            Assert.InRange(left, long.MinValue, (peak * 5 / 100) + (16L * blocks.Capacity));
        }

        ProcessStatistics statistics = Heap.GetProcessStatistics();
        Assert.InRange(statistics.FreeBytes, 0, (2 << 20) + (16 * (long)VirtualMemory.PageSize));
    }

    // The process's size when the scavenger sleeps, having found nothing more.
    private static long Settled()
    {
        DateTime end = DateTime.UtcNow + s_patience;
        while (!HeapProcess.Scavenger->Bell->IsAsleep || HeapProcess.Scavenger->HasWork)
        {
            Assert.True(DateTime.UtcNow < end, "The scavenger goes on for ever.");
            Thread.Sleep(20);
        }

        return Resident();
    }

    private static long Resident() => OperatingSystem.IsLinux() ? ProcessMap.Resident() : 0;
}
