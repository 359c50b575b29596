// What the essays of Pages, Central and Threads say, asked of the structures themselves, from all sides, while no thread is at work:
//
//     a mapped page is free, or of one kept run, or of one span, to which the arena map leads;   the counts of each are the page heap's totals
//     a span is in one list of one heap: full, with room or settled of its class, or large;   its bitmap agrees with its summary and count, its purged holes are holes
//     a slot is free in its span's bitmap, or in one magazine, of a bin or a depot, or live;   the live ones are those that the test says, no more and no fewer
//     a record that belongs to nobody has no open bin;   what bins may park is what their record says
//
// Who keeps pages or slots in a new place says so here.

using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>One look at all of the allocator's structures.</summary>
internal sealed unsafe partial class HeapInvariants
{
    private readonly Dictionary<nint, long> _spanPages = [];
    private readonly HashSet<nint> _parked = [];
    private readonly long[] _heapBytes;
    private long _slotsOut;

    private HeapInvariants() => _heapBytes = new long[HeapProcess.Indexes->Count];

    /// <summary>Asserts that all is well.</summary>
    /// <param name="live">The addresses of all blocks that are alive, of whatever heap.</param>
    /// <param name="arenas">The numbers of the arenas that may exist.</param>
    public static void Check(IEnumerable<nint> live, IEnumerable<nuint> arenas)
    {
        if (!HeapProcess.IsStarted)
        {
            return;
        }

        HeapInvariants look = new();
        look.CheckThreads();
        for (int index = 0; index < HeapProcess.Indexes->Count; index++)
        {
            look.CheckHeap(HeapProcess.Indexes->Find(index));
        }

        look.CheckGuarded();
        look.CheckPages(arenas);
        look.CheckLive(live);
    }

    /// <summary>The numbers of all arenas that an address can lie in.</summary>
    public static IEnumerable<nuint> AllArenas() => ArenasFrom(0, (nuint)1 << (ArenaMap.AddressBits - HeapArena.SizeShift));

    /// <summary>Numbers of arenas, one after the other.</summary>
    public static IEnumerable<nuint> ArenasFrom(nuint first, nuint count)
    {
        for (nuint number = first; number < first + count; number++)
        {
            yield return number;
        }
    }

    /// <summary>The number of the arena of an address.</summary>
    public static nuint ArenaOf(nint address) => (nuint)address >> HeapArena.SizeShift;

    private void CheckThreads()
    {
        ThreadRegistry* registry = HeapProcess.Registry;
        HashSet<nint> unused = [];
        for (ThreadRecord* record = UnusedOf(ref *registry); record != null; record = record->NextUnused)
        {
            Assert.True(unused.Add((nint)record), "A record is among the unused ones twice.");
        }

        int count = 0;
        for (ThreadRecord* record = FirstOf(ref *registry); record != null; record = record->Next)
        {
            count++;
            Assert.Equal(unused.Contains((nint)record) ? ThreadRecordState.Unused : ThreadRecordState.Attached, record->State);
            long allowed = 0;
            for (int heap = 0; heap < record->CacheCount; heap++)
            {
                ThreadCache* cache = record->FindCache(heap);
                for (int spanClass = 0; cache != null && spanClass < SizeClass.SpanClassCount; spanClass++)
                {
                    Bin* bin = cache->GetBin(spanClass);
                    allowed += bin->Allowance;
                    CheckBin(bin, spanClass, heap);
                    Assert.False(bin->IsOpen && record->State == ThreadRecordState.Unused, "A record that belongs to nobody has an open bin.");
                }
            }

            Assert.Equal(allowed, record->Allowed);
            Assert.InRange(allowed, 0, ThreadRecord.AllowedMax);
        }

        Assert.Equal(registry->Count, count);
    }

    private void CheckBin(Bin* bin, int spanClass, int heap)
    {
        if (!bin->IsOpen)
        {
            Assert.True(bin->Top == null && bin->Base == null && bin->End == null && bin->Loaded == null && bin->Previous == null, "A closed bin holds something.");
            return;
        }

        Assert.Equal(HeapProcess.Indexes->Find(heap)->IsChecked, bin->IsShut);
        void** slots = Magazine.Slots(bin->Loaded);
        Assert.True(bin->IsShut ? bin->Base == null && bin->End == null : bin->Base == slots && bin->End == (bin->WatchedFrees == 0 && !bin->HasSeenFrees ? slots + bin->Limit : null));
        int count = bin->Count - bin->Previous->Count;
        Assert.InRange(count, 0, bin->Limit);
        Assert.InRange(bin->Previous->Count, 0, bin->Limit);
        Assert.InRange(bin->Limit, 1, bin->Central->MagazineCapacity);
        Assert.True(bin->Central == HeapProcess.Indexes->Find(heap)->Find(spanClass));
        Park(slots, count, spanClass, heap);
        Park(Magazine.Slots(bin->Previous), bin->Previous->Count, spanClass, heap);
    }

