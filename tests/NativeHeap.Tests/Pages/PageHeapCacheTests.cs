using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Threads' page caches and the page heap.</summary>
public sealed unsafe class PageHeapCacheTests : IDisposable
{
    private const nuint PageSize = SizeClass.PageSize;
    private const nuint Block = PageCache.BlockPages;
    private const int LargeClass = SizeClass.Large;

    private readonly PageHeap* _heap = PageHeap.Create(MetadataAllocator.Create());
    private readonly PageCache* _caches = (PageCache*)NativeMemory.AllocZeroed(4, (nuint)sizeof(PageCache));

    private PageCache* Mine => _caches;

    private PageCache* Others => _caches + 1;

    public void Dispose()
    {
        _heap->Release(Mine);
        _heap->Release(Others);
        NativeMemory.Free(_caches);
    }

    [Fact]
    public void A_span_brings_the_rest_of_its_block_and_the_next_are_cut_from_it()
    {
        PageSpan* first = Alloc(4, Mine);
        Assert.Equal((Block - 4) * PageSize, Cached());
        for (nuint i = 1; i < Block / 4; i++)
        {
            PageSpan* span = Alloc(4, Mine);
            Assert.True(span->Base == first->Base + (i * 4 * PageSize));
            Assert.True(_heap->Map.SpanOf(span->Base + (3 * PageSize)) == span);
            Assert.Equal((Block - ((i + 1) * 4)) * PageSize, Cached());
            AssertTotals((i + 1) * 4);
        }
    }

    [Fact]
    public void Spans_are_cut_while_somebody_else_has_the_lock()
    {
        _ = Alloc(4, Mine);
        LockOf(ref *_heap).Enter();
        nint test = (nint)_heap;
        nint cache = (nint)Mine;
        int cut = 0;
        Thread owner = new(() =>
        {
            for (nuint i = 1; i < Block / 4; i++)
            {
                cut += ((PageHeap*)test)->Alloc(4, 1, LargeClass, 0, mayGrow: true, (PageCache*)cache) == null ? 0 : 1;
            }
        })
        { IsBackground = true };
        owner.Start();
        bool ended = owner.Join(TimeSpan.FromSeconds(30));
        LockOf(ref *_heap).Exit();
        Assert.True(ended, "A span of a page cache was waiting for the page heap's lock.");
        Assert.Equal((int)(Block / 4) - 1, cut);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(5, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 0)]
    [InlineData(500, 0)]
    public void Only_runs_of_up_to_a_quarter_of_a_block_are_cut(int pages, int caches)
    {
        _ = Alloc((nuint)pages, Mine);
        Assert.Equal(caches == 0 ? 0 : Block - ((nuint)pages % Block), Cached() / PageSize);
        PageSpan* aligned = _heap->Alloc(1, 16, LargeClass, 0, mayGrow: true, Mine);
        Assert.Equal((nuint)0, (nuint)aligned->Base % (16 * PageSize));
        Assert.Equal((nuint)0, Cached());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_spans_of_one_thread_lie_where_they_would_without_a_cache(int seed)
    {
        Random random = new(seed);
        PageHeap* plain = PageHeap.Create(MetadataAllocator.Create());
        List<(nint Cached, nint Plain)> spans = [];
        byte* origin = null;
        byte* plainOrigin = null;
        int fewest = 0;
        for (int step = 0; step < LongTests.Scale(6_000, 200_000); step++)
        {
            // Waves, so that there are holes of all kinds; 30 MiB at most, so that all is in one reservation.
            fewest = step % 1_000 == 0 ? random.Next(300) : fewest;
            if (spans.Count < 300 && (spans.Count <= fewest || random.Next(3) == 0))
            {
                (nuint pages, int spanClass) = AnySpan(random);
                nuint alignment = random.Next(20) == 0 ? 8u : 1;
                PageSpan* cached = _heap->Alloc(pages, alignment, spanClass, 3, mayGrow: true, Mine);
                PageSpan* expected = plain->Alloc(pages, alignment, spanClass, 3, mayGrow: true);
                origin = origin == null ? cached->Base : origin;
                plainOrigin = plainOrigin == null ? expected->Base : plainOrigin;
                spans.Add(((nint)cached, (nint)expected));
                Assert.Equal(expected->Base - plainOrigin, cached->Base - origin);
                Assert.True(expected->NeedsZeroing || !cached->NeedsZeroing);
            }
            else
            {
                int i = random.Next(spans.Count);
                var cached = (PageSpan*)spans[i].Cached;
                var expected = (PageSpan*)spans[i].Plain;
                nuint pages = cached->PageCount;
                switch (cached->State == SpanState.Large ? random.Next(6) : 0)
                {
                    case 1 when pages > 1:
                        _heap->Shrink(cached, pages / 2);
                        plain->Shrink(expected, pages / 2);
                        break;
                    case 2:
                        Assert.Equal(plain->TryExtend(expected, pages + 3), _heap->TryExtend(cached, pages + 3, Mine));
                        break;
                    default:
                        _heap->Free(cached);
                        plain->Free(expected);
                        spans[i] = spans[^1];
                        spans.RemoveAt(spans.Count - 1);
                        break;
                }
            }

            Assert.Equal(plain->GetTotals(), _heap->GetTotals() with { Cached = 0 });
        }
    }

    [Fact]
    public void A_cached_page_is_used_before_the_heap_grows()
    {
        _ = Alloc(4, Mine);
        _ = Alloc(4, Others);
        nuint mapped = _heap->MappedBytes;
        nuint free = _heap->GetTotals().Free / PageSize;
        Assert.NotEqual((nuint)0, Cached());
        for (; free > 0; free--)
        {
            Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: true) != null);
            Assert.Equal(mapped, _heap->MappedBytes);
        }

