namespace NativeHeap;

/// <summary>What a <see cref="CompactingAllocator"/> holds, in bytes but for the counts.</summary>
/// <remarks><c>CommittedBytes = LiveBytes + HoleBytes + FreeBytes</c>, always exact.</remarks>
public readonly record struct CompactingStatistics
{
    /// <summary>Memory for blocks; the tables are apart.</summary>
    public long CommittedBytes { get; init; }

    /// <summary>The blocks.</summary>
    public long LiveBytes { get; init; }

    /// <summary>What lies between the blocks: of freed ones, and for alignment.</summary>
    public long HoleBytes { get; init; }

    /// <summary>What is behind the last block.</summary>
    public long FreeBytes { get; init; }

    /// <summary>The number of blocks.</summary>
    public int Blocks { get; init; }

    /// <summary>The number of blocks that are pinned.</summary>
    public int PinnedBlocks { get; init; }
}
