// The work of the three series. A sample is nanoseconds an allocation and free, by the clock of the thread that does them.
//
// Objects are written when the heap is built, so that the memory is there, and not touched while the time runs: what a
// program's own accesses cost grows with its data on every machine, and is no allocator's doing.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Scale;

internal interface IScaleRunner
{
    double Sample();
}

/// <summary>A heap of so many bytes, all live; the oldest object is freed and a new one allocated, over and over.</summary>
internal sealed unsafe class LiveHeap : IScaleRunner
{
    public const int ObjectSize = 256;

    // A magazine's worth at a time goes and comes, as in programs that work in batches; the pass over the list goes on in the next sample.
    private const int Batch = 512;
    private const int BatchesPerSample = 2_000;

    private readonly long _count;
    private readonly Block256** _objects;
    private long _oldest;

    public LiveHeap(long bytes)
    {
        _count = bytes / ObjectSize / Batch * Batch;
        _objects = (Block256**)NativeMemory.Alloc((nuint)_count, (nuint)sizeof(Block256*));
        for (long i = 0; i < _count; i++)
        {
            _objects[i] = Block256.Alloc();
            _objects[i]->Words[0] = i;
        }
    }

    public double Sample()
    {
        TimeSpan start = ThreadClock.Now;
        for (int batch = 0; batch < BatchesPerSample; batch++)
        {
            Block256** objects = _objects + _oldest;
            for (int i = 0; i < Batch; i++)
            {
                Block256.Free(objects[i]);
            }

            for (int i = 0; i < Batch; i++)
            {
                objects[i] = Block256.Alloc();
            }

            _oldest = (_oldest + Batch) % _count;
        }

        return (ThreadClock.Now - start).TotalNanoseconds / ((double)BatchesPerSample * Batch);
    }
}

/// <summary>So many threads that come, allocate, free and end, a few at a time; then one more, whose operations are timed.</summary>
internal sealed unsafe class EndedThreadsBefore : IScaleRunner
{
    private const int AtATime = 8;
    private const int Live = 256;
    private const int Rounds = 4_000;

    public EndedThreadsBefore(long count)
    {
        for (long ended = 0; ended < count; ended += AtATime)
        {
            Thread[] threads = new Thread[Math.Min(AtATime, count - ended)];
            for (int i = 0; i < threads.Length; i++)
            {
                threads[i] = new(() => Work(1), maxStackSize: 256 * 1024);
                threads[i].Start();
            }

            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }
    }

    public double Sample()
    {
        double nanoseconds = 0;
        Thread next = new(() =>
        {
            TimeSpan start = ThreadClock.Now;
            Work(Rounds);
            nanoseconds = (ThreadClock.Now - start).TotalNanoseconds / ((double)Rounds * Live);
        });
        next.Start();
        next.Join();
        return nanoseconds;
    }

    private static void Work(int rounds)
    {
        Block64** live = stackalloc Block64*[Live];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < Live; i++)
            {
                live[i] = Block64.Alloc();
            }

            for (int i = 0; i < Live; i++)
            {
                Block64.Free(live[i]);
            }
        }
    }
}

/// <summary>So many heaps, visited in turn: at each visit some objects are allocated and freed.</summary>
internal sealed unsafe class ManyHeaps : IScaleRunner
{
    private const int Live = 100;
    private const int Visits = 20_000;

    private readonly List<Heap> _heaps = [];
    private int _next;

    public ManyHeaps(long count)
    {
        for (long i = 0; i < count; i++)
        {
            // One object stays, so that none of the heaps is empty at any time.
            Heap heap = new();
            _ = heap.Alloc<Block64>();
            _heaps.Add(heap);
        }
    }

    public double Sample()
    {
        TimeSpan start = ThreadClock.Now;
        Block64** live = stackalloc Block64*[Live];
        for (int visit = 0; visit < Visits; visit++)
        {
            Heap heap = _heaps[_next];
            _next = (_next + 1) % _heaps.Count;
            for (int i = 0; i < Live; i++)
            {
                live[i] = heap.Alloc<Block64>();
            }

            for (int i = 0; i < Live; i++)
            {
                heap.Free(live[i]);
            }
        }

        return (ThreadClock.Now - start).TotalNanoseconds / ((double)Visits * Live);
    }
}
