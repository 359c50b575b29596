// Finds runs of free pages: address-ordered first fit over the whole address space.
//
// A bit a page says what is free (kept with the arenas), a tree of summaries where to look (SummaryTree.cs). The tree answers with a run that crosses chunks, or a chunk that a run lies in,
// where the bits decide. Freed runs join their neighbours by nothing more than setting bits.
//
//     FreePages = number of bits set;   the tree's summary of each chunk = ChunkBits.Summarize of its bits
//
// Threads take pages for their caches by the aligned block, half a word of bits, at the price of one page (PageHeap.Caches.cs).
//
// Not thread-safe: under the page heap's lock.

using System.Numerics;
using System.Threading;

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Address-ordered first fit over a sparse address space. Pages are numbered by address / page size.</summary>
internal unsafe struct PageAllocator
{
    /// <summary>The answer when there is no such run.</summary>
    public static readonly nuint None = nuint.MaxValue;

    private const int ChunkNumberBits = ArenaMap.AddressBits - SizeClass.PageShift - ChunkBits.PageCountShift;
    private const int ChunksPerArena = HeapArena.PageCount / ChunkBits.PageCount;

    private ArenaMap* _map;
    private SummaryTree _tree;
    private nuint _lowestFreed;

    /// <summary>The number of free pages.</summary>
    public nuint FreePages { get; private set; }

    /// <summary>The lowest page that has become free since this was last set to <see cref="None"/>. Read without the lock, the answer may be old.</summary>
    public nuint LowestFreed
    {
        readonly get => Volatile.Read(in _lowestFreed);
        set => Volatile.Write(ref _lowestFreed, value);
    }

    /// <summary>The bytes that are usable for summaries.</summary>
    public readonly nuint TableBytes => _tree.Bytes;

    /// <summary>Obtains the summaries.</summary>
    /// <param name="map">Where the arenas and their bits are found.</param>
    /// <returns>Whether the system had memory and address space.</returns>
    public bool Initialize(ArenaMap* map)
    {
        _map = map;
        return _tree.Initialize();
    }

    /// <summary>Maps the summaries of pages that are about to be freed for the first time.</summary>
    /// <returns>Whether the system had the memory.</returns>
    public bool Cover(nuint firstPage, nuint pages) =>
        _tree.Cover(firstPage >> ChunkBits.PageCountShift, (firstPage + pages - 1) >> ChunkBits.PageCountShift);

    /// <summary>Gives the summaries back.</summary>
    public void Release() => _tree.Release();

    /// <summary>Takes the lowest run of free pages that is long enough.</summary>
    /// <param name="pages">The length wanted, in pages; at least 1.</param>
    /// <param name="alignment">What the number of the first page must be a multiple of: a power of two.</param>
    /// <returns>The number of the first page, or <see cref="None"/>.</returns>
    public nuint Alloc(nuint pages, nuint alignment = 1)
    {
        // Where alignment is asked for, a run long enough to contain an aligned one wherever it starts; only the aligned part is taken.
        UncountedSteps steps = default;
        nuint found = Find(pages + alignment - 1, ref steps);
        if (found == None)
        {
            return None;
        }

        nuint first = (found + alignment - 1) & ~(alignment - 1);
        Fill(first, pages, free: false);
        FreePages -= pages;
        return first;
    }

    /// <summary>Takes a run of pages at a place of its own, if all of it is free.</summary>
    /// <returns>Whether it was.</returns>
    public bool AllocAt(nuint firstPage, nuint pages)
    {
        for (nuint page = firstPage; page < firstPage + pages;)
        {
            nuint chunk = page >> ChunkBits.PageCountShift;
            nuint inChunk = nuint.Min(((chunk + 1) << ChunkBits.PageCountShift) - page, firstPage + pages - page);
            HeapArena* arena = chunk >> ChunkNumberBits == 0 ? _map->GetArena(chunk / ChunksPerArena) : null;
            if (arena == null || !ChunkBits.AreFree(Bits(chunk), (int)(page % ChunkBits.PageCount), (int)inChunk))
            {
                return false;
            }

            page += inChunk;
        }

        Fill(firstPage, pages, free: false);
        FreePages -= pages;
        return true;
    }

