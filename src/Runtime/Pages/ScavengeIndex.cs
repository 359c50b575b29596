// Which free pages may be given back to the system, and which have been.
//
//     returned bit of a page = 1  <=>  its memory is the system's: Prepared (Platform/VirtualMemory.cs); Used makes it usable again, and then it reads as zero
//     fresh bit of a page    = 1   =>  it has become free since its chunk was last looked through
//     chunk is offered       <=   one of its pages has become free since the chunk was settled: looked through, with nothing left to give back, now or later
//     ReturnedPages = number of returned bits;   returned => free, in the page allocator or in a kept run
//
// A pass goes from the highest offered chunk to the lowest, since runs are taken from the lowest address up: what is given back last is what is used next. A page's age is
// told by its fresh bit: one that a pass finds free and not fresh has been free for as long as lies between two passes. So memory that comes and goes faster than that is never
// given back, at the cost of a bit set when it goes. And a chunk that is nearly all in use is left alone unless nothing else goes on: its few
// free pages are likely to be needed soon (Go's rule, and its figure: 96.875 %).
//
// Only whole system pages can go back, which are up to eight of ours. Taking one page of such a group makes the whole group usable, and ends what was known of it.
//
// Arenas with offered chunks are in a set, so that a pass costs what there is to give back, not what the heap holds. Under the page heap's lock.

using System.Numerics;

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>How far a pass of the scavenger goes.</summary>
internal enum PassReach
{
    /// <summary>The process is at work: only what has been free for a while, and not in chunks nearly all in use.</summary>
    Busy,

    /// <summary>Nothing else goes on: all that has been free for a while.</summary>
    Idle,

    /// <summary>Memory is needed elsewhere: all that is free and has been used, so that its memory is there.</summary>
    Resident,

    /// <summary>All that is free.</summary>
    Full,
}

/// <summary>The scavenger's knowledge of pages.</summary>
internal unsafe struct ScavengeIndex
{
    /// <summary>Above all chunks: where a pass starts.</summary>
    public const nuint PassStart = (nuint)1 << (ArenaMap.AddressBits - SizeClass.PageShift - ChunkBits.PageCountShift);

    private const int ChunksPerArena = HeapArena.PageCount / ChunkBits.PageCount;

    // 96.875 % of a chunk in use.
    private const int DensePages = ChunkBits.PageCount / 32;

    // The most chunks that one search looks through in vain, under the lock.
    private const int SearchSteps = 32;

    private ArenaMap* _map;
    private ArenaSet _offering;

    // Of our pages, how many a system page takes: 1 up to 8 KiB.
    private nuint _groupPages;

    /// <summary>The number of pages given back.</summary>
    public nuint ReturnedPages { get; private set; }

    /// <summary>Whether the pass came by pages that may go back the next time.</summary>
    public bool LeavesWork { get; private set; }

    /// <summary>Makes it ready.</summary>
    /// <param name="map">Where the arenas and their bits are found.</param>
    /// <param name="systemPage">The size of the system's pages, in bytes.</param>
    /// <returns>Whether the system had the memory.</returns>
    public bool Initialize(ArenaMap* map, nuint systemPage)
    {
        _map = map;
        _groupPages = nuint.Max(1, systemPage >> SizeClass.PageShift);
        return _offering.Initialize();
    }

    /// <summary>Gives its memory back.</summary>
    public void Release() => _offering.Release();

    /// <summary>Begins a pass.</summary>
    public void BeginPass() => LeavesWork = false;

    /// <summary>Whether a page has become free since its chunk was last looked through.</summary>
    public readonly bool IsFresh(nuint page) => ChunkBits.AreFree(_map->GetArena(page / HeapArena.PageCount)->FreshBits, (int)(page % HeapArena.PageCount), 1);

