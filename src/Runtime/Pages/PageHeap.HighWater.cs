// The high-water mark: the most memory that there has been behind pages, and how far it is above that now.
//
//     resident = MappedBytes + bytes of metadata - bytes given back - bytes never used           high water = its highest value that was needed
//     over     = resident - high water, or 0
//
// Memory comes with the pages that are taken, never used yet or given back before, and with the allocator's own structures, most of which are magazines. Where it rises above the mark
// while pages that are free have memory too, as much of theirs is given back (Maintenance/Scavenger.HighWater.cs), so that a program has at its peak what it uses then, and not
// also what it used before. What cannot be given back raises the mark. In recorded programs (`benchmarks traces`) that was up to a tenth of the peak.
//
// Pages count from the moment at which they are taken, whether their user has touched them yet or not.
//
// What goes back is likely to be taken again, and costs a page fault for each page then. So no more goes back this way, in all the time of a process, than one and a half times what has
// been mapped: a program that takes and frees large objects at random, for which no place is right for long (`benchmarks patterns`, malloc-large), was five times slower without that
// bound; with twice as much it was slower by half.
//
// First go free runs, those at the highest addresses, then the kept ones: these stay as they are, in one piece, and lose memory at their end.

using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    // As little as a span or two is not worth a system call.
    private const nuint HighWaterSlack = 64 * 1024;

    /// <summary>Whether memory has risen above the mark by more than a little, and something may go back for it. Read without the lock, the answer may be old.</summary>
    public readonly bool IsOverHighWater => OverBytes != 0;

    /// <summary>How far memory has risen above the mark, as far as something may go back for it.</summary>
    /// <returns>In bytes; 0 if it is little.</returns>
    public nuint GetOverBytes()
    {
        _lock.Enter();
        nuint over = OverBytes;
        _lock.Exit();
        return over;
    }

    /// <summary>Adds to the bytes of spans in use whose memory is not there.</summary>
    public void AddHoles(long bytes) => Atomic.Add(ref _holeBytes, bytes);

    /// <summary>Raises the mark to where memory is now.</summary>
    /// <param name="paid">The bytes that were given back before.</param>
    public void RaiseHighWater(nuint paid)
    {
        _lock.Enter();
        _paid += paid;
        _highWater = nuint.Max(_highWater, ResidentBytes);
        _lock.Exit();
    }

    /// <summary>Gives memory of a kept run back, which stays as it is. By one thread at a time.</summary>
    /// <param name="atMost">The most bytes, rounded up to system pages; of more than a chunk's no more than that go at once.</param>
    /// <returns>The bytes given back; 0 if there are none.</returns>
    public nuint ReturnKept(nuint atMost)
    {
        _lock.Enter();
        nuint wanted = nuint.Min(PagesIn(atMost), ChunkBits.PageCount);
        KeptRun run = _kept.TakeResident(in _index, wanted, out nuint first, out nuint pages);
        _pagesInHand = run.Pages;
        _lock.Exit();
        if (pages == 0)
        {
            return 0;
        }

        nuint bytes = pages << SizeClass.PageShift;
        nuint given = VirtualMemory.Unused((void*)(first << SizeClass.PageShift), bytes);
        _lock.Enter();
        if (given == bytes)
        {
            _index.SetReturned(first, pages);
            Quota.Uncharge(bytes);
            _returns++;
        }

        _kept.PutBack(run, ref _pages);
        _pagesInHand = 0;
        _lock.Exit();
        return given == bytes ? bytes : 0;
    }

    /// <summary>The bytes of pages that are free and have never been used, so that there is no memory behind them. Read without the lock, the answer may be old.</summary>
    public readonly nuint UnusedBytes => _unusedPages << SizeClass.PageShift;

    private readonly nuint OverBytes
    {
        get
        {
            nuint over = Above(ResidentBytes, _highWater);
            return over <= HighWaterSlack ? 0 : nuint.Min(over, Above(ObtainedBytes / 2 * 3, _paid));
        }
    }

    private readonly nuint ObtainedBytes => MappedBytes + _metadata->Bytes;

    private readonly nuint ResidentBytes => Above(ObtainedBytes, ((_index.ReturnedPages + _unusedPages) << SizeClass.PageShift) + (nuint)Volatile.Read(in _holeBytes));

    // Moves an arena's watermark of pages never used, which are those above it as far as arenas are mapped from their start on.
    private void MoveWatermark(HeapArena* arena, int end)
    {
        if (end > arena->ZeroedFrom)
        {
            _unusedPages = Above(_unusedPages, (nuint)(end - arena->ZeroedFrom));
            arena->ZeroedFrom = end;
        }
    }

    private static nuint Above(nuint value, nuint mark) => value > mark ? value - mark : 0;

    // The pages that so many bytes are, rounded up.
    private static nuint PagesIn(nuint bytes) => (bytes >> SizeClass.PageShift) + ((bytes & (SizeClass.PageSize - 1)) == 0 ? 0u : 1u);
}
