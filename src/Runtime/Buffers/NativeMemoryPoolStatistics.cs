using System.Diagnostics;

namespace NativeHeap;

/// <summary>What a <see cref="NativeMemoryPool"/> holds.</summary>
/// <remarks>
/// <para><c>TotalBuffers = RentedBuffers + PooledBuffers</c> and <c>TotalBytes = RentedBytes + PooledBytes</c></para>
/// Exact while no thread rents or returns; otherwise the terms may be of different moments.
/// </remarks>
[DebuggerDisplay("{RentedBuffers} rented, {PooledBytes} of {TotalBytes} bytes pooled")]
public readonly record struct NativeMemoryPoolStatistics
{
    /// <summary>The buffers that are rented.</summary>
    public long RentedBuffers => TotalBuffers - PooledBuffers;

    /// <summary>What they take, in bytes: as much as was asked for, rounded up to the pool's sizes.</summary>
    public long RentedBytes => TotalBytes - PooledBytes;

    /// <summary>The buffers that wait to be rented.</summary>
    public long PooledBuffers { get; init; }

    /// <summary>What they take, in bytes.</summary>
    public long PooledBytes { get; init; }

    /// <summary>All buffers: <see cref="Made"/> less <see cref="Unmade"/>.</summary>
    public long TotalBuffers => Made - Unmade;

    /// <summary>What all buffers take, in bytes.</summary>
    public long TotalBytes { get; init; }

    /// <summary>The most that <see cref="TotalBytes"/> may be, or null.</summary>
    public long? MaximumBytes { get; init; }

    /// <summary>How many buffers have been made from memory of the heap, or of the collector.</summary>
    public long Made { get; init; }

    /// <summary>How many of them have gone back.</summary>
    public long Unmade { get; init; }

    /// <summary>The calls of <see cref="NativeMemoryPool.RentAsync"/> that wait.</summary>
    public int WaitingRents { get; init; }
}
