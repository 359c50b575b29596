// Finds runs of free pages: address-ordered first fit over the whole address space.
//
// A bit a page says what is free (kept with the arenas), and a tree of summaries over fixed stretches of address space says where
// to look:
//
//     level   0        1        2        3        4
//     entry   16 GiB   2 GiB    256 MiB  32 MiB   4 MiB (a chunk of 512 bits)
//     of      16 Ki    128 Ki   1 Mi     8 Mi     64 Mi entries
//
// An entry of a level is the join of the eight below it. Stretches that are not mapped count as in use, so arenas may lie anywhere, and runs that cross
// chunks, arenas and even entries of the root are found like any other. Freed runs join their neighbours by nothing more than setting bits.
// The tables reserve about 600 MiB of addresses, and are mapped in blocks of 64 KiB, 32 GiB of address space for the lowest level, as memory comes to be
// managed there (a bit a block says which are); touched is a cache line a level for each region of address space in use.
//
// Finding a run: scan a group of eight summaries by address; a run that crosses entries (End of one + whole ones + Start of the next) and is long enough is
// the answer, since what lies within an earlier entry would have been found before; an entry whose Max suffices is entered. At the bottom the
// bits decide. Steps: the root entries between the lowest and the highest in use, then at most 8 a level.
//
//     FreePages = number of bits set = sum over chunks; every entry above = Join of the eight below
//
// Threads take pages for their caches by the aligned block, half a word of bits, at the price of one page (PageHeap.Caches.cs).
//
// The scheme is that of Go's page allocator (runtime/mpagealloc.go, since Go 1.14). Not thread-safe: under the page heap's lock.

using System.Numerics;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Address-ordered first fit over a sparse address space. Pages are numbered by address / page size.</summary>
internal unsafe struct PageAllocator
{
    /// <summary>The answer when there is no such run.</summary>
    public static readonly nuint None = nuint.MaxValue;

    private const int Levels = 5;
    private const int FanOutShift = 3;
    private const int FanOut = 1 << FanOutShift;
    private const int ChunkNumberBits = ArenaMap.AddressBits - SizeClass.PageShift - ChunkBits.PageCountShift;
    private const int ChunksPerArena = HeapArena.PageCount / ChunkBits.PageCount;

    // A block of a table: at least a page of any system.
    private const int BlockShift = 16;
    private const int BlockEntriesShift = BlockShift - 3;

    private ArenaMap* _map;
    private fixed ulong _levels[Levels];

    // A bit a block, set if it is mapped; those of a level with n blocks from bit n on.
    private fixed ulong _mappedBlocks[1 << (1 + ChunkNumberBits - BlockEntriesShift - 6)];

    // No root entry outside [_firstRoot, _endRoot) has a free page, and all inside are mapped: the root has two blocks.
    private nuint _firstRoot;
    private nuint _endRoot;
    private nuint _lowestFreed;

    /// <summary>The number of free pages.</summary>
    public nuint FreePages { get; private set; }

    /// <summary>The lowest page that has become free since this was last set to <see cref="None"/>. Read without the lock, the answer may be old.</summary>
    public nuint LowestFreed
    {
        readonly get => Volatile.Read(in _lowestFreed);
        set => Volatile.Write(ref _lowestFreed, value);
    }

    /// <summary>The bytes mapped for summaries.</summary>
    public nuint TableBytes { get; private set; }

    /// <summary>Reserves the summaries.</summary>
    /// <param name="map">Where the arenas and their bits are found.</param>
    /// <returns>Whether the system had the address space.</returns>
    public bool Initialize(ArenaMap* map)
    {
        _map = map;
        _firstRoot = nuint.MaxValue;
        for (int level = 0; level < Levels; level++)
        {
            _levels[level] = (ulong)VirtualMemory.Reserve(EntryCount(level) * (nuint)sizeof(PageSummary), 1 << BlockShift);
            if (_levels[level] == 0)
            {
                Release();
                return false;
            }
        }

        return true;
    }

