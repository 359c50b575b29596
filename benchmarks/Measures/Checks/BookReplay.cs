// What an order book allocates and frees, again and again: the trace that comes with the repository, of orders and price levels of which some thousand live at a time. An operation is an allocation and its free; by untyped calls,
// as all replays. What is live at the end of the trace is freed before it begins anew.

using System.IO;

using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Checks;

internal sealed unsafe class BookReplay : PassRunner
{
    public const string Name = "orderbook";

    private readonly int _allocations;
    private readonly int[] _left;
    private readonly Replay<HeapUntyped, FewLines> _replay;
    private readonly Trace _trace;

    public BookReplay()
    {
        _trace = TraceFile.Read(Path.Combine(Repository.Traces, Name + ".nht.br"));
        _left = _trace.LiveAtEnd();
        _replay = new(_trace);
        for (int i = 0; i < _trace.Count; i++)
        {
            _allocations += _trace.Events[i].Op == Recording.TraceOp.Free ? 0 : 1;
        }
    }

    public override int Pass()
    {
        _replay.Run(0, _trace.Count);
        _replay.Free(_left);
        return _allocations;
    }
}
