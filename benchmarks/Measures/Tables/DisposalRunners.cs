// `dispose/...`: the end of a level that has allocated a million objects in a heap of its own, each written: the heap is disposed of, or its objects are freed, in the order in which
// they were allocated or in a random one. Times are of one object.

using System.Diagnostics.CodeAnalysis;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal abstract unsafe class DisposalRunner<T> : TableRunner
    where T : unmanaged, IBlock<T>
{
    protected const int Count = 1_000_000;

    // A pass is short beside what comes before it; a sample has several.
    protected override long LeastOperations => 5 * Count;

    protected static T* Allocate(Heap heap)
    {
        T* block = heap.Alloc<T>();
        *(long*)block = 1;
        return block;
    }
}

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the worker process does.")]
internal sealed unsafe class HeapDisposal<T> : DisposalRunner<T>
    where T : unmanaged, IBlock<T>
{
    private Heap? _heap;

    public override void Prepare()
    {
        _heap = new Heap();
        for (int i = 0; i < Count; i++)
        {
            _ = Allocate(_heap);
        }
    }

    public override int Pass()
    {
        _heap?.Dispose();
        return Count;
    }
}

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the worker process does.")]
internal sealed unsafe class FreeingSingly<T> : DisposalRunner<T>
    where T : unmanaged, IBlock<T>
{
    private readonly Heap _heap = new();
    private readonly nint[] _blocks = new nint[Count];
    private readonly int[] _order = new int[Count];

    public FreeingSingly(bool inOrder)
    {
        for (int i = 0; i < Count; i++)
        {
            _order[i] = i;
        }

        if (!inOrder)
        {
            Seeded().Shuffle(_order);
        }
    }

    public override void Prepare()
    {
        foreach (int place in _order)
        {
            _blocks[place] = (nint)Allocate(_heap);
        }
    }

    public override int Pass()
    {
        Heap heap = _heap;
        foreach (nint block in _blocks)
        {
            heap.Free((T*)block);
        }

        return Count;
    }
}
