using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>The holes of a span against a model that looks at every byte. No memory of the span is touched.</summary>
public sealed unsafe class SpanHolesTests : IDisposable
{
    private const int Units = 32;

    private static readonly int[] s_systemPages = [4 << 10, 16 << 10, 64 << 10];

    private readonly PageSpan* _span = (PageSpan*)NativeMemory.AllocZeroed(PageSpan.MaxLines * PageSpan.LineSize);

    public static TheoryData<int, int> ClassesAndPages
    {
        get
        {
            TheoryData<int, int> data = [];
            foreach (int size in new[] { 8, 24, 64, 200, 512, 1_000, 2_688, 4_096, 6_144, 9_000, 19_000, 27_264, 32_768 })
            {
                foreach (int systemPage in s_systemPages)
                {
                    data.Add(SizeClass.ClassOf(size), systemPage);
                }
            }

            return data;
        }
    }

    public void Dispose() => NativeMemory.Free(_span);

    [Theory]
    [MemberData(nameof(ClassesAndPages))]
    public void Find_finds_every_system_page_in_which_no_slot_in_use_has_a_byte(int sizeClass, int systemPage)
    {
        Random random = new(sizeClass + systemPage);
        for (int round = 0; round < LongTests.Scale(30, 1_000); round++)
        {
            Make(sizeClass, random.Next(8), random, random.Next(0, 12));
            Assert.Equal(Holes(systemPage), SpanHoles.Find(_span, (nuint)systemPage));
        }
    }

    [Theory]
    [MemberData(nameof(ClassesAndPages))]
    public void What_is_taken_keeps_every_slot_with_a_byte_in_the_holes_and_comes_back_as_it_was(int sizeClass, int systemPage)
    {
        Random random = new(sizeClass - systemPage);
        ulong* taken = stackalloc ulong[SizeClass.MaxSlots / 64];
        for (int round = 0; round < LongTests.Scale(20, 500); round++)
        {
            Make(sizeClass, random.Next(8), random, random.Next(0, 6));
            bool[] before = FreeSlots();
            uint holes = Holes(systemPage) & (uint)random.NextInt64(1L << 32);
            SpanHoles.Take(_span, holes, (nuint)systemPage, taken);
            bool[] without = FreeSlots();
            AssertConsistent(without);
            for (int slot = 0; slot < before.Length; slot++)
            {
                bool touches = Enumerable.Range(0, Units).Any(unit => (holes >> unit & 1) != 0 && Overlaps(slot, unit, systemPage));
                Assert.Equal(before[slot] && !touches, without[slot]);
            }

            SpanHoles.PutBack(_span, taken);
            Assert.Equal(before, FreeSlots());
            AssertConsistent(before);
        }
    }

    [Theory]
    [MemberData(nameof(ClassesAndPages))]
    public void A_purged_hole_is_none_again_once_a_slot_in_it_is_handed_out(int sizeClass, int systemPage)
    {
        Random random = new(sizeClass * systemPage);
        for (int round = 0; round < LongTests.Scale(20, 500); round++)
        {
            Make(sizeClass, random.Next(8), random, live: 0);
            _span->Purged = Holes(systemPage);
            Assert.Equal(0u, SpanHoles.Find(_span, (nuint)systemPage));
            long all = PurgedBytes(systemPage);
            Assert.Equal(all, (long)SpanHoles.PurgedBytes(_span, (nuint)systemPage));

            int first = random.Next(_span->SlotCount);
            int count = random.Next(1, _span->SlotCount - first + 1);
            uint expected = _span->Purged;
            for (int unit = 0; unit < Units; unit++)
            {
                expected &= Enumerable.Range(first, count).Any(slot => Overlaps(slot, unit, systemPage)) ? ~(1u << unit) : uint.MaxValue;
            }

            byte* start = _span->Base + (first * _span->SlotSize);
            nuint touched = SpanHoles.Touch(_span, start, start + (count * _span->SlotSize), (nuint)systemPage);
            Assert.Equal(expected, _span->Purged);
            Assert.Equal(all - PurgedBytes(systemPage), (long)touched);
        }
    }

    // A span at some page of an arena, some of whose slots are in use: single ones, and runs of them.
    private void Make(int sizeClass, int page, Random random, int live)
    {
        int spanClass = SizeClass.ToSpanClass(sizeClass, noScan: true);
        _span->Base = (byte*)((((nuint)1 << 40) / SizeClass.PageSize * SizeClass.PageSize) + ((nuint)page * SizeClass.PageSize));
        _span->PageCount = (nuint)SizeClass.Pages(sizeClass);
        _span->Cut(spanClass);
        for (int i = 0; i < live; i++)
        {
            int first = random.Next(_span->SlotCount);
            int count = random.Next(3) == 0 ? random.Next(1, (_span->SlotCount / 3) + 2) : 1;
            for (int slot = first; slot < int.Min(first + count, _span->SlotCount); slot++)
            {
                ulong bit = 1UL << (slot % 64);
                _span->FreeCount -= (ushort)((_span->Bits[slot / 64] & bit) != 0 ? 1 : 0);
                _span->Bits[slot / 64] &= ~bit;
            }
        }

        for (int word = 0; word * 64 < _span->SlotCount; word++)
        {
            _span->Summary = (ushort)(_span->Bits[word] == 0 ? _span->Summary & ~(1 << word) : _span->Summary | (1 << word));
        }
    }

    private bool[] FreeSlots() => [.. Enumerable.Range(0, _span->SlotCount).Select(slot => (_span->Bits[slot / 64] >> (slot % 64) & 1) != 0)];

    private void AssertConsistent(bool[] free)
    {
        Assert.Equal(free.Count(isFree => isFree), _span->FreeCount);
        for (int word = 0; word < 16; word++)
        {
            Assert.Equal(word * 64 < free.Length && _span->Bits[word] != 0, (_span->Summary >> word & 1) != 0);
        }
    }

    private uint Holes(int systemPage)
    {
        bool[] free = FreeSlots();
        uint holes = 0;
        List<nuint> pages = PagesOf(systemPage);
        for (int unit = 0; unit < int.Min(pages.Count, Units); unit++)
        {
            bool isHole = Enumerable.Range(0, free.Length).All(slot => free[slot] || !Overlaps(slot, unit, systemPage));
            holes |= isHole ? 1u << unit : 0;
        }

        return holes;
    }

    private bool Overlaps(int slot, int unit, int systemPage)
    {
        nuint start = (nuint)_span->Base + (nuint)(slot * _span->SlotSize);
        nuint end = start + (nuint)_span->SlotSize;
        return PagesOf(systemPage).Where((_, i) => int.Min(i, Units - 1) == unit).Any(page => start < page + (nuint)systemPage && end > page);
    }

    private long PurgedBytes(int systemPage) => PagesOf(systemPage).Where((_, i) => (_span->Purged >> int.Min(i, Units - 1) & 1) != 0).Count() * (long)systemPage;

    // The system's pages that lie in the span whole.
    private List<nuint> PagesOf(int systemPage)
    {
        List<nuint> pages = [];
        nuint end = (nuint)_span->Base + _span->ByteCount;
        for (nuint page = (nuint)_span->Base / (nuint)systemPage * (nuint)systemPage; page + (nuint)systemPage <= end; page += (nuint)systemPage)
        {
            if (page >= (nuint)_span->Base)
            {
                pages.Add(page);
            }
        }

        return pages;
    }
}
