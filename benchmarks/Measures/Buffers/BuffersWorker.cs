// The worker's side of `buffers`, started with a cell and a subject. It answers line by line:
//
//     settle -> settled, when what is handed out has been looked at and the code is compiled for good | bytes -> what ten million operations allocate | MILLISECONDS -> a sample

using System;
using System.Globalization;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal static class BuffersWorker
{
    public const string Settle = "settle";
    public const string Bytes = "bytes";

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string cell, string subject])
        {
            throw WorkerProcess.Misused();
        }

        BufferRunner runner = BufferCell.Parse(cell).Runner(subject);
        WorkerProcess.Answer(request =>
        {
            switch (request)
            {
                case Settle:
                    runner.Check();
                    runner.Settle();
                    return "settled";
                case Bytes:
                    return runner.CountBytes().ToString(CultureInfo.InvariantCulture);
                default:
                    return runner.Sample(TimeSpan.FromMilliseconds(double.Parse(request, CultureInfo.InvariantCulture))).ToString();
            }
        });
    }
}
