namespace NativeHeap;

/// <summary>What all heaps of the process hold together, in bytes.</summary>
/// <remarks>
/// <para><c>ReservedBytes = UnmappedBytes + MappedBytes</c></para>
/// <para><c>MappedBytes = LiveBytes + ThreadCachedBytes + CentralCachedBytes + FreeBytes + ReturnedBytes</c></para>
/// Exact while no thread is allocating or freeing; otherwise see <see cref="IsApproximate"/>.
/// </remarks>
public readonly record struct ProcessStatistics
{
    /// <summary>Address space obtained from the operating system for objects.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>Of that, what is not usable yet; it costs no memory.</summary>
    public long UnmappedBytes { get; init; }

    /// <summary>Of that, what is usable.</summary>
    public long MappedBytes { get; init; }

    /// <summary>The number of objects allocated and not freed.</summary>
    public long LiveObjects { get; init; }

    /// <summary>The slots and pages of those objects.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Free slots in the caches of threads.</summary>
    public long ThreadCachedBytes { get; init; }

    /// <summary>Free slots in depots and spans, and the ends of spans.</summary>
    public long CentralCachedBytes { get; init; }

    /// <summary>Free pages whose memory is, or may be, still there.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Free pages, and memory between objects, that have been given back to the operating system.</summary>
    public long ReturnedBytes { get; init; }

    /// <summary>Memory for the allocator's own tables, apart from all of the above.</summary>
    public long MetadataBytes { get; init; }

    /// <summary>Whether threads were seen at work, so that the terms may be of different moments.</summary>
    public bool IsApproximate { get; init; }
}
