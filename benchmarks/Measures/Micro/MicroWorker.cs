// The worker's side of `micro`: BenchmarkDotNet, for one case, in a process of its own. Its own way to such a process, to write a
// program and build it, takes half a minute a time and does not set what late loading of the libraries needs. Its engine is the same
// here: it warms up, finds how many calls fill an iteration, takes the time of the empty call off, throws outliers away and counts bytes.
//
// Answers once: bytes allocated on the GC's heap an operation, then nanoseconds an operation, of each iteration.

using System;
using System.Globalization;
using System.Linq;

using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Micro;

internal static class MicroWorker
{
    public const string Quick = "quick";
    public const string Full = "full";

    public static void Serve(string[] purpose)
    {
        if (purpose is not [Quick or Full, string cell, string subject])
        {
            throw WorkerProcess.Misused();
        }

        BenchmarkRunInfo run = MicroCases.Find(new(cell, subject), purpose[0] == Quick ? Effort.Quick : Effort.Full);
        BenchmarkReport report = BenchmarkRunner.Run(run).Reports.Single();
        long bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
        double[] values = [bytes, .. report.GetResultRuns().Select(iteration => iteration.GetAverageTime().Nanoseconds)];
        Console.WriteLine(string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
    }
}
