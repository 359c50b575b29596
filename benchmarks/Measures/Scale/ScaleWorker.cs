// The worker's side of `scale`: when it is told to, builds what its cell asks for and takes samples that nobody hears of until the code is
// compiled for good; then answers each request with a sample. `threads/left` answers once, without being asked, with two counts.

using System;
using System.Globalization;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Scale;

internal static class ScaleWorker
{
    public const string Build = "build";
    public const string Sample = "sample";

    private const int SettlingSamples = 10;

    public static void Serve(string[] purpose)
    {
        switch (purpose)
        {
            case [ThreadBytes.Cell]:
                Console.WriteLine(ThreadBytes.Measure());
                break;
            case [string cell]:
                Serve(ScaleCell.Parse(cell));
                break;
            default:
                throw WorkerProcess.Misused();
        }
    }

    private static void Serve(ScaleCell cell)
    {
        IScaleRunner? runner = null;
        WorkerProcess.Answer(request =>
        {
            if (request == Build)
            {
                runner = Built(cell);
                return "built";
            }

            return (runner ?? throw WorkerProcess.Misused()).Sample().ToString("R", CultureInfo.InvariantCulture);
        });
    }

    private static IScaleRunner Built(ScaleCell cell)
    {
        IScaleRunner runner = cell.Series switch
        {
            Series.Heap => new LiveHeap(cell.Amount),
            Series.Threads => new EndedThreadsBefore(cell.Amount),
            _ => new ManyHeaps(cell.Amount),
        };
        for (int i = 0; i < SettlingSamples; i++)
        {
            _ = runner.Sample();
        }

        return runner;
    }
}
