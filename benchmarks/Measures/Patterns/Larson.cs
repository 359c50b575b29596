// larson: a server whose threads come and go.
//
// Each of N chains of threads owns 5,000 blocks of 8 to 999 bytes. A thread frees a random one and allocates another in its
// place, 100 times 5,000 times; then it starts a successor, which inherits the blocks, and ends. So blocks are freed by
// threads that did not allocate them, and what an ended thread leaves in its cache must come back to somebody. The blocks
// begin on the main thread: those of all chains are allocated, shuffled among each other, and four times as many replaced.
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
        int threads = Load.Threads;
        Block* blocks = Scratch.Get<Block>(0, threads * Blocks);
        WarmUp<TAllocation>(blocks, threads * Blocks);
        using CountdownEvent running = new(threads);
        Chain<TAllocation>[] chains = new Chain<TAllocation>[threads];
        for (int i = 0; i < threads; i++)
        {
            chains[i] = new(blocks + (i * Blocks), operations, new(Seed + i), running);
        }

        long start = Stopwatch.GetTimestamp();
        foreach (Chain<TAllocation> chain in chains)
        {
            chain.StartThread();
        }

        running.Wait();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        for (int i = 0; i < threads * Blocks; i++)
        {
            TAllocation.FreeSized(blocks[i].Address, blocks[i].Size);
        }

        return new((long)operations * threads, time);
    }

    private static void WarmUp<TAllocation>(Block* blocks, int count)
        where TAllocation : struct, IUntyped
    {
        Rng random = new(Seed - 1);
        for (int i = 0; i < count; i++)
        {
            blocks[i] = Allocate<TAllocation>(ref random);
        }

        for (int i = count - 1; i > 0; i--)
        {
            int other = (int)random.Below((uint)i + 1);
            (blocks[i], blocks[other]) = (blocks[other], blocks[i]);
        }

        _ = Replace<TAllocation>(blocks, count, 4 * count, random);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Rng Replace<TAllocation>(Block* blocks, int among, int count, Rng random)
        where TAllocation : struct, IUntyped
    {
        for (int i = 0; i < count; i++)
        {
            Block* block = blocks + random.Below((uint)among);
            TAllocation.FreeSized(block->Address, block->Size);
            *block = Allocate<TAllocation>(ref random);
        }

        return random;
    }

    private static Block Allocate<TAllocation>(ref Rng random)
        where TAllocation : struct, IUntyped
    {
        nuint size = MinSize + random.Below(MaxSize - MinSize);
        byte* address = (byte*)TAllocation.Alloc(size);
        address[0] = 1;
        address[1] = 2;
        return new() { Address = address, Size = size };
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

        private void Work()
        {
            int mine = Math.Min(_left, OperationsOfAThread);
            _left -= mine;
            for (; mine > 0; mine -= Blocks)
            {
                _random = Replace<TAllocation>(blocks, Blocks, Math.Min(mine, Blocks), _random);
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
    }
}
