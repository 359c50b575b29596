// A platform that there is a golden file for, and how the probe is run on it: as it was built beside the tests where that is the platform of the tests
// themselves; else under an emulator, which tests/platforms/golden sets up and names in the environment:
//
//     NATIVEHEAP_EMULATOR       the program that runs others made for Linux on arm64
//     NATIVEHEAP_ARM64_PROBE    the probe, published for that platform with the runtime

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

using Xunit;

namespace NativeHeap.Tests.Golden;

internal sealed class ProbeTarget
{
    private readonly Architecture _architecture;
    private readonly string? _probeVariable;

    private ProbeTarget(string name, Architecture architecture, InstructionSet instructions, string? probeVariable)
    {
        Name = name;
        _architecture = architecture;
        Instructions = instructions;
        _probeVariable = probeVariable;
    }

    public static IReadOnlyList<ProbeTarget> All { get; } =
    [
        new("linux-x64", Architecture.X64, new X64(), null),
        new("linux-arm64", Architecture.Arm64, new Arm64(), "NATIVEHEAP_ARM64_PROBE"),
    ];

    public string Name { get; }

    public InstructionSet Instructions { get; }

    /// <summary>The command that runs the probe; skips the test where there is none.</summary>
    public ProcessStartInfo Command()
    {
#if DEBUG
        Assert.Skip("Nothing is inlined in a debug build: run the tests with -c Release.");
#endif
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == _architecture && File.Exists(Host))
        {
            return new(Host, [BuiltProbe]);
        }

        string? probe = _probeVariable == null ? null : Environment.GetEnvironmentVariable(_probeVariable);
        Assert.SkipWhen(
            string.IsNullOrEmpty(probe) || Emulation.Emulator == null,
            $"This is {RuntimeInformation.RuntimeIdentifier}, and nothing here runs programs for {Name}. tests/platforms/golden sets up what does.");
        return new(Emulation.Emulator!, [probe!]);
    }

    private static string Host => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static string BuiltProbe
        => Path.GetFullPath(typeof(ProbeTarget).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "StubProbe").Value!);
}
