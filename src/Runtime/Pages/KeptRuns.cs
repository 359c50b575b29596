// Runs of freed large objects that are kept whole for the next large object, instead of going back to the page allocator at once.
//
//     run i = [First[i], First[i] + Pages[i])          0 <= i < Count <= Capacity,  Pages[i] >= MinPages
//     the page allocator counts these pages as in use;  PageCount = sum of Pages[i]
//     of a run, an end may have been given back to the system (PageHeap.HighWater.cs)
//
// A program that fills and drops a large buffer again and again would otherwise find its run cut up by the small spans of the meantime, lowest addresses first, and the page
// heap would grow by the buffer's size for its next one: in a recorded game (`benchmarks traces`, freeciv) by 67 MB, half of what it needed. And whole runs that come and
// go spare the bitmaps.
//
// What keeping costs is bounded: a run is kept only until the page heap has grown by an eighth of its size since (Stamp) or the scavenger finds it idle, and none when a large object finds no
// other place, or when the system has no more memory. One that would leave more than half of a kept run over does not get it.
//
// Under the page heap's lock.

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>A few free runs that are not the page allocator's.</summary>
internal unsafe struct KeptRuns
{
    /// <summary>The shortest run that is kept, in pages: 4 MiB.</summary>
    public const int MinPages = 1 << (22 - SizeClass.PageShift);

    private const int Capacity = 16;
    private const int RegretShare = 8;

    private fixed ulong _first[Capacity];
    private fixed ulong _pages[Capacity];
    private fixed ulong _stamps[Capacity];
    private int _count;

    /// <summary>The pages of all runs kept.</summary>
    public nuint PageCount { get; private set; }

    /// <summary>Takes the shortest run that is long enough, if it is not more than twice as long as needed; one that has all its memory before others.</summary>
    /// <param name="pages">The length needed, in pages.</param>
    /// <param name="index">Knows which pages have been given back.</param>
    /// <param name="allocator">Gets what is left of the run.</param>
    /// <returns>The first page, or <see cref="PageAllocator.None"/>.</returns>
    public nuint Take(nuint pages, in ScavengeIndex index, ref PageAllocator allocator)
    {
        int best = -1;
        bool isBestWhole = false;
        for (int i = 0; i < _count; i++)
        {
            if (_pages[i] >= pages && _pages[i] / 2 <= pages)
            {
                bool isWhole = !index.AnyReturned((nuint)_first[i], (nuint)_pages[i]);
                if (best < 0 || (isWhole == isBestWhole ? _pages[i] < _pages[best] : isWhole))
                {
                    best = i;
                    isBestWhole = isWhole;
                }
            }
        }

        if (best < 0)
        {
            return PageAllocator.None;
        }

        nuint first = (nuint)_first[best];
        nuint excess = (nuint)_pages[best] - pages;
        Remove(best);
        if (excess != 0)
        {
            allocator.Free(first + pages, excess);
        }

        return first;
    }

    /// <summary>Keeps a run. If there are too many, the one that has been kept longest goes to the page allocator.</summary>
    /// <param name="run">The run: at least <see cref="MinPages"/> long.</param>
    /// <param name="allocator">Gets what is not kept.</param>
    public void Keep(KeptRun run, ref PageAllocator allocator)
    {
        if (_count == Capacity)
        {
            ReleaseAt(0, ref allocator);
        }

        Insert(_count, run);
    }

    /// <summary>Keeps a run that <see cref="TakeResident"/> has taken out, as the one that has been kept longest.</summary>
    /// <param name="run">The run.</param>
    /// <param name="allocator">Gets it if there are too many meanwhile.</param>
    public void PutBack(KeptRun run, ref PageAllocator allocator)
    {
        if (_count == Capacity)
        {
            allocator.Free(run.First, run.Pages);
        }
        else
        {
            Insert(0, run);
        }
    }

    /// <summary>Gives the runs to the page allocator that have cost their share of growth.</summary>
    /// <param name="mapped">The bytes that the page heap has mapped by now; <see cref="nuint.MaxValue"/> for all runs.</param>
    /// <param name="allocator">Gets them.</param>
    /// <returns>Whether there were any.</returns>
    public bool Release(nuint mapped, ref PageAllocator allocator)
    {
        int before = _count;
        for (int i = _count - 1; i >= 0; i--)
        {
            if (mapped - _stamps[i] >= (_pages[i] << SizeClass.PageShift) / RegretShare)
            {
                ReleaseAt(i, ref allocator);
            }
        }

        return _count != before;
    }

    /// <summary>Gives the runs to the page allocator that have not been needed from one pass of the scavenger to the next: their memory is to go back, and there is nothing left to keep whole.</summary>
    /// <param name="index">Knows what has become free since the last pass.</param>
    /// <param name="reach">How far the pass goes; to the full, all runs.</param>
    /// <param name="allocator">Gets them.</param>
    public void ReleaseOld(in ScavengeIndex index, PassReach reach, ref PageAllocator allocator)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (reach == PassReach.Full || !index.IsFresh((nuint)_first[i]))
            {
                ReleaseAt(i, ref allocator);
            }
        }
    }

    /// <summary>Takes out the run that has been kept longest of those that have memory, so that some of that can be given back; <see cref="PutBack"/> keeps it again.</summary>
    /// <param name="index">Knows which pages have been given back: an end of each run, if any.</param>
    /// <param name="atMost">The most pages to give back.</param>
    /// <param name="first">The first page to give back.</param>
    /// <param name="pages">How many.</param>
    /// <returns>The run; without pages if there is none.</returns>
    public KeptRun TakeResident(in ScavengeIndex index, nuint atMost, out nuint first, out nuint pages)
    {
        for (int i = 0; i < _count; i++)
        {
            KeptRun run = new((nuint)_first[i], (nuint)_pages[i], (nuint)_stamps[i]);
            first = index.FindTail(run.First, run.Pages, atMost, out pages);
            if (pages != 0)
            {
                Remove(i);
                return run;
            }
        }

        first = pages = 0;
        return default;
    }

    private void ReleaseAt(int index, ref PageAllocator allocator)
    {
        allocator.Free((nuint)_first[index], (nuint)_pages[index]);
        Remove(index);
    }

    private void Insert(int index, KeptRun run)
    {
        for (int i = _count; i > index; i--)
        {
            _first[i] = _first[i - 1];
            _pages[i] = _pages[i - 1];
            _stamps[i] = _stamps[i - 1];
        }

        _first[index] = run.First;
        _pages[index] = run.Pages;
        _stamps[index] = run.Stamp;
        _count++;
        PageCount += run.Pages;
    }

    // Those that follow move up, so that the order is that of keeping.
    private void Remove(int index)
    {
        PageCount -= (nuint)_pages[index];
        _count--;
        for (int i = index; i < _count; i++)
        {
            _first[i] = _first[i + 1];
            _pages[i] = _pages[i + 1];
            _stamps[i] = _stamps[i + 1];
        }
    }
}

/// <summary>A run that is kept: its first page, its length, and the bytes that the page heap had mapped when it was freed.</summary>
internal readonly record struct KeptRun(nuint First, nuint Pages, nuint Stamp);
