using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Platform;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Free pages that go back to the system, over real memory.</summary>
public sealed unsafe partial class PageHeapReturnTests
{
    private const nuint PageSize = SizeClass.PageSize;
    private const int LargeClass = SizeClass.Large;

    private readonly PageHeap* _heap = PageHeap.Create(MetadataAllocator.Create());

    [Fact]
    public void What_goes_back_is_out_of_memory_and_counted_and_comes_back_zero()
    {
        PageSpan* before = Alloc(100);
        PageSpan* span = Alloc(300);
        PageSpan* after = Alloc(100);
        UseUp();
        byte* start = span->Base;
        Write(before, 1);
        Write(span, 2);
        Write(after, 3);
        _heap->Free(span);
        PageHeapTotals free = _heap->GetTotals();
        Assert.Equal(300 * PageSize, ReturnAll());
        Assert.Equal(free with { Free = free.Free - (300 * PageSize), Returned = 300 * PageSize }, _heap->GetTotals());
        if (!OperatingSystem.IsMacOS())
        {
            // On Windows the range is reserved now, on Linux it has neighbours that are in memory.
            Assert.Equal(OperatingSystem.IsWindows() ? ProcessMap.Reserved : ProcessMap.Usable, ProcessMap.AccessOf(start, 300 * PageSize));
        }

        PageSpan* part = _heap->Alloc(100, 1, LargeClass, 0, mayGrow: false);
        Assert.True(part->Base == start);
        Assert.False(part->NeedsZeroing);
        Assert.Equal(-1, new ReadOnlySpan<byte>(part->Base, (int)part->ByteCount).IndexOfAnyExcept((byte)0));
        Assert.Equal(200 * PageSize, _heap->GetTotals().Returned);
        AssertHolds(before, 1);
        AssertHolds(after, 3);
        AssertAddsUp();
    }

    [Fact]
    public void Old_content_beside_zeros_needs_zeroing()
    {
        // [returned][old]: either is known, both together need zeroing.
        PageSpan* first = Alloc(64);
        PageSpan* second = Alloc(64);
        UseUp();
        Write(first, 1);
        Write(second, 2);
        _heap->Free(first);
        Assert.Equal(64 * PageSize, ReturnAll());
        _heap->Free(second);
        PageSpan* both = _heap->Alloc(128, 1, LargeClass, 0, mayGrow: false);
        Assert.True(both->NeedsZeroing);
        _heap->Free(both);
        Assert.Equal(128 * PageSize, ReturnAll());
        Assert.False(_heap->Alloc(128, 1, LargeClass, 0, mayGrow: false)->NeedsZeroing);
        AssertAddsUp();
    }

    [Fact]
    public void A_large_object_grows_into_pages_that_had_gone_back()
    {
        PageSpan* span = Alloc(64);
        PageSpan* next = Alloc(64);
        PageSpan* end = Alloc(1);
        UseUp();
        Write(next, 2);
        _heap->Free(next);
        Assert.Equal(64 * PageSize, ReturnAll());
        Assert.True(_heap->TryExtend(span, 128));
        Write(span, 3);
        AssertHolds(span, 3);
        Assert.Equal((nuint)0, _heap->GetTotals().Returned);
        Assert.True(_heap->Map.SpanOf(end->Base) == end);
        AssertAddsUp();
    }

    [Fact]
    public void The_end_that_a_large_object_gives_back_can_go_back()
    {
        PageSpan* span = Alloc(100);
        UseUp();
        Write(span, 1);
        _heap->Shrink(span, 36);
        Assert.Equal(64 * PageSize, ReturnAll());
        AssertHolds(span, 1);
        AssertAddsUp();
    }

    [Fact]
    public void Runs_that_are_kept_whole_go_back_when_they_are_released()
    {
        PageSpan* span = Alloc(4 * KeptRuns.MinPages);
        Write(span, 1);
        _heap->Free(span);
        Assert.Equal((nuint)0, ReturnAll());
        _heap->BeginReturn(PassReach.Full);
        Assert.Equal(4 * KeptRuns.MinPages * PageSize, ReturnAll());
        PageSpan* again = _heap->Alloc(4 * KeptRuns.MinPages, 1, LargeClass, 0, mayGrow: false);
        Assert.False(again->NeedsZeroing);
        AssertAddsUp();
    }

    [Fact]
    public void What_is_to_be_kept_is_kept_at_the_lowest_addresses()
    {
        PageSpan*[] spans = new PageSpan*[48];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = Alloc(128);
        }

        byte* start = spans[0]->Base;
        foreach (PageSpan* span in spans)
        {
            _heap->Free(span);
        }

        nuint free = _heap->GetTotals().Free;
        nuint given = 0;
        for (nuint end = ScavengeIndex.PassStart; end != 0;)
        {
            given += _heap->ReturnRun(ref end, PassReach.Full, keep: 17 << 20);
        }

