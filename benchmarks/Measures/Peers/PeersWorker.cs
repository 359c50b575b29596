// The worker's side of `peers`. It is started for one purpose, said on its command line, and then answers line by line:
//
//     cell SUBJECT CELL    settle | touched MILLISECONDS | untouched MILLISECONDS
//     count                NAME of an operation
//
// A subject that cannot run here (its library is missing) ends the worker, which the other side sees as an answer that never came.

using System;
using System.Globalization;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static class PeersWorker
{
    public const string Settle = "settle";

    public static void Serve(string[] purpose)
    {
        switch (purpose)
        {
            case ["cell", string subject, string cell]:
                ServeCell(subject, Cell.Parse(cell));
                break;
            case ["count"]:
                WorkerProcess.Answer(HotCalls.Measure);
                break;
            default:
                throw WorkerProcess.Misused();
        }
    }

    private static void ServeCell(string subject, Cell cell)
    {
        CellRunner runner = Create(subject, cell);
        WorkerProcess.Answer(request =>
        {
            if (request == Settle)
            {
                runner.Settle();
                return "settled";
            }

            string[] parts = request.Split(' ');
            TimeSpan atLeast = TimeSpan.FromMilliseconds(double.Parse(parts[1], CultureInfo.InvariantCulture));
            return runner.Sample(parts[0] == "touched", atLeast).ToString();
        });
    }

    private static CellRunner Create(string subject, Cell cell)
        => cell.Size switch
        {
            16 => Create<Block16>(subject, cell),
            64 => Create<Block64>(subject, cell),
            256 => Create<Block256>(subject, cell),
            1024 => Create<Block1024>(subject, cell),
            4096 => Create<Block4096>(subject, cell),
            _ => throw new UsageException($"There is no block of {cell.Size} bytes."),
        };

    private static CellRunner Create<T>(string subject, Cell cell)
        where T : unmanaged, IBlock<T>
        => subject switch
        {
            Subject.NativeHeapName => new CellRunner<StubAllocation<T>, nint, T>(cell),
            Subject.MimallocName => new CellRunner<LibraryAllocation<Mimalloc, T>, nint, T>(cell),
            Subject.JemallocName => new CellRunner<LibraryAllocation<Jemalloc, T>, nint, T>(cell),
            Subject.TcmallocName => new CellRunner<LibraryAllocation<Tcmalloc, T>, nint, T>(cell),
            Subject.NativeMemoryName => new CellRunner<NativeMemoryAllocation<T>, nint, T>(cell),
            Subject.ArrayPoolName => new CellRunner<ArrayPoolAllocation<T>, ArrayItem, T>(cell),
            Subject.ObjectPoolName => new CellRunner<ObjectPoolAllocation<T>, BoxedItem<T>, T>(cell),
            Subject.NewName => new CellRunner<NewAllocation<T>, BoxedItem<T>, T>(cell),
            Subject.BumpName => new CellRunner<BumpAllocation<T>, nint, T>(cell),
            Subject.ThreadStaticArrayName => new CellRunner<ThreadStaticArrayAllocation<T>, nint, T>(cell),
            _ => throw new UsageException($"There is no subject '{subject}'."),
        };
}
