// xmalloc-test: everything is allocated here and freed there.
//
// N threads only allocate, N only free. A batch is 4,096 blocks of 64 bytes and the record that lists them, itself a block, of 32,776
// bytes; batches go over by a stack under a lock that holds at most 100, so that nobody runs far ahead. A thread's cache is
// always empty on the one side and always full on the other: an allocator whose caches meet in a locked list, a block at a
// time, collapses.
//
// Each block is filled by who allocates it and not touched by who frees it: an allocator that keeps its lists in the blocks pays for that
// itself.
// Wall time for a fixed number of batches; operations are frees.
// Parameters: -w N -s 64. From the description of mimalloc-bench's xmalloc-test (Lever and Boreham, "malloc() Performance
// in a Multithreaded Linux Environment", 2000).

using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct XMallocTest : IPattern
{
    private const int WholeBatches = 800;
    private const int Size = 64;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int allocators = Load.Threads;
        int batches = Math.Max(1, load.Of(WholeBatches) / allocators);
        Shelf shelf = new(batches * allocators);
        TimeSpan time = Crew.Run(2 * allocators, thread =>
        {
            if (thread < allocators)
            {
                for (int i = 0; i < batches; i++)
                {
                    shelf.Put(Fill<TAllocation>());
                }

                return;
            }

            for (Batch* batch = shelf.Take(); batch != null; batch = shelf.Take())
            {
                Release<TAllocation>(batch);
            }
        });
        return new((long)batches * allocators * Batch.Blocks, time);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Batch* Fill<TAllocation>()
        where TAllocation : struct, IUntyped
    {
        Batch* batch = (Batch*)TAllocation.Alloc((nuint)sizeof(Batch));
        for (int i = 0; i < Batch.Blocks; i++)
        {
            void* block = TAllocation.Alloc(Size);
            new Span<byte>(block, Size).Fill((byte)i);
            batch->Addresses[i] = (long)block;
        }

        return batch;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Release<TAllocation>(Batch* batch)
        where TAllocation : struct, IUntyped
    {
        for (int i = 0; i < Batch.Blocks; i++)
        {
            TAllocation.Free((void*)batch->Addresses[i]);
        }

        TAllocation.Free(batch);
    }

    private struct Batch
    {
        public const int Blocks = 4_096;

        public Batch* Next;
        public fixed long Addresses[Blocks];
    }

    /// <summary>The stack, and how many batches are still to be taken.</summary>
    private sealed class Shelf(int total)
    {
        private const int Room = 100;

        // Not a Lock: it has no Wait.
        private readonly object _monitor = new();
        private Batch* _top;
        private int _count;
        private int _left = total;

        public void Put(Batch* batch)
        {
            lock (_monitor)
            {
                while (_count == Room)
                {
                    Monitor.Wait(_monitor);
                }

                batch->Next = _top;
                _top = batch;
                if (_count++ == 0)
                {
                    Monitor.PulseAll(_monitor);
                }
            }
        }

        /// <summary>A batch, or null when all have been taken.</summary>
        public Batch* Take()
        {
            lock (_monitor)
            {
                while (_count == 0 && _left != 0)
                {
                    Monitor.Wait(_monitor);
                }

                if (_left == 0)
                {
                    return null;
                }

                Batch* batch = _top;
                _top = batch->Next;
                _left--;
                if (_count-- == Room || _left == 0)
                {
                    Monitor.PulseAll(_monitor);
                }

                return batch;
            }
        }
    }
}
