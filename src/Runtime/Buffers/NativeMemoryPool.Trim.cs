// How a pool's idle memory goes back.
//
//     every IdleTime:  threads that have done nothing since the last time  ->  the depots;   what a depot has not needed since then  ->  the heap, or the collector
//     Trim, and a request that finds no memory:  all threads  ->  the depots  ->  the heap, or the collector
//
// Threads' magazines are claimed for that (ThreadMagazines.cs), under the lock of claims. They stay claimed while somebody waits for a buffer, so that every return comes by (NativeMemoryPool.Waiting.cs), and
// once the pool is disposed of:
//
//     a LocalBuffers is claimed  <=>  _waiting > 0, or _isDisposed, or a pass is at it          but between two fields' writes under the lock of claims
//
// The lock of ticks is held over a tick of the timer, so that disposal can wait for one that is at work.
//
// The timer runs while there are buffers. It keeps the pool reachable, so that a program may forget a pool without losing what is in it.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;

using NativeHeap.Buffers;
using NativeHeap.Platform;

namespace NativeHeap;

public sealed unsafe partial class NativeMemoryPool
{
    private const int Stopped = 0;
    private const int Running = 1;

    private readonly PinnedLock _claims = new();
    private readonly PinnedLock _tick = new();
    private readonly TimeSpan _idleTime;
    private readonly Timer? _timer;
    private int _timerState;

    /// <summary>Gives all memory back that is not rented, also what other threads have at hand.</summary>
    /// <returns>The bytes that went back to the heap, or to the collector.</returns>
    /// <exception cref="HeapCorruptionException">An object of the heap was found to have been freed wrongly before.</exception>
    public nuint Trim()
    {
        Collect(idleOnly: false);
        return Release(all: true);
    }

    /// <summary>What the pool holds.</summary>
    /// <returns>The figures of this moment, or of moments close to each other while other threads are at work.</returns>
    public NativeMemoryPoolStatistics GetStatistics()
    {
        long buffers = 0;
        long bytes = 0;
        for (int bucket = 0; bucket < BufferBuckets.Count; bucket++)
        {
            long count = _depots[bucket].Count;
            foreach (LocalBuffers? local in _local.Items)
            {
                count += local?.Magazines.CountOf(bucket) ?? 0;
            }

            buffers += count;
            bytes += count * BufferBuckets.LengthOf(bucket);
        }

        return new NativeMemoryPoolStatistics
        {
            PooledBuffers = buffers,
            PooledBytes = bytes,
            TotalBytes = Volatile.Read(ref _total),
            MaximumBytes = _maximum == long.MaxValue ? null : _maximum,
            Made = Volatile.Read(ref _made),
            Unmade = Volatile.Read(ref _unmade),
            WaitingRents = Volatile.Read(ref _waiting),
        };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (this == Shared || _isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _heap.Ending -= Dispose;
        _timer?.Dispose();
        AwaitTick();
        _ = Trim();
        RefuseWaiting();
    }

    /// <summary>Gives back what has been idle since the last call: what the timer is for.</summary>
    internal void TrimIdle()
    {
        Collect(idleOnly: true);
        _ = Release(all: false);
    }

    // Takes what threads have at hand to the depots.
    private void Collect(bool idleOnly)
    {
        _claims.Enter();
        bool hasClaimed = false;
        foreach (LocalBuffers? local in _local.Items)
        {
            if (local is { Magazines.IsClaimed: false } && (local.Magazines.HasBeenIdle() || !idleOnly))
            {
                local.Magazines.Claim();
                hasClaimed = true;
            }
        }

        if (hasClaimed)
        {
            DelayInjection.Pass(DelayPoint.BuffersClaimed);
            Atomic.FenceAllThreads();
            DelayInjection.Pass(DelayPoint.BuffersClaimed);
        }

        foreach (LocalBuffers? local in _local.Items)
        {
            if (local is { Magazines.IsClaimed: true })
            {
                local.Magazines.AwaitExit();
                for (int bucket = 0; bucket < BufferBuckets.Count; bucket++)
                {
                    local.Magazines.Empty(bucket, _depots[bucket]);
                }

                ReleaseClaim(local);
            }
        }

        _claims.Exit();
    }

    // Under the lock of claims.
    private void ReleaseClaim(LocalBuffers local)
    {
        if (_waiting == 0 && !_isDisposed)
        {
            local.Magazines.Release();
        }
    }

    // Gives back what depots do not need.
    private nuint Release(bool all)
    {
        nuint released = 0;
        for (int bucket = 0; bucket < BufferBuckets.Count; bucket++)
        {
            NativeMemoryOwner? owner = _depots[bucket].TakeIdle(all);
            while (owner != null)
            {
                NativeMemoryOwner? next = owner.Next;
                released += (nuint)(uint)owner.Capacity;
                Unmake(owner);
                owner = next;
            }
        }

        return released;
    }

    // A thread's first call. It begins claimed, so that a pass at work or somebody waiting does not miss it.
    private LocalBuffers? AddLocal()
    {
        LocalBuffers? local = _local.FindOrAdd(LocalBuffers.MakeClaimed, this);
        if (local != null)
        {
            _claims.Enter();
            ReleaseClaim(local);
            _claims.Exit();
        }

        return local;
    }

    private Timer MakeTimer()
    {
        bool flows = !ExecutionContext.IsFlowSuppressed();
        AsyncFlowControl flow = flows ? ExecutionContext.SuppressFlow() : default;
        Timer timer = new(static pool => ((NativeMemoryPool)pool!).Tick(), this, Timeout.Infinite, Timeout.Infinite);
        if (flows)
        {
            flow.Undo();
        }

        return timer;
    }

    private void StartTimer()
    {
        if (_timer != null && Volatile.Read(ref _timerState) == Stopped && Atomic.Exchange(ref _timerState, Running) == Stopped)
        {
            Schedule();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "An exception here would end the process; what it says of the heap, a wrong free in the past, the heap says again when it is found again.")]
    private void Tick()
    {
        _tick.Enter();
        try
        {
            if (!_isDisposed && Volatile.Read(ref _total) != 0)
            {
                TrimIdle();

                // What has gone to a heap lies in the cache of this thread, which may not run again for long.
                Heap.FlushThread();
            }
        }
        catch (Exception)
        {
            // What was not given back now is at the next tick, or at Trim.
        }
        finally
        {
            _tick.Exit();
        }

        // Whoever makes a buffer counts it first and looks at the state then; this goes the other way round.
        Volatile.Write(ref _timerState, Stopped);
        Atomic.Fence();
        if (Volatile.Read(ref _total) != 0)
        {
            StartTimer();
        }
    }

    // One that is at work frees blocks of the heap, which may be about to end; one that comes later finds the pool disposed of.
    private void AwaitTick()
    {
        _tick.Enter();
        _tick.Exit();
    }

    private void Schedule()
    {
        try
        {
            _ = _timer!.Change(_idleTime, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The pool has been disposed of meanwhile, and keeps nothing.
        }
    }
}
