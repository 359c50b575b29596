// Where there are free pages: a tree of summaries over fixed stretches of all address space.
//
//     level   0        1       2       3         4        5        6         7        8
//     entry   64 TiB   8 TiB   1 TiB   128 GiB   16 GiB   2 GiB    256 MiB   32 MiB   4 MiB (a chunk of 512 pages)
//     of      4        32      256     2 Ki      16 Ki    128 Ki   1 Mi      8 Mi     64 Mi entries
//             WideSummary                        PageSummary
//
//     every entry of a level = Join of the eight below it;   those of the lowest level are told by whoever has the bits
//
// Stretches that are not mapped count as in use, so memory may lie anywhere, and runs that cross chunks, arenas and entries of any level are found like any other.
//
// Finding a run: scan a group of eight summaries by address; a run that crosses entries (End of one + whole ones + Start of the next) and is long enough is the answer, since what lies
// within an earlier entry would have been found before; an entry whose Max suffices is entered. At most MaxSteps entries are looked at, whatever the size of the heap and however it is
// spread: 68, and of a heap of a few arenas most are in cache lines that the last search has touched.
//
// The lower tables reserve about 600 MiB of addresses, and are mapped in blocks of 64 KiB, 32 GiB of address space for the lowest level, as memory comes to be managed there (a bit a block
// says which are). A group is read only if the entry above says that it has free pages, so that its block is mapped. The upper four levels are 56 KB together.
//
// The scheme is that of Go's page allocator (runtime/mpagealloc.go, since Go 1.14), whose root has 16 Ki entries and a hint for where to begin. Not thread-safe: under the page heap's lock.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Told of each summary that a search looks at.</summary>
internal interface ISearchSteps
{
    /// <summary>One more.</summary>
    void Step();
}

/// <summary>Not told, and compiled away.</summary>
internal readonly struct UncountedSteps : ISearchSteps
{
    /// <inheritdoc/>
    public void Step()
    {
    }
}

/// <summary>The summaries of all levels.</summary>
internal unsafe struct SummaryTree
{
    /// <summary>The most entries that a search looks at.</summary>
    public const int MaxSteps = TopEntries + ((Levels - 1) * FanOut);

    private const int Levels = 9;
    private const int WideLevels = 4;
    private const int FanOutShift = 3;
    private const int FanOut = 1 << FanOutShift;
    private const int ChunkNumberBits = ArenaMap.AddressBits - SizeClass.PageShift - ChunkBits.PageCountShift;
    private const int TopEntries = 1 << (ChunkNumberBits - ((Levels - 1) * FanOutShift));

    // A block of a table: at least a page of any system.
    private const int BlockShift = 16;
    private const int BlockEntriesShift = BlockShift - 3;

    private fixed ulong _levels[Levels];

    // A bit a block, set if it is mapped; those of a level with n blocks from bit n on.
    private fixed ulong _mappedBlocks[1 << (1 + ChunkNumberBits - BlockEntriesShift - 6)];

    /// <summary>The bytes that are usable for summaries.</summary>
    public nuint Bytes { get; private set; }

