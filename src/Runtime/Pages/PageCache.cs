// A thread's page cache: the free pages of one aligned block of 32 (256 KiB), from which its short spans are cut without the page heap's lock.
//
//     bit i of Free = 1     <=>  page First + i is free, and this cache's         for the page allocator it is in use, for the statistics free
//     bit i of Zeroed = 1    =>  it reads as zero until it is cut
//     a run that is cut has at most a quarter of the block; the lowest that is long enough is taken
//
// The owner fills it under the page heap's lock, with what is free around the span that it came for, so that the next spans are those that would have followed anyway, lowest addresses
// first. Then it cuts by a compare-and-exchange on Free, and anybody may empty it by an exchange with 0 under the page heap's lock: a page is cut or taken back, never both. First and Zeroed
// change under that lock only, by the owner, while Free is 0; the owner therefore reads them without it, and so does who has emptied the cache.
//
// A bit cleared by a cut is a page of a span from that moment on. So the bytes in spans need no counter, which all threads would write to: they are what is mapped and not free, here or in
// the page allocator (PageHeap.GetTotals).
//
// What an idle thread can pin is a block, 256 KiB, and no memory is asked of the system while a cache has a page: caches are emptied first (PageHeap.Caches.cs).
//
// Beside the pages the cache has the structs for the spans that it may cut, a few of each size; those are the owner's alone.
//
// The idea is that of Go's page cache (runtime/mpagecache.go), which a processor has and another can't empty.

using System.Numerics;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>Some free pages in a thread's hand.</summary>
internal unsafe struct PageCache
{
    /// <summary>The pages of a block.</summary>
    public const int BlockPages = 32;

    /// <summary>The longest run that is cut from a cache, in pages.</summary>
    public const int MaxRun = BlockPages / 4;

    /// <summary>The next cache of the page heap's list, for ever.</summary>
    public PageCache* Next;

    /// <summary>Whether it is in the list.</summary>
    public bool IsListed;

    /// <summary>Structs for the spans that it may cut. The owner's.</summary>
    public UnusedSpans Spans;

    /// <summary>The length of the run that its owner had come for, in pages. The owner's.</summary>
    public nuint FilledFor { get; private set; }

    private int _free;
    private uint _zeroed;
    private nuint _first;

    /// <summary>The first page of the block.</summary>
    public readonly nuint First => _first;

    /// <summary>Which pages of the block it has. Read without the lock, the answer may be old.</summary>
    public readonly uint Free => (uint)Volatile.Read(in _free);

    /// <summary>Which pages of the block read as zero, of those that it has.</summary>
    public readonly uint Zeroed => _zeroed;

    /// <summary>Cuts a run. For the owner.</summary>
    /// <param name="pages">Its length, in pages: at most <see cref="MaxRun"/>.</param>
    /// <param name="needsZeroing">Whether it may hold old content.</param>
    /// <returns>Its first page, or <see cref="PageAllocator.None"/>.</returns>
    public nuint Cut(int pages, out bool needsZeroing)
    {
        uint free = Free;
        while (true)
        {
            uint starts = free;
            for (int i = 1; i < pages; i++)
            {
                starts &= free >> i;
            }

            if (starts == 0)
            {
                needsZeroing = false;
                return PageAllocator.None;
            }

            int start = BitOperations.TrailingZeroCount(starts);
            uint run = ((1u << pages) - 1) << start;
            DelayInjection.Pass(DelayPoint.CacheSeen);
            uint found = (uint)Atomic.CompareExchange(ref _free, (int)(free & ~run), (int)free);
            if (found == free)
            {
                needsZeroing = (run & ~_zeroed) != 0;
                return _first + (nuint)start;
            }

            // Emptied meanwhile.
            free = found;
        }
    }

    /// <summary>Gives the cache, which is empty, pages of a block. For the owner, under the page heap's lock.</summary>
    public void Fill(nuint first, uint free, uint zeroed, nuint filledFor)
    {
        _first = first;
        FilledFor = filledFor;
        _zeroed = zeroed;
        Volatile.Write(ref _free, (int)free);
    }

    /// <summary>Takes all its pages. Under the page heap's lock.</summary>
    /// <returns>Which they were.</returns>
    public uint Empty() => Free == 0 ? 0 : (uint)Atomic.Exchange(ref _free, 0);
}
