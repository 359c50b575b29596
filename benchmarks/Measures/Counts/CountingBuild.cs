// The build that counts: this project and the runtime once more, with -p:NativeHeapCounts=true, into folders of its own.
//
// Counting costs an atomic operation for each atomic operation, so it has no place in the build that everything else
// measures. `counts` makes the other build when it is asked for; after the first time that takes seconds.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Counts;

internal static class CountingBuild
{
    private const string ByHand = "dotnet build -c Release -p:NativeHeapCounts=true benchmarks";

    /// <summary>Makes the build, or finds it up to date.</summary>
    /// <returns>The folder that the program is in.</returns>
    public static string Make()
    {
        string project = Repository.Benchmarks;

        // No server is left behind: it would run beside what is measured next.
        ProcessStartInfo start = new(
            WorkerProcess.DotnetHost,
            ["build", project, "-c", "Release", "-p:NativeHeapCounts=true", "-p:UseSharedCompilation=false", "-nodeReuse:false", "-nologo", "-v:quiet"])
        {
            RedirectStandardOutput = true,
        };
        using Process build = Start(start);
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0
            ? Path.Combine(project, "bin", "counts", "Release", "net10.0")
            : throw new UsageException($"The counting build failed: run `{ByHand}` and see ({FirstLine(output)}).");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("The build did not start.");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new UsageException($"The counting build needs the .NET SDK: {missing.Message}.");
        }
    }

    private static string FirstLine(string text)
        => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault("no output");
}
