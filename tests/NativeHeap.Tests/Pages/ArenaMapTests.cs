using System;
using System.Runtime.InteropServices;

using CsCheck;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>From any 64-bit value to a span or to nothing.</summary>
public sealed unsafe class ArenaMapTests : IDisposable
{
    private const ulong LastArena = (1UL << (ArenaMap.AddressBits - HeapArena.SizeShift)) - 1;
    private const ulong Middle = 123_456;

    private readonly State* _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));

    public ArenaMapTests()
    {
        Assert.True(_state->Map.Initialize());
        _state->Map.SetArena(0, &_state->First);
        _state->Map.SetArena((nuint)Middle, &_state->Middle);
        _state->Map.SetArena((nuint)LastArena, &_state->Last);
    }

    public void Dispose()
    {
        _state->Map.Release();
        NativeMemory.Free(_state);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(Middle)]
    [InlineData(LastArena)]
    public void An_arena_is_found_under_its_number(ulong number)
    {
        nint expected = number switch { 0 => (nint)(&_state->First), Middle => (nint)(&_state->Middle), LastArena => (nint)(&_state->Last), _ => 0 };
        Assert.Equal(expected, (nint)_state->Map.GetArena((nuint)number));
    }

    [Fact]
    public void A_page_of_the_shared_heaps_slots_tells_its_class_and_no_other_page_does()
    {
        using Heap other = new();
        void* small = Heap.Shared.Alloc(100);
        void* large = Heap.Shared.Alloc(100_000);
        void* others = other.Alloc(100);
        ArenaMap map = NativeHeap.Heaps.HeapProcess.Pages->Map;
        Assert.Equal(map.SpanOf(small)->SpanClass, ArenaMap.SharedClassOf(map.Arenas, small));
        Assert.NotEqual(0, ArenaMap.SharedClassOf(map.Arenas, small));
        Assert.Equal(0, ArenaMap.SharedClassOf(map.Arenas, large));
        Assert.Equal(0, ArenaMap.SharedClassOf(map.Arenas, others));
        Assert.Equal(0, ArenaMap.SharedClassOf(map.Arenas, null));
        Assert.Equal(0, ArenaMap.SharedClassOf(map.Arenas, (void*)nuint.MaxValue));
        Assert.Equal(0, ArenaMap.SharedClassOf(map.Arenas, &small));
        Heap.Shared.Free(large);
        Assert.True(map.SpanOf(large) == null);
        Heap.Shared.Free(small);
        other.Free(others);
    }

    [Fact]
    public void A_heaps_spans_are_found_one_after_the_other_from_the_lowest_address_to_the_highest()
    {
        nuint middlePage = (nuint)(Middle * HeapArena.PageCount);
        nuint lastPage = unchecked((nuint)(((LastArena + 1) * HeapArena.PageCount) - 1));
        Put(&_state->First, &_state->Span, 7, 3, heapIndex: 5);
        Put(&_state->Middle, &_state->ForeignSpan, middlePage, 2, heapIndex: 4);
        Put(&_state->Last, &_state->OtherSpan, lastPage, 1, heapIndex: 5);
        nuint page = 0;
        Assert.True(_state->Map.NextSpan(ref page, 5) == &_state->Span);
        Assert.Equal((nuint)10, page);
        Assert.True(_state->Map.NextSpan(ref page, 5) == &_state->OtherSpan);
        Assert.True(_state->Map.NextSpan(ref page, 5) == null);
        page = 9;
        Assert.True(_state->Map.NextSpan(ref page, 5) == &_state->Span);
        page = 0;
        Assert.True(_state->Map.NextSpan(ref page, 4) == &_state->ForeignSpan);
        Assert.Equal(middlePage + 2, page);
        Assert.True(_state->Map.NextSpan(ref page, 4) == null);

        static void Put(HeapArena* arena, PageSpan* span, nuint first, nuint count, ushort heapIndex)
        {
            span->Base = (byte*)(first << SizeClass.PageShift);
            span->PageCount = count;
            span->HeapIndex = heapIndex;
            span->State = SpanState.Large;
            for (nuint page = first; page < first + count; page++)
            {
                arena->SetSpan(page % HeapArena.PageCount, span, 0);
            }
        }
    }

    [Fact]
    public void The_first_and_the_last_address_lead_to_their_spans()
    {
        _state->First.SetSpan(0, &_state->Span, 0);
        _state->Last.SetSpan(HeapArena.PageCount - 1, &_state->OtherSpan, 0);
        AssertSpan(&_state->Span, 0, SizeClass.PageSize - 1);
        AssertSpan(null, SizeClass.PageSize, (ulong)HeapArena.Size - 1);
        ulong end = 1UL << ArenaMap.AddressBits;
        AssertSpan(&_state->OtherSpan, end - SizeClass.PageSize, end - 1);
        AssertSpan(null, end - (ulong)HeapArena.Size, end - SizeClass.PageSize - 1);
    }

    [Fact]
    public void Each_page_of_an_arena_leads_to_the_span_recorded_for_it()
    {
        ulong start = Middle << HeapArena.SizeShift;
        for (ulong page = 0; page < HeapArena.PageCount; page++)
        {
            // Neighbours differ, so that a page off by one shows.
            _state->Middle.SetSpan((nuint)page, page % 3 == 0 ? &_state->Span : page % 3 == 1 ? &_state->OtherSpan : null, 0);
        }

        for (ulong page = 0; page < HeapArena.PageCount; page++)
        {
            ulong address = start + (page * SizeClass.PageSize);
            AssertSpan(page % 3 == 0 ? &_state->Span : page % 3 == 1 ? &_state->OtherSpan : null, address, address + SizeClass.PageSize - 1);
        }

        AssertSpan(null, start - 1, start + (ulong)HeapArena.Size);
    }

    [Fact]
    public void No_value_over_48_bits_has_a_span()
    {
        FillAll();
        nint map = (nint)(&_state->Map);
        AssertSpan(null, 1UL << ArenaMap.AddressBits, ulong.MaxValue);
        for (int bit = ArenaMap.AddressBits; bit < 64; bit++)
        {
            // The low bits are those of an address that has a span: only the high one is wrong.
            AssertSpan(null, 1UL << bit, (1UL << bit) | (Middle << HeapArena.SizeShift));
        }

        Gen.ULong.Sample(
            value => ((ArenaMap*)map)->SpanOf((void*)(nuint)(value | (1UL << 63))) == null
                && (value >> ArenaMap.AddressBits == 0 || ((ArenaMap*)map)->SpanOf((void*)(nuint)value) == null),
            iter: LongTests.Scale(10_000, 1_000_000));
    }

    [Fact]
    public void No_address_outside_the_arenas_has_a_span()
    {
        FillAll();
        nint state = (nint)_state;
        Gen.Select(Gen.ULong[0, LastArena], Gen.ULong[0, (ulong)HeapArena.Size - 1]).Sample(
            (number, offset) =>
            {
                PageSpan* span = ((State*)state)->Map.SpanOf((void*)(nuint)((number << HeapArena.SizeShift) | offset));
                return (span != null) == (number is 0 or Middle or LastArena);
            },
            iter: LongTests.Scale(10_000, 1_000_000));
        AssertSpan(null, (Middle << HeapArena.SizeShift) - 1, (Middle + 1) << HeapArena.SizeShift);
        AssertSpan(null, (ulong)HeapArena.Size, (LastArena << HeapArena.SizeShift) - 1);
    }

    private void FillAll()
    {
        for (nuint page = 0; page < HeapArena.PageCount; page++)
        {
            _state->First.SetSpan(page, &_state->Span, 0);
            _state->Middle.SetSpan(page, &_state->Span, 0);
            _state->Last.SetSpan(page, &_state->Span, 0);
        }
    }

    private void AssertSpan(PageSpan* expected, params ReadOnlySpan<ulong> addresses)
    {
        foreach (ulong address in addresses)
        {
            if (_state->Map.SpanOf((void*)(nuint)address) != expected)
            {
                Assert.Fail($"The address {address:x} leads to the wrong span.");
            }
        }
    }

    private struct State
    {
        public ArenaMap Map;
        public HeapArena First;
        public HeapArena Middle;
        public HeapArena Last;
        public PageSpan Span;
        public PageSpan OtherSpan;
        public PageSpan ForeignSpan;
    }
}
