// The worker's side of `traces`: one replay of one trace by one allocator, in a process that nothing else has happened in. What to do is said on its command line;
// it answers with one line, a figure or `fault …` or `sound`, and ends when its input does.

using System;
using System.Globalization;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static class TracesWorker
{
    public const string Sound = "sound";
    public const string Fault = "fault ";

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string kind, string subject, string file, string threadCount])
        {
            throw WorkerProcess.Misused();
        }

        int threads = int.Parse(threadCount, CultureInfo.InvariantCulture);
        ReplayRunner runner = Create(subject, TraceFile.Read(file));
        Console.WriteLine(kind switch
        {
            "time" when threads == 0 => runner.Time().ToString("R", CultureInfo.InvariantCulture),
            "time" => runner.TimeThreaded(threads).ToString("R", CultureInfo.InvariantCulture),
            "memory" => runner.Memory().ToString(CultureInfo.InvariantCulture),
            _ => runner.Verify(threads) is string fault ? Fault + fault.ReplaceLineEndings(" ") : Sound,
        });
    }

    private static ReplayRunner Create(string subject, Trace trace)
        => subject == TraceSubjects.LoopName ? new ReplayRunner<NoUntyped>(trace) : UntypedSubjects.Select(subject, new Runner(trace));

    private readonly struct Runner(Trace trace) : IUntypedUser<ReplayRunner>
    {
        public ReplayRunner Use<TAllocation>()
            where TAllocation : struct, IUntyped
            => new ReplayRunner<TAllocation>(trace);
    }
}
