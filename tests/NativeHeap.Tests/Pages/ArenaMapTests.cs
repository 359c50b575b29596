using System;
using System.Runtime.InteropServices;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>What the arena map says in either layout.</summary>
public sealed unsafe class ArenaMapTests : IDisposable
{
    private const ulong LastArena = (1UL << (ArenaMap.AddressBits - HeapArena.SizeShift)) - 1;
    private const ulong Middle = 123_456;

    private readonly State* _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));

    public void Dispose()
    {
        _state->Map.Release();
        NativeMemory.Free(_state);
    }

    [Fact]
    public void A_page_of_the_shared_heaps_slots_tells_its_class_and_no_other_page_does()
    {
        using Heap other = new();
        void* small = Heap.Shared.Alloc(100);
        void* large = Heap.Shared.Alloc(100_000);
        void* others = other.Alloc(100);
        ArenaMap map = HeapProcess.Pages->Map;
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
        Assert.SkipWhen(ArenaLayout.IsContiguous, "The arenas of the test are far apart.");
        Assert.True(_state->Map.Initialize());
        _state->Map.SetArena(0, &_state->First);
        _state->Map.SetArena((nuint)Middle, &_state->Middle);
        _state->Map.SetArena((nuint)LastArena, &_state->Last);
        nuint middlePage = (nuint)(Middle * HeapArena.PageCount);
        nuint lastPage = unchecked((nuint)(((LastArena + 1) * HeapArena.PageCount) - 1));
        Put(&_state->Span, 7, 3, heapIndex: 5);
        Put(&_state->ForeignSpan, middlePage, 2, heapIndex: 4);
        Put(&_state->OtherSpan, lastPage, 1, heapIndex: 5);
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

        void Put(PageSpan* span, nuint first, nuint count, ushort heapIndex)
        {
            span->Base = (byte*)(first << SizeClass.PageShift);
            span->PageCount = count;
            span->HeapIndex = heapIndex;
            span->State = SpanState.Large;
            for (nuint page = first; page < first + count; page++)
            {
                _state->Map.SetSpan(page, span, 0);
            }
        }
    }

    private struct State
    {
        public ArenaMap Map;
        public SparseArena First;
        public SparseArena Middle;
        public SparseArena Last;
        public PageSpan Span;
        public PageSpan OtherSpan;
        public PageSpan ForeignSpan;
    }
}
