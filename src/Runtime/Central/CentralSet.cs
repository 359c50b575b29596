// A heap, as the allocator sees it: its central caches, one a span class, its large objects, its containers (ContainerList.cs), and the headers of its collections (CollectionList.cs). Heaps share the page heap and the arena map; a span carries
// its heap's Index, and thread caches hang from their thread under the same Index.
//
//     LargeBytes = bytes of its large objects;   Quota.Used = bytes of its spans, those included, and of its containers' regions
//     Lease      = the heap's time, as a word: Index in the lower half, in the upper one the times that all its objects have ended at once; never given twice
//
// Central caches are made on first use: a class that a heap does not use costs a pointer. A set is never unmapped; a disposed heap's set, emptied, serves the next
// heap under the same index, with its central caches and magazines.
//
// Lock guards the making of central caches; LargeLock the list of large objects. Both rank as a central lock: never held together with one. The maintenance lock is held by who, for the
// sake of others, has slots of the set in hand, and by who gives all its spans back: before any central lock.

using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Recording;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>The central caches and large objects of one heap.</summary>
internal unsafe partial struct CentralSet
{
    /// <summary>The next unused set, while this one is unused.</summary>
    public CentralSet* NextUnused;

    /// <summary>The heap's index. 0 is the shared heap.</summary>
    public int Index;

    /// <summary>Who records the heap's calls, or null. While it is set, thread caches keep the heap's bins closed.</summary>
    public Recorder* Recorder;

    /// <summary>The heap's object, as a handle of the runtime's that is made for the first heap of the index and serves all later ones; 0 before, and for the shared heap.</summary>
    public nint Owner;

    /// <summary>Whether memory is dearer to it than time: bins stay small, and what is idle goes back at the scavenger's first pass.</summary>
    public bool IsCompact;

    /// <summary>Whether time is dearer to it than memory: what it takes is in memory before it is used, and stays with it.</summary>
    public bool KeepsMemory;

    /// <summary>What is kept of each of its slots, so that calls can be checked. Not changed while it has spans.</summary>
    public SlotDetail Detail;

    /// <summary>Whether misuse that a call finds ends the process.</summary>
    public bool FailsFast;

    /// <summary>Whether it is an isolated type's: its spans are of pages that were never another's, and it keeps them for ever. Not changed while it has spans.</summary>
    public bool IsIsolated;

    /// <summary>Where the lots begin by which slots are handed out; 0 if they come in the order of their addresses. Not changed while it has spans.</summary>
    public ulong OrderSeed;

    /// <summary>Whether what is freed is cleared. Not changed while it has open bins.</summary>
    public bool ZeroesOnFree;

    /// <summary>What each byte handed out is due of a guarded sample: 1 / bytes between samples, or 0 for no samples (Guards/GuardedSampling.cs).</summary>
    public double GuardedShare;

    /// <summary>What has been freed and is kept from use for a while, if its slots have records; null if they have none, or if there was no memory for it.</summary>
    public Quarantine* Quarantine;

    private bool _sealsSpans;
    private PageSpan* _leaving;
    private uint _endings;
    private bool _isTouched;
    private HeapLock _lock;
    private HeapLock _largeLock;
    private HeapLock _maintenanceLock;
    private MetadataAllocator* _metadata;
    private PageHeap* _pages;
    private SpanList _large;
    private long _largeBytes;
    private long _largeCount;
    private long _bad;
    private fixed ulong _centrals[SizeClass.SpanClassCount];

    /// <summary>Whether each of its calls is checked: thread caches keep its bins shut, and its slots have marks.</summary>
    public readonly bool IsChecked => Detail != SlotDetail.None;

    /// <summary>What the heap may hold. Charged by <see cref="AllocSpan"/> and <see cref="FreeSpans"/>, and by whoever keeps memory for the heap that is no span.</summary>
    public MemoryQuota Quota;

    /// <summary>The heap's tables and pools.</summary>
    public ContainerList Containers;

    /// <summary>The heap's boxes, arrays, lists and dictionaries.</summary>
    public CollectionList Collections;

    /// <summary>
    /// Stands for the time until all of the heap's objects end at once: what was allocated under it is gone when it is no longer the heap's. The shared heap's, which has no such end, is 0.
    /// </summary>
    public readonly ulong Lease => ((ulong)_endings << 32) | (uint)Index;

    /// <summary>The bytes of its large objects.</summary>
    public readonly long LargeBytes => Volatile.Read(in _largeBytes);

    /// <summary>The number of its large objects.</summary>
    public readonly long LargeCount => Volatile.Read(in _largeCount);

    /// <summary>Whether every free must take the slow path: thread caches keep the free side of its bins closed.</summary>
    public readonly bool MustSeeFrees => ZeroesOnFree;

