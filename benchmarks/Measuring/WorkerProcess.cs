// A fresh process that measures for this one: the same program, started again with the verb `worker`.
//
// Subjects must not share a process: one's mappings, fragments and thread state would be the other's starting point. They
// must be measured in turn all the same, since a shared machine is faster or slower from one second to the next. So a worker
// does nothing until asked, by a line on its standard input, and answers with a line; in between it sleeps in that read.
//
// Workers run the JIT with the defaults of every user's process, tiers and profile-guided optimisation included, but for its
// two waiting times, which are set to zero: code is compiled anew as soon as it has been called often enough, so that a
// warm-up of milliseconds settles what otherwise takes a good part of a second. A measure that needs another environment says so
// when it starts its worker.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Measuring;

internal sealed class WorkerProcess : IDisposable
{
    public const string Verb = "worker";

    private const string AssemblyFile = "NativeHeap.Benchmarks.dll";

    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public static WorkerProcess Start(params ReadOnlySpan<string> arguments) => StartWith([], arguments);

    public static WorkerProcess StartWith(IReadOnlyCollection<KeyValuePair<string, string>> environment, params ReadOnlySpan<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own path.");
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? Start(new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, AssemblyFile)]), environment, arguments)
            : Start(new ProcessStartInfo(program), environment, arguments);
    }

    /// <summary>Starts a worker that is another build of this program, in a folder of its own.</summary>
    public static WorkerProcess StartBuild(string folder, params ReadOnlySpan<string> arguments)
        => Start(new ProcessStartInfo(DotnetHost, [Path.Combine(folder, AssemblyFile)]), [], arguments);

    /// <summary>The system's number for it.</summary>
    public int Id => _process.Id;

    /// <summary>The worker's side: answers each request with a line until there are no more.</summary>
    public static void Answer(Func<string, string> answer)
    {
        while (Console.ReadLine() is string request)
        {
            Console.WriteLine(answer(request));
        }
    }

    /// <summary>The worker's side: what it was started with makes no sense.</summary>
    public static UsageException Misused() => new("The worker verb is for the program's own use: run a command instead.");

    private static WorkerProcess Start(
        ProcessStartInfo start,
        IReadOnlyCollection<KeyValuePair<string, string>> environment,
        ReadOnlySpan<string> arguments)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.ArgumentList.Add(Verb);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["GLIBC_TUNABLES"] = "glibc.rtld.optional_static_tls=16384";
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";
        start.Environment["DOTNET_TC_BackgroundWorkerTimeoutMs"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start) ?? throw new InvalidOperationException("The worker did not start."));
    }

    /// <summary>The program that runs .NET programs here: of the runtime that this one runs on.</summary>
    public static string DotnetHost => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Sends a request without waiting for the answer. A worker that has died takes it and never answers.</summary>
    public void Send(string request)
    {
        try
        {
            _process.StandardInput.WriteLine(request);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The pipe is broken: Receive will return null, and the caller has one case to handle instead of two.
        }
    }

    /// <summary>The next answer, or null if the worker has died.</summary>
    public string? Receive() => _process.StandardOutput.ReadLine();

    public string? Ask(string request)
    {
        Send(request);
        return Receive();
    }

    /// <summary>Ends the worker and waits until its memory is the machine's again.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It had died with a request unread.
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
