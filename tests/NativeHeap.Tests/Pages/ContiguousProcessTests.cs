// The layout of arenas is chosen when a process starts, so these tests start processes, which are this program with some of its classes: those of the house that stand on pages, as they are, and
// scenarios for what is different.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Faults;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Maintenance;
using NativeHeap.Tests.Platform;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Processes with the contiguous layout.</summary>
public sealed class ContiguousProcessTests
{
    private const string Layout = "NATIVEHEAP_LAYOUT";
    private const string Budget = "NATIVEHEAP_CONTIGUOUS_BYTES";

    private static readonly Type[] s_always =
        [typeof(ArenaMapTests), typeof(HeapTests), typeof(HeapModelTests), typeof(HeapLifetimeTests), typeof(ProcessLimitTests), typeof(PageHeapCacheTests), typeof(ZeroedPagesTests), typeof(KeptRunsTests), typeof(HeapInvariantsTests), typeof(GuardTests), typeof(PageHeapIsolatedTests)];

    private static readonly Type[] s_long =
        [typeof(HeapWalkTests), typeof(HeapResetTests), typeof(HeapTrimTests), typeof(LimitTests), typeof(StatisticsTests), typeof(HighWaterTests), typeof(ThreadTests), typeof(ScavengerTests)];

    [Fact]
    public void What_holds_in_the_sparse_layout_holds_in_the_contiguous_one()
    {
        string output = Run("4G", [.. s_always, .. LongTests.Enabled ? s_long : []], (Layout, "Contiguous"));
        Assert.Contains("Errors: 0, Failed: 0, Skipped: 6,", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("64M")]
    [InlineData("36M")]
    public void A_budget_is_used_to_its_end_and_named_there(string budget)
    {
        string output = Run(budget, [typeof(ContiguousScenario)], (Layout, "contiguous"));
        Assert.Contains("Total: 4, Errors: 0, Failed: 0, Skipped: 0,", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_survived()
    {
        string output = Run("256M", [typeof(ContiguousFaultScenario)], (Layout, "Contiguous"));
        Assert.Contains("Errors: 0, Failed: 0, Skipped: 0,", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Layout, "round", "The setting NATIVEHEAP_LAYOUT (AppContext NativeHeap.Layout) is 'round'. It must be one of Sparse, Contiguous, or not set.")]
    [InlineData(Budget, "4095K", "(AppContext NativeHeap.ContiguousBytes) is '4095K'. It must be a number of bytes from 4,194,304 to 70,368,744,177,664 such as 536870912, 512M or 2G, or not set.")]
    [InlineData(Budget, "65T", "'65T'")]
    [InlineData(Budget, "some", "'some'")]
    public void A_setting_that_makes_no_sense_stops_the_first_call_by_name(string setting, string value, string message)
    {
        (int exit, string output) = ThisProgram.Run(Command([typeof(ArenaMapTests)], (setting, value)));
        Assert.NotEqual(0, exit);
        Assert.Contains($"System.InvalidOperationException : The setting {setting}", output, StringComparison.Ordinal);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    private static string Run(string budget, Type[] classes, params (string Variable, string Value)[] environment)
    {
        (int exit, string output) = ThisProgram.Run(Command(classes, [.. environment, (Budget, budget)]));
        Assert.True(exit == 0, output);
        return output;
    }

    private static ProcessStartInfo Command(Type[] classes, params (string Variable, string Value)[] environment)
    {
        ProcessStartInfo program = ThisProgram.Command([.. classes.SelectMany(type => (string[])["-class", type.FullName!])]);
        program.Environment["NATIVEHEAP_LONG_TESTS"] = "";
        foreach ((string variable, string value) in environment)
        {
            program.Environment[variable] = value;
        }

        return program;
    }
}

/// <summary>Faults in a process with the contiguous layout: in what the layout changes, and in one way through everything.</summary>
public sealed class ContiguousFaultScenario
{
    public static TheoryData<string> Scenarios { get; } = ["the first allocation of a process", "large blocks", "memory given back and taken again"];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Sweep(string scenario)
    {
        Assert.SkipUnless(ArenaLayout.IsContiguous, "For a process of its own.");
        FaultSweepTests.SweepAll(scenario);
    }
}

/// <summary>What is different in a process with the contiguous layout, at the end of a small budget.</summary>
public sealed unsafe class ContiguousScenario
{
    private static nuint Budget => ArenaLayout.Bytes;

    public ContiguousScenario() => Assert.SkipUnless(ArenaLayout.IsContiguous && Budget <= 64 << 20, "For a process of its own.");

    [Fact]
    public void All_blocks_lie_in_the_budget_and_any_address_is_told_from_them()
    {
        using Heap heap = new();
        List<nint> blocks = [];
        while (heap.TryAlloc((nuint)(1 + (blocks.Count * 131 % 90_000)), out void* block))
        {
            blocks.Add((nint)block);
        }

        var start = (byte*)HeapProcess.Arenas;
        nuint mapped = HeapProcess.Pages->GetTotals().Mapped;
        Assert.Equal(Budget, mapped);
        foreach (nint block in blocks)
        {
            Assert.InRange((nuint)block - (nuint)start, (nuint)0, Budget - 1);
            Assert.True(heap.Owns((void*)block) && !Heap.Shared.Owns((void*)block));
        }

        foreach (nuint outside in (ReadOnlySpan<nuint>)[0, 1, (nuint)start - 1, (nuint)start - SizeClass.PageSize, (nuint)start + Budget, nuint.MaxValue, (nuint)(&mapped)])
        {
            Assert.False(heap.Owns((void*)outside));
            if (outside != 0)
            {
                _ = Assert.Throws<ArgumentException>(() => heap.Free((void*)outside));
                _ = Assert.Throws<ArgumentException>(() => HeapMemory.Free((void*)outside));
            }
        }

        // Each page is told by all of its bytes.
        nint first = blocks[0];
        Assert.True(HeapProcess.Pages->Map.SpanOf((void*)first) == HeapProcess.Pages->Map.SpanOf((void*)(first | (nint)(SizeClass.PageSize - 1))));
        HeapInvariants.Check(blocks, HeapInvariants.ArenasFrom(HeapInvariants.ArenaOf((nint)start), 1));
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name_and_the_heap_goes_on()
    {
        using Heap heap = new();
        List<nint> blocks = [];
        OutOfMemoryException? error = null;
        while (error == null)
        {
            try
            {
                blocks.Add((nint)heap.Alloc(200_000));
            }
            catch (OutOfMemoryException refused)
            {
                error = refused;
            }
        }

        Assert.Contains($"The request for 200,000 bytes does not fit into the contiguous layout's budget of {Budget:N0} bytes (NATIVEHEAP_CONTIGUOUS_BYTES)", error.Message, StringComparison.Ordinal);
        Assert.False(heap.TryAlloc(200_000, out _));
        Assert.InRange((nuint)blocks.Count * 200_000, Budget * 9 / 10, Budget);
        LimitTests.AssertAddsUp(heap);
        heap.Free((void*)blocks[^1]);
        blocks[^1] = (nint)heap.Alloc(200_000);

        // What is no span has addresses of its own: a table of a heap that is full.
        using (NativeTable<long> table = new(heap, 100))
        {
            _ = table.Add(7, out NativeHandle<long> handle);
            Assert.Equal(7, table[handle]);
        }

        LimitTests.FreeAll(heap, blocks);
        LimitTests.AssertAddsUp(heap);
        heap.Free(heap.Alloc(Budget / 2));
    }

    [Fact]
    public void An_object_as_large_as_the_budget_is_had_from_what_is_free_and_what_is_left()
    {
        using Heap heap = new();
        foreach (nuint part in (ReadOnlySpan<nuint>)[Budget / 8, Budget / 2, Budget - SizeClass.PageSize, Budget])
        {
            Assert.True(heap.TryAlloc(part, out void* block));
            *((byte*)block + part - 1) = 1;
            heap.Free(block);
        }

        Assert.False(heap.TryAlloc(Budget + 1, out _));
        Assert.Equal(1, Heap.GetProcessStatistics().Reservations);
        Assert.Equal((long)Budget, Heap.GetProcessStatistics().ReservedBytes);
    }

    [Fact]
    public void A_system_that_has_not_the_addresses_is_told_with_the_budget()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            system.Refuse(new FaultPlan(SystemCall.Reserve, FaultMode.From, 1, 0));
            string message = Assert.Throws<OutOfMemoryException>(() => Heap.Shared.Alloc(24)).Message;
            Assert.Contains($"The contiguous layout's {Budget:N0} bytes of addresses (NATIVEHEAP_CONTIGUOUS_BYTES) are reserved with them.", message, StringComparison.Ordinal);
            system.Relent();
            Heap.Shared.Free(Heap.Shared.Alloc(24));
        });
    }
}