        Assert.Equal(17u << 20, free - given);
        Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: false)->Base == start);
        Assert.Equal(given, _heap->GetTotals().Returned);
        AssertAddsUp();
    }

    [Fact]
    public void Locked_memory_stays_and_is_not_asked_for_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is locked by mlock here.");
        PageSpan* span = Alloc(4);
        PageSpan* next = Alloc(2);
        UseUp();
        Write(span, 1);
        Assert.SkipUnless(MemoryLock(span->Base, 4 * PageSize) == 0, "The process may lock no memory.");
        byte* start = span->Base;
        _heap->Free(span);
        Assert.Equal((nuint)0, ReturnAll());
        Assert.Equal((nuint)0, ReturnAll());
        Assert.Equal(1, *start);
        Assert.Equal((nuint)0, _heap->GetTotals().Returned);
        AssertAddsUp();

        // It is tried again when its chunk has more to give.
        Assert.Equal(0, MemoryUnlock(start, 4 * PageSize));
        Assert.Equal((nuint)0, ReturnAll());
        _heap->Free(next);
        Assert.Equal(6 * PageSize, ReturnAll());
        AssertAddsUp();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_walk_with_passes_between(int seed)
    {
        Random random = new(seed);
        List<(nint Span, byte Mark)> spans = [];
        for (int step = 0; step < LongTests.Scale(1_500, 60_000); step++)
        {
            switch (random.Next(11))
            {
                case < 5 when spans.Count < 150:
                    PageSpan* taken = Alloc(random.Next(30) == 0 ? random.Next(1, 1_500) : random.Next(1, 60));
                    if (!taken->NeedsZeroing)
                    {
                        AssertHolds(taken, 0);
                    }

                    spans.Add(((nint)taken, (byte)random.Next(1, 256)));
                    Write(taken, spans[^1].Mark);
                    break;
                case < 9 when spans.Count > 0:
                    int i = random.Next(spans.Count);
                    var span = (PageSpan*)spans[i].Span;
                    AssertHolds(span, spans[i].Mark);
                    if (span->PageCount > 1 && random.Next(3) == 0)
                    {
                        nuint pages = span->PageCount;
                        _heap->Shrink(span, pages / 2);
                        _ = random.Next(2) == 0 && _heap->TryExtend(span, pages);
                        Write(span, spans[i].Mark);
                    }
                    else
                    {
                        _heap->Free(span);
                        spans[i] = spans[^1];
                        spans.RemoveAt(spans.Count - 1);
                    }

                    break;
                case 9:
                    _ = _heap->ReturnKept((nuint)random.Next(1, 8 << 20));
                    break;
                default:
                    PassReach reach = (PassReach)random.Next(4);
                    for (nuint end = ScavengeIndex.PassStart; end != 0 && random.Next(50) != 0;)
                    {
                        _ = _heap->ReturnRun(ref end, reach, keep: 0);
                    }

                    break;
            }

            AssertAddsUp();
        }

        foreach ((nint span, byte mark) in spans)
        {
            AssertHolds((PageSpan*)span, mark);
            _heap->Free((PageSpan*)span);
        }

        _heap->BeginReturn(PassReach.Full);
        _ = ReturnAll();
        PageHeapTotals totals = _heap->GetTotals();
        Assert.Equal((nuint)0, totals.Span);
        Assert.InRange(totals.Free, (nuint)0, (nuint)4 << 20);
    }

    private static void Write(PageSpan* span, byte mark)
    {
        // A byte of each page, at places that no two system pages share.
        for (nuint page = 0; page < span->PageCount; page++)
        {
            span->Base[page * PageSize] = span->Base[(page * PageSize) + PageSize - 1] = mark;
        }
    }

    private static void AssertHolds(PageSpan* span, byte mark)
    {
        for (nuint page = 0; page < span->PageCount; page++)
        {
            if (span->Base[page * PageSize] != mark || span->Base[(page * PageSize) + PageSize - 1] != mark)
            {
                Assert.Fail($"Page {page} of {span->PageCount} lost its content.");
            }
        }
    }

    private PageSpan* Alloc(int pages)
    {
        PageSpan* span = _heap->Alloc((nuint)pages, 1, LargeClass, 0, mayGrow: true);
        Assert.True(span != null);
        return span;
    }

    // No page is free but those of spans freed after this.
    private void UseUp()
    {
        while (_heap->Alloc(1, 1, LargeClass, 0, mayGrow: false) != null)
        {
        }
    }

    private nuint ReturnAll()
    {
        nuint given = 0;
        for (nuint end = ScavengeIndex.PassStart; end != 0;)
        {
            given += _heap->ReturnRun(ref end, PassReach.Full, keep: 0);
        }

        return given;
    }

    private void AssertAddsUp()
    {
        PageHeapTotals totals = _heap->GetTotals();
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
        Assert.Equal((long)(totals.Mapped - totals.Returned), _heap->Quota.Used);
    }

    [LibraryImport("libc", EntryPoint = "mlock")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryLock(void* address, nuint size);

    [LibraryImport("libc", EntryPoint = "munlock")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryUnlock(void* address, nuint size);
}
