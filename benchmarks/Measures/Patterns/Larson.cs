// larson: a server whose threads come and go.
//
// Each of N chains of threads owns 5,000 blocks of 8 to 999 bytes. A thread frees a random one and allocates another in its
// place, 100 times 5,000 times; then it starts a successor, which inherits the blocks, and ends. So blocks are freed by
// threads that did not allocate them, and what an ended thread leaves in its cache must come back to somebody. The blocks
// begin on the main thread: all allocated, shuffled, and 4 times 5,000 replaced.
//
// Sized: the free says the size, where the allocator has such a call. Wall time, from the first threads' start to the last
// ones' end.
// Parameters: 5 8 1000 5000 100 4141 N, but a fixed number of operations instead of five seconds. From the description of
// mimalloc-bench's larson-sized (Larson and Krishnan, "Memory Allocation for Long-Running Server Applications", 1998).

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct Larson : IPattern
{
    private const int Blocks = 5_000;
    private const int MinSize = 8;
    private const int MaxSize = 1_000;
    private const int OperationsOfAThread = 100 * Blocks;
    private const int WholeOperations = 8 * OperationsOfAThread;
    private const int Seed = 4_141;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int operations = load.Of(WholeOperations);
        using CountdownEvent running = new(Load.Threads);
        Chain<TAllocation>[] chains = new Chain<TAllocation>[Load.Threads];
        for (int i = 0; i < chains.Length; i++)
        {
            chains[i] = new(Scratch.Get<Block>(i, Blocks), operations, new(Seed + i), running);
            chains[i].Prepare();
        }

        long start = Stopwatch.GetTimestamp();
        foreach (Chain<TAllocation> chain in chains)
        {
            chain.StartThread();
        }

        running.Wait();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        foreach (Chain<TAllocation> chain in chains)
        {
            chain.Release();
        }

        return new((long)operations * chains.Length, time);
    }

    private struct Block
    {
        public byte* Address;
        public nuint Size;
    }

    private sealed class Chain<TAllocation>(Block* blocks, int operations, Rng random, CountdownEvent running)
        where TAllocation : struct, IUntyped
    {
        private Rng _random = random;
        private int _left = operations;

        public void StartThread() => new Thread(Work).Start();

        public void Prepare()
        {
            for (int i = 0; i < Blocks; i++)
            {
                blocks[i] = Allocate(ref _random);
            }

            for (int i = Blocks - 1; i > 0; i--)
            {
                int other = (int)_random.Below((uint)i + 1);
                (blocks[i], blocks[other]) = (blocks[other], blocks[i]);
            }

            for (int i = 0; i < 4; i++)
            {
                Replace(Blocks);
            }
        }

        public void Release()
        {
            for (int i = 0; i < Blocks; i++)
            {
                TAllocation.FreeSized(blocks[i].Address, blocks[i].Size);
            }
        }

        private void Work()
        {
            int mine = Math.Min(_left, OperationsOfAThread);
            _left -= mine;
            for (; mine > 0; mine -= Blocks)
            {
                Replace(Math.Min(mine, Blocks));
            }

            if (_left > 0)
            {
                StartThread();
            }
            else
            {
                running.Signal();
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Replace(int count)
        {
            Rng random = _random;
            for (int i = 0; i < count; i++)
            {
                Block* block = blocks + random.Below(Blocks);
                TAllocation.FreeSized(block->Address, block->Size);
                *block = Allocate(ref random);
            }

            _random = random;
        }

        private static Block Allocate(ref Rng random)
        {
            nuint size = MinSize + random.Below(MaxSize - MinSize);
            byte* address = (byte*)TAllocation.Alloc(size);
            address[0] = 1;
            address[1] = 2;
            return new() { Address = address, Size = size };
        }
    }
}