    /// <summary>The page heap that its spans come from.</summary>
    public readonly PageHeap* Pages => _pages;

    /// <summary>Where its structures come from.</summary>
    public readonly MetadataAllocator* Metadata => _metadata;

    /// <summary>Makes a set.</summary>
    /// <returns>The set, or null when the system has no memory.</returns>
    public static CentralSet* Create(MetadataAllocator* metadata, PageHeap* pages, int index)
    {
        CentralSet* set = metadata->Alloc<CentralSet>();
        if (set != null)
        {
            set->Index = index;
            set->_metadata = metadata;
            set->_pages = pages;
            set->Quota.Reset(RefusedBy.HeapMaximum);
            set->Containers.Initialize(set);
            set->Collections.Initialize(set);
        }

        return set;
    }

    /// <summary>The central cache of a span class, or null if it was never used.</summary>
    public readonly CentralCache* Find(int spanClass) => (CentralCache*)Volatile.Read(in _centrals[spanClass]);

    /// <summary>The central cache of a span class, made if need be; null when the system has no memory.</summary>
    public static CentralCache* GetOrCreate(CentralSet* set, int spanClass)
    {
        CentralCache* central = set->Find(spanClass);
        if (central != null)
        {
            return central;
        }

        set->_lock.Enter();
        central = set->Find(spanClass);
        if (central == null)
        {
            central = CentralCache.Create(set, spanClass);
            Volatile.Write(ref set->_centrals[spanClass], (ulong)central);
        }

        set->_lock.Exit();
        return central;
    }

    /// <summary>Takes a span from the page heap, if the heap may hold so much.</summary>
    /// <inheritdoc cref="PageHeap.Alloc" path="/param|/returns"/>
    public PageSpan* AllocSpan(nuint pages, nuint alignment, int spanClass, bool mayGrow, PageCache* cache = null)
    {
        nuint bytes = pages << SizeClass.PageShift;
        if (!Quota.TryCharge(bytes))
        {
            return null;
        }

        PageSpan* span = IsIsolated
            ? _pages->AllocIsolated(pages, spanClass, Index, mayGrow, Detail)
            : _pages->Alloc(pages, alignment, spanClass, Index, mayGrow, cache, Detail);
        if (span == null)
        {
            Quota.Cancel(bytes);
        }
        else if (KeepsMemory)
        {
            VirtualMemory.Prefault(span->Base, span->ByteCount);
        }

        DelayInjection.Pass(DelayPoint.SpanTaken);
        return span;
    }

    /// <summary>Gives spans back to the page heap.</summary>
    /// <param name="spans">The first of a list that no other knows any more, or null.</param>
    /// <param name="isOld">Whether their memory has been idle for a while.</param>
    public void FreeSpans(PageSpan* spans, bool isOld = false)
    {
        if (_sealsSpans)
        {
            KeepForSealing(spans);
        }
        else if (spans != null)
        {
            DelayInjection.Pass(DelayPoint.SpansLeaving);
            Quota.Uncharge(_pages->Free(spans, isOld));
        }
    }

    /// <summary>Takes a large object.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">Of its first byte, in bytes: a power of two.</param>
    /// <param name="noScan">Whether it holds no pointers.</param>
    /// <param name="mayGrow">Whether to ask the system for memory.</param>
    /// <param name="cache">The thread's page cache, or null.</param>
    /// <returns>Its span, or null.</returns>
    public static PageSpan* AllocLarge(CentralSet* set, nuint size, nuint alignment, bool noScan, bool mayGrow, PageCache* cache = null)
    {
        nuint pages = (size + SizeClass.PageSize - 1) >> SizeClass.PageShift;
        nuint alignmentPages = nuint.Max(1, alignment >> SizeClass.PageShift);
        PageSpan* span = set->AllocSpan(pages, alignmentPages, SizeClass.ToSpanClass(SizeClass.Large, noScan), mayGrow, cache);
        if (span != null)
        {
            set->EnterLarge(span);
        }

        return span;
    }

    /// <summary>Whether a pointer is to a slot of the heap that its span does not have as free. Takes any value; a slot that is in a bin or in the depot passes for one in use.</summary>
    /// <param name="pointer">The pointer.</param>
    /// <param name="spanClass">The span class that the slot is to be of.</param>
    public readonly bool HasSlot(void* pointer, int spanClass)
    {
        PageSpan* span = _pages->Map.SpanOf(pointer, Index);
        if (span == null || span->SpanClass != spanClass || !span->IsStart(pointer))
        {
            return false;
        }

        int slot = span->SlotOf(pointer);
        return (span->Bits[slot >> 6] >> (slot & 63) & 1) == 0;
    }

