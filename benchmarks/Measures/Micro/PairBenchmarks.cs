// One object at a time, its size known when the code is compiled: `pair/S`, allocated and freed as it is, and `zeroed/S`, cleared.
//
// What BenchmarkDotNet measures are classes, one for each operation, with a method for each subject. A method is a single call of each
// function: nothing is lifted out of a loop, each call pays for its own thread-static access, and what the call of the empty method costs
// is taken off. `peers` measures the same in loops, as programs have them.

using BenchmarkDotNet.Attributes;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

[MemoryDiagnoser]
public class PairBenchmarks<T>
    where T : unmanaged, IBlock<T>
{
    private const int Live = 1;

    // In the thread that is measured.
    [GlobalSetup]
    public void Prepare()
    {
        ObjectPoolAllocation<T>.Prepare(Live);
        BumpAllocation<T>.Prepare(Live);
        ThreadStaticArrayAllocation<T>.Prepare(Live);
    }

    [Benchmark(Description = Subject.NativeHeapName)]
    public void NativeHeap() => Once<StubAllocation<T>, nint>();

    [Benchmark(Description = Subject.MimallocName)]
    public void Mimalloc() => Once<LibraryAllocation<Mimalloc, T>, nint>();

    [Benchmark(Description = Subject.JemallocName)]
    public void Jemalloc() => Once<LibraryAllocation<Jemalloc, T>, nint>();

    [Benchmark(Description = Subject.TcmallocName)]
    public void Tcmalloc() => Once<LibraryAllocation<Tcmalloc, T>, nint>();

    [Benchmark(Description = Subject.NativeMemoryName)]
    public void NativeMemory() => Once<NativeMemoryAllocation<T>, nint>();

    [Benchmark(Description = Subject.ArrayPoolName)]
    public void ArrayPool() => Once<ArrayPoolAllocation<T>, ArrayItem>();

    [Benchmark(Description = Subject.ObjectPoolName)]
    public void ObjectPool() => Once<ObjectPoolAllocation<T>, BoxedItem<T>>();

    [Benchmark(Description = Subject.NewName)]
    public void New() => Once<NewAllocation<T>, BoxedItem<T>>();

    [Benchmark(Description = Subject.BumpName)]
    public void Bump() => Once<BumpAllocation<T>, nint>();

    [Benchmark(Description = Subject.ThreadStaticArrayName)]
    public void ThreadStaticArray() => Once<ThreadStaticArrayAllocation<T>, nint>();

    private static void Once<TAllocation, TItem>()
        where TAllocation : struct, IAllocation<TItem>
        where TItem : struct
        => TAllocation.Free(TAllocation.Alloc());
}

[MemoryDiagnoser]
public unsafe class ZeroedBenchmarks<T>
    where T : unmanaged, IBlock<T>
{
    [Benchmark(Description = Subject.NativeHeapName)]
    public void NativeHeap() => T.Free(T.AllocZeroed());

    [Benchmark(Description = MicroCases.Rent)]
    public void Rent()
    {
        using NativeOwner<T> owner = T.Rent();
    }

    [Benchmark(Description = Subject.MimallocName)]
    public void Mimalloc() => Once<LibraryUntyped<Mimalloc>>();

    [Benchmark(Description = Subject.JemallocName)]
    public void Jemalloc() => Once<LibraryUntyped<Jemalloc>>();

    [Benchmark(Description = Subject.TcmallocName)]
    public void Tcmalloc() => Once<LibraryUntyped<Tcmalloc>>();

    [Benchmark(Description = Subject.NativeMemoryName)]
    public void NativeMemory() => Once<NativeMemoryUntyped>();

    [Benchmark(Description = Subject.ArrayPoolName)]
    public void ArrayPool()
    {
        ArrayItem item = ArrayPoolAllocation<T>.Alloc();
        System.Array.Clear(item.Array, 0, sizeof(T));
        ArrayPoolAllocation<T>.Free(item);
    }

    [Benchmark(Description = Subject.NewName)]
    public void New() => NewAllocation<T>.Free(NewAllocation<T>.Alloc());

    private static void Once<TAllocation>()
        where TAllocation : struct, IUntyped
        => TAllocation.Free(TAllocation.AllocZeroed((nuint)sizeof(T)));
}
