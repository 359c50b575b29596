namespace NativeHeap.Allocators;

/// <summary>A block of a <see cref="CompactingAllocator"/>.</summary>
internal unsafe struct MovableBlock
{
    /// <summary>Where it is now.</summary>
    public byte* Address;

    /// <summary>In bytes.</summary>
    public nuint Size;

    /// <summary>Its place in the order of blocks.</summary>
    public int Place;

    /// <summary>In bytes: a power of two.</summary>
    public int Alignment;

    /// <summary>How often it is pinned.</summary>
    public int Pins;
}
