// The worker's side of `scale`: builds what its cell asks for, takes samples that nobody hears of until the code is compiled for
// good, says that it is ready, and then answers each line with a sample. `left` answers once, with two counts.

using System;
using System.Globalization;

namespace NativeHeap.Benchmarks.Measures.Scale;

internal static class ScaleWorker
{
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
                throw new UsageException("The worker verb is for the program's own use: run a command instead.");
        }
    }

    private static void Serve(ScaleCell cell)
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

        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(runner.Sample().ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
