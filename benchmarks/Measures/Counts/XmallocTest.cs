// After xmalloc-test: half of the threads do nothing but allocate, the other half nothing but free.
//
// Objects go over in batches of 4,096, with a record that lists them and is itself an object of the heap, on a stack of at
// most 100 batches. The allocating threads' caches are always empty and the freeing threads' always full, so every
// object passes through what the threads share. The stack's own lock is the program's and counted by nobody.

using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Counts;

internal sealed unsafe class XmallocTest
{
    private const int BatchSize = 4_096;
    private const int MostBatches = 100;

    private readonly Stack<nint> _batches = new(MostBatches);
    private readonly FreedObjects _freed;

    private XmallocTest(FreedObjects freed) => _freed = freed;

    public static void Start(FreedObjects freed)
    {
        XmallocTest test = new(freed);
        for (int i = 0; i < Environment.ProcessorCount; i++)
        {
            FreedObjects.StartThread(test.Allocate);
            FreedObjects.StartThread(test.Release);
        }
    }

    private void Allocate()
    {
        while (true)
        {
            var batch = (Block64**)Heap.Shared.Alloc((nuint)(BatchSize * sizeof(Block64*)));
            for (int i = 0; i < BatchSize; i++)
            {
                batch[i] = Block64.Alloc();
                new Span<byte>(batch[i], sizeof(Block64)).Fill((byte)i);
            }

            lock (_batches)
            {
                while (_batches.Count == MostBatches)
                {
                    Monitor.Wait(_batches);
                }

                _batches.Push((nint)batch);
                Monitor.PulseAll(_batches);
            }
        }
    }

    private void Release()
    {
        while (true)
        {
            Block64** batch;
            lock (_batches)
            {
                while (_batches.Count == 0)
                {
                    Monitor.Wait(_batches);
                }

                batch = (Block64**)_batches.Pop();
                Monitor.PulseAll(_batches);
            }

            for (int i = 0; i < BatchSize; i++)
            {
                Block64.Free(batch[i]);
            }

            Heap.Shared.Free(batch);
            _freed.Add(BatchSize);
        }
    }
}
