// A table of the allocator's that has been written over ends the process, so each of these tests starts one, which is this program with one scenario, and reads what it has written by its end.

using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>Processes whose tables are written over.</summary>
public sealed class TableCorruptionTests
{
    public static TheoryData<string> Tables => [.. TableCorruptionScenario.Tables.Keys];

    [Theory]
    [MemberData(nameof(Tables))]
    public void What_makes_no_sense_ends_the_process_with_a_line_that_says_what_and_where(string table)
    {
        (int exit, string output) = ThisProgram.Run(typeof(TableCorruptionScenario), (TableCorruptionScenario.Variable, table));
        Assert.True(exit != 0, output);
        Assert.DoesNotContain(TableCorruptionScenario.Survived, output, StringComparison.Ordinal);
        string line = Assert.Single(output.Split('\n'), static line => line.Contains("NativeHeap found ", StringComparison.Ordinal));
        Assert.Matches($"NativeHeap found {Regex.Escape(table)} overwritten, at 0x[0-9a-f]{{6,16}}: .*so the process ends here\\. Look for the write with NATIVEHEAP_CHECK=Basic, or at that address with a debugger\\.", line);
    }
}

/// <summary>For a process of its own: see <see cref="TableCorruptionTests"/>.</summary>
public sealed unsafe class TableCorruptionScenario
{
    internal const string Variable = "NATIVEHEAP_TESTS_TABLE";
    internal const string Survived = "The damage was survived.";

    /// <summary>What is written over, and the call that meets it.</summary>
    internal static IReadOnlyDictionary<string, Action> Tables { get; } = new Dictionary<string, Action>
    {
        ["the links of a list of spans"] = DamageLargeObjects,
        ["the pointers of a bin"] = DamageBin,
        ["the links of a list of magazines"] = DamageDepot,
        ["the count of a magazine"] = DamageMagazine,
    };

    [Fact]
    public void Damages()
    {
        string? table = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(table == null, "For a process of its own.");
        try
        {
            Tables[table]();
        }
        finally
        {
            Console.Error.WriteLine(Survived);
        }
    }

    private static void DamageLargeObjects()
    {
        using Heap heap = new();
        void* first = heap.Alloc(100_000);
        void* second = heap.Alloc(100_000);
        HeapProcess.Pages->Map.SpanOf(first)->Previous = null;
        heap.Free(second);
    }

    private static void DamageBin()
    {
        using Heap heap = new();
        void* block = heap.Alloc(24);
        Bin* bin = ThreadRecord.HeapBin(ThreadRecord.Current, heap.Index, SizeClass.UntypedSpanClassOf(24));
        bin->Top += bin->Limit;
        Heap.FlushThread();
        heap.Free(block);
    }

    private static void DamageDepot()
    {
        CentralFixture fixture = new();
        CentralCache* central = fixture.Central(64);
        Magazine*[] magazines = [Full(), Full(), Full()];
        magazines[2]->Next = magazines[0];
        _ = central->TakeFromDepot(central->TakeEmpty(), central->MagazineCapacity);

        Magazine* Full()
        {
            Magazine* full = CentralFixture.Fill(central, [.. CentralFixture.Take(central, central->MagazineCapacity)]);
            _ = central->GiveToDepot(full);
            return full;
        }
    }

    private static void DamageMagazine()
    {
        CentralFixture fixture = new();
        CentralCache* central = fixture.Central(64);
        Magazine* magazine = CentralFixture.Fill(central, [.. CentralFixture.Take(central, 10)]);
        magazine->Count = magazine->Capacity + 1;
        Magazine.Pour(magazine, central->TakeEmpty());
    }
}