    // Slots in a magazine: of a span of their class and heap, not free there, in no other magazine.
    private void Park(void** slots, int count, int spanClass, int heap)
    {
        for (int i = 0; i < count; i++)
        {
            PageSpan* span = HeapProcess.Pages->Map.SpanOf(slots[i], heap);
            Assert.True(span != null && span->SpanClass == spanClass && span->IsStart(slots[i]), "A magazine holds what is no slot of its class.");
            Assert.False(IsFree(span, (byte*)slots[i]), "A slot is in a magazine and free in its span.");
            Assert.True(_parked.Add((nint)slots[i]), "A slot is in two magazines, or twice in one.");
        }
    }

    private void CheckHeap(CentralSet* set)
    {
        long objects = 0;
        long bytes = 0;
        for (PageSpan* span = LargeOf(ref *set).First; span != null; span = span->Next)
        {
            CheckListed(span, set->Index, span->State == SpanState.Sealed ? SpanState.Sealed : SpanState.Large);
            CheckMarks(span);
            Assert.Equal(SizeClass.Large, SizeClass.FromSpanClass(span->SpanClass));
            objects++;
            bytes += (long)span->ByteCount;
        }

        Assert.Equal((objects, bytes), (set->LargeCount, set->LargeBytes));
        _slotsOut += objects;
        for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            CentralCache* central = set->Find(spanClass);
            if (central != null)
            {
                CheckCentral(central, set->Index);
            }
        }

