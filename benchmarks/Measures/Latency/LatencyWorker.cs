// The worker's side of `latency`: started for typed or untyped messages and a subject, it is sent a number of messages, hands so many over
// after a second of warm-up, and answers with the percentiles of each histogram.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using HdrHistogram;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Latency;

internal static class LatencyWorker
{
    public const string Stubs = "stubs";
    public const string Sizes = "sizes";

    private const int WarmUpMessages = 2_000_000;

    /// <summary>What is reported of a histogram, by name.</summary>
    public static IReadOnlyList<(string Name, double Percentile)> Percentiles { get; } =
        [("p50", 50), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99), ("max", 100)];

    public static void Serve(string[] purpose)
    {
        if (purpose is not [Stubs or Sizes, string subject])
        {
            throw WorkerProcess.Misused();
        }

        Func<IHandOff> start = purpose[0] == Stubs ? () => new HandOff<StubMessages>() : UntypedSubjects.Select(subject, default(Sized));
        start().Run(WarmUpMessages);
        WorkerProcess.Answer(request =>
        {
            IHandOff run = start();
            run.Run(int.Parse(request, CultureInfo.InvariantCulture));
            return string.Join(' ', run.Histograms.SelectMany(ValuesOf));
        });
    }

    private static IEnumerable<string> ValuesOf(LongHistogram histogram)
        => Percentiles.Select(percentile => histogram.GetValueAtPercentile(percentile.Percentile).ToString(CultureInfo.InvariantCulture));

    private readonly struct Sized : IUntypedUser<Func<IHandOff>>
    {
        public Func<IHandOff> Use<TAllocation>()
            where TAllocation : struct, IUntyped
            => () => new HandOff<SizedMessages<TAllocation>>();
    }
}
