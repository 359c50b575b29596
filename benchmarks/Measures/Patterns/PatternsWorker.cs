// The worker's side of `patterns`. It is started for one purpose, said on its command line, and then answers line by line:
//
//     cell SUBJECT CELL    settle -> settled | time -> nanoseconds an operation, by the pattern's clock and of all cores together | peak -> MiB
//
// The peak of memory is how much more of it was resident at any one time than before the subject was first called.

using System;
using System.Globalization;

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
        if (purpose is not [CellVerb, string subject, string cell])
        {
            throw WorkerProcess.Misused();
        }

        Func<Load, Outcome> run = PatternCell.Parse(cell).Over(subject);
        ResidentMemory memory = ResidentMemory.Start();
        WorkerProcess.Answer(request => request switch
        {
            Settle => SettleDown(run),
            Time => TimeOf(run),
            Peak => PeakOf(memory),
            _ => throw WorkerProcess.Misused(),
        });
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

    private static string PeakOf(ResidentMemory memory) => string.Create(CultureInfo.InvariantCulture, $"{memory.PeakGrowth / (double)(1 << 20):R}");
}
