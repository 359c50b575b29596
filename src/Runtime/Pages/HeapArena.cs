// The metadata of one arena: 64 MiB of address space, aligned to its size, of which all or some 4 MiB chunks are reserved and mapped.
//
//     Spans[i]   the span that page i belongs to, or null
//     SharedClasses[i] = the span class of that span if it is one of slots of the shared heap, else 0
//     FreeBits   a bit a page: 1 <=> the page is mapped and free
//     pages from ZeroedFrom on have never been in use since they were mapped: they read as zero
//     ReturnedBits, FreshBits, OfferedChunks: what the scavenger knows of the pages (ScavengeIndex.cs)
//
// SharedClasses says nothing new: it is what Free of an untyped block of the shared heap asks for, a byte a page in few cache lines, where the span itself would be a
// line of its own.
//
// Spans and SharedClasses are written under the page heap's lock and read by anybody; the rest is read and written under that lock.

using System.Threading;

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>The tables of one arena.</summary>
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
    private fixed byte _sharedClasses[PageCount];
    private fixed ulong _spans[PageCount];

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

    /// <summary>The span recorded for a page of the arena.</summary>
    public PageSpan* GetSpan(nuint page) => (PageSpan*)Volatile.Read(ref _spans[page]);

    /// <summary>The span class recorded for a page of a span of the shared heap; 0 for any other page.</summary>
    public int GetSharedClass(nuint page) => _sharedClasses[page];

    /// <summary>Records the span of a page of the arena. The span must be filled in before.</summary>
    /// <param name="page">The page.</param>
    /// <param name="span">The span; null to forget it.</param>
    /// <param name="sharedClass">Its span class, if it is one of slots of the shared heap; else 0.</param>
    public void SetSpan(nuint page, PageSpan* span, int sharedClass)
    {
        Volatile.Write(ref _spans[page], (ulong)span);
        _sharedClasses[page] = (byte)sharedClass;
    }
}
