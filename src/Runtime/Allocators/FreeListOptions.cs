namespace NativeHeap;

/// <summary>How a <see cref="FreeListAllocator"/> works. Read once, when the allocator is made.</summary>
public sealed class FreeListOptions
{
    /// <summary>Which free range is taken. <see cref="FitPolicy.SegregatedFit"/> unless set.</summary>
    public FitPolicy Policy { get; init; }

    /// <summary>What sizes are rounded up to and offsets are multiples of, in bytes: a power of two. 16 unless set.</summary>
    public nuint Granularity { get; init; } = 16;

    /// <summary>The heap for the allocator's own tables; null for <see cref="Heap.Shared"/>. It must outlive the allocator.</summary>
    public Heap? Heap { get; init; }
}