        CheckQuarantine(set);
        Assert.Equal(set->Quota.Used, _heapBytes[set->Index]);
    }

    private void CheckCentral(CentralCache* central, int heap)
    {
        SpanCounts sum = default;
        CheckSpans(central, heap, RoomOf(ref *central), ref sum);
        CheckSpans(central, heap, SettledOf(ref *central), ref sum);
        CheckSpans(central, heap, FullOf(ref *central), ref sum);
        long depot = CheckDepot(central, heap);
        Assert.Equal(new CentralCounts(sum.Slots, sum.Free, depot, sum.Bytes, sum.Purged), central->GetCounts());
        _slotsOut += sum.Slots - sum.Free;
        CheckEmpties(ref EmptiesOf(ref *central));
        CheckEmpties(ref SmallEmptiesOf(ref *central));
    }

    private static void CheckEmpties(ref MagazineStore store)
    {
        Dictionary<nint, int> ofBlocks = [];
        long count = 0;
        for (Magazine* empty = TopOf(ref store); empty != null; empty = empty->Next)
        {
            Assert.Equal(0, empty->Count);
            ofBlocks[(nint)empty->Block] = ofBlocks.GetValueOrDefault((nint)empty->Block) + 1;
            count++;
        }

        Assert.Equal(store.Count, count);
        foreach ((nint block, int empties) in ofBlocks)
        {
            Assert.Equal(((MagazineBlock*)block)->Empty, empties);
            Assert.InRange(((MagazineBlock*)block)->Carved, empties, ((MagazineBlock*)block)->Capacity);
        }
    }

    private void CheckSpans(CentralCache* central, int heap, SpanList list, ref SpanCounts sum)
    {
        bool isFull = list.First == FullOf(ref *central).First;
        bool isSettled = list.First == SettledOf(ref *central).First;
        for (PageSpan* span = list.First; span != null; span = span->Next)
        {
            CheckListed(span, heap, SpanState.Slots);
            CheckBits(span, central);
            CheckMarks(span);
            Assert.Equal(isFull, span->FreeCount == 0);
            Assert.True(isFull || isSettled == (span->Age == SpanAge.Settled), "A span is not in the list for its age.");
            sum.Slots += span->SlotCount;
            sum.Free += span->FreeCount;
            sum.Bytes += (long)span->ByteCount;
            sum.Purged += (long)SpanHoles.PurgedBytes(span, VirtualMemory.PageSize);
        }
    }

    private long CheckDepot(CentralCache* central, int heap)
    {
        ref Depot depot = ref DepotOf(ref *central);
        long objects = 0;
        Magazine* previous = null;
        for (Magazine* magazine = TopOf(ref depot); magazine != null; previous = magazine, magazine = magazine->Next)
        {
            Assert.True(magazine->Previous == previous, "A depot's list is broken.");
            Assert.InRange(magazine->Count, 1, central->MagazineCapacity);
            Park(Magazine.Slots(magazine), magazine->Count, central->SpanClass, heap);
            objects += magazine->Count;
        }

        Assert.True(BottomOf(ref depot) == previous, "A depot's list is broken.");
        return objects;
    }

    private void CheckListed(PageSpan* span, int heap, SpanState state)
    {
        Assert.Equal((heap, state), (span->HeapIndex, span->State));
        Assert.True(span->Next == null || span->Next->Previous == span, "A list of spans is broken.");
        Assert.True(_spanPages.TryAdd((nint)span, 0), "A span is in two lists.");
        _heapBytes[heap] += (long)span->ByteCount;
    }

    private static void CheckBits(PageSpan* span, CentralCache* central)
    {
        Assert.Equal((central->SpanClass, central->SlotSize), (span->SpanClass, span->SlotSize));
        Assert.Equal(PageSpan.SlotsIn(span->PageCount, span->SpanClass), span->SlotCount);
        int free = 0;
        for (int word = 0; word * 64 < span->SlotCount; word++)
        {
            ulong bits = span->Bits[word];
            free += BitOperations.PopCount(bits);
            Assert.Equal(bits != 0, (span->Summary & (1u << word)) != 0);
            Assert.True(span->SlotCount - (word * 64) >= 64 || bits >> (span->SlotCount - (word * 64)) == 0, "A bit says free of a slot that there is not.");
        }

        Assert.Equal(free, span->FreeCount);
        uint purged = span->Purged;
        span->Purged = 0;
        uint holes = SpanHoles.Find(span, VirtualMemory.PageSize);
        span->Purged = purged;
        Assert.True((purged & ~holes) == 0, "Memory is purged that holds a slot in use.");
    }

    private static bool IsFree(PageSpan* span, byte* slot) => IsSet(span->Bits, span->SlotAt((nuint)(slot - span->Base)));

    private void CheckPages(IEnumerable<nuint> arenas)
    {
        long freePages = 0;
        long returnedPages = 0;
        long cachedPages = 0;
        long spanPages = 0;
        long sealedPages = 0;
        HashSet<nuint> cached = CachedPages();
        foreach (nuint number in arenas)
        {
            ArenaMap* map = &HeapProcess.Pages->Map;
            HeapArena* arena = map->GetArena(number);
            for (int page = 0; arena != null && page < HeapArena.PageCount; page++)
            {
                nuint address = (number << HeapArena.SizeShift) + ((nuint)page << SizeClass.PageShift);
                PageSpan* span = map->SpanOf((void*)address);
                int sharedClass = ArenaMap.SharedClassOf(map->Arenas, (void*)address);
                bool isFree = IsSet(arena->FreeBits(0), page);
                bool isReturned = IsSet(arena->ReturnedBits, page);
                freePages += isFree ? 1 : 0;
                returnedPages += isReturned ? 1 : 0;
                bool isCached = cached.Remove((number * HeapArena.PageCount) + (nuint)page);
                Assert.False(isCached && (isFree || isReturned || span != null), "A page of a thread's cache is somebody else's as well.");
                cachedPages += isCached ? 1 : 0;
                Assert.True(span != null || sharedClass == 0, "The arena map knows a class for a page without a span.");
                if (span == null && HeapProcess.Pages->Guarded.Holds((void*)address))
                {
                    Assert.False(isFree || isReturned, "A page of the guarded places is free.");
                    spanPages++;
                }

                if (span != null)
                {
                    Assert.False(isFree || isReturned, "A page of a span is free.");
                    Assert.True(span->State != SpanState.Unused && (address >> SizeClass.PageShift) - span->FirstPage < span->PageCount, "The arena map leads to a span that the page is not in.");
                    spanPages++;
                    if (span->State == SpanState.Sealed && !_spanPages.ContainsKey((nint)span))
                    {
                        // Of a heap that has ended: the page heap has it, and nobody else.
                        sealedPages++;
                        continue;
                    }

                    Assert.True(_spanPages.ContainsKey((nint)span), "A span with pages is in no list.");
                    bool isShared = span->HeapIndex == PageHeap.SharedHeapIndex && span->State == SpanState.Slots;
                    Assert.Equal(isShared ? span->SpanClass : 0, sharedClass);
                    _spanPages[(nint)span]++;
                }
            }
        }

        foreach ((nint span, long pages) in _spanPages)
        {
            Assert.Equal((long)((PageSpan*)span)->PageCount, pages);
        }

        PageHeapTotals totals = HeapProcess.Pages->GetTotals();
        Assert.Equal(Bytes(spanPages), (long)totals.Span);
        Assert.Equal(Bytes(sealedPages), (long)HeapProcess.Pages->SealedBytes);
        Assert.Equal(Bytes(returnedPages), (long)totals.Returned);
        Assert.Empty(cached);
        Assert.Equal(Bytes(cachedPages), (long)totals.Cached);
        Assert.Equal(Bytes(freePages + cachedPages + (long)KeptOf(ref *HeapProcess.Pages).PageCount - returnedPages), (long)totals.Free);
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
        Assert.Equal((long)(totals.Mapped - totals.Returned), HeapProcess.Pages->Quota.Used);
        Assert.True(totals.Mapped <= totals.Reserved);
    }

    // The pages that are in threads' caches, each in one.
    private static HashSet<nuint> CachedPages()
    {
        HashSet<nuint> pages = [];
        for (PageCache* cache = CachesOf(ref *HeapProcess.Pages); cache != null; cache = cache->Next)
        {
            for (int i = 0; i < PageCache.BlockPages; i++)
            {
                Assert.True((cache->Free >> i & 1) == 0 || pages.Add(cache->First + (nuint)i), "A page is in two threads' caches.");
            }
        }

        return pages;
    }

    private static bool IsSet(ulong* words, int bit) => (words[bit >> 6] & (1UL << (bit & 63))) != 0;

    private static long Bytes(long pages) => pages << SizeClass.PageShift;

    // Of what is out of the bitmaps, the parked, the quarantined and the live are all.
    private void CheckLive(IEnumerable<nint> live)
    {
        HashSet<nint> seen = [];
        foreach (nint block in live)
        {
            PageSpan* span = HeapProcess.Pages->Map.SpanOf((void*)block);
            Assert.True(span != null && span->Contains((void*)block) && span->IsStart((void*)block), "A live block is in no span.");
            Assert.False(span->State == SpanState.Slots && IsFree(span, (byte*)block), "A live block is free.");
            Assert.False(_parked.Contains(block), "A live block is in a magazine.");
            Assert.False(_quarantined.Contains(block), "A live block is in quarantine.");
            CheckMark(span, (byte*)block);
            Assert.True(seen.Add(block), "Two live blocks are one.");
        }

        Assert.Equal(_slotsOut - _parked.Count - _quarantined.Count, seen.Count);
        Assert.Equal(_marks, _marked);
    }

    // Read private fields by name: who renames one says so here.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_first")]
    private static extern ref ThreadRecord* FirstOf(ref ThreadRegistry registry);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_unused")]
    private static extern ref ThreadRecord* UnusedOf(ref ThreadRegistry registry);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_large")]
    private static extern ref SpanList LargeOf(ref CentralSet set);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_room")]
    private static extern ref SpanList RoomOf(ref CentralCache central);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_settled")]
    private static extern ref SpanList SettledOf(ref CentralCache central);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_full")]
    private static extern ref SpanList FullOf(ref CentralCache central);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_depot")]
    private static extern ref Depot DepotOf(ref CentralCache central);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_empties")]
    private static extern ref MagazineStore EmptiesOf(ref CentralCache central);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_smallEmpties")]
    private static extern ref MagazineStore SmallEmptiesOf(ref CentralCache central);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_top")]
    private static extern ref Magazine* TopOf(ref MagazineStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_top")]
    private static extern ref Magazine* TopOf(ref Depot depot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_bottom")]
    private static extern ref Magazine* BottomOf(ref Depot depot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_kept")]
    private static extern ref KeptRuns KeptOf(ref PageHeap pages);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_caches")]
    private static extern ref PageCache* CachesOf(ref PageHeap pages);

    private struct SpanCounts
    {
        public long Slots;
        public long Free;
        public long Bytes;
        public long Purged;
    }
}
