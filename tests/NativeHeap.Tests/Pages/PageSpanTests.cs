using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>Spans, and lists of them.</summary>
public sealed unsafe class PageSpanTests : IDisposable
{
    private const int ListLength = 8;
    private const byte Mark = 0xa5;

    private readonly PageSpan* _spans = (PageSpan*)NativeMemory.AllocZeroed((nuint)(ListLength * sizeof(PageSpan)));

    public static TheoryData<int> SpanClasses => [.. Enumerable.Range(2, SizeClass.SpanClassCount - 2)];

    public void Dispose() => NativeMemory.Free(_spans);

    [Theory]
    [MemberData(nameof(SpanClasses))]
    public void Cut_makes_all_slots_free_and_no_bit_more(int spanClass)
    {
        int sizeClass = SizeClass.FromSpanClass(spanClass);
        PageSpan* span = CutAfterUse(spanClass);

        int slots = SizeClass.Pages(sizeClass) * SizeClass.PageSize / SizeClass.SlotSize(sizeClass);
        Assert.Equal(SizeClass.SlotSize(sizeClass), span->SlotSize);
        Assert.Equal(slots, span->SlotCount);
        Assert.Equal(slots, span->FreeCount);
        int words = (slots + 63) / 64;
        for (int i = 0; i < words * 64; i++)
        {
            Assert.Equal(i < slots, (span->Bits[i / 64] >> (i % 64) & 1) != 0);
        }

        for (int word = 0; word < 32; word++)
        {
            Assert.Equal(word < words, (span->Summary >> word & 1) != 0);
        }

        Assert.Equal(slots, new ReadOnlySpan<ulong>(span->Bits, words).ToArray().Sum(BitOperations.PopCount));
        Assert.Equal(Mark, ((byte*)span)[PageSpan.LinesFor(slots) * PageSpan.LineSize]);
    }

    [Fact]
    public void A_span_is_a_cache_line_and_as_many_more_as_its_bitmap_needs()
    {
        Assert.Equal(PageSpan.LineSize, sizeof(PageSpan));
        PageSpan span;
        int room = (int)((byte*)(&span + 1) - (byte*)span.Bits);
        for (int slots = 0; slots <= SizeClass.MaxSlots; slots++)
        {
            int lines = PageSpan.LinesFor(slots);
            Assert.InRange(lines, 1, PageSpan.MaxLines);
            int bytes = (slots + 63) / 64 * 8;
            Assert.True(bytes <= room + ((lines - 1) * PageSpan.LineSize), $"{slots} slots do not fit into {lines} lines");
            Assert.True(lines == 1 || bytes > room + ((lines - 2) * PageSpan.LineSize), $"{slots} slots need less than {lines} lines");
        }
    }

    [Theory]
    [MemberData(nameof(SpanClasses))]
    public void SlotAt_tells_the_slot_of_every_byte(int spanClass)
    {
        PageSpan* span = CutAfterUse(spanClass);
        int next = 0;
        for (int slot = 0; slot < span->SlotCount; slot++)
        {
            // The first, the last and some byte between.
            Assert.Equal(slot, span->SlotAt((nuint)next));
            Assert.Equal(slot, span->SlotAt((nuint)(next + (span->SlotSize / 3))));
            next += span->SlotSize;
            Assert.Equal(slot, span->SlotAt((nuint)(next - 1)));
        }

        for (; next < (int)span->ByteCount; next += 8)
        {
            Assert.True(span->SlotAt((nuint)next) >= span->SlotCount);
        }
    }

    [Fact]
    public void Contains_tells_the_bytes_of_a_span_in_use()
    {
        PageSpan* span = CutAfterUse(spanClass: 2);
        span->Base = (byte*)0x7000_0000;
        span->PageCount = 3;
        foreach (SpanState state in Enum.GetValues<SpanState>())
        {
            span->State = state;
            bool inUse = state != SpanState.Unused;
            Assert.Equal(inUse, span->Contains(span->Base));
            Assert.Equal(inUse, span->Contains(span->Base + span->ByteCount - 1));
            Assert.False(span->Contains(span->Base - 1));
            Assert.False(span->Contains(span->Base + span->ByteCount));
            Assert.False(span->Contains(null));
        }
    }

    [Fact]
    public void A_list_is_as_the_model_after_every_step()
    {
        Random random = new(11);
        SpanList list = default;
        List<nint> model = [];
        for (int step = 0; step < 5_000; step++)
        {
            nint span = (nint)(_spans + random.Next(ListLength));
            if (model.Remove(span))
            {
                list.Remove((PageSpan*)span);
                Assert.True(((PageSpan*)span)->Next == null && ((PageSpan*)span)->Previous == null);
            }
            else
            {
                model.Insert(0, span);
                list.Add((PageSpan*)span);
            }

            List<nint> forward = [];
            PageSpan* previous = null;
            for (PageSpan* one = list.First; one != null; one = one->Next)
            {
                Assert.True(one->Previous == previous);
                previous = one;
                forward.Add((nint)one);
            }

            Assert.Equal(model, forward);
        }
    }

    // Memory that is not zero, and marked behind the lines that the span has: what Cut does not set, and what it should not have, would show.
    private PageSpan* CutAfterUse(int spanClass)
    {
        PageSpan* span = _spans;
        new Span<byte>(span, ListLength * sizeof(PageSpan)).Fill(Mark);
        span->PageCount = (nuint)SizeClass.Pages(SizeClass.FromSpanClass(spanClass));
        span->Cut(spanClass);
        return span;
    }
}
