// Commands as a user gives them: nothing of what this process was started with reaches them that would change a build or a program.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Package.Tests;

/// <summary>What a command came to.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Output">What it wrote, errors last.</param>
internal sealed record Outcome(int Exit, string Output)
{
    /// <summary>The output of a command that succeeded; else the test fails.</summary>
    public string Success()
    {
        Assert.True(Exit == 0, $"Exit code {Exit.ToString(CultureInfo.InvariantCulture)}:\n{Output}");
        return Output;
    }
}

/// <summary>Runs commands of the SDK, and the programs that they make.</summary>
internal static class Command
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static readonly string s_host =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Runs the SDK's host.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="packages">The folder that packages are kept in; null for the user's own.</param>
    /// <param name="arguments">The command.</param>
    public static Outcome Sdk(string folder, string? packages, params IEnumerable<string> arguments)
        => Run(s_host, folder, packages is null ? [] : [("NUGET_PACKAGES", packages)], arguments);

    /// <summary>Runs a program.</summary>
    public static Outcome Run(string program, string folder, IEnumerable<(string Variable, string Value)> environment, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsOurs))
        {
            _ = start.Environment.Remove(variable);
        }

        // A build that outlives its test would hold on to the test's folder.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {s_patience}.");
        }

        return new(process.ExitCode, output.Result + errors.Result);
    }

    // Of `dotnet test`, of the person who runs it, and what settings of NativeHeap there are.
    private static bool IsOurs(string variable)
        => variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || variable.StartsWith("NATIVEHEAP_", StringComparison.OrdinalIgnoreCase)
            || variable.StartsWith("DOTNET_CLI_TEST", StringComparison.OrdinalIgnoreCase);
}