    /// <summary>Adds a run of pages to the free ones: newly mapped and covered, or used until now.</summary>
    public void Free(nuint firstPage, nuint pages)
    {
        Fill(firstPage, pages, free: true);
        FreePages += pages;
        LowestFreed = nuint.Min(_lowestFreed, firstPage);
    }

    /// <summary>Takes all free pages of an aligned block of <see cref="PageCache.BlockPages"/>.</summary>
    /// <param name="firstPage">The first page of the block, which must be of an arena.</param>
    /// <returns>A bit a page: 1 for those taken.</returns>
    public uint TakeBlock(nuint firstPage)
    {
        ulong* word = WordOf(firstPage);
        int shift = (int)(firstPage & 63);
        uint taken = (uint)(*word >> shift);
        if (taken != 0)
        {
            *word &= ~((ulong)taken << shift);
            FreePages -= (nuint)BitOperations.PopCount(taken);
            UpdateChunk(firstPage >> ChunkBits.PageCountShift);
        }

        return taken;
    }

    /// <summary>Gives pages of a block back.</summary>
    /// <param name="firstPage">The first page of the block.</param>
    /// <param name="pages">A bit a page: 1 for those that come back.</param>
    public void GiveBlock(nuint firstPage, uint pages)
    {
        *WordOf(firstPage) |= (ulong)pages << (int)(firstPage & 63);
        FreePages += (nuint)BitOperations.PopCount(pages);
        UpdateChunk(firstPage >> ChunkBits.PageCountShift);
        LowestFreed = nuint.Min(_lowestFreed, firstPage);
    }

    /// <summary>The length of the run of free pages that ends right before a page.</summary>
    public readonly nuint CountFreeBefore(nuint page)
    {
        nuint first = page;
        while (first != 0 && _map->GetArena((first - 1) / HeapArena.PageCount) != null)
        {
            nuint chunk = (first - 1) >> ChunkBits.PageCountShift;
            nuint chunkPage = chunk << ChunkBits.PageCountShift;
            first = chunkPage + (nuint)ChunkBits.FirstOfRun(Bits(chunk), (int)(first - chunkPage));
            if (first != chunkPage)
            {
                break;
            }
        }

        return page - first;
    }

    /// <summary>Finds the lowest run of free pages that is long enough.</summary>
    /// <param name="pages">The length wanted, in pages; at least 1.</param>
    /// <param name="steps">Told of each summary that is looked at.</param>
    /// <returns>The number of the first page, or <see cref="None"/>.</returns>
    public readonly nuint Find<TSteps>(nuint pages, ref TSteps steps)
        where TSteps : struct, ISearchSteps
    {
        nuint found = _tree.Find(pages, ref steps, out bool isChunk);
        return isChunk ? (found << ChunkBits.PageCountShift) + (nuint)ChunkBits.FindRun(Bits(found), (int)pages) : found;
    }

    private readonly ulong* Bits(nuint chunk) => _map->GetArena(chunk / ChunksPerArena)->FreeBits((int)(chunk % ChunksPerArena));

    private readonly ulong* WordOf(nuint page) => Bits(page >> ChunkBits.PageCountShift) + (page % ChunkBits.PageCount / 64);

    private readonly void Fill(nuint firstPage, nuint pages, bool free)
    {
        nuint firstChunk = firstPage >> ChunkBits.PageCountShift;
        nuint lastChunk = (firstPage + pages - 1) >> ChunkBits.PageCountShift;
        for (nuint chunk = firstChunk; chunk <= lastChunk; chunk++)
        {
            nuint chunkPage = chunk << ChunkBits.PageCountShift;
            nuint from = nuint.Max(firstPage, chunkPage) - chunkPage;
            nuint to = nuint.Min(firstPage + pages, chunkPage + ChunkBits.PageCount) - chunkPage;
            ulong* bits = Bits(chunk);
            ChunkBits.Fill(bits, (int)from, (int)(to - from), free);
            _tree.Chunks[chunk] = ChunkBits.Summarize(bits);
        }

        _tree.Update(firstChunk, lastChunk);
    }

    private readonly void UpdateChunk(nuint chunk)
    {
        _tree.Chunks[chunk] = ChunkBits.Summarize(Bits(chunk));
        _tree.Update(chunk, chunk);
    }
}
