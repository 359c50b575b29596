namespace NativeHeap;

/// <summary>What one heap holds, in bytes but for <see cref="LiveObjects"/>.</summary>
/// <remarks>
/// <c>SpanBytes = LiveBytes + ThreadCachedBytes + CentralCachedBytes + ReturnedBytes</c>. Exact while no thread is allocating or freeing in the heap; otherwise terms read at different
/// moments may disagree: each is then cut to what is possible, and <see cref="IsApproximate"/> says so.
/// </remarks>
public readonly record struct HeapStatistics
{
    /// <summary>The number of objects allocated and not freed.</summary>
    public long LiveObjects { get; init; }

    /// <summary>The slots and pages of those objects: what was asked for, rounded up to the size class or to whole pages.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Free slots in the caches of threads, of ended ones too until somebody takes them over.</summary>
    public long ThreadCachedBytes { get; init; }

    /// <summary>Free slots in depots and spans, and the ends of spans that are shorter than a slot.</summary>
    public long CentralCachedBytes { get; init; }

    /// <summary>Memory between its objects that has been given back to the operating system.</summary>
    public long ReturnedBytes { get; init; }

    /// <summary>All pages that the heap holds.</summary>
    public long SpanBytes { get; init; }

    /// <summary>Whether threads were seen at work, so that the terms may be of different moments.</summary>
    public bool IsApproximate { get; init; }
}