        Assert.Equal((nuint)0, _heap->GetTotals().Free);
        Assert.True(_heap->Alloc(1, 1, LargeClass, 0, mayGrow: false, Mine) == null);
    }

    [Fact]
    public void A_large_object_grows_into_pages_that_its_thread_has_cached()
    {
        PageSpan* large = Alloc(5, Mine);
        Assert.True(_heap->TryExtend(large, 12, Mine));
        AssertTotals(12);
        PageSpan* next = Alloc(4, Mine);
        Assert.True(next->Base == large->Base + (12 * PageSize));
    }

    [Fact]
    public void Memory_never_used_is_known_as_such_in_a_cache_and_out_of_it()
    {
        PageSpan* used = Alloc(8, Mine);
        PageSpan* fresh = Alloc(8, Mine);
        Assert.False(used->NeedsZeroing || fresh->NeedsZeroing);

        // Given back untouched, and taken as one run.
        _heap->Release(Mine);
        PageSpan* untouched = _heap->Alloc(16, 1, LargeClass, 0, mayGrow: false);
        Assert.True(untouched->Base == fresh->Base + (8 * PageSize));
        Assert.False(untouched->NeedsZeroing);
        _heap->Free(untouched);
        _heap->Free(fresh);

        // Used pages before, and the run that comes to an end within them.
        Assert.True(Alloc(8, Mine)->NeedsZeroing);
        Assert.True(Alloc(8, Mine)->NeedsZeroing);
        Assert.True(Alloc(8, Mine)->NeedsZeroing);
    }

    [Fact]
    public void A_run_of_used_and_of_untouched_pages_needs_zeroing()
    {
        PageSpan* first = Alloc(6, null);
        PageSpan* barrier = Alloc(1, null);
        _heap->Free(first);
        PageSpan* low = Alloc(2, Mine);
        Assert.True(low->Base == first->Base);
        Assert.True(Alloc(4, Mine)->NeedsZeroing);
        Assert.False(Alloc(4, Mine)->NeedsZeroing);
        _heap->Free(barrier);
    }

    [Fact]
    public void Pages_that_had_gone_back_to_the_system_come_out_of_a_cache_usable_and_zero()
    {
        PageSpan* spans = Alloc(Block, null);
        PageSpan* end = Alloc(1, null);
        Fill(spans, 7);
        _heap->Free(spans);
        for (nuint pass = ScavengeIndex.PassStart; pass != 0;)
        {
            _ = _heap->ReturnRun(ref pass, PassReach.Full, keep: 0);
        }

        // Of the block, two spans' worth is in memory again, with old content.
        PageSpan* old = Alloc(8, null);
        Assert.True(old->Base == spans->Base);
        Fill(old, 7);
        _heap->Free(old);
        nuint returned = _heap->GetTotals().Returned;
        Assert.InRange(returned, (Block - 8) * PageSize, nuint.MaxValue);
        for (nuint i = 0; i < Block / 4; i++)
        {
            PageSpan* span = Alloc(4, Mine);
            Assert.True(span->Base == spans->Base + (i * 4 * PageSize));
            Assert.Equal(i < 2, span->NeedsZeroing);
            Assert.True(span->NeedsZeroing || new ReadOnlySpan<byte>(span->Base, (int)span->ByteCount).IndexOfAnyExcept((byte)0) < 0);
            Fill(span, (byte)(i + 1));
        }

        AssertTotals(Block + 1);
        Assert.Equal(returned - ((Block - 8) * PageSize), _heap->GetTotals().Returned);
        _heap->Free(end);
    }

    [Fact]
    public void What_is_in_the_caches_is_free_and_goes_back_when_asked()
    {
        _ = Alloc(4, Mine);
        _ = Alloc(4, Others);
        AssertTotals(8);
        nuint structs = _heap->GetTotals().Free;
        _heap->EmptyCaches();
        Assert.Equal((nuint)0, Cached());
        AssertTotals(8);
        Assert.Equal(structs, _heap->GetTotals().Free);

        // An emptied cache works as before.
        _ = Alloc(4, Mine);
        AssertTotals(12);
    }

    [Fact]
    public void Threads_with_caches_share_a_heap()
    {
        const int Threads = 4;
        nint heap = (nint)_heap;
        nint caches = (nint)_caches;
        int errors = 0;
        int running = Threads;
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int number = t;
            threads[t] = new Thread(() =>
            {
                _ = Interlocked.Add(ref errors, Work((PageHeap*)heap, (PageCache*)caches + number, number));
                _ = Interlocked.Decrement(ref running);
            });
            threads[t].Start();
        }

        // The equation holds at every moment, since a span is what is not free.
        while (Volatile.Read(ref running) > 0)
        {
            PageHeapTotals totals = _heap->GetTotals();
            Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
            Assert.InRange(totals.Cached, 0u, Threads * Block * PageSize);
            _heap->EmptyCaches();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, errors);
        AssertTotals(0);
        _heap->Release(_caches + 2);
        _heap->Release(_caches + 3);
    }

    // Writes the thread's number over each span's ends and finds it there again.
    private static int Work(PageHeap* heap, PageCache* cache, int number)
    {
        Random random = new(number);
        List<nint> spans = [];
        int errors = 0;
        for (int step = LongTests.Scale(10_000, 300_000); step > 0 || spans.Count > 0; step--)
        {
            if (step > 0 && spans.Count < 60 && random.Next(2) == 0)
            {
                (nuint pages, int spanClass) = AnySpan(random);
                PageSpan* span = heap->Alloc(pages, 1, spanClass, number, mayGrow: true, cache);
                errors += heap->Map.SpanOf(span->Base + span->ByteCount - 1) == span ? 0 : 1;
                span->Base[0] = span->Base[span->ByteCount - 1] = (byte)number;
                spans.Add((nint)span);
            }
            else if (spans.Count > 0)
            {
                int i = random.Next(spans.Count);
                var span = (PageSpan*)spans[i];
                errors += span->Base[0] == number && span->Base[span->ByteCount - 1] == number && span->HeapIndex == number ? 0 : 1;
                heap->Free(span);
                spans[i] = spans[^1];
                spans.RemoveAt(spans.Count - 1);
            }
        }

        return errors;
    }

    private static (nuint Pages, int SpanClass) AnySpan(Random random)
    {
        if (random.Next(3) == 0)
        {
            return (random.Next(10) == 0 ? (nuint)random.Next(1, 100) : (nuint)random.Next(1, 12), LargeClass);
        }

        int spanClass = random.Next(2, SizeClass.SpanClassCount);
        return ((nuint)SizeClass.Pages(SizeClass.FromSpanClass(spanClass)), spanClass);
    }

    private static void Fill(PageSpan* span, byte mark) => new Span<byte>(span->Base, (int)span->ByteCount).Fill(mark);

    private PageSpan* Alloc(nuint pages, PageCache* cache)
    {
        PageSpan* span = _heap->Alloc(pages, 1, LargeClass, 0, mayGrow: true, cache);
        Assert.True(span != null);
        return span;
    }

    private nuint Cached() => _heap->GetTotals().Cached;

    private void AssertTotals(nuint spanPages)
    {
        PageHeapTotals totals = _heap->GetTotals();
        Assert.Equal(spanPages * PageSize, totals.Span);
        Assert.Equal(totals.Mapped, totals.Span + totals.Free + totals.Returned);
        Assert.True(totals.Cached <= totals.Free);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref HeapLock LockOf(ref PageHeap heap);
}
