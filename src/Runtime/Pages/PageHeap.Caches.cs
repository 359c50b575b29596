// Spans by way of the threads' page caches (PageCache.cs): cut from one without the lock; when that fails, taken under the lock, and the cache filled with what is free around it.
//
// For a program with one thread a cache changes nothing but the number of locks: its spans lie where they would without. So its owner gives it back before he looks for pages elsewhere, and
// does not cut while a lower run may do: when pages below the end of the block have become free since (PageAllocator.LowestFreed), or the run is shorter than the one the cache was filled
// for. (Caches without this rule cost a trace of a game server 4 of 263 MiB, peak: spans went on to fill high blocks after low ones had become free, and cut up the runs of large objects.)
// Between threads the order of addresses holds only as far as one knows of the other's frees.
//
// What a cut writes without the lock is the cutter's own. The struct is unused, and from the cache. The entries of the arena map are those of pages that were in no span and in no other
// cache: words and bytes of their own, written after the struct that they lead to, and read without a lock by others whoever wrote them. The page heap is the next to write them, when the span
// comes back; by then it has gone through a central cache or a list of large objects, under their lock. The arenas' watermarks of untouched memory are moved when the cache is filled, over all
// that it gets, and back when pages at their foot are taken back untouched.

using System.Numerics;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    // The structs of a kind that a cache may hold: for a block of spans of 4 pages, which most classes have.
    private const int CachedSpans = PageCache.BlockPages / 4;

    /// <summary>Takes everything out of a page cache. For its owner, or who has claimed it.</summary>
    public void Release(PageCache* cache)
    {
        _lock.Enter();
        _ = TakeBack(cache);
        for (int kind = 1; kind <= PageSpan.Kinds; kind++)
        {
            for (PageSpan* span = cache->Spans.Take(kind); span != null; span = cache->Spans.Take(kind))
            {
                _unusedSpans.Put(span, kind);
            }
        }

        _lock.Exit();
    }

    /// <summary>Takes the pages out of all threads' page caches.</summary>
    public void EmptyCaches()
    {
        _lock.Enter();
        _ = TakeAllBack();
        _lock.Exit();
    }

    private readonly nuint CachedPages
    {
        get
        {
            nuint pages = 0;
            for (PageCache* cache = _caches; cache != null; cache = cache->Next)
            {
                pages += (nuint)BitOperations.PopCount(cache->Free);
            }

            return pages;
        }
    }

    // Without the lock. Null if the cache has no such run or struct, or a lower run may be free.
    private readonly PageSpan* CutFrom(PageCache* cache, nuint pages, int spanClass, int heapIndex, SlotDetail detail)
    {
        if (pages < cache->FilledFor || _pages.LowestFreed < cache->First + PageCache.BlockPages)
        {
            return null;
        }

        int kind = PageSpan.KindFor(PageSpan.SlotsIn(pages, spanClass), detail);
        PageSpan* span = cache->Spans.Take(kind);
        if (span == null)
        {
            return null;
        }

        nuint first = cache->Cut((int)pages, out bool needsZeroing);
        if (first == PageAllocator.None)
        {
            cache->Spans.Put(span, kind);
            return null;
        }

        DelayInjection.Pass(DelayPoint.PagesCut);
        Fill(span, first, pages, spanClass, heapIndex, needsZeroing, detail);
        return span;
    }

    // Gives a cache, which is empty, what is free in the block in which the span ends that its owner has come for, and structs for as many spans more.
    private void Refill(PageCache* cache, PageSpan* span)
    {
        nuint block = (span->FirstPage + span->PageCount - 1) & ~(nuint)(PageCache.BlockPages - 1);
        uint pages = _pages.TakeBlock(block);
        if (pages == 0 || !MakeBlockReady(block, pages, out uint zeroed))
        {
            return;
        }

        cache->Fill(block, pages, zeroed, span->PageCount);
        _pages.LowestFreed = PageAllocator.None;
        _isTouched |= (pages & ~zeroed) != 0;
        if (!cache->IsListed)
        {
            cache->IsListed = true;
            cache->Next = _caches;
            _caches = cache;
        }

        int kind = span->Kind;
        int wanted = int.Min(BitOperations.PopCount(pages) / (int)span->PageCount, CachedSpans);
        for (int have = cache->Spans.Count(kind); have < wanted; have++)
        {
            PageSpan* unused = GetUnused(kind);
            if (unused == null)
            {
                return;
            }

            cache->Spans.Put(unused, kind);
        }
    }

    // As MakeReady, page by page. False, and the pages are free again, if the system or the limit refuses.
    private bool MakeBlockReady(nuint block, uint pages, out uint zeroed)
    {
        HeapArena* arena = Map.GetArena(block / HeapArena.PageCount);
        int start = (int)(block % HeapArena.PageCount);
        int used = int.Clamp(arena->ZeroedFrom - start, 0, PageCache.BlockPages);
        uint returned = (uint)(arena->ReturnedBits[start >> 6] >> (start & 63)) & pages;
        zeroed = (uint)(ulong.MaxValue << used) | returned;
        for (uint rest = returned; rest != 0;)
        {
            nuint first = TakeLowestRun(ref rest, out nuint count) + block;
            if (!UseReturned(first, count))
            {
                _pages.GiveBlock(block, pages);
                return false;
            }

            _index.ClearReturned(first, count);
        }

        MoveWatermark(arena, start + BitOperations.Log2(pages) + 1);
        return true;
    }

    private bool TakeAllBack()
    {
        bool any = false;
        for (PageCache* cache = _caches; cache != null; cache = cache->Next)
        {
            any |= TakeBack(cache);
        }

        return any;
    }

    private bool TakeBack(PageCache* cache)
    {
        uint pages = cache->Empty();
        if (pages == 0)
        {
            return false;
        }

        DelayInjection.Pass(DelayPoint.CacheEmptied);
        nuint block = cache->First;
        _pages.GiveBlock(block, pages);
        for (uint rest = pages; rest != 0;)
        {
            nuint first = TakeLowestRun(ref rest, out nuint count) + block;
            _index.Offer(first, count, isFresh: true);
        }

        // Where the watermark stands at the end of pages that were never cut, it goes back to their start.
        HeapArena* arena = Map.GetArena(block / HeapArena.PageCount);
        int used = arena->ZeroedFrom - (int)(block % HeapArena.PageCount);
        if (used is > 0 and <= PageCache.BlockPages)
        {
            uint untouched = pages & cache->Zeroed;
            int foot = BitOperations.LeadingZeroCount(~(untouched << (PageCache.BlockPages - used)));
            arena->ZeroedFrom -= foot;
            _unusedPages += (nuint)foot;
        }

        return true;
    }

    // The place of the lowest run of bits, which are cleared.
    private static nuint TakeLowestRun(ref uint bits, out nuint count)
    {
        int first = BitOperations.TrailingZeroCount(bits);
        int length = BitOperations.TrailingZeroCount(~(ulong)(bits >> first));
        bits &= (uint)(ulong.MaxValue << (first + length));
        count = (nuint)length;
        return (nuint)first;
    }
}
