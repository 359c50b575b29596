namespace NativeHeap;

/// <summary>What a <see cref="BumpAllocator"/> holds, in bytes.</summary>
/// <remarks><para><c>ReservedBytes = UsedBytes + WastedBytes + FreeBytes</c>, and <c>WastedBytes</c> is at most an eighth of <c>UsedBytes</c>.</para></remarks>
public readonly record struct BumpStatistics
{
    /// <summary>Chunks and blocks taken from the heap.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>What has been handed out, rounded up to 8 bytes, with gaps for alignment and tiny blocks as a whole.</summary>
    public long UsedBytes { get; init; }

    /// <summary>The ends of chunks that were left for the next one.</summary>
    public long WastedBytes { get; init; }

    /// <summary>What is left of the current chunk, and chunks kept for later.</summary>
    public long FreeBytes { get; init; }

    /// <summary>The most that <see cref="UsedBytes"/> was since the allocator was made.</summary>
    public long PeakUsedBytes { get; init; }
}
