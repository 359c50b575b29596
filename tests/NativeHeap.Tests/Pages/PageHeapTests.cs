using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>The page heap over real memory. A page heap keeps its memory for ever, so each test writes to little of it.</summary>
public sealed unsafe class PageHeapTests
{
    private const nuint PageSize = SizeClass.PageSize;
    private const int LargeClass = SizeClass.Large;
    private const int Caches = 3;

    private readonly PageHeap* _heap;

    public PageHeapTests()
    {
        _heap = PageHeap.Create(MetadataAllocator.Create());
        Assert.True(_heap != null);
    }

    [Fact]
    public void At_a_limit_it_grows_by_what_is_needed_and_not_by_a_whole_step()
    {
        const nuint MinStep = 256 << 10;
        _ = _heap->Alloc((32 << 20) >> SizeClass.PageShift, 1, SizeClass.Large, 0, mayGrow: true);
        while (_heap->Alloc(1, 1, SizeClass.Large, 0, mayGrow: false) != null)
        {
        }

        nuint mapped = _heap->MappedBytes;
        _heap->Quota.Maximum = _heap->Quota.Used + (long)MinStep;
        Assert.True(_heap->Alloc(1, 1, SizeClass.Large, 0, mayGrow: true) != null);
        Assert.Equal((mapped + MinStep, MinStep - PageSize), (_heap->MappedBytes, _heap->UnusedBytes));
    }

