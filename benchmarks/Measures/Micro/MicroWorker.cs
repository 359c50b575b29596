// The worker's side of `micro`: BenchmarkDotNet, for one case, in a process of its own. Its own way to such a process, to write a
// program and build it, takes most of a minute, the whole repository's rules included. Its engine is the same here: it finds how many
// calls fill an iteration, warms up, takes the time of the empty call off, throws outliers away and counts bytes.
//
// Answers once: bytes allocated on the GC's heap an operation, then nanoseconds an operation, of each iteration.

using System;
using System.Globalization;
using System.IO;
using System.Linq;

using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Micro;

internal static class MicroWorker
{
    public const string Quick = "quick";
    public const string Full = "full";

    private const int CallsOfABurst = 40;

    public static void Serve(string[] purpose)
    {
        if (purpose is not [Quick or Full, string cell, string subject])
        {
            throw WorkerProcess.Misused();
        }

        // What it would print and leave behind goes where it does no harm; its words are shown if it fails.
        AccumulationLogger log = new();
        DirectoryInfo artifacts = Directory.CreateTempSubdirectory("nativeheap-micro-");
        try
        {
            BenchmarkRunInfo run = MicroCases.Find(new(cell, subject), purpose[0] == Quick ? Effort.Quick : Effort.Full, log, artifacts.FullName);
            Settle(run.BenchmarksCases.Single());
            BenchmarkReport? report = BenchmarkRunner.Run(run).Reports.SingleOrDefault();
            if (report?.ResultStatistics is null)
            {
                Console.Error.WriteLine(log.GetLog());
            }
            else
            {
                Console.WriteLine(AnswerOf(report));
            }
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    private static string AnswerOf(BenchmarkReport report)
    {
        long bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
        double[] values = [bytes, .. report.GetResultRuns().Select(iteration => iteration.GetAverageTime().Nanoseconds)];
        return string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Calls the method until it is compiled for good: BenchmarkDotNet's own warm-up leaves a busy machine no time for that.</summary>
    private static void Settle(BenchmarkCase benchmark)
    {
        object instance = Activator.CreateInstance(benchmark.Descriptor.Type)!;
        foreach (ParameterInstance parameter in benchmark.Parameters.Items)
        {
            benchmark.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        }

        _ = benchmark.Descriptor.GlobalSetupMethod?.Invoke(instance, null);
        Action method = benchmark.Descriptor.WorkloadMethod.CreateDelegate<Action>(instance);
        Settling.UntilQuiet(() =>
        {
            for (int call = 0; call < CallsOfABurst; call++)
            {
                method();
            }
        });
    }
}
