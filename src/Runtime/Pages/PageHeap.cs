// The page heap: where spans come from and go back to. One a process, shared by all heaps.
//
//     reservation  (64 MiB, wherever the system gives it)  ->  mapped in steps  ->  pages of the page allocator  ->  spans
//
//     ReservedBytes = MappedBytes + bytes reserved and not yet mapped
//     MappedBytes   = bytes in spans + free pages * page size = Quota.Used + bytes of free pages that have been returned
//
// Runs of freed large objects are kept whole for a while (KeptRuns.cs); they count as free. Of free pages, some have had their memory given back to the system
// (ScavengeIndex.cs); it is asked for again when they are taken.
//
// Its lock guards all of it, the arena map's entries and the page allocator included, and comes after any central lock and before the metadata
// allocator's. PageHeap.Free.cs has the way of spans back, PageHeap.Growth.cs that of memory from the system, PageHeap.Return.cs the way back there, PageHeap.Isolated.cs the spans that never come back, PageHeap.Regions.cs the address regions, which only the quota and the
// totals know of here.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>Hands out spans.</summary>
internal unsafe partial struct PageHeap
{
    /// <summary>The largest object, in bytes: what fits into half of the address space of a process.</summary>
    public static readonly nuint MaxObjectSize = (nuint)1 << (ArenaMap.AddressBits - 2);

    /// <summary>The index of the shared heap, whose pages the arena map marks.</summary>
    public const int SharedHeapIndex = 0;

    private const int SpansAtATime = 8;

    private HeapLock _lock;
    private MetadataAllocator* _metadata;
    private PageAllocator _pages;
    private KeptRuns _kept;
    private ScavengeIndex _index;
    private nuint _pagesInHand;
    private bool _isTouched;
    private nuint _unusedPages;
    private long _holeBytes;
    private nuint _highWater;
    private nuint _paid;
    private PageCache* _caches;
    private UnusedSpans _unusedSpans;
    private Reservation* _reservations;
    private Reservation* _unusedReservations;
    private long _reserved;
    private byte* _isolatedNext;
    private byte* _isolatedEnd;
    private long _growths;
    private long _returns;
    private nuint _regionReserved;
    private nuint _regionCommitted;

    /// <summary>Finds the span of an address. Lookups take no lock.</summary>
    public ArenaMap Map;

    private HeapLock _sealedLock;
    private PageSpan* _firstSealed;
    private PageSpan* _lastSealed;
    private nuint _sealedBytes;

    /// <summary>Places for single objects between guard pages.</summary>
    public GuardedPages Guarded;

    /// <summary>Rung when memory has become free: here, or in what holds spans of this page heap.</summary>
    public Doorbell* Bell;

    /// <summary>Whether what becomes usable is locked in memory.</summary>
    public bool LocksMemory;

    /// <summary>Whether the system is asked for huge pages behind what becomes usable.</summary>
    public bool AsksForHugePages;

    /// <summary>What the process may have of the system's memory: mapped and not returned.</summary>
    public MemoryQuota Quota;

    /// <summary>The bytes of address space obtained.</summary>
    public nuint ReservedBytes { get; private set; }

    /// <summary>The bytes that are usable: in spans or free.</summary>
    public nuint MappedBytes { get; private set; }

    /// <summary>The bytes mapped for tables that do not come from the metadata allocator.</summary>
    public readonly nuint TableBytes => _pages.TableBytes + Map.TableBytes;

    /// <summary>Makes a page heap with nothing reserved yet.</summary>
    /// <returns>The page heap, or null when the system has no memory.</returns>
    public static PageHeap* Create(MetadataAllocator* metadata)
    {
        PageHeap* heap = metadata->Alloc<PageHeap>();
        if (heap == null)
        {
            return null;
        }

        heap->Bell = metadata->Alloc<Doorbell>();
        if (heap->Bell == null)
        {
            return null;
        }

        heap->_metadata = metadata;
        heap->Quota.Reset(RefusedBy.ProcessMaximum);
        bool isMade = heap->Map.Initialize() && (!ArenaLayout.IsContiguous || heap->TakeBudget())
            && heap->_pages.Initialize(&heap->Map) && heap->_index.Initialize(&heap->Map, VirtualMemory.PageSize);
        if (!isMade)
        {
            heap->_pages.Release();
            heap->Map.Release();
            return null;
        }

        return heap;
    }