    /// <summary>Keeps a pointer that was found to be freed wrongly by whom it is not to be told: a drain of the depot, which others have filled.</summary>
    public void Note(void* bad)
    {
        if (bad != null)
        {
            _ = Atomic.CompareExchange(ref _bad, (long)bad, 0);
        }
    }

    /// <summary>What has been kept, for the next who frees on the slow path; null if there is nothing.</summary>
    public void* TakeBad()
    {
        long bad = Volatile.Read(in _bad);
        return bad != 0 && Atomic.CompareExchange(ref _bad, 0, bad) == bad ? (void*)bad : null;
    }

    /// <summary>Takes a large object back.</summary>
    /// <returns>Whether it was one of this heap: if not, nothing has happened.</returns>
    public bool FreeLarge(PageSpan* span, void* address)
    {
        _largeLock.Enter();

        // Asked under the lock, so that of two frees of one object only the first finds it.
        bool isOurs = span->State == SpanState.Large && span->HeapIndex == Index && span->Base == address && _large.Contains(span);
        if (isOurs)
        {
            span->State = SpanState.Unused;
            _large.Remove(span);
            _largeBytes -= (long)span->ByteCount;
            _largeCount--;
        }

        _largeLock.Exit();
        if (isOurs)
        {
            ReleaseLarge(span);
        }

        return isOurs;
    }

    /// <summary>Gives the end of a large object back.</summary>
    public void ShrinkLarge(PageSpan* span, nuint pages)
    {
        nuint bytes = (span->PageCount - pages) << SizeClass.PageShift;
        if (ZeroesOnFree)
        {
            VirtualMemory.Zero(span->Base + span->ByteCount - bytes, bytes);
        }

        _largeLock.Enter();
        _largeBytes -= (long)bytes;

        // Under the lock, so that who copies the object under it finds all of its pages.
        _pages->Shrink(span, pages);
        _largeLock.Exit();
        Quota.Uncharge(bytes);
    }

    /// <summary>Makes a large object longer where it is, if the pages after it are free and the heap may hold them.</summary>
    /// <returns>Whether it is longer now.</returns>
    public bool TryExtendLarge(PageSpan* span, nuint pages, PageCache* cache = null)
    {
        nuint bytes = (pages - span->PageCount) << SizeClass.PageShift;
        if (!Quota.TryCharge(bytes))
        {
            return false;
        }

        if (!_pages->TryExtend(span, pages, cache))
        {
            Quota.Cancel(bytes);
            return false;
        }

        if (KeepsMemory)
        {
            VirtualMemory.Prefault(span->Base + span->ByteCount - bytes, bytes);
        }

        _largeLock.Enter();
        _largeBytes += (long)bytes;
        _largeLock.Exit();
        return true;
    }

    /// <summary>Ends every object, containers too, and keeps the spans of slots for the next. No thread may use the heap, and no bin may hold its slots.</summary>
    /// <remarks>At the closest check level none is kept: who goes on using an object is to be found out.</remarks>
    public void Reset() => EndAll(Detail == SlotDetail.Records ? &ReleaseAll : &Reset);

    /// <summary>Ends every object, and gives all spans and containers back. No thread may use the heap, and no bin may hold its slots.</summary>
    public void ReleaseAll() => EndAll(&ReleaseAll);

    // The order in which all of a heap's objects end: first of all the lease that they were allocated under, so that whoever asks by it touches nothing below; then slots, large
    // objects, and containers with their regions.
    private void EndAll(delegate*<CentralCache*, void> endSlots)
    {
        // Before the lock, since memory may go back to the system by it.
        for (PageSpan* span = ZeroesOnFree ? _large.First : null; span != null; span = span->Next)
        {
            if (span->State != SpanState.Sealed)
            {
                VirtualMemory.Zero(span->Base, span->UsableBytes);
            }
        }

        _maintenanceLock.Enter();
        _bad = 0;
        BeginSealing();
        _endings++;
        Touch();
        for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            CentralCache* central = Find(spanClass);
            if (central != null)
            {
                if (ZeroesOnFree)
                {
                    central->ZeroUsed();
                }

                endSlots(central);
            }
        }

        ReleaseGuarded();
        FreeSpans(_large.First);
        _large = default;
        _largeBytes = 0;
        _largeCount = 0;
        PageSpan* leaving = EndSealing();
        _maintenanceLock.Exit();
        FreeSealed(leaving);
        Collections.CloseAll();
        Containers.CloseAll();
        _pages->Bell->Ring();
    }

    private static void Reset(CentralCache* central) => central->Reset();

    private static void ReleaseAll(CentralCache* central) => central->ReleaseAll();
}
