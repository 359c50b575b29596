// The worker's side of `checks`, started with a cell, in the environment of a subject. It settles when it is told to, and then answers each request, a number of milliseconds, with a sample.

using System;
using System.Globalization;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Checks;

internal static class ChecksWorker
{
    public const string Settle = "settle";

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string cell])
        {
            throw WorkerProcess.Misused();
        }

        CheckRunner runner = CheckCell.Parse(cell).Runner();
        WorkerProcess.Answer(request =>
        {
            if (request == Settle)
            {
                runner.Settle();
                return "settled";
            }

            return runner.Sample(TimeSpan.FromMilliseconds(double.Parse(request, CultureInfo.InvariantCulture))).ToString();
        });
    }
}
