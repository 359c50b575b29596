// cache-scratch: whether an allocator gives two threads blocks of one cache line.
//
// The main thread allocates N blocks of one byte, side by side, and gives each of N threads one. The thread frees it, and
// then allocates a byte, writes it 2,000,000 / N times and frees it, again and again. Who hands a thread the byte that it
// just freed, from a line whose other bytes went to the other threads, lets all of them write to one line: passive false
// sharing. A write reads the byte as well, and is volatile, so that each reaches the cache.
//
// Wall time; operations are allocations, each with all its writes. Parameters: 1000 1 2000000 N, with fewer than 1,000
// repetitions. From the description of mimalloc-bench's cache-scratch (Berger and others, "Hoard", 2000).

using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct CacheScratch : IPattern
{
    private const int WholeRepetitions = 50;
    private const int AllWrites = 2_000_000;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = Load.Threads;
        int repetitions = load.Of(WholeRepetitions);
        int writes = (int)(AllWrites / threads * Math.Min(1, load.Share * 100));
        nint* given = Scratch.Get<nint>(0, threads);
        for (int i = 0; i < threads; i++)
        {
            given[i] = (nint)TAllocation.Alloc(1);
        }

        TimeSpan time = Crew.Run(threads, thread =>
        {
            TAllocation.Free((void*)given[thread]);
            for (int i = 0; i < repetitions; i++)
            {
                Repeat<TAllocation>(writes);
            }
        });
        return new((long)repetitions * threads, time);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat<TAllocation>(int writes)
        where TAllocation : struct, IUntyped
    {
        byte* block = (byte*)TAllocation.Alloc(1);
        for (int i = 0; i < writes; i++)
        {
            Volatile.Write(ref *block, (byte)i);
            _ = Volatile.Read(ref *block);
        }

        TAllocation.Free(block);
    }
}
