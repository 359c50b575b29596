using System.Numerics;

using NativeHeap.Allocators;

namespace NativeHeap;

/// <summary>Where a <see cref="BumpAllocator"/> takes its memory from, and in what pieces. Read once, when the allocator is made.</summary>
public sealed class BumpAllocatorOptions
{
    private const int SmallestChunk = 4 * 1024;
    private const int LargestChunk = 1 << 30;

    /// <summary>The heap that chunks come from; null for <see cref="Heap.Shared"/>. It must outlive the allocator.</summary>
    public Heap? Heap { get; init; }

    /// <summary>The size of the first chunk, in bytes: a power of two from 4 KiB to <see cref="MaximumChunkBytes"/>. 64 KiB unless set.</summary>
    public int FirstChunkBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// The size that chunks grow to, each as large as all before it together, in bytes: a power of two up to 1 GiB. 1 MiB unless set. What is larger gets a block of the heap for itself, freed
    /// by the next <see cref="BumpAllocator.Reset"/> or <see cref="BumpAllocator.Rewind"/>.
    /// </summary>
    public int MaximumChunkBytes { get; init; } = 1024 * 1024;

    internal (Heap Heap, nuint First, nuint Maximum) Check()
    {
        if (FirstChunkBytes < SmallestChunk || !BitOperations.IsPow2(FirstChunkBytes) || FirstChunkBytes > MaximumChunkBytes)
        {
            throw AllocatorErrors.BadChunkSize(nameof(FirstChunkBytes), FirstChunkBytes, SmallestChunk, MaximumChunkBytes);
        }

        return BitOperations.IsPow2(MaximumChunkBytes) && MaximumChunkBytes <= LargestChunk
            ? (Heap ?? Heap.Shared, (nuint)FirstChunkBytes, (nuint)MaximumChunkBytes)
            : throw AllocatorErrors.BadChunkSize(nameof(MaximumChunkBytes), MaximumChunkBytes, SmallestChunk, LargestChunk);
    }
}
