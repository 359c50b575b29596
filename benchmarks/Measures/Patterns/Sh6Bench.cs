// sh6bench: batches of small blocks, freed partly in order and partly in reverse.
//
// 2N threads share the calls. A call walks up the sizes 1, 2, 4, 7, 11, ... 709 (each half as large again, plus one): 10
// blocks of a size, five times as many below 1,000 bytes, and five times as many again below 100. They go into a ring of
// 5,000 that is emptied but for a moving fifth whenever it is full (BlockRing). First and last byte are touched. Each
// thread on its own blocks: what counts is how cheaply a cache takes back long runs, and how many it has to give on.
//
// The ring's length is ours; the descriptions do not say it. Wall time. From the description of mimalloc-bench's sh6bench
// (MicroQuill's SmartHeap benchmark).

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct Sh6Bench : IPattern
{
    private const int WholeCalls = 4_000;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = 2 * Load.Threads;
        int calls = Math.Max(2, load.Of(WholeCalls) / threads);
        long* allocated = Scratch.Get<long>(-1, threads);
        TimeSpan time = Crew.Run(threads, thread =>
        {
            Worker<TAllocation> worker = new(Scratch.Get<nint>(thread, BlockRing.Length), Scratch.Get<nint>(threads + thread, BlockRing.Length));
            for (int call = 0; call < calls; call++)
            {
                worker.Call();
            }

            worker.Finish();
            allocated[thread] = worker.Allocated;
        });

        long operations = 0;
        for (int thread = 0; thread < threads; thread++)
        {
            operations += allocated[thread];
        }

        return new(operations, time);
    }

    private struct Worker<TAllocation>(nint* ring, nint* freed)
        where TAllocation : struct, IUntyped
    {
        private BlockRing _ring = new(ring);

        public long Allocated { get; private set; }

        public void Call()
        {
            for (uint size = 1; size < 1_000; size = (size * 3 / 2) + 1)
            {
                Allocate(size, size < 100 ? 250 : 50);
            }
        }

        public void Finish() => Free(_ring.EmptyAll(freed));

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Allocate(uint size, int count)
        {
            for (int i = 0; i < count; i++)
            {
                while (!_ring.HasPlace())
                {
                    Free(_ring.Empty(freed));
                }

                byte* block = (byte*)TAllocation.Alloc(size);
                block[0] = 1;
                block[size - 1] = 1;
                _ring.Add(block);
            }

            Allocated += count;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly void Free(int count)
        {
            for (int i = 0; i < count; i++)
            {
                TAllocation.Free((void*)freed[i]);
            }
        }
    }
}
