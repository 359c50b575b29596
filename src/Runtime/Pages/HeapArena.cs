// The metadata of one arena: 64 MiB of address space, aligned to its size, of which all or some 4 MiB chunks are reserved and mapped. What its pages lead to, spans, lies elsewhere (ArenaMap.cs).
//
//     FreeBits   a bit a page: 1 <=> the page is mapped and free
//     pages from ZeroedFrom on have never been in use since they were mapped: they read as zero
//     ReturnedBits, FreshBits, OfferedChunks: what the scavenger knows of the pages (ScavengeIndex.cs)
//
// Read and written under the page heap's lock.

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>What there is to know of an arena's pages.</summary>
internal unsafe struct HeapArena
{
    /// <summary>The binary logarithm of an arena's size in bytes.</summary>
    public const int SizeShift = 26;

    /// <summary>An arena's size, in bytes: 64 MiB, as Go's on 64-bit systems.</summary>
    public const nuint Size = (nuint)1 << SizeShift;

    /// <summary>The pages of an arena.</summary>
    public const int PageCount = 1 << (SizeShift - SizeClass.PageShift);

    /// <summary>The first page of the arena that has never been used.</summary>
    public int ZeroedFrom;

    /// <summary>The chunks of the arena with something to give back, a bit each.</summary>
    public uint OfferedChunks;

    private fixed ulong _freeBits[PageCount / 64];
    private fixed ulong _returnedBits[PageCount / 64];
    private fixed ulong _freshBits[PageCount / 64];

    /// <summary>The free bits of a chunk: <see cref="ChunkBits.Words"/> words.</summary>
    /// <param name="chunk">The chunk's number within the arena.</param>
    public ulong* FreeBits(int chunk)
    {
        fixed (ulong* bits = _freeBits)
        {
            return bits + (chunk * ChunkBits.Words);
        }
    }

    /// <summary>A bit a page: 1 for those whose memory the system has.</summary>
    public ulong* ReturnedBits
    {
        get
        {
            fixed (ulong* bits = _returnedBits)
            {
                return bits;
            }
        }
    }

    /// <summary>A bit a page: 1 for those that became free since the scavenger last looked.</summary>
    public ulong* FreshBits
    {
        get
        {
            fixed (ulong* bits = _freshBits)
            {
                return bits;
            }
        }
    }
}