    /// <summary>Takes a run of pages as a span.</summary>
    /// <param name="pages">Its length, in pages.</param>
    /// <param name="alignment">The alignment of its first byte, in pages: a power of two.</param>
    /// <param name="spanClass">Its span class; size class 0 makes it one large object.</param>
    /// <param name="heapIndex">The heap it is for.</param>
    /// <param name="mayGrow">Whether to ask the system for memory if no run is free.</param>
    /// <param name="cache">The thread's page cache, or null.</param>
    /// <param name="detail">What is to be kept of each of its slots.</param>
    /// <returns>The span, or null.</returns>
    public PageSpan* Alloc(nuint pages, nuint alignment, int spanClass, int heapIndex, bool mayGrow, PageCache* cache = null, SlotDetail detail = SlotDetail.None)
    {
        bool mayCut = cache != null && pages <= PageCache.MaxRun && alignment == 1;
        PageSpan* span = mayCut ? CutFrom(cache, pages, spanClass, heapIndex, detail) : null;
        if (span != null)
        {
            return span;
        }

        _lock.Enter();
        if (cache != null)
        {
            _ = TakeBack(cache);
        }

        span = AllocLocked(pages, alignment, spanClass, heapIndex, mayGrow, detail);
        if (mayCut && span != null)
        {
            Refill(cache, span);
        }

        _lock.Exit();
        return span;
    }

    /// <summary>Gives the end of a large object's run back.</summary>
    /// <param name="span">The span.</param>
    /// <param name="pages">The length to keep, in pages: at least 1, less than it has.</param>
    public void Shrink(PageSpan* span, nuint pages)
    {
        _lock.Enter();
        nuint excess = span->PageCount - pages;
        nuint firstExcess = span->FirstPage + pages;
        Record(firstExcess, excess, null, 0);
        _pages.Free(firstExcess, excess);
        _index.Offer(firstExcess, excess, isFresh: true);
        _isTouched = true;
        span->PageCount = pages;
        _lock.Exit();
        Bell->Ring();
    }

    /// <summary>Makes a large object's run longer, if the pages after it are free.</summary>
    /// <param name="span">The span.</param>
    /// <param name="pages">The new length, in pages: more than it has.</param>
    /// <param name="cache">The thread's page cache, or null.</param>
    /// <returns>Whether they were.</returns>
    public bool TryExtend(PageSpan* span, nuint pages, PageCache* cache = null)
    {
        _lock.Enter();
        nuint more = pages - span->PageCount;
        nuint end = span->FirstPage + span->PageCount;
        bool needsZeroing = span->NeedsZeroing;
        bool extended = (_pages.AllocAt(end, more) || (cache != null && TakeBack(cache) && _pages.AllocAt(end, more))) && MakeReady(end, more, ref needsZeroing);
        span->NeedsZeroing = needsZeroing;
        if (extended)
        {
            Publish(span, end, more);
            span->PageCount = pages;
        }

        _lock.Exit();
        return extended;
    }

    /// <summary>Reads the totals as they stood at one moment.</summary>
    public PageHeapTotals GetTotals()
    {
        _lock.Enter();
        nuint cached = CachedPages << SizeClass.PageShift;
        nuint free = (ResidentPages << SizeClass.PageShift) + cached;
        nuint returned = _index.ReturnedPages << SizeClass.PageShift;
        PageHeapTotals totals = new(
            ReservedBytes + _regionReserved,
            MappedBytes + _regionCommitted,
            MappedBytes + _regionCommitted - free - returned,
            free,
            returned,
            cached);
        _lock.Exit();
        return totals;
    }

    /// <summary>Reads how often the system was asked.</summary>
    public PageHeapCounts GetCounts()
    {
        _lock.Enter();
        PageHeapCounts counts = new(_reserved, _growths, _returns);
        _lock.Exit();
        return counts;
    }

    private PageSpan* AllocLocked(nuint pages, nuint alignment, int spanClass, int heapIndex, bool mayGrow, SlotDetail detail)
    {
        int kind = PageSpan.KindFor(PageSpan.SlotsIn(pages, spanClass), detail);
        PageSpan* span = GetUnused(kind);
        if (span == null)
        {
            return null;
        }

        bool needsZeroing = false;
        nuint first = TakeRun(pages, alignment, mayGrow);
        if (first == PageAllocator.None || !MakeReady(first, pages, ref needsZeroing))
        {
            _unusedSpans.Put(span, kind);
            return null;
        }

        Fill(span, first, pages, spanClass, heapIndex, needsZeroing, detail);
        return span;
    }

