// Linear allocation: `bump/S` allocates 256 objects, writes the first and the middle word of each, and frees all at once. Times are of one object. Beside a bump allocator and a scope
// of one, the bare pointer: a static field that is compared and moved, and starts over.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using BenchmarkDotNet.Attributes;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the worker process does.")]
public unsafe class BumpBenchmarks<T>
    where T : unmanaged, IBlock<T>
{
    private const int Live = 256;

    private readonly BumpAllocator _bump = new();
    private BumpMark _start;

    [GlobalSetup]
    public void Prepare()
    {
        BumpAllocation<T>.Prepare(Live);
        _start = _bump.Mark();
    }

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.NativeHeapName)]
    public void NativeHeap()
    {
        BumpAllocator bump = _bump;
        for (int i = 0; i < Live; i++)
        {
            Touch(ref *bump.Alloc<T>(), i);
        }

        bump.Rewind(_start);
    }

    [Benchmark(OperationsPerInvoke = Live, Description = MicroCases.Scope)]
    public void Scope()
    {
        using BumpScope scope = _bump.EnterScope();
        for (int i = 0; i < Live; i++)
        {
            Touch(ref scope.Alloc<T>(), i);
        }
    }

    [Benchmark(OperationsPerInvoke = Live, Description = Subject.BumpName)]
    public void Bump()
    {
        for (int i = 0; i < Live; i++)
        {
            Touch(ref *(T*)BumpAllocation<T>.Alloc(), i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Touch(ref T block, long value)
    {
        ref long words = ref Unsafe.As<T, long>(ref block);
        words = value;
        Unsafe.AddByteOffset(ref words, sizeof(T) / 2) = value;
    }
}
