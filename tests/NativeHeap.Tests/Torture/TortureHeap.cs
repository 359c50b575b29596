// A place for a heap that all threads use and any of them may dispose of and make anew. Disposal requires that no thread is using the heap, which is what the lock is for: readers use
// it, the writer disposes. What is alive in it is kept with it, since it goes with it.

using System;
using System.Collections.Generic;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Torture;

/// <summary>A heap that comes and goes under the threads that use it.</summary>
internal sealed unsafe class TortureHeap : IDisposable
{
    private const int MostBlocks = 2_000;

    private readonly ReaderWriterLockSlim _use = new();
    private readonly Lock _blocksLock = new();
    private readonly List<TortureBlock> _blocks = [];
    private Heap? _heap;

    /// <summary>What is alive in it. While no thread is at work.</summary>
    public IReadOnlyList<TortureBlock> Blocks => _blocks;

    /// <summary>Allocates a block in the heap, or frees one that any thread has allocated.</summary>
    public void Use(TortureThread thread)
    {
        _use.EnterReadLock();
        try
        {
            if (_heap == null)
            {
                return;
            }

            TortureBlock? victim = null;
            lock (_blocksLock)
            {
                if (_blocks.Count != 0 && (_blocks.Count > MostBlocks || thread.Random.Next(5) < 2))
                {
                    int index = thread.Random.Next(_blocks.Count);
                    victim = _blocks[index];
                    _blocks[index] = _blocks[^1];
                    _blocks.RemoveAt(_blocks.Count - 1);
                }
            }

            if (victim != null)
            {
                thread.Free(_heap, victim);
            }
            else if (thread.Alloc(_heap, nuint.Min(TortureSizes.Next(thread.Random), 1 << 20)) is { } block)
            {
                lock (_blocksLock)
                {
                    _blocks.Add(block);
                }
            }
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>Disposes of the heap with all that is alive in it, and makes another; or resets it.</summary>
    public void Renew(TortureThread thread)
    {
        _use.EnterWriteLock();
        try
        {
            if (_heap != null && thread.Random.Next(3) == 0)
            {
                AssertWhole();
                _heap.Reset();
                _blocks.Clear();
                return;
            }

            Empty();
            long? maximum = thread.Random.Next(3) == 0 ? thread.Random.Next(64 << 10, 8 << 20) : null;
            HeapOptions options = new()
            {
                MaximumBytes = maximum,
                Check = thread.Random.Next(6) switch { 0 or 1 => CheckLevel.Basic, 2 => CheckLevel.Full, _ => CheckLevel.Off },
                QuarantineBytes = thread.Random.Next(2) * thread.Random.Next(2 << 20),
                GuardedSampleBytes = thread.Random.Next(3) == 0 ? 1L << thread.Random.Next(10, 20) : 0,
            };
            _ = thread.Attempt(() => _heap = new Heap(options));
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        Empty();
        _use.Dispose();
    }

    /// <summary>Disposes of the heap with all that is alive in it. While no other thread uses it.</summary>
    public void Empty()
    {
        AssertWhole();
        _heap?.Dispose();
        _blocks.Clear();
        _heap = null;
    }

    private void AssertWhole()
    {
        foreach (TortureBlock block in _blocks)
        {
            block.AssertWhole();
        }

        // Caches of ended threads that have used it may be emptied meanwhile.
        Assert.True(
            _heap == null || (_heap.GetStatistics() is var statistics && (statistics.IsApproximate || statistics.LiveObjects == _blocks.Count)),
            $"{_blocks.Count} blocks are alive in a heap that says otherwise: {_heap?.GetStatistics()}");
    }
}
