using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using CsCheck;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Platform;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>From any 64-bit value to a span or to nothing, where arenas lie side by side. Sizes are those of all arenas, in chunks: 16 are one arena.</summary>
public sealed unsafe class ContiguousMapTests : IDisposable
{
    private const int Page = (int)SizeClass.PageSize;

    private readonly ContiguousMap* _map = (ContiguousMap*)NativeMemory.AllocZeroed((nuint)sizeof(ContiguousMap));
    private readonly PageSpan* _spans = (PageSpan*)NativeMemory.AllocZeroed(3, (nuint)sizeof(PageSpan));
    private nuint _bytes;

    // Less than an arena, arenas, arenas and a part.
    public static TheoryData<int> Sizes => [1, 3, 16, 17, 32, 95, 256];

    public void Dispose()
    {
        _map->Release();
        NativeMemory.Free(_map);
        NativeMemory.Free(_spans);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Arenas_are_reserved_and_their_tables_usable(int chunks)
    {
        Make(chunks);
        Assert.Equal((nuint)0, (nuint)_map->Arenas % HeapArena.Size);
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(_map->Arenas, _bytes));
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(_map->Arenas - ContiguousMap.Guard - Tables, Tables));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(_map->Arenas - ContiguousMap.Guard, ContiguousMap.Guard));
        Assert.Equal((nuint)0, _map->TableBytes);
        _map->UseArena(NumberOf(_bytes - 1));
        Assert.Equal(Tables, _map->TableBytes);

        // Go's proportion for the spans, and less than an eighth of that for all else.
        Assert.InRange(Tables, _bytes / 1024, (_bytes / 1024 * 9 / 8) + ((nuint)sizeof(HeapArena) * ((_bytes / HeapArena.Size) + 1)));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Each_page_leads_to_the_span_recorded_for_it(int chunks)
    {
        Make(chunks);
        nuint pages = _bytes / SizeClass.PageSize;
        for (nuint page = 0; page < pages; page++)
        {
            // Neighbours differ, so that a page off by one shows; and so does a table that reaches into the next one.
            _map->SetSpan(FirstPage + page, Expected(page), ExpectedClass(page));
        }

        for (nuint page = 0; page < pages; page++)
        {
            foreach (int at in (ReadOnlySpan<int>)[0, 1, Page / 2, Page - 1])
            {
                AssertLeads(page * SizeClass.PageSize + (nuint)at, Expected(page), ExpectedClass(page));
            }

            Assert.True(_map->GetSpan(FirstPage + page) == Expected(page));
        }

        AssertNothingOutside();

        PageSpan* Expected(nuint page) => page % 4 == 3 ? null : _spans + (page % 4);
        int ExpectedClass(nuint page) => (int)((page * 7) % 131);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_first_and_the_last_page_and_their_neighbours(int chunks)
    {
        Make(chunks);
        nuint last = (_bytes / SizeClass.PageSize) - 1;
        _map->SetSpan(FirstPage, _spans, 2);
        _map->SetSpan(FirstPage + last, _spans + 1, 135);
        AssertLeads(0, _spans, 2);
        AssertLeads(Page - 1, _spans, 2);
        AssertLeads(Page, null, 0);
        AssertLeads(_bytes - Page - 1, null, 0);
        AssertLeads(_bytes - Page, _spans + 1, 135);
        AssertLeads(_bytes - 1, _spans + 1, 135);
        AssertNothingOutside();
        _map->SetSpan(FirstPage, null, 0);
        AssertLeads(0, null, 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_arena_is_there_from_when_it_is_in_use(int chunks)
    {
        Make(chunks);
        nuint first = NumberOf(0);
        nuint last = NumberOf(_bytes - 1);
        for (nuint number = first; number <= last; number++)
        {
            Assert.True(_map->GetArena(number) == null);
            _map->UseArena(number);
            HeapArena* arena = _map->GetArena(number);
            Assert.True(number == first || arena == _map->GetArena(number - 1) + 1);
            new Span<byte>(arena, sizeof(HeapArena)).Fill(0xff);
        }

        // Their bits touch no other table: all of it is still null, and the arenas cannot be touched at all.
        for (nuint offset = 0; offset < _bytes; offset += SizeClass.PageSize)
        {
            AssertLeads(offset, null, 0);
        }

        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(_map->Arenas, _bytes));
        Assert.True(_map->GetArena(first - 1) == null && _map->GetArena(last + 1) == null && _map->GetArena(0) == null && _map->GetArena(nuint.MaxValue) == null);
        _map->UseArena(first);
        Assert.True(_map->GetArena(last) != null, "What is in use stays.");
    }

    [Fact]
    public void No_value_outside_the_arenas_has_a_span()
    {
        Make(33);
        for (nuint page = 0; page < _bytes / SizeClass.PageSize; page++)
        {
            _map->SetSpan(FirstPage + page, _spans, 9);
        }

        nint arenas = (nint)_map->Arenas;
        nuint bytes = _bytes;
        AssertNothingOutside();
        Gen.Select(Gen.ULong, Gen.Int[0, 63]).Sample(
            (value, shift) =>
            {
                // Of all magnitudes, and around the arenas.
                nuint address = (nuint)(value >> shift) + (shift % 2 == 0 ? 0 : (nuint)arenas);
                bool isInside = address - (nuint)arenas < bytes;
                return (ContiguousMap.SpanOf((byte*)arenas, bytes, (void*)address) != null) == isInside
                    && (ContiguousMap.SharedClassOf((byte*)arenas, bytes, (void*)address) == 9) == isInside;
            },
            iter: LongTests.Scale(10_000, 1_000_000));
    }

    [Fact]
    public void A_refusal_leaves_nothing_behind()
    {
        foreach (SystemCall call in (ReadOnlySpan<SystemCall>)[SystemCall.Reserve, SystemCall.Map, SystemCall.Used])
        {
            Faults.FaultySystem system = new();
            FaultInjection.Armed = system;
            try
            {
                system.Refuse(new Faults.FaultPlan(call, Faults.FaultMode.Once, 1, 0));
                Assert.False(_map->Initialize(ChunkBits.ByteCount));
                Assert.Equal(0, system.Outstanding);
                Assert.True(_map->Arenas == null);
                Assert.True(_map->Initialize(ChunkBits.ByteCount));
                _map->Release();
                Assert.Equal(0, system.Outstanding);
            }
            finally
            {
                FaultInjection.Armed = null;
            }
        }
    }

    private nuint Tables => (_bytes / SizeClass.PageSize * 9) + ((_bytes + HeapArena.Size - 1) / HeapArena.Size * (nuint)sizeof(HeapArena));

    private nuint FirstPage => (nuint)_map->Arenas / SizeClass.PageSize;

    private void Make(int chunks)
    {
        _bytes = (nuint)chunks * ChunkBits.ByteCount;
        Assert.True(_map->Initialize(_bytes));
    }

    private nuint NumberOf(nuint offset) => ((nuint)_map->Arenas + offset) >> HeapArena.SizeShift;

    private void AssertLeads(nuint offset, PageSpan* span, int sharedClass)
    {
        void* address = (void*)((nuint)_map->Arenas + offset);
        if (ContiguousMap.SpanOf(_map->Arenas, _bytes, address) != span || ContiguousMap.SharedClassOf(_map->Arenas, _bytes, address) != sharedClass)
        {
            Assert.Fail($"The address at {(nint)offset:N0} of {_bytes:N0} leads to the wrong span or class.");
        }
    }

    // Below, above, in the tables, between the tables and where the reservation begins, and values that no address can be.
    private void AssertNothingOutside()
    {
        nuint start = (nuint)_map->Arenas;
        List<nuint> values = [0, 1, Page, start - 1, start - Page, start - ContiguousMap.Guard, start - ContiguousMap.Guard - Tables, start - ContiguousMap.Guard - Tables - 1, start - HeapArena.Size, start + _bytes, start + _bytes + Page, nuint.MaxValue, nuint.MaxValue - Page];
        for (int bit = 0; bit < 64; bit++)
        {
            values.Add((nuint)1 << bit);
            values.Add(start ^ ((nuint)1 << bit));
        }

        foreach (nuint value in values)
        {
            if (value - start >= _bytes)
            {
                AssertLeads(value - start, null, 0);
            }
        }
    }
}
