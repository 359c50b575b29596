// The metadata of one arena: 64 MiB of address space, aligned to its size, of which all or some 4 MiB chunks are reserved and mapped.
//
//     Spans[i]   the span that page i belongs to, or a stale one, or null: ask the span (PageSpan.Contains)
//     FreeBits   a bit a page: 1 <=> the page is mapped and free
//     pages from ZeroedFrom on have never been in use since they were mapped: they read as zero
//
// Spans is written under the page heap's lock and read by anybody; the rest is read and written under that lock.

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

    private fixed ulong _freeBits[PageCount / 64];
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

    /// <summary>The span recorded for a page of the arena.</summary>
    public PageSpan* GetSpan(nuint page) => (PageSpan*)Volatile.Read(ref _spans[page]);

    /// <summary>Records the span of a page of the arena. The span must be filled in before.</summary>
    public void SetSpan(nuint page, PageSpan* span) => Volatile.Write(ref _spans[page], (ulong)span);
}
