// What a process writes at its end is read when there is one, so these tests start a process, which is this program with one scenario.

using System;
using System.IO;

using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>The leak reports at the end of a process.</summary>
public sealed class LeaksAtExitTests
{
    private static readonly string[] s_expected =
    [
        "The heap 'Shared' holds 3 objects, 72 bytes:",
        "  lost: 1 object, 24 bytes",
        "    Blocks of up to 24 bytes that may hold pointers: 1 object, 24 bytes",
        "  indirectly lost: 2 objects, 48 bytes",
        "    Blocks of up to 24 bytes that may hold pointers: 2 objects, 48 bytes",
        "The heap 'level' holds 1 object, 24 bytes:",
        "  lost: 1 object, 24 bytes",
        "    Blocks of up to 24 bytes without pointers: 1 object, 24 bytes",
        "",
    ];

    [Fact]
    public void A_file_has_the_reports_of_the_shared_heap_and_of_named_heaps_that_were_not_disposed_of()
    {
        using TemporaryFolder folder = new();
        string file = folder.PathOf("leaks.txt");
        File.WriteAllText(file, "what was there before");
        (int exit, string output) = ThisProgram.Run(typeof(LeakingScenario), (LeakingScenario.Variable, file));
        Assert.True(exit == 0, output);
        Assert.Equal(string.Join(Environment.NewLine, s_expected), File.ReadAllText(file));
        Assert.DoesNotContain("The heap", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_standard_error_has_them_when_that_is_asked_for_or_the_file_cannot_be_written()
    {
        (int exit, string output) = ThisProgram.Run(typeof(LeakingScenario), (LeakingScenario.Variable, "stderr"));
        Assert.True(exit == 0, output);
        Assert.Contains(string.Join(Environment.NewLine, s_expected), output, StringComparison.Ordinal);

        using TemporaryFolder folder = new();
        string nowhere = folder.PathOf(Path.Combine("missing", "leaks.txt"));
        (exit, output) = ThisProgram.Run(typeof(LeakingScenario), (LeakingScenario.Variable, nowhere));
        Assert.True(exit == 0, output);
        Assert.Contains($"The leak reports that NATIVEHEAP_LEAKS asks for could not be written to '{nowhere}': ", output, StringComparison.Ordinal);
        Assert.Contains(string.Join(Environment.NewLine, s_expected), output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_is_not_asked_says_nothing()
    {
        (int exit, string output) = ThisProgram.Run(typeof(LeakingScenario), (LeakingScenario.Variable, ""));
        Assert.True(exit == 0, output);
        Assert.DoesNotContain("The heap", output, StringComparison.Ordinal);
    }
}

/// <summary>What happens in a process that leaks.</summary>
public sealed unsafe class LeakingScenario
{
    internal const string Variable = "NATIVEHEAP_LEAKS";

    [Fact]
    public void Some_objects_are_lost()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) is not null, "For a process of its own.");
        Link* first = Link.AllocZeroed();
        first->Next = Link.AllocZeroed();
        first->Next->Other = Link.AllocZeroed();
        Link.Free(Link.AllocZeroed());
        Heap level = new(new HeapOptions { Name = "level" });
        _ = Order.Alloc(level);
        _ = new Heap().Alloc(100);
        using Heap ended = new(new HeapOptions { Name = "ended" });
        _ = ended.Alloc(100);
    }
}
