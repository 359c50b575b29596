// The worker's side of `patterns`. It is started for one purpose, said on its command line, and then answers line by line:
//
//     cell SUBJECT CELL    settle -> settled | time -> nanoseconds an operation, by the pattern's clock and of all cores together | peak -> MiB
//     probe SUBJECT        answers once, without being asked, with the subject's version
//
// The peak of memory is how much more of it was resident at any one time than before the subject was first called.

using System;
using System.Globalization;
using System.IO;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class PatternsWorker
{
    public const string CellVerb = "cell";
    public const string Settle = "settle";
    public const string Time = "time";
    public const string Peak = "peak";

    private const int RunsOfABurst = 10;

    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_settlingLimit = TimeSpan.FromSeconds(1);

    // What leaves each inner loop called often enough in a burst, and takes a millisecond.
    private static readonly Load s_little = new(0.002);
    private static readonly Load s_whole = new(1);

    public static void Serve(string[] purpose)
    {
        switch (purpose)
        {
            case [CellVerb, string subject, string cell]:
                ServeCell(PatternCell.Parse(cell).Over(subject));
                break;
            case [Presence.Verb, string subject]:
                Presence.Probe(subject);
                break;
            default:
                throw new UsageException("The worker verb is for the program's own use: run a command instead.");
        }
    }

    private static void ServeCell(Func<Load, Outcome> run)
    {
        double before = ReadMemory("VmRSS:");
        while (Console.ReadLine() is string request)
        {
            Console.WriteLine(request switch
            {
                Settle => SettleDown(run),
                Time => TimeOf(run),
                Peak => string.Create(CultureInfo.InvariantCulture, $"{ReadMemory("VmHWM:") - before:R}"),
                _ => throw new UsageException($"There is no request '{request}'."),
            });
        }
    }

    private static string SettleDown(Func<Load, Outcome> run)
    {
        Settling.UntilQuiet(
            () =>
            {
                for (int i = 0; i < RunsOfABurst; i++)
                {
                    run(s_little);
                }
            },
            s_settling,
            s_settlingLimit);
        return "settled";
    }

    private static string TimeOf(Func<Load, Outcome> run)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Outcome outcome = run(s_whole);
        TimeSpan cores = Environment.CpuUsage.TotalTime - before;
        return string.Create(CultureInfo.InvariantCulture, $"{outcome.Time.TotalNanoseconds / outcome.Operations:R} {cores.TotalNanoseconds / outcome.Operations:R}");
    }

    private static double ReadMemory(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(field.Length, line.Length - field.Length - "kB".Length), CultureInfo.InvariantCulture) / 1024;
    }
}
