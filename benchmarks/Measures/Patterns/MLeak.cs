// mleak: what a thread costs the allocator, and what it leaves behind.
//
// In each round ten threads are started together; each allocates 128 bytes, zeroed, exchanges them for what is in a random
// one of 1,000 places, frees that and ends. Starting a thread is nearly all of the time. An allocator that loses a little
// with each thread, or that keeps a cache for each that there ever was, shows it in the peak of memory.
//
// Wall time, operations are threads; stacks of 256 KiB. Parameters: 10 (500 rounds of ten threads), here fewer a sample.
// From the description of mimalloc-bench's mleak.

using System;
using System.Diagnostics;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct MLeak : IPattern
{
    private const int WholeRounds = 60;
    private const int ThreadsOfARound = 10;
    private const int Places = 1_000;
    private const int Size = 128;
    private const int StackSize = 256 * 1024;

    private static int s_seed;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        nint* places = Scratch.Get<nint>(0, Places);
        int rounds = load.Of(WholeRounds);
        Thread[] threads = new Thread[ThreadsOfARound];
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            foreach (ref Thread thread in threads.AsSpan())
            {
                thread = new(() => Work<TAllocation>(places), StackSize);
                thread.Start();
            }

            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }

        return new((long)rounds * ThreadsOfARound, Stopwatch.GetElapsedTime(start));
    }

    private static void Work<TAllocation>(nint* places)
        where TAllocation : struct, IUntyped
    {
        Rng random = new(Interlocked.Increment(ref s_seed));
        void* block = TAllocation.AllocZeroed(Size);
        nint old = Interlocked.Exchange(ref places[random.Below(Places)], (nint)block);
        if (old != 0)
        {
            TAllocation.Free((void*)old);
        }
    }
}
