// Blocks that are known by their address alone, among many: `owns/N` asks whether an address is the heap's, `replace/N` frees a block and allocates another in its place, both in a shuffled order of N
// blocks of 64 bytes. Times are of one call, or one pair. What is looked up first is the block's page, so here the two layouts of arenas differ: each is measured in a process that was started with it.

using System;

using BenchmarkDotNet.Attributes;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

public abstract unsafe class LookupBenchmarks
{
    protected const int Calls = 1_000;
    protected const int BlockSize = 64;

    private nint[] _blocks = [];
    private int _next;

    [Params(1_000, 100_000, 1_000_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _blocks = new nint[Size];
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = (nint)HeapMemory.Alloc(BlockSize);
        }

        new Random(1).Shuffle(_blocks);
    }

    /// <summary>The blocks that come next.</summary>
    protected Span<nint> Take()
    {
        int next = _next == Size ? 0 : _next;
        _next = next + Calls;
        return _blocks.AsSpan(next, Calls);
    }
}

[MemoryDiagnoser]
public unsafe class OwnsBenchmarks : LookupBenchmarks
{
    /// <summary>Kept, so that nothing is left out.</summary>
    public int Owned { get; private set; }

    [Benchmark(OperationsPerInvoke = Calls, Description = Subject.NativeHeapName)]
    public void NativeHeap() => CountOwned();

    [Benchmark(OperationsPerInvoke = Calls, Description = MicroCases.Contiguous)]
    public void Contiguous() => CountOwned();

    private void CountOwned()
    {
        int owned = 0;
        foreach (nint block in Take())
        {
            owned += Heap.Shared.Owns((void*)block) ? 1 : 0;
        }

        Owned = owned;
    }
}

[MemoryDiagnoser]
public unsafe class ReplaceBenchmarks : LookupBenchmarks
{
    [Benchmark(OperationsPerInvoke = Calls, Description = Subject.NativeHeapName)]
    public void NativeHeap() => ReplaceAll();

    [Benchmark(OperationsPerInvoke = Calls, Description = MicroCases.Contiguous)]
    public void Contiguous() => ReplaceAll();

    private void ReplaceAll()
    {
        foreach (ref nint block in Take())
        {
            HeapMemory.Free((void*)block);
            block = (nint)HeapMemory.Alloc(BlockSize);
        }
    }
}