    // Makes an unused struct the span of a run, and enters it in the arena map.
    private readonly void Fill(PageSpan* span, nuint first, nuint pages, int spanClass, int heapIndex, bool needsZeroing, SlotDetail detail)
    {
        span->Base = (byte*)(first << SizeClass.PageShift);
        span->PageCount = pages;
        span->HeapIndex = (ushort)heapIndex;
        span->SpanClass = (byte)spanClass;
        span->NeedsZeroing = needsZeroing;
        span->SetDetail(PageSpan.SlotsIn(pages, spanClass), detail);
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            span->SlotSize = 0;
            span->Reciprocal = 0;
            span->SlotCount = span->FreeCount = 0;
            SlotMarks.Clear(span);
            span->State = SpanState.Large;
        }
        else
        {
            span->Cut(spanClass);
            SlotMarks.Clear(span);
            span->State = SpanState.Slots;
        }

        Publish(span, first, pages);
    }

    // A run of pages from where there is one: the kept runs and the page allocator, each before the other for what suits it; then the system.
    private nuint TakeRun(nuint pages, nuint alignment, bool mayGrow)
    {
        bool isLong = pages >= KeptRuns.MinPages;
        nuint first = isLong && alignment == 1 ? _kept.Take(pages, in _index, ref _pages) : PageAllocator.None;
        first = first != PageAllocator.None ? first : _pages.Alloc(pages, alignment);
        if (first == PageAllocator.None && (TakeAllBack() | _kept.Release(isLong ? nuint.MaxValue : MappedBytes, ref _pages)))
        {
            first = _pages.Alloc(pages, alignment);
        }

        if (first == PageAllocator.None && mayGrow && (Grow(pages + alignment - 1) || _kept.Release(nuint.MaxValue, ref _pages)))
        {
            first = _pages.Alloc(pages, alignment);
        }

        return first;
    }

    // Makes a run that was just taken usable where its memory had been given back, and notes whether it may hold old content. False, and the run is free again, if the
    // system or the limit refuses.
    private bool MakeReady(nuint first, nuint count, ref bool needsZeroing)
    {
        bool returned = _index.AnyReturned(first, count);
        if (returned && !UseReturned(first, count))
        {
            _pages.Free(first, count);
            return false;
        }

        for (nuint page = first; page < first + count;)
        {
            HeapArena* arena = Map.NextStretch(ref page, first + count, out int start, out int length);
            int used = int.Min(length, arena->ZeroedFrom - start);
            needsZeroing |= used > 0 && !(returned && ScavengeIndex.AreReturned(arena, start, used));
            MoveWatermark(arena, start + length);
        }

        if (returned)
        {
            _index.ClearReturned(first, count);
        }

        return true;
    }

    // Enters pages of a span in the arena map.
    private readonly void Publish(PageSpan* span, nuint first, nuint count)
    {
        bool isShared = span->HeapIndex == SharedHeapIndex && span->State == SpanState.Slots;
        Record(first, count, span, isShared ? span->SpanClass : 0);
    }

    // Writes what the arena map says of a run of pages.
    private readonly void Record(nuint first, nuint count, PageSpan* span, int sharedClass)
    {
        for (nuint page = first; page < first + count; page++)
        {
            Map.SetSpan(page, span, sharedClass);
        }
    }

    // From the list, or a few new ones: each kind of struct has its memory for ever.
    private PageSpan* GetUnused(int kind)
    {
        PageSpan* span = _unusedSpans.Take(kind);
        if (span == null)
        {
            nuint bytes = (nuint)(PageSpan.LinesOf(kind) * PageSpan.LineSize);
            byte* structs = (byte*)_metadata->Alloc(SpansAtATime * bytes);
            for (nuint i = 0; i < SpansAtATime && structs != null; i++)
            {
                _unusedSpans.Put((PageSpan*)(structs + (i * bytes)), kind);
            }

            span = _unusedSpans.Take(kind);
        }

        return span;
    }
}

/// <summary>The page heap's totals, regions included, in bytes: Mapped = Span + Free + Returned. Of Free, Cached is in the threads' page caches.</summary>
internal readonly record struct PageHeapTotals(nuint Reserved, nuint Mapped, nuint Span, nuint Free, nuint Returned, nuint Cached = 0);

/// <summary>How often the page heap has reserved addresses for spans, mapped more of them, and given runs of pages back.</summary>
internal readonly record struct PageHeapCounts(long Reservations, long Growths, long Returns);
