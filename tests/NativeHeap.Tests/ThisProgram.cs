using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Tests;

/// <summary>This program once more, for what is read when a process starts. The command is the one that runs this program once more: by the runtime's host, by itself if it is published with the runtime, and by QEMU if it is under that.</summary>
internal static class ThisProgram
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Runs one class of tests in a process of its own.</summary>
    /// <param name="scenario">The class.</param>
    /// <param name="environment">What is set for it.</param>
    /// <returns>The exit code, and what the process wrote.</returns>
    public static (int Exit, string Output) Run(Type scenario, params ReadOnlySpan<(string Variable, string Value)> environment)
    {
        ProcessStartInfo start = Command("-class", scenario.FullName!);
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        return Run(start);
    }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="start">The command.</param>
    /// <param name="patience">How long it may take; a minute if it is not said.</param>
    /// <returns>The exit code, and what the process wrote.</returns>
    public static (int Exit, string Output) Run(ProcessStartInfo start, TimeSpan? patience = null)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(patience ?? s_patience))
        {
            process.Kill();
            Assert.Fail($"The process did not end within {patience ?? s_patience}.");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }

    public static ProcessStartInfo Command(params string[] arguments)
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        if (Path.TrimEndingDirectorySeparator(runtime) != Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
        {
            string host = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
            return new(host, [typeof(ThisProgram).Assembly.Location, .. arguments]);
        }

        return Emulation.IsQemu ? new(Emulation.Emulator!, [Environment.ProcessPath!, .. arguments]) : new(Environment.ProcessPath!, arguments);
    }
}
