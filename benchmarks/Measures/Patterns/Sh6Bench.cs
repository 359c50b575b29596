// sh6bench: batches of small blocks, freed partly in order and partly in reverse.
//
// 2N threads share 10,000 calls. A call walks up the sizes 1, 2, 4, 7, 11, ... 709 (each half as large again, plus one), and from each
// down again by halves to 1: 50 blocks of a size, five times as many below 100 bytes. They go into a ring (BlockRing), as long as the
// thread has calls, that is emptied but for a moving fifth whenever it is full. First and last byte are written. Each thread on its
// own blocks: what counts is how cheaply a cache takes back long runs, and how many it has to give on.
//
// Wall time, of fewer calls than 10,000. From the description of mimalloc-bench's sh6bench (MicroQuill's SmartHeap benchmark).

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct Sh6Bench : IPattern
{
    private const int AllCalls = 10_000;
    private const int WholeCalls = 560;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = 2 * Load.Threads;
        int length = Math.Max(1, AllCalls / threads / BlockRing.Parts) * BlockRing.Parts;
        int calls = Math.Max(1, load.Of(WholeCalls) / threads);
        long* allocated = Scratch.Get<long>(-1, threads);
        TimeSpan time = Crew.Run(threads, thread =>
        {
            Worker<TAllocation> worker = new(new(Scratch.Get<nint>(thread, length), length), Scratch.Get<nint>(threads + thread, length));
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

    private struct Worker<TAllocation>(BlockRing ring, nint* freed)
        where TAllocation : struct, IUntyped
    {
        private BlockRing _ring = ring;

        public long Allocated { get; private set; }

        public void Call()
        {
            for (uint highest = 1; highest < 1_000; highest = (highest * 3 / 2) + 1)
            {
                for (uint size = highest; size > 0; size /= 2)
                {
                    Allocate(size, size < 100 ? 250 : 50);
                }
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
                block[0] = 0;
                block[size - 1] = 0;
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
