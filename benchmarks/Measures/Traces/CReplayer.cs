// The same replay in C, where nobody pays for C#: replay.c, built by the C compiler of the machine and run under glibc and, by LD_PRELOAD, under the others.
//
// Its source lies with the traces, or in ../shared/traces beside the repository. Where it or a compiler is missing, one line says so and the rows in C are not there.

using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal sealed class CReplayer
{
    private const string SourceName = "replay.c";
    private const string Preload = "LD_PRELOAD";

    private static readonly string[] s_compilers = ["gcc", "cc", "clang"];

    private readonly string _program;

    private CReplayer(string program) => _program = program;

    /// <summary>Builds it into a folder; null, after a line that says why, if that is not possible here.</summary>
    public static CReplayer? TryBuild(string traces, string folder)
    {
        string? source = new[] { Path.Combine(traces, SourceName), Path.Combine(Repository.SharedTraces, SourceName) }.FirstOrDefault(File.Exists);
        if (source is null)
        {
            Console.Error.WriteLine($"Missing: {SourceName}, neither in '{traces}' nor in ../shared/traces beside the repository; nothing is measured in C.");
            return null;
        }

        string program = Path.Combine(folder, "replay");
        foreach (string compiler in s_compilers)
        {
            string[] options =
            [
                "-O2", "-o", program, source, "-pthread",
                "-fno-builtin-malloc", "-fno-builtin-calloc", "-fno-builtin-realloc", "-fno-builtin-free",
            ];
            try
            {
                (int code, _, string errors) = Run(compiler, options, preload: null);
                if (code == 0)
                {
                    return new(program);
                }

                string reason = errors.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? "for a reason it does not tell";
                Console.Error.WriteLine($"{compiler} does not compile '{source}': {reason}; nothing is measured in C.");
                return null;
            }
            catch (Win32Exception)
            {
                // Not installed: perhaps the next one is.
            }
        }

        Console.Error.WriteLine($"Missing: a C compiler ({string.Join(", ", s_compilers)}; apt-get install gcc); nothing is measured in C.");
        return null;
    }

    /// <summary>Nanoseconds of the process's time an event.</summary>
    public double? Time(string subject, string file)
        => Figure("cpu_ns_per_event", subject, [.. subject == TraceSubjects.CLoopName ? ["-n"] : Array.Empty<string>(), "-r", "1", file]);

    /// <summary>Nanoseconds on the wall an event.</summary>
    public double? TimeThreaded(string subject, string file, int threads)
        => Figure("ns_per_event", subject, ["-m", "mt", "-t", threads.ToString(CultureInfo.InvariantCulture), "-r", "1", file]);

    /// <summary>Bytes by which the process grew at most, every page of an object touched.</summary>
    public double? Memory(string subject, string file) => Figure("peak_rss_kb", subject, ["-p", "-r", "1", file]) * 1024;

    private double? Figure(string key, string subject, string[] arguments)
    {
        (int code, string output, string errors) = Run(_program, arguments, LibraryOf(subject));

        // The loader goes on without a library that it cannot load: that would be glibc's figure under another's name.
        if (code != 0 || errors.Contains("cannot be preloaded", StringComparison.Ordinal))
        {
            Console.Error.WriteLine($"{subject} gives no figure: {(errors.Length > 0 ? errors : output).Split('\n')[0]}");
            return null;
        }

        using JsonDocument json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty(key).GetDouble();
    }

    private static string? LibraryOf(string subject)
        => subject[TraceSubjects.InC.Length..] switch
        {
            Subject.MimallocName => Mimalloc.FileName,
            Subject.JemallocName => Jemalloc.FileName,
            Subject.TcmallocName => Tcmalloc.FileName,
            _ => null,
        };

    private static (int Code, string Output, string Errors) Run(string program, string[] arguments, string? preload)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (preload is not null)
        {
            start.Environment[Preload] = preload;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