    /// <summary>Notes that pages have become free.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="isFresh">Whether they were in use until now, and not only free elsewhere.</param>
    public readonly void Offer(nuint first, nuint pages, bool isFresh)
    {
        for (nuint page = first; page < first + pages;)
        {
            nuint number = page / HeapArena.PageCount;
            HeapArena* arena = _map->NextStretch(ref page, first + pages, out int start, out int count);
            ChunkBits.Fill(arena->FreshBits, start, count, isFresh);
            int firstChunk = start >> ChunkBits.PageCountShift;
            int chunks = ((start + count - 1) >> ChunkBits.PageCountShift) - firstChunk + 1;
            arena->OfferedChunks |= ((1u << chunks) - 1) << firstChunk;
            _offering.Add(number);
        }
    }

    /// <summary>Whether any of the pages has been given back.</summary>
    public readonly bool AnyReturned(nuint first, nuint pages) => ReturnedPages != 0 && CountReturned(first, pages) != 0;

    /// <summary>Whether all of the pages of one arena have been given back.</summary>
    public static bool AreReturned(HeapArena* arena, int start, int count) => ChunkBits.AreFree(arena->ReturnedBits, start, count);

    /// <summary>Notes that pages have been given back: whole system pages, none of which was.</summary>
    public void SetReturned(nuint first, nuint pages)
    {
        Fill(first, pages, returned: true);
        ReturnedPages += pages;
    }

    /// <summary>Notes that pages are usable again, and with them those in the same system page.</summary>
    public void ClearReturned(nuint first, nuint pages)
    {
        ToGroups(ref first, ref pages);
        ReturnedPages -= CountReturned(first, pages);
        Fill(first, pages, returned: false);
    }

    /// <summary>The number of pages that <see cref="ClearReturned"/> would find returned.</summary>
    public readonly nuint CountReturnedGroups(nuint first, nuint pages)
    {
        ToGroups(ref first, ref pages);
        return CountReturned(first, pages);
    }

    /// <summary>Finds the next run of pages to give back, within one chunk.</summary>
    /// <param name="end">The chunk below which to look; moved down past chunks that are done with; 0 when none is left.</param>
    /// <param name="reach">How far the pass goes.</param>
    /// <param name="atMost">The most pages that it may have: of a longer one, the end is taken.</param>
    /// <param name="pages">The length of the run.</param>
    /// <returns>The first page of the run; <see cref="PageAllocator.None"/> if none was found yet, or <paramref name="end"/> is 0.</returns>
    public nuint FindRun(ref nuint end, PassReach reach, nuint atMost, out nuint pages)
    {
        ulong* candidates = stackalloc ulong[ChunkBits.Words];
        for (int step = 0; step < SearchSteps; step++)
        {
            nuint chunk = HighestOffered(end);
            if (chunk == ArenaSet.None)
            {
                end = 0;
                break;
            }

            bool any = Select(chunk, candidates, reach);
            if (any && (reach != PassReach.Busy || CountFree(chunk) > DensePages))
            {
                int first = ChunkBits.FindHighestRun(candidates, out int count);
                pages = nuint.Min((nuint)count, atMost & ~(_groupPages - 1));
                end = pages == 0 ? 0 : chunk + 1;
                return pages == 0 ? PageAllocator.None : (chunk << ChunkBits.PageCountShift) + (nuint)(first + count) - pages;
            }

            if (reach != PassReach.Resident)
            {
                if (Age(chunk) || any)
                {
                    LeavesWork = true;
                }
                else
                {
                    Withdraw(chunk);
                }
            }

            end = chunk;
        }

        pages = 0;
        return PageAllocator.None;
    }

    /// <summary>Finds what to give back of a run of which only an end has been given back yet.</summary>
    /// <param name="first">The first page of the run.</param>
    /// <param name="length">Its length, in pages.</param>
    /// <param name="atMost">The most pages to give back, rounded up to whole system pages.</param>
    /// <param name="pages">How many; 0 if nothing is left.</param>
    /// <returns>The first page to give back: the last ones that have memory.</returns>
    public readonly nuint FindTail(nuint first, nuint length, nuint atMost, out nuint pages)
    {
        nuint start = (first + _groupPages - 1) & ~(_groupPages - 1);
        nuint end = (first + length) & ~(_groupPages - 1);
        nuint whole = end > start ? end - start : 0;
        nuint resident = whole - CountReturned(start, whole);
        pages = nuint.Min((atMost + _groupPages - 1) & ~(_groupPages - 1), resident);
        return start + resident - pages;
    }

