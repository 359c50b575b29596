using System;
using System.Collections.Generic;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Every call of the system fails, one after the other, in every scenario: what was asked for succeeds or fails cleanly, nothing is lost, and the next call works.</summary>
public sealed class FaultSweepTests(ITestOutputHelper output)
{
    /// <summary>The system's number for access denied: an error that is no want of memory.</summary>
    internal static int Denied => OperatingSystem.IsWindows() ? 5 : 13;

    public static TheoryData<string> Scenarios { get; } = [.. FaultScenarios.All.Keys];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Every_fault_is_survived(string scenario) => output.WriteLine(SweepAll(scenario));

    /// <summary>Lets a scenario survive every fault.</summary>
    /// <returns>How many of each call it was.</returns>
    internal static string SweepAll(string scenario)
    {
        List<string> survived = [];
        foreach (SystemCall call in Enum.GetValues<SystemCall>())
        {
            int faults = Sweep(scenario, call, FaultMode.Once, 0, all: !Emulation.IsAny || (LongTests.Enabled && !Emulation.IsQemu));

            // QEMU keeps some bytes for each page that was ever reserved, and each run reserves 700 MiB: all modes would take more memory than machines have.
            if (!Emulation.IsQemu)
            {
                faults += Sweep(scenario, call, FaultMode.Once, Denied, all: LongTests.Enabled)
                    + Sweep(scenario, call, FaultMode.From, 0, all: LongTests.Enabled)
                    + Sweep(scenario, call, FaultMode.Every, 0, all: false);
            }

            if (faults != 0)
            {
                survived.Add($"{call} {faults}");
            }
        }

        Assert.NotEmpty(survived);
        return $"Faults survived by {scenario}: {string.Join(", ", survived)}";
    }

    // Each n until one is not reached, or each double of the last.
    private static int Sweep(string scenario, SystemCall call, FaultMode mode, int error, bool all)
    {
        int survived = 0;
        int refused;
        int n = mode == FaultMode.Every ? 2 : 1;
        do
        {
            refused = Run(FaultScenarios.All[scenario], new FaultPlan(call, mode, n, error));
            survived += refused != 0 ? 1 : 0;
            n += all ? 1 : n;
        }
        while (refused != 0);
        return survived;
    }

    private static int Run(Action<FaultRun> scenario, FaultPlan plan)
    {
        FaultySystem system = new();
        int refused = 0;
        FreshProcess.Run(system, () =>
        {
            FaultRun run = new(system, plan);
            system.Refuse(plan);
            scenario(run);
            refused = system.Refused;
            system.Relent();
            run.Check();
            scenario(run);
            run.Check();
            run.End();
        });
        return refused;
    }
}
