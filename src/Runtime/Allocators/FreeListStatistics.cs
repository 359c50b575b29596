namespace NativeHeap;

/// <summary>How a <see cref="FreeListAllocator"/>'s block is divided. Sizes in bytes.</summary>
/// <remarks><c>TotalBytes = UsedBytes + FreeBytes</c>, always exact.</remarks>
public readonly record struct FreeListStatistics
{
    /// <summary>The length of the block, as far as it is managed: a multiple of the granularity.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Allocated, with what sizes were rounded up by.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Not allocated.</summary>
    public long FreeBytes { get; init; }

    /// <summary>The number of allocations.</summary>
    public int Allocations { get; init; }

    /// <summary>The number of free ranges.</summary>
    public int FreeRanges { get; init; }

    /// <summary>The longest free range: the largest request that can be met.</summary>
    public long LargestFreeBytes { get; init; }

    /// <summary>The share of what is free that is not in the longest free range, from 0, all in one piece, to nearly 1; 0 if nothing is free.</summary>
    public double Fragmentation => FreeBytes == 0 ? 0 : 1 - ((double)LargestFreeBytes / FreeBytes);
}
