// The worker's side of `tables`, started with a cell and a subject: builds what is measured and runs it until it is compiled for good; then answers each request, a number of
// milliseconds, with a sample.

using System;
using System.Globalization;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal static class TablesWorker
{
    public const string Settle = "settle";

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string cell, string subject])
        {
            throw WorkerProcess.Misused();
        }

        TableRunner runner = TableCell.Parse(cell).Runner(subject);
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
