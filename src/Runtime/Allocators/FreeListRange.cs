namespace NativeHeap;

/// <summary>A range of a <see cref="FreeListAllocator"/>'s block: an allocation, or free.</summary>
/// <param name="Offset">Where it starts, in bytes from the start of the block.</param>
/// <param name="Size">How long it is, in bytes.</param>
/// <param name="IsFree">Whether it is free. Two free ranges never touch.</param>
public readonly record struct FreeListRange(nuint Offset, nuint Size, bool IsFree);
