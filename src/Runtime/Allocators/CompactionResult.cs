namespace NativeHeap;

/// <summary>What a <see cref="CompactingAllocator.Compact(long)"/> has done.</summary>
/// <param name="MovedBytes">The bytes moved.</param>
/// <param name="MovedBlocks">The blocks moved.</param>
/// <param name="ReclaimedBytes">The bytes of holes that have become free; 0 until a pass is complete.</param>
/// <param name="IsComplete">Whether all blocks lie together; if not, there is more to do.</param>
public readonly record struct CompactionResult(long MovedBytes, int MovedBlocks, long ReclaimedBytes, bool IsComplete);