    /// <summary>Maps the entries of pages that are about to be freed for the first time.</summary>
    /// <returns>Whether the system had the memory.</returns>
    public bool Cover(nuint firstPage, nuint pages)
    {
        nuint first = firstPage >> ChunkBits.PageCountShift;
        nuint last = (firstPage + pages - 1) >> ChunkBits.PageCountShift;
        for (int level = 0; level < Levels; level++)
        {
            int shift = (Levels - 1 - level) * FanOutShift;
            if (!MapEntries(level, first >> shift, last >> shift))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gives the summaries back.</summary>
    public void Release()
    {
        for (int level = 0; level < Levels; level++)
        {
            if (_levels[level] != 0)
            {
                _ = VirtualMemory.Free((void*)_levels[level], EntryCount(level) * (nuint)sizeof(PageSummary));
                _levels[level] = 0;
            }
        }
    }

    /// <summary>Takes the lowest run of free pages that is long enough.</summary>
    /// <param name="pages">The length wanted, in pages; at least 1.</param>
    /// <param name="alignment">What the number of the first page must be a multiple of: a power of two.</param>
    /// <returns>The number of the first page, or <see cref="None"/>.</returns>
    public nuint Alloc(nuint pages, nuint alignment = 1)
    {
        // Where alignment is asked for, a run long enough to contain an aligned one wherever it starts; only the aligned part is taken.
        nuint found = Find(pages + alignment - 1);
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
        NoteFreed(firstPage, firstPage + pages - 1);
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
        NoteFreed(firstPage, firstPage);
    }

    private const int RootShift = (Levels - 1) * FanOutShift;

    private void NoteFreed(nuint firstPage, nuint lastPage)
    {
        LowestFreed = nuint.Min(_lowestFreed, firstPage);
        _firstRoot = nuint.Min(_firstRoot, firstPage >> (ChunkBits.PageCountShift + RootShift));
        _endRoot = nuint.Max(_endRoot, (lastPage >> (ChunkBits.PageCountShift + RootShift)) + 1);
    }

    // Blocks mapped before a failure stay.
    private bool MapEntries(int level, nuint first, nuint last)
    {
        nuint count = EntryCount(level) >> BlockEntriesShift;
        for (nuint block = first >> BlockEntriesShift; block <= last >> BlockEntriesShift; block++)
        {
            ref ulong mapped = ref _mappedBlocks[(count + block) / 64];
            ulong bit = 1UL << (int)((count + block) % 64);
            if ((mapped & bit) == 0)
            {
                byte* start = (byte*)_levels[level] + (block << BlockShift);
                if (!VirtualMemory.Map(start, 1 << BlockShift) || !VirtualMemory.Used(start, 1 << BlockShift))
                {
                    return false;
                }

                mapped |= bit;
                TableBytes += 1 << BlockShift;
            }
        }

        return true;
    }

    private static nuint EntryCount(int level) => (nuint)1 << (ChunkNumberBits - ((Levels - 1 - level) * FanOutShift));

    private static int PagesShift(int level) => ChunkBits.PageCountShift + ((Levels - 1 - level) * FanOutShift);

    private readonly PageSummary* Level(int level) => (PageSummary*)_levels[level];

    private readonly ulong* Bits(nuint chunk) => _map->GetArena(chunk / ChunksPerArena)->FreeBits((int)(chunk % ChunksPerArena));

    private readonly ulong* WordOf(nuint page) => Bits(page >> ChunkBits.PageCountShift) + (page % ChunkBits.PageCount / 64);

    private nuint Find(nuint pages)
    {
        PageSummary* root = Level(0);
        while (_firstRoot < _endRoot && root[_firstRoot].IsEmpty)
        {
            _firstRoot++;
        }

        nuint first = _firstRoot;
        nuint end = _endRoot;
        for (int level = 0; level < Levels; level++)
        {
            nuint entered = Scan(level, first, end, pages, out nuint crossing);
            if (crossing != None)
            {
                return crossing;
            }

            if (entered == None)
            {
                return None;
            }

            first = entered << FanOutShift;
            end = first + FanOut;
            if (level == Levels - 1)
            {
                int bit = ChunkBits.FindRun(Bits(entered), (int)pages);
                return (entered << ChunkBits.PageCountShift) + (nuint)bit;
            }
        }

        return None;
    }

    // The first of: a run that crosses entries (its first page), an entry that contains a run.
    private readonly nuint Scan(int level, nuint first, nuint end, nuint pages, out nuint crossing)
    {
        PageSummary* summaries = Level(level);
        int shift = PagesShift(level);
        nuint whole = (nuint)1 << shift;
        nuint run = 0;
        crossing = None;
        for (nuint i = first; i < end; i++)
        {
            PageSummary summary = summaries[i];
            if (summary.IsEmpty)
            {
                run = 0;
                continue;
            }

            if (run + summary.Start >= pages && run != 0)
            {
                crossing = (i << shift) - run;
                return None;
            }

            if (summary.Max >= pages)
            {
                return i;
            }

            run = summary.Start == whole ? run + whole : summary.End;
        }

        return None;
    }

    private void Fill(nuint firstPage, nuint pages, bool free)
    {
        nuint firstChunk = firstPage >> ChunkBits.PageCountShift;
        nuint lastChunk = (firstPage + pages - 1) >> ChunkBits.PageCountShift;
        PageSummary* chunks = Level(Levels - 1);
        for (nuint chunk = firstChunk; chunk <= lastChunk; chunk++)
        {
            nuint chunkPage = chunk << ChunkBits.PageCountShift;
            nuint from = nuint.Max(firstPage, chunkPage) - chunkPage;
            nuint to = nuint.Min(firstPage + pages, chunkPage + ChunkBits.PageCount) - chunkPage;
            ulong* bits = Bits(chunk);
            ChunkBits.Fill(bits, (int)from, (int)(to - from), free);
            chunks[chunk] = ChunkBits.Summarize(bits);
        }

        UpdateAbove(firstChunk, lastChunk);
    }

    private readonly void UpdateChunk(nuint chunk)
    {
        Level(Levels - 1)[chunk] = ChunkBits.Summarize(Bits(chunk));
        UpdateAbove(chunk, chunk);
    }

    private readonly void UpdateAbove(nuint first, nuint last)
    {
        for (int level = Levels - 2; level >= 0; level--)
        {
            first >>= FanOutShift;
            last >>= FanOutShift;
            PageSummary* below = Level(level + 1);
            PageSummary* here = Level(level);
            bool changed = false;
            for (nuint i = first; i <= last; i++)
            {
                PageSummary joined = PageSummary.Join(below + (i << FanOutShift), FanOut, 1u << PagesShift(level + 1));
                changed |= !joined.Equals(here[i]);
                here[i] = joined;
            }

            if (!changed)
            {
                return;
            }
        }
    }
}