    [Fact]
    public void Where_huge_pages_are_asked_for_it_grows_by_whole_ones_and_no_further()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Huge pages are asked for on Linux alone.");
        const nuint HugePage = 2 << 20;
        _heap->AsksForHugePages = true;
        PageSpan* span = _heap->Alloc(HugePage >> SizeClass.PageShift, 1, SizeClass.Large, 0, mayGrow: true);
        Assert.Equal((HugePage, HugePage), (span->ByteCount, _heap->MappedBytes));
        _ = _heap->Alloc(1, 1, SizeClass.Large, 0, mayGrow: true);
        Assert.Equal(2 * HugePage, _heap->MappedBytes);
        _ = _heap->Alloc((HugePage >> SizeClass.PageShift) + 1, 1, SizeClass.Large, 0, mayGrow: true);
        Assert.Equal(3 * HugePage, _heap->MappedBytes);
    }

    [Fact]
    public void A_new_page_heap_has_nothing_and_gets_nothing_without_leave()
    {
        Assert.Equal(default, _heap->GetTotals());
        Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: false) == null);
        Assert.Equal(default, _heap->GetTotals());
    }

    [Fact]
    public void Growth_reserves_an_arena_and_maps_a_step()
    {
        const int Step = 256 * 1024;
        PageSpan* span = _heap->Alloc(3, 1, LargeClass, 7, mayGrow: true);
        Assert.Equal(
            new PageHeapTotals(HeapArena.Size, Step, 3 * PageSize, Step - (3 * PageSize), 0),
            _heap->GetTotals());
        Assert.Equal(7, span->HeapIndex);
        Assert.Equal(SpanState.Large, span->State);
        Assert.Equal((ushort)0, span->SlotCount);

        // What is mapped is used before more is mapped.
        PageSpan* rest = _heap->Alloc((Step / PageSize) - 3, 1, LargeClass, 0, mayGrow: true);
        Assert.True(rest->Base == span->Base + span->ByteCount);
        Assert.Equal(new PageHeapTotals(HeapArena.Size, Step, Step, 0, 0), _heap->GetTotals());
        Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: false) == null);
    }

    [Fact]
    public void A_growth_maps_what_is_missing_of_a_run_that_begins_in_free_pages()
    {
        const int Mega = (1 << 20) / (int)PageSize;
        PageSpan* low = _heap->Alloc(Mega, 1, LargeClass, 0, mayGrow: true);
        PageSpan* high = _heap->Alloc(8 * Mega, 1, LargeClass, 0, mayGrow: true);
        _heap->Free(high);
        nuint mapped = _heap->MappedBytes;
        Assert.True(_heap->Alloc(10 * Mega, 1, LargeClass, 0, mayGrow: true)->Base == low->Base + low->ByteCount);
        Assert.Equal((nuint)(11 * Mega * PageSize), _heap->MappedBytes);
        Assert.True(mapped < _heap->MappedBytes);
    }

    [Fact]
    public void A_step_is_a_sixteenth_of_what_is_mapped_between_256_KiB_and_4_MiB()
    {
        nuint mapped = 0;
        while (mapped < 256 << 20)
        {
            Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: true) != null);
            nuint step = _heap->MappedBytes - mapped;
            if (step != 0)
            {
                // At the end of an arena, what is left of it.
                nuint share = nuint.Min(mapped / 16, HeapArena.Size - (mapped % HeapArena.Size));
                Assert.True(
                    step % (256 << 10) == 0 && step <= nuint.Clamp(share, 256 << 10, 4 << 20) && step + (256 << 10) > nuint.Min(share, 4 << 20),
                    $"{step} bytes at {mapped}");
                mapped += step;
            }
        }
    }

    [Theory]
    [InlineData(10, 5, true)]
    [InlineData(10, 10, true)]
    [InlineData(10, 11, false)]
    [InlineData(400, 400, true)]
    [InlineData(400, 401, false)]
    public void A_run_is_made_longer_as_far_as_the_pages_after_it_are_free(int free, int more, bool extends)
    {
        PageSpan* span = _heap->Alloc(500, 1, LargeClass, 0, mayGrow: true);
        PageSpan* after = _heap->Alloc((nuint)free, 1, LargeClass, 0, mayGrow: true);
        PageSpan* end = _heap->Alloc(1, 1, LargeClass, 0, mayGrow: true);
        Assert.True(after->Base == span->Base + span->ByteCount && end->Base == after->Base + after->ByteCount);
        _heap->Free(after);
        PageHeapTotals before = _heap->GetTotals();

        Assert.Equal(extends, _heap->TryExtend(span, (nuint)(500 + more)));
        nuint bytes = extends ? (nuint)more * PageSize : 0;
        Assert.Equal(before with { Span = before.Span + bytes, Free = before.Free - bytes }, _heap->GetTotals());
        Assert.Equal((nuint)(500 + (extends ? more : 0)), span->PageCount);
        Assert.Equal(extends, _heap->Map.SpanOf(span->Base + (500 * PageSize)) == span);
        Assert.True(_heap->Map.SpanOf(end->Base) == end);
        _heap->Free(span);
        Assert.Equal(before.Free + (500 * PageSize), _heap->GetTotals().Free);
    }

    [Fact]
    public void A_reservation_is_used_to_its_end_before_another_is_made()
    {
        for (nuint chunk = 1; chunk <= HeapArena.Size / ChunkBits.ByteCount; chunk++)
        {
            Assert.True(_heap->Alloc(ChunkBits.PageCount, 1, LargeClass, 0, mayGrow: true) != null);
            Assert.Equal(new PageHeapTotals(HeapArena.Size, chunk * ChunkBits.ByteCount, chunk * ChunkBits.ByteCount, 0, 0), _heap->GetTotals());
        }

        Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: true) != null);
        Assert.Equal(2 * HeapArena.Size, _heap->GetTotals().Reserved);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100)]
    [InlineData(300)]
    public void Objects_larger_than_an_arena(int mebibytes)
    {
        nuint pages = ((nuint)mebibytes << 20) / PageSize;
        PageSpan* span = _heap->Alloc(pages, 1, LargeClass, 0, mayGrow: true);
        Assert.Equal(pages * PageSize, span->ByteCount);
        AssertMapped(span);
        AssertTotals(pages * PageSize);

        // Usable from the first byte to the last.
        Assert.False(span->NeedsZeroing);
        for (nuint offset = 0; offset < span->ByteCount; offset += span->ByteCount / 50)
        {
            Assert.Equal(0, span->Base[offset]);
            span->Base[offset] = 1;
        }

        span->Base[span->ByteCount - 1] = 1;
        _heap->Free(span);
        AssertTotals(0);
        Assert.False(span->Contains(span->Base));

        // The same memory again, now with old content.
        PageSpan* again = _heap->Alloc(pages, 1, LargeClass, 0, mayGrow: false);
        Assert.True(again != null && again->NeedsZeroing);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(256)]
    public void Spans_start_at_multiples_of_the_alignment(int alignmentPages)
    {
        for (int i = 0; i < 20; i++)
        {
            PageSpan* odd = _heap->Alloc((nuint)(1 + (2 * i)), 1, LargeClass, 0, mayGrow: true);
            PageSpan* span = _heap->Alloc((nuint)(i + 1), (nuint)alignmentPages, LargeClass, 0, mayGrow: true);
            Assert.Equal((nuint)0, (nuint)span->Base % ((nuint)alignmentPages * PageSize));
            AssertMapped(span);
            AssertMapped(odd);
        }
    }

    [Fact]
    public void A_span_of_slots_is_cut()
    {
        for (int spanClass = 2; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            int sizeClass = SizeClass.FromSpanClass(spanClass);
            PageSpan* span = _heap->Alloc((nuint)SizeClass.Pages(sizeClass), 1, spanClass, 3, mayGrow: true);
            Assert.Equal((SpanState.Slots, spanClass, SizeClass.SlotSize(sizeClass), 3), (span->State, span->SpanClass, span->SlotSize, span->HeapIndex));
            Assert.Equal((int)(span->ByteCount / (nuint)span->SlotSize), span->SlotCount);
        }
    }

    [Fact]
    public void Shrink_gives_the_end_back()
    {
        PageSpan* span = _heap->Alloc(100, 1, LargeClass, 0, mayGrow: true);
        byte* start = span->Base;
        _heap->Shrink(span, 40);
        Assert.Equal((nuint)40, span->PageCount);
        Assert.True(span->Contains(start + (40 * PageSize) - 1));
        Assert.False(span->Contains(start + (40 * PageSize)));
        AssertTotals(40 * PageSize);
        Assert.True(_heap->Alloc(60, 1, LargeClass, 0, mayGrow: false)->Base == start + (40 * PageSize));
        _heap->Free(span);
        AssertTotals(60 * PageSize);
    }

    [Fact]
    public void Only_memory_that_was_in_use_needs_zeroing()
    {
        PageSpan* first = _heap->Alloc(10, 1, LargeClass, 0, mayGrow: true);
        PageSpan* second = _heap->Alloc(10, 1, LargeClass, 0, mayGrow: true);
        Assert.False(first->NeedsZeroing || second->NeedsZeroing);
        _heap->Free(second);
        PageSpan* partlyUsed = _heap->Alloc(20, 1, LargeClass, 0, mayGrow: true);
        Assert.True(partlyUsed->Base == first->Base + (10 * PageSize));
        Assert.True(partlyUsed->NeedsZeroing);
        Assert.False(_heap->Alloc(10, 1, LargeClass, 0, mayGrow: true)->NeedsZeroing);
        _heap->Free(first);
        Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: true)->NeedsZeroing);
    }

    [Fact]
    public void Memory_that_was_in_use_in_one_arena_only_needs_zeroing()
    {
        // The alignment makes the heap map two arenas side by side, and takes one page: of the first arena, if that is aligned so.
        for (int attempt = 0; attempt < 50; attempt++)
        {
            PageHeap* heap = PageHeap.Create(MetadataAllocator.Create());
            PageSpan* aligned = heap->Alloc(1, 2 * HeapArena.PageCount, LargeClass, 0, mayGrow: true);
            PageSpan* lowest = heap->Alloc(1, 1, LargeClass, 0, mayGrow: false);
            if (lowest->Base == aligned->Base + PageSize)
            {
                heap->Free(aligned);
                heap->Free(lowest);
                PageSpan* both = heap->Alloc(2 * HeapArena.PageCount, 1, LargeClass, 0, mayGrow: false);
                Assert.True(both->NeedsZeroing);
                return;
            }

            // Arenas kept in the way make the next pair start at another: one, or as many as fit into the hole that the pair would be put into.
            _ = VirtualMemory.Reserve(HeapArena.Size * (nuint)(1 + (attempt % 3)), HeapArena.Size);
        }

        Assert.Fail("The system never gave two arenas that start at a multiple of their length.");
    }

    [Theory]
    [InlineData(49)]
    [InlineData(48)]
    [InlineData(47)]
    public void An_impossible_size_is_refused_and_changes_nothing(int sizeShift)
    {
        PageSpan* span = _heap->Alloc(5, 1, LargeClass, 0, mayGrow: true);
        PageHeapTotals before = _heap->GetTotals();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(_heap->Alloc((nuint)1 << (sizeShift - SizeClass.PageShift), 1, LargeClass, 0, mayGrow: true) == null);
            Assert.True(_heap->Alloc(1, (nuint)1 << (sizeShift - SizeClass.PageShift), LargeClass, 0, mayGrow: true) == null);
            Assert.Equal(before, _heap->GetTotals());
        }

        AssertUsable(span);
    }

    [Fact]
    public void Addresses_that_cannot_be_backed_are_given_back()
    {
        Assert.SkipUnless(
            OperatingSystem.IsWindows() || (OperatingSystem.IsLinux() && File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim() == "0"),
            "The system promises any amount of memory, or none over a limit.");
        PageSpan* span = _heap->Alloc(5, 1, LargeClass, 0, mayGrow: true);
        PageHeapTotals before = _heap->GetTotals();
        for (int i = 0; i < 3; i++)
        {
            // There are 128 TiB of addresses for a process: if one of these 32 TiB leaked, the third would have found none.
            Assert.True(_heap->Alloc((nuint)1 << (45 - SizeClass.PageShift), 1, LargeClass, 0, mayGrow: true) == null);
            Assert.Equal(before, _heap->GetTotals());
        }

        AssertUsable(span);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_walk(int seed)
    {
        Random random = new(seed);
        List<nint> spans = [];
        SortedDictionary<nuint, nuint> used = [];
        nuint spanBytes = 0;
        PageCache* caches = (PageCache*)NativeMemory.AllocZeroed(Caches, (nuint)sizeof(PageCache));
        for (int step = 0; step < LongTests.Scale(3_000, 60_000); step++)
        {
            if (random.Next(50) == 0)
            {
                _heap->Release(caches + random.Next(Caches));
            }

            int choice = random.Next(100);
            if (choice < 50 && spans.Count < 400)
            {
                PageSpan* span = TakeAny(random, caches + random.Next(Caches));
                spanBytes += span->ByteCount;
                AssertFreshIfSaid(span);
                AssertMapped(span);

                // Marked at both ends and in the middle: whoever gets it next must be told.
                span->Base[0] = span->Base[span->ByteCount / 2] = span->Base[span->ByteCount - 1] = 0xa5;
                used.Add((nuint)span->Base, span->ByteCount);
                spans.Add((nint)span);
            }
            else if (spans.Count > 0)
            {
                int i = random.Next(spans.Count);
                var span = (PageSpan*)spans[i];
                Assert.Equal(0xa5, span->Base[0]);
                if (choice < 55 && span->State == SpanState.Large)
                {
                    nuint longer = span->PageCount + (nuint)random.Next(1, 20);
                    if (_heap->TryExtend(span, longer, caches + random.Next(Caches)))
                    {
                        spanBytes += span->ByteCount - used[(nuint)span->Base];
                        used[(nuint)span->Base] = span->ByteCount;
                        AssertMapped(span);
                        span->Base[span->ByteCount - 1] = 0xa5;
                    }
                }
                else if (choice < 60 && span->State == SpanState.Large && span->PageCount > 1)
                {
                    nuint keep = (nuint)random.NextInt64(1, (long)span->PageCount);
                    spanBytes -= (span->PageCount - keep) * PageSize;
                    _heap->Shrink(span, keep);
                    used[(nuint)span->Base] = span->ByteCount;
                }
                else
                {
                    spanBytes -= span->ByteCount;
                    _ = used.Remove((nuint)span->Base);
                    _heap->Free(span);
                    spans[i] = spans[^1];
                    spans.RemoveAt(spans.Count - 1);
                }
            }

            AssertTotals(spanBytes);
            if (step % 100 == 0)
            {
                AssertNoOverlap(used);
            }
        }

        AssertNoOverlap(used);
        _heap->EmptyCaches();
        Assert.Equal((nuint)0, _heap->GetTotals().Cached);
        AssertTotals(spanBytes);
        NativeMemory.Free(caches);
    }

    private PageSpan* TakeAny(Random random, PageCache* cache)
    {
        int heapIndex = random.Next(5);
        if (random.Next(2) == 0)
        {
            int spanClass = random.Next(2, SizeClass.SpanClassCount);
            PageSpan* slots = _heap->Alloc((nuint)SizeClass.Pages(SizeClass.FromSpanClass(spanClass)), 1, spanClass, heapIndex, mayGrow: true, cache);
            Assert.Equal((spanClass, heapIndex), (slots->SpanClass, slots->HeapIndex));
            return slots;
        }

        nuint pages = (nuint)(random.Next(60) == 0 ? random.Next(1, 9_000) : random.Next(1, 100));
        nuint alignment = (nuint)1 << int.Max(0, random.Next(-8, 9));
        PageSpan* span = _heap->Alloc(pages, alignment, LargeClass, heapIndex, mayGrow: true, cache);
        Assert.Equal((pages, heapIndex), (span->PageCount, span->HeapIndex));
        Assert.Equal((nuint)0, (nuint)span->Base % (alignment * PageSize));
        return span;
    }

    private static void AssertFreshIfSaid(PageSpan* span)
    {
        if (!span->NeedsZeroing)
        {
            // Pages never written stay the kernel's one zero page: reading costs nothing that lasts.
            for (nuint page = 0; page < span->PageCount; page += nuint.Max(1, span->PageCount / 64))
            {
                Assert.Equal(-1, new ReadOnlySpan<byte>(span->Base + (page * PageSize), (int)PageSize).IndexOfAnyExcept((byte)0));
            }
        }
    }

    // Every page of a span, not only the first, leads to it.
    private void AssertMapped(PageSpan* span)
    {
        for (nuint page = 0; page < span->PageCount; page++)
        {
            if (_heap->Map.SpanOf(span->Base + (page * PageSize) + (page % PageSize)) != span)
            {
                Assert.Fail($"Page {page} of {span->PageCount} leads to another span.");
            }
        }

        Assert.True(span->Contains(span->Base) && span->Contains(span->Base + span->ByteCount - 1));
    }

    private void AssertTotals(nuint spanBytes)
    {
        PageHeapTotals totals = _heap->GetTotals();
        Assert.Equal(spanBytes, totals.Span);
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
        Assert.True(totals.Reserved >= totals.Mapped);
    }

    private static void AssertNoOverlap(SortedDictionary<nuint, nuint> used)
    {
        nuint end = 0;
        foreach ((nuint start, nuint bytes) in used)
        {
            Assert.True(start >= end, "Two spans share memory.");
            end = start + bytes;
        }
    }

    private void AssertUsable(PageSpan* span)
    {
        PageSpan* next = _heap->Alloc(2_000, 1, LargeClass, 0, mayGrow: true);
        Assert.True(next != null);
        next->Base[next->ByteCount - 1] = 1;
        AssertTotals(2_005 * PageSize);
        _heap->Free(span);
        _heap->Free(next);
        AssertTotals(0);
        PageSpan* again = _heap->Alloc(5, 1, LargeClass, 0, mayGrow: false);
        Assert.True(again != null);
    }
}
