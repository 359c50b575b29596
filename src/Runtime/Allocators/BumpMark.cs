namespace NativeHeap;

/// <summary>How much a <see cref="BumpAllocator"/> had allocated when <see cref="BumpAllocator.Mark"/> was called; what <see cref="BumpAllocator.Rewind"/> goes back to.</summary>
/// <remarks>A value without ownership. The default is no allocator's mark.</remarks>
public readonly record struct BumpMark
{
    internal BumpMark(long allocator, ulong serial, int index) => (Allocator, Serial, Index) = (allocator, serial, index);

    internal long Allocator { get; }

    internal ulong Serial { get; }

    internal int Index { get; }
}
