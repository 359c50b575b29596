// The choice of --pool, made here and nowhere else.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Threading;

using Gateway.Faults;

using NativeHeap;

namespace Gateway.Memory;

internal sealed class BufferPool : IDisposable
{
    private readonly NativeMemoryPool? _native;
    private readonly ArrayMemoryPool? _arrays;

    /// <param name="kind">Which pool.</param>
    /// <param name="maximumBytes">The most that its buffers may take; null for no limit. For the native pool only.</param>
    /// <param name="patience">How long to wait at the limit, in milliseconds.</param>
    /// <param name="log">Is told when the limit is met.</param>
    public BufferPool(PoolKind kind, long? maximumBytes, int patience, IncidentLog log)
    {
        if (kind == PoolKind.Native)
        {
            // What is idle stays: to give it back and make it again would be work in the midst of a day.
            _native = new NativeMemoryPool(new NativeMemoryPoolOptions { Name = "gateway", MaximumBytes = maximumBytes, IdleTime = Timeout.InfiniteTimeSpan });
            Waiting = new WaitingPool(_native, patience, log);
            Failing = _native;
        }
        else
        {
            _arrays = new ArrayMemoryPool();
            Waiting = _arrays;
            Failing = _arrays;
        }
    }

    /// <summary>For who waits at the limit.</summary>
    public MemoryPool<byte> Waiting { get; }

    /// <summary>For who is told of the limit, by <see cref="OutOfMemoryException"/>.</summary>
    public MemoryPool<byte> Failing { get; }

    /// <summary>Buffers that have not been returned.</summary>
    public long BuffersOut => _native?.GetStatistics().RentedBuffers ?? _arrays!.Rented;

    /// <summary>The most that its buffers took at one time; of the native pool what it has come to hold.</summary>
    public long PeakBytes => _native?.GetStatistics().TotalBytes ?? _arrays!.PeakBytes;

    /// <summary>Has the pool make buffers, and what it keeps them in for this thread, before they are needed; as far as its limit lets it.</summary>
    public void Prewarm(int length, int count)
    {
        List<IMemoryOwner<byte>> owners = [];
        try
        {
            while (owners.Count < count)
            {
                owners.Add(Failing.Rent(length));
            }
        }
        catch (OutOfMemoryException)
        {
            // That is all there may be.
        }

        owners.ForEach(owner => owner.Dispose());
    }

    public void Dispose()
    {
        _native?.Dispose();
        _arrays?.Dispose();
    }
}
