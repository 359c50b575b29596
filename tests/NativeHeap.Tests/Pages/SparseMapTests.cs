using System;
using System.Runtime.InteropServices;

using CsCheck;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>From any 64-bit value to a span or to nothing, where arenas lie anywhere.</summary>
public sealed unsafe class SparseMapTests : IDisposable
{
    private const ulong LastArena = (1UL << (ArenaMap.AddressBits - HeapArena.SizeShift)) - 1;
    private const ulong Middle = 123_456;
    private const ulong MiddlePage = Middle * HeapArena.PageCount;
    private const ulong LastPage = ((LastArena + 1) * HeapArena.PageCount) - 1;

    private readonly State* _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));

    public SparseMapTests()
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
    public void The_first_and_the_last_address_lead_to_their_spans()
    {
        _state->Map.SetSpan(0, &_state->Span, 3);
        _state->Map.SetSpan(unchecked((nuint)LastPage), &_state->OtherSpan, 5);
        AssertSpan(&_state->Span, 0, SizeClass.PageSize - 1);
        AssertSpan(null, SizeClass.PageSize, (ulong)HeapArena.Size - 1);
        ulong end = 1UL << ArenaMap.AddressBits;
        AssertSpan(&_state->OtherSpan, end - SizeClass.PageSize, end - 1);
        AssertSpan(null, end - (ulong)HeapArena.Size, end - SizeClass.PageSize - 1);
        Assert.Equal(3, SparseMap.SharedClassOf(_state->Map.Arenas, (void*)(SizeClass.PageSize - 1)));
        Assert.Equal(0, SparseMap.SharedClassOf(_state->Map.Arenas, (void*)SizeClass.PageSize));
        Assert.Equal(5, SparseMap.SharedClassOf(_state->Map.Arenas, (void*)(nuint)(end - 1)));
        Assert.Equal(0, SparseMap.SharedClassOf(_state->Map.Arenas, (void*)(nuint)end));
    }

    [Fact]
    public void Each_page_of_an_arena_leads_to_the_span_recorded_for_it()
    {
        ulong start = Middle << HeapArena.SizeShift;
        for (ulong page = 0; page < HeapArena.PageCount; page++)
        {
            // Neighbours differ, so that a page off by one shows.
            _state->Map.SetSpan((nuint)(MiddlePage + page), page % 3 == 0 ? &_state->Span : page % 3 == 1 ? &_state->OtherSpan : null, 0);
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
        nint arenas = (nint)_state->Map.Arenas;
        AssertSpan(null, 1UL << ArenaMap.AddressBits, ulong.MaxValue);
        for (int bit = ArenaMap.AddressBits; bit < 64; bit++)
        {
            // The low bits are those of an address that has a span: only the high one is wrong.
            AssertSpan(null, 1UL << bit, (1UL << bit) | (Middle << HeapArena.SizeShift));
        }

        Gen.ULong.Sample(
            value => SparseMap.SpanOf((ulong*)arenas, (void*)(nuint)(value | (1UL << 63))) == null
                && (value >> ArenaMap.AddressBits == 0 || SparseMap.SpanOf((ulong*)arenas, (void*)(nuint)value) == null),
            iter: LongTests.Scale(10_000, 1_000_000));
    }

    [Fact]
    public void No_address_outside_the_arenas_has_a_span()
    {
        FillAll();
        nint arenas = (nint)_state->Map.Arenas;
        Gen.Select(Gen.ULong[0, LastArena], Gen.ULong[0, (ulong)HeapArena.Size - 1]).Sample(
            (number, offset) =>
            {
                PageSpan* span = SparseMap.SpanOf((ulong*)arenas, (void*)(nuint)((number << HeapArena.SizeShift) | offset));
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
            _state->Map.SetSpan(page, &_state->Span, 0);
            _state->Map.SetSpan((nuint)MiddlePage + page, &_state->Span, 0);
            _state->Map.SetSpan(unchecked((nuint)LastPage) - page, &_state->Span, 0);
        }
    }

    private void AssertSpan(PageSpan* expected, params ReadOnlySpan<ulong> addresses)
    {
        foreach (ulong address in addresses)
        {
            if (SparseMap.SpanOf(_state->Map.Arenas, (void*)(nuint)address) != expected)
            {
                Assert.Fail($"The address {address:x} leads to the wrong span.");
            }
        }
    }

    private struct State
    {
        public SparseMap Map;
        public SparseArena First;
        public SparseArena Middle;
        public SparseArena Last;
        public PageSpan Span;
        public PageSpan OtherSpan;
    }
}