    /// <summary>Obtains the upper levels and reserves the lower ones.</summary>
    /// <returns>Whether the system had memory and address space.</returns>
    public bool Initialize()
    {
        byte* wide = (byte*)VirtualMemory.Alloc(WideBytes);
        if (wide == null)
        {
            return false;
        }

        Bytes = WideBytes;
        for (int level = 0; level < WideLevels; level++)
        {
            _levels[level] = (ulong)wide;
            wide += EntryCount(level) * (nuint)sizeof(WideSummary);
        }

        for (int level = WideLevels; level < Levels; level++)
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

    /// <summary>Gives all levels back.</summary>
    public void Release()
    {
        if (_levels[0] != 0)
        {
            _ = VirtualMemory.Free((void*)_levels[0], WideBytes);
        }

        for (int level = WideLevels; level < Levels; level++)
        {
            if (_levels[level] != 0)
            {
                _ = VirtualMemory.Free((void*)_levels[level], EntryCount(level) * (nuint)sizeof(PageSummary));
            }
        }

        this = default;
    }

    /// <summary>Maps the entries of chunks whose pages are about to be freed for the first time.</summary>
    /// <returns>Whether the system had the memory. What was mapped before it had not stays.</returns>
    public bool Cover(nuint firstChunk, nuint lastChunk)
    {
        for (int level = WideLevels; level < Levels; level++)
        {
            int shift = (Levels - 1 - level) * FanOutShift;
            if (!MapEntries(level, firstChunk >> shift, lastChunk >> shift))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The summaries of the chunks, by number. After some are changed, <see cref="Update"/> must be called.</summary>
    public readonly PageSummary* Chunks => Level<PageSummary>(Levels - 1);

    /// <summary>Brings the levels above chunks that have changed up to date.</summary>
    public readonly void Update(nuint firstChunk, nuint lastChunk)
    {
        nuint first = firstChunk;
        nuint last = lastChunk;
        for (int level = Levels - 2; level >= 0; level--)
        {
            first >>= FanOutShift;
            last >>= FanOutShift;
            bool changed = level >= WideLevels ? Join<PageSummary, PageSummary>(level, first, last)
                : level == WideLevels - 1 ? Join<PageSummary, WideSummary>(level, first, last)
                : Join<WideSummary, WideSummary>(level, first, last);
            if (!changed)
            {
                return;
            }
        }
    }

    /// <summary>Finds the lowest run of free pages that is long enough, as far as summaries tell.</summary>
    /// <param name="pages">The length, in pages.</param>
    /// <param name="steps">Told of each summary looked at.</param>
    /// <param name="isChunk">Whether the answer is the number of a chunk that the run lies in; else it is the run's first page.</param>
    /// <returns>Chunk or page; <see cref="PageAllocator.None"/> if there is no such run.</returns>
    public readonly nuint Find<TSteps>(nuint pages, ref TSteps steps, out bool isChunk)
        where TSteps : struct, ISearchSteps
    {
        isChunk = false;
        nuint entered = 0;
        nuint count = TopEntries;
        for (int level = 0; level < Levels; level++)
        {
            nuint first = entered << FanOutShift;
            entered = level < WideLevels
                ? Scan<WideSummary, TSteps>(level, first, first + count, pages, ref steps, out nuint crossing)
                : Scan<PageSummary, TSteps>(level, first, first + count, pages, ref steps, out crossing);
            if (entered == PageAllocator.None)
            {
                return crossing;
            }

            count = FanOut;
        }

        isChunk = true;
        return entered;
    }

    // The first of: a run that crosses entries (its first page), an entry that contains a run.
    private readonly nuint Scan<TSummary, TSteps>(int level, nuint first, nuint end, nuint pages, ref TSteps steps, out nuint crossing)
        where TSummary : unmanaged, IPageSummary<TSummary>
        where TSteps : struct, ISearchSteps
    {
        TSummary* summaries = Level<TSummary>(level);
        int shift = PagesShift(level);
        nuint whole = (nuint)1 << shift;
        nuint run = 0;
        crossing = PageAllocator.None;
        for (nuint i = first; i < end; i++)
        {
            steps.Step();
            TSummary summary = summaries[i];
            if (summary.Max == 0)
            {
                run = 0;
                continue;
            }

            if (run + summary.Start >= pages && run != 0)
            {
                crossing = (i << shift) - run;
                return PageAllocator.None;
            }

            if (summary.Max >= pages)
            {
                return i;
            }

            run = summary.Start == whole ? run + whole : summary.End;
        }

        return PageAllocator.None;
    }

    // Whether an entry changed by it.
    private readonly bool Join<TPart, TSummary>(int level, nuint first, nuint last)
        where TPart : unmanaged, IPageSummary<TPart>
        where TSummary : unmanaged, IPageSummary<TSummary>
    {
        TPart* below = Level<TPart>(level + 1);
        TSummary* here = Level<TSummary>(level);
        bool changed = false;
        for (nuint i = first; i <= last; i++)
        {
            TSummary joined = IPageSummary<TSummary>.Join(below + (i << FanOutShift), FanOut, (nuint)1 << PagesShift(level + 1));
            changed |= !joined.Equals(here[i]);
            here[i] = joined;
        }

        return changed;
    }

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
                Bytes += 1 << BlockShift;
            }
        }

        return true;
    }

    private static nuint WideBytes => (EntryCount(0) + EntryCount(1) + EntryCount(2) + EntryCount(3)) * (nuint)sizeof(WideSummary);

    private static nuint EntryCount(int level) => (nuint)TopEntries << (level * FanOutShift);

    private static int PagesShift(int level) => ChunkBits.PageCountShift + ((Levels - 1 - level) * FanOutShift);

    private readonly TSummary* Level<TSummary>(int level)
        where TSummary : unmanaged
        => (TSummary*)_levels[level];
}
