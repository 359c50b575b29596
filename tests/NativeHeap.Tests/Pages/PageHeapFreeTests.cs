using System;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Spans that go back many at once, in whatever order their list has them.</summary>
public sealed unsafe class PageHeapFreeTests
{
    private const int LargeClass = SizeClass.Large;

    private readonly PageHeap* _heap = PageHeap.Create(MetadataAllocator.Create());
    private readonly Random _random = new(7);

    [Theory]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("random")]
    [InlineData("every other")]
    public void A_list_of_spans_leaves_what_freeing_them_singly_leaves(string order)
    {
        // Four bursts of the lock, spans of several lengths, and one that is long enough to be kept whole.
        PageSpan*[] spans = new PageSpan*[250];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = Alloc(i == 100 ? KeptRuns.MinPages : 1 + (nuint)_random.Next(6));
        }

        PageSpan* last = Alloc(1);
        int[] places = Order(order, spans.Length);
        nuint bytes = 0;
        PageSpan* list = null;
        for (int i = places.Length - 1; i >= 0; i--)
        {
            PageSpan* span = spans[places[i]];
            bytes += span->ByteCount;
            span->Next = list;
            list = span;
        }

        byte* kept = spans[100]->Base;
        bool isKept = Array.IndexOf(places, 100) >= 0;
        PageHeapTotals before = _heap->GetTotals();
        (nuint First, nuint Pages)[] runs = Array.ConvertAll(places, place => (spans[place]->FirstPage, spans[place]->PageCount));
        Assert.Equal(bytes, _heap->Free(list));

        Assert.Equal(before with { Span = before.Span - bytes, Free = before.Free + bytes }, _heap->GetTotals());
        foreach ((nuint first, nuint pages) in runs)
        {
            for (nuint page = first; page < first + pages; page++)
            {
                Assert.True(_heap->Map.SpanOf((void*)(page << SizeClass.PageShift)) == null);
            }
        }

        Assert.True(_heap->Map.SpanOf(last->Base) == last);
        Assert.True(!isKept || Alloc(KeptRuns.MinPages)->Base == kept);
        Assert.True(Alloc(runs[^1].Pages)->PageCount == runs[^1].Pages);
    }

    [Fact]
    public void Neighbours_of_a_list_are_one_run_afterwards()
    {
        PageSpan*[] spans = new PageSpan*[100];
        PageSpan* list = null;
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = Alloc(2);
            spans[i]->Next = list;
            list = spans[i];
        }

        byte* start = spans[0]->Base;
        _ = Alloc(1);
        _ = _heap->Free(list);
        Assert.True(Alloc(200)->Base == start);
    }

    [Fact]
    public void Structs_of_a_list_serve_the_next_spans()
    {
        PageSpan* first = Alloc(1);
        PageSpan* second = Alloc(1);
        first->Next = second;
        _ = _heap->Free(first);
        Assert.True(second->State == SpanState.Unused && first->State == SpanState.Unused);

        // The last that came is the first to go.
        Assert.True(Alloc(1) == second);
        Assert.True(Alloc(1) == first);
    }

    private int[] Order(string order, int count)
    {
        int[] places = new int[order == "every other" ? count / 2 : count];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = order switch { "down" => count - 1 - i, "every other" => (2 * i) + 1, _ => i };
        }

        if (order == "random")
        {
            _random.Shuffle(places);
        }

        return places;
    }

    private PageSpan* Alloc(nuint pages)
    {
        PageSpan* span = _heap->Alloc(pages, 1, LargeClass, 0, mayGrow: true);
        Assert.True(span != null);
        return span;
    }
}
