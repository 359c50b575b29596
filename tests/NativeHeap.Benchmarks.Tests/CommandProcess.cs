using System.Diagnostics;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Tests;

/// <summary>The program as its users start it. It starts itself again for what it measures, so it has a process of its own.</summary>
internal static class CommandProcess
{
    public static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        ProcessStartInfo start = new(WorkerProcess.DotnetHost, [typeof(Command).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
