// Many objects at once: `window/S` allocates 256 of them and frees them in the order of allocation, one call each or, as AllocBatch and
// FreeBatch do, one call for all. Times are of one object.

using BenchmarkDotNet.Attributes;

using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

[MemoryDiagnoser]
public class WindowBenchmarks<T>
    where T : unmanaged, IBlock<T>
{
    private const int Live = 256;

    private readonly nint[] _addresses = new nint[Live];
    private readonly NativePointer<T>[] _pointers = new NativePointer<T>[Live];
    private readonly ArrayItem[] _arrays = new ArrayItem[Live];
    private readonly BoxedItem<T>[] _boxes = new BoxedItem<T>[Live];

    [GlobalSetup]
    public void Prepare() => ObjectPoolAllocation<T>.Prepare(Live);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.NativeHeapName)]
    public void NativeHeap() => Window<StubAllocation<T>, nint>(_addresses);

    [Benchmark(OperationsPerInvoke = Live, Description = MicroCases.Batch)]
    public void Batch()
    {
        T.AllocBatch(_pointers);
        T.FreeBatch(_pointers);
    }

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.MimallocName)]
    public void Mimalloc() => Window<LibraryAllocation<Mimalloc, T>, nint>(_addresses);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.JemallocName)]
    public void Jemalloc() => Window<LibraryAllocation<Jemalloc, T>, nint>(_addresses);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.TcmallocName)]
    public void Tcmalloc() => Window<LibraryAllocation<Tcmalloc, T>, nint>(_addresses);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.NativeMemoryName)]
    public void NativeMemory() => Window<NativeMemoryAllocation<T>, nint>(_addresses);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.ArrayPoolName)]
    public void ArrayPool() => Window<ArrayPoolAllocation<T>, ArrayItem>(_arrays);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.ObjectPoolName)]
    public void ObjectPool() => Window<ObjectPoolAllocation<T>, BoxedItem<T>>(_boxes);

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.NewName)]
    public void New() => Window<NewAllocation<T>, BoxedItem<T>>(_boxes);

    private static void Window<TAllocation, TItem>(TItem[] items)
        where TAllocation : struct, IAllocation<TItem>
        where TItem : struct
        => _ = Loops<TAllocation, TItem, T, Untouched>.Ordered(items, Live);
}
