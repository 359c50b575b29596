// What a guarded sample is for ends the process, so each of these tests starts one, which is this program with one scenario, and reads what it has written by its end.

using System;
using System.Text.RegularExpressions;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Processes that end by a touch of a guarded object.</summary>
public sealed class GuardedProcessTests
{
    private static readonly Regex s_address = new("0x[0-9a-f]+");

    [Theory]
    [InlineData("WriteBehind", "was written to: it is 1 bytes behind the last byte of a guarded block of 24 bytes at 0x, of type Order, which is in use.\n  It was allocated by thread 1 (Trader).\n")]
    [InlineData("ReadBehind", "was read: it is 1 bytes behind the last byte of a guarded block of 24 bytes at 0x, of type Order, which is in use.\n  It was allocated by thread 1 (Trader).\n")]
    [InlineData("WriteBefore", "was written to: it is 8 bytes before the first byte of a guarded block of 24 bytes at 0x, of type Order, which is in use.\n  It was allocated by thread 1 (Trader).\n")]
    [InlineData("WriteFreed", "was written to: it is 8 bytes into a guarded block of 24 bytes at 0x, of type Order, which was freed before.\n  It was allocated by thread 1 (Trader).\n  It was freed by thread 2 (Clerk).\n")]
    [InlineData("ReadFreed", "was read: it is 0 bytes into a guarded block of 24 bytes at 0x, of type Order, which was freed before.\n  It was allocated by thread 1 (Trader).\n  It was freed by thread 2 (Clerk).\n")]
    [InlineData("NativeWrite", "was written to: it is 1 bytes behind the last byte of a guarded block of 24 bytes at 0x, of type Order, which is in use.\n  It was allocated by thread 1 (Trader).\n")]
    public void A_touch_outside_of_a_guarded_object_ends_the_process_there_with_a_report(string misuse, string report)
    {
        Assert.SkipUnless(FaultHandler.IsSupported && !Emulation.IsQemu, "Faults are not heard of here, or are the emulator's.");
        (int exit, string output) = ThisProgram.Run(typeof(GuardedScenario), (GuardedScenario.Variable, misuse));
        Assert.NotEqual(0, exit);
        string text = Regex.Replace(s_address.Replace(output, "0x"), "thread ([0-9]+) \\(Trader\\)", "thread 1 (Trader)");
        text = Regex.Replace(text, "thread ([0-9]+) \\(Clerk\\)", "thread 2 (Clerk)");
        Assert.True(text.Contains("NativeHeap: the address 0x " + report, StringComparison.Ordinal), output);
        Assert.DoesNotContain(GuardedScenario.Survived, output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_was_there_before_gets_what_is_not_ours_and_comes_after_what_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !Emulation.IsAny, "Signals are Linux's, and the emulator's faults are its own.");
        (int exit, string output) = ThisProgram.Run(typeof(GuardedScenario), (GuardedScenario.Variable, "OtherHandler"));
        Assert.True(exit == 11, output);
        Assert.DoesNotContain("NativeHeap: the address", output, StringComparison.Ordinal);
        (exit, output) = ThisProgram.Run(typeof(GuardedScenario), (GuardedScenario.Variable, "OtherHandlerAfterReport"));
        Assert.True(exit == 11, output);
        Assert.Contains("NativeHeap: the address", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_references_are_exceptions_as_ever()
    {
        (int exit, string output) = ThisProgram.Run(typeof(GuardedScenario), (GuardedScenario.Variable, "NullReferences"), ("NATIVEHEAP_GUARDED", "true"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void The_environment_has_the_shared_heap_sampled()
    {
        (int exit, string output) = ThisProgram.Run(typeof(GuardedScenario), (GuardedScenario.Variable, "Shared"), ("NATIVEHEAP_GUARDED", "4K"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void A_setting_that_is_no_number_stops_the_first_call_by_name()
    {
        (int exit, string output) = ThisProgram.Run(typeof(GuardedScenario), (GuardedScenario.Variable, "Shared"), ("NATIVEHEAP_GUARDED", "often"));
        Assert.NotEqual(0, exit);
        Assert.Contains("The setting NATIVEHEAP_GUARDED (AppContext NativeHeap.Guarded) is 'often'. It must be true, false, or a number of bytes such as 67108864 or 64M, or not set.", output, StringComparison.Ordinal);
    }
}