    /// <summary>Withdraws a chunk's offer, until another of its pages becomes free: the system has kept what it was given.</summary>
    public readonly void Withdraw(nuint chunk)
    {
        HeapArena* arena = ArenaOf(chunk);
        arena->OfferedChunks &= ~(1u << (int)(chunk % ChunksPerArena));
        if (arena->OfferedChunks == 0)
        {
            _offering.Remove(chunk / ChunksPerArena);
        }
    }

    private readonly nuint HighestOffered(nuint end)
    {
        nuint number = end / ChunksPerArena;
        int within = (int)(end % ChunksPerArena);
        HeapArena* arena = within == 0 ? null : _map->GetArena(number);
        uint offered = arena == null ? 0 : arena->OfferedChunks & ((1u << within) - 1);
        if (offered == 0)
        {
            number = _offering.HighestBelow(number);
            if (number == ArenaSet.None)
            {
                return ArenaSet.None;
            }

            offered = _map->GetArena(number)->OfferedChunks;
        }

        return (number * ChunksPerArena) + (nuint)BitOperations.Log2(offered);
    }

    // What has become free since the last pass has not by the next. Whether there was any: if so, the chunk stays offered, also for the runs of large objects that are kept
    // (KeptRuns.cs) and reach the page allocator before the next pass.
    private readonly bool Age(nuint chunk)
    {
        ulong* words = ArenaOf(chunk)->FreshBits + FirstWordOf(chunk);
        ulong fresh = 0;
        for (int word = 0; word < ChunkBits.Words; word++)
        {
            fresh |= words[word];
            words[word] = 0;
        }

        return fresh != 0;
    }

    // The pages of a chunk that are free and not given back, as far as they make up system pages and the pass reaches them.
    private readonly bool Select(nuint chunk, ulong* candidates, PassReach reach)
    {
        HeapArena* arena = ArenaOf(chunk);
        int start = FirstWordOf(chunk);
        ulong any = 0;
        for (int word = 0; word < ChunkBits.Words; word++)
        {
            ulong bits = arena->FreeBits(0)[start + word] & ~arena->ReturnedBits[start + word];
            bits &= reach >= PassReach.Resident ? ulong.MaxValue : ~arena->FreshBits[start + word];
            bits &= reach == PassReach.Resident ? ChunkBits.Below(arena->ZeroedFrom - ((start + word) * 64)) : ulong.MaxValue;
            candidates[word] = ChunkBits.WholeGroups(bits, (int)_groupPages);
            any |= candidates[word];
        }

        return any != 0;
    }

    private readonly int CountFree(nuint chunk) => ChunkBits.Count(ArenaOf(chunk)->FreeBits(0) + FirstWordOf(chunk), 0, ChunkBits.PageCount);

    private readonly void ToGroups(ref nuint first, ref nuint pages)
    {
        nuint end = (first + pages + _groupPages - 1) & ~(_groupPages - 1);
        first &= ~(_groupPages - 1);
        pages = end - first;
    }

    private readonly nuint CountReturned(nuint first, nuint pages)
    {
        nuint returned = 0;
        for (nuint page = first; page < first + pages;)
        {
            HeapArena* arena = _map->NextStretch(ref page, first + pages, out int start, out int count);
            returned += (nuint)ChunkBits.Count(arena->ReturnedBits, start, count);
        }

        return returned;
    }

    private readonly void Fill(nuint first, nuint pages, bool returned)
    {
        for (nuint page = first; page < first + pages;)
        {
            HeapArena* arena = _map->NextStretch(ref page, first + pages, out int start, out int count);
            ChunkBits.Fill(arena->ReturnedBits, start, count, returned);
        }
    }

    private readonly HeapArena* ArenaOf(nuint chunk) => _map->GetArena(chunk / ChunksPerArena);

    private static int FirstWordOf(nuint chunk) => (int)(chunk % ChunksPerArena) * ChunkBits.Words;
}
