// xmalloc-test: everything is allocated here and freed there.
//
// N threads only allocate, N only free. A batch is 4,096 blocks of 64 bytes and the record of their addresses, a block,
// too; batches go over by a stack under a lock that holds at most 100, so that nobody runs far ahead. A thread's cache is
// always empty on the one side and always full on the other: an allocator whose caches meet in a locked list, a block at a
// time, collapses.
//
// Each block is filled; the first and the last word are mixed of its address and a cookie, and compared before the free.
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
    private const int BlocksOfABatch = 4_096;
    private const int Size = 64;
    private const int Words = Size / sizeof(ulong);

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

            for (nint batch = shelf.Take(); batch != 0; batch = shelf.Take())
            {
                Release<TAllocation>((ulong**)batch);
            }
        });
        return new((long)batches * allocators * BlocksOfABatch, time);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Fill<TAllocation>()
        where TAllocation : struct, IUntyped
    {
        ulong** batch = (ulong**)TAllocation.Alloc((nuint)(BlocksOfABatch * sizeof(ulong*)));
        for (int i = 0; i < BlocksOfABatch; i++)
        {
            ulong* block = (ulong*)TAllocation.Alloc(Size);
            new Span<ulong>(block, Words).Fill((ulong)block ^ Contents.Cookie);
            batch[i] = block;
        }

        return (nint)batch;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Release<TAllocation>(ulong** batch)
        where TAllocation : struct, IUntyped
    {
        for (int i = 0; i < BlocksOfABatch; i++)
        {
            ulong* block = batch[i];
            ulong expected = (ulong)block ^ Contents.Cookie;
            if (block[0] != expected || block[Words - 1] != expected)
            {
                Contents.Fault(block, block[0] != expected ? block[0] : block[Words - 1], expected);
            }

            TAllocation.Free(block);
        }

        TAllocation.Free(batch);
    }

    private sealed class Shelf(int total)
    {
        // Not a Lock: it has no Wait.
        private readonly object _monitor = new();
        private readonly nint[] _batches = new nint[100];
        private int _count;
        private int _left = total;

        public void Put(nint batch)
        {
            lock (_monitor)
            {
                while (_count == _batches.Length)
                {
                    Monitor.Wait(_monitor);
                }

                _batches[_count++] = batch;
                if (_count == 1)
                {
                    Monitor.PulseAll(_monitor);
                }
            }
        }

        /// <summary>A batch, or 0 when all have been taken.</summary>
        public nint Take()
        {
            lock (_monitor)
            {
                while (_count == 0 && _left != 0)
                {
                    Monitor.Wait(_monitor);
                }

                if (_left == 0)
                {
                    return 0;
                }

                if (--_left == 0 || _count == _batches.Length)
                {
                    Monitor.PulseAll(_monitor);
                }

                return _batches[--_count];
            }
        }
    }
}
