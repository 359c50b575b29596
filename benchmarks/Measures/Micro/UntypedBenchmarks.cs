// Blocks of a size that is known only when the code runs: `untyped/S` allocates one and frees it, `realloc/S` doubles it in between.

using BenchmarkDotNet.Attributes;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

[MemoryDiagnoser]
public unsafe class UntypedBenchmarks
{
    [Params(16, 64, 1024)]
    public int Size { get; set; }

    [Benchmark(Description = Subject.NativeHeapName)]
    public void NativeHeap() => Once<HeapUntyped>();

    [Benchmark(Description = Subject.MimallocName)]
    public void Mimalloc() => Once<LibraryUntyped<Mimalloc>>();

    [Benchmark(Description = Subject.JemallocName)]
    public void Jemalloc() => Once<LibraryUntyped<Jemalloc>>();

    [Benchmark(Description = Subject.TcmallocName)]
    public void Tcmalloc() => Once<LibraryUntyped<Tcmalloc>>();

    [Benchmark(Description = Subject.NativeMemoryName)]
    public void NativeMemory() => Once<NativeMemoryUntyped>();

    private void Once<TAllocation>()
        where TAllocation : struct, IUntyped
        => TAllocation.Free(TAllocation.Alloc((nuint)Size));
}

[MemoryDiagnoser]
public unsafe class ReallocBenchmarks
{
    [Params(64, 1024, 4096)]
    public int Size { get; set; }

    [Benchmark(Description = Subject.NativeHeapName)]
    public void NativeHeap() => Once<HeapUntyped>();

    [Benchmark(Description = Subject.MimallocName)]
    public void Mimalloc() => Once<LibraryUntyped<Mimalloc>>();

    [Benchmark(Description = Subject.JemallocName)]
    public void Jemalloc() => Once<LibraryUntyped<Jemalloc>>();

    [Benchmark(Description = Subject.TcmallocName)]
    public void Tcmalloc() => Once<LibraryUntyped<Tcmalloc>>();

    [Benchmark(Description = Subject.NativeMemoryName)]
    public void NativeMemory() => Once<NativeMemoryUntyped>();

    private void Once<TAllocation>()
        where TAllocation : struct, IUntyped
        => TAllocation.Free(TAllocation.Realloc(TAllocation.Alloc((nuint)Size), (nuint)(2 * Size)));
}
