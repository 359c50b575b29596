// Limits that the system keeps, each in a process of its own, which is this program with RealLimitScenario: what it does when it comes up against one is there.

using System;
using System.Diagnostics;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>A process that gets no more from the system is refused cleanly, goes on with what it has, and everything adds up.</summary>
public sealed class RealLimitTests
{
    [Fact]
    public void Ulimit_on_the_address_space_from_the_start()
    {
        ProcessStartInfo program = Program(RealLimitScenario.FromOutside);

        // Of 4 GB the collector would take half for itself.
        program.Environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        ProcessStartInfo limited = new("sh", ["-c", "ulimit -v 4000000 && exec \"$0\" \"$@\"", program.FileName, .. program.ArgumentList]);
        foreach ((string variable, string? value) in program.Environment)
        {
            limited.Environment[variable] = value;
        }

        AssertSurvives(limited);
    }

    [Theory]
    [InlineData(RealLimitScenario.AddressSpace)]
    [InlineData(RealLimitScenario.Data)]
    [InlineData(RealLimitScenario.Mappings)]
    public void A_limit_that_comes_down_while_the_process_runs(string limit) => AssertSurvives(Program(limit));

    // The system would not refuse here but kill: what is set keeps the process below the container's limit, to the byte of what objects may touch.
    [Fact]
    public void A_container_that_is_filled_and_given_back()
    {
        using ControlGroup group = new(RealLimitScenario.ContainerBytes);
        ProcessStartInfo program = Program(RealLimitScenario.Container);
        program.Environment[RealLimitScenario.UseFileVariable] = group.UseFile;
        AssertSurvives(group.Contain(program));
    }

    private static ProcessStartInfo Program(string limit)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !Emulation.IsQemu, "The limits are Linux's, and under QEMU they limit QEMU.");
        ProcessStartInfo program = ThisProgram.Command();
        program.Environment[RealLimitScenario.Variable] = limit;

        // All code is compiled when it is first run, none in the background, in pages that are mapped once; and the runtime has no threads of its own that want memory later.
        program.Environment["DOTNET_TieredCompilation"] = "0";
        program.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        program.Environment["DOTNET_EnableDiagnostics"] = "0";
        program.Environment["DOTNET_gcConcurrent"] = "0";
        return program;
    }

    private static void AssertSurvives(ProcessStartInfo program)
    {
        (int exit, string output) = ThisProgram.Run(program);
        Assert.SkipWhen(exit == RealLimitScenario.ExitSkipped, output);
        Assert.True(exit == 0 && output.Contains(RealLimitScenario.Survived, StringComparison.Ordinal), output);
    }
}
