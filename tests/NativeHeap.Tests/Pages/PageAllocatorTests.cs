using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>The page allocator by table: what is free before, what is asked and answered, what is free after.</summary>
public sealed unsafe class PageAllocatorTests
{
    private const ulong Chunk = ChunkBits.PageCount;
    private const ulong Arena = HeapArena.PageCount;

    // The stretches of the tree's levels above a chunk, in pages; the last is a root entry.
    private const ulong Level3 = 8 * Chunk;
    private const ulong Level2 = 8 * Level3;
    private const ulong Level1 = 8 * Level2;
    private const ulong Root = 8 * Level1;

    // The first page of an arena in the middle of everything.
    private const ulong At = (3 * Root) + Level1 + Level2 + (2 * Arena);
    private const ulong LastArena = (1UL << (ArenaMap.AddressBits - 13)) - Arena;
    private const ulong Never = ulong.MaxValue;

    private static readonly Dictionary<string, Row> s_rows = new()
    {
        ["nothing is free"] = new([], [Alloc(1, Never)], []),
        ["one page"] = new([(At, 1)], [Alloc(1, At), Alloc(1, Never)], []),
        ["too long by one"] = new([(At, 9)], [Alloc(10, Never), Alloc(9, At)], []),
        ["the lowest address first"] = new([(At, 2), (At + 10, 2)], [Alloc(1, At), Alloc(1, At + 1), Alloc(1, At + 10)], [(At + 11, 1)]),
        ["a short run is passed over"] = new([(At, 3), (At + 10, 4)], [Alloc(4, At + 10), Alloc(3, At)], []),
        ["first fit, not best fit"] = new([(At, 30), (At + 100, 4)], [Alloc(4, At)], [(At + 4, 26), (At + 100, 4)]),
        ["across words"] = new([(At + 60, 10)], [Alloc(8, At + 60), Alloc(2, At + 68)], []),
        ["a whole word"] = new([(At + 64, 64)], [Alloc(64, At + 64)], []),
        ["a whole chunk"] = new([(At, Chunk)], [Alloc(Chunk, At)], []),
        ["a chunk in two"] = new([(At + 100, Chunk)], [Alloc(Chunk, At + 100)], []),
        ["across chunks"] = new([(At + Chunk - 2, 5)], [Alloc(5, At + Chunk - 2)], []),
        ["across chunks after a run too short"] = new([(At, 4), (At + Chunk - 2, 5)], [Alloc(5, At + Chunk - 2)], [(At, 4)]),
        ["inside before across"] = new([(At + 7, 5), (At + Chunk - 2, 5)], [Alloc(5, At + 7), Alloc(5, At + Chunk - 2)], []),
        ["across before inside"] = new([(At + Chunk - 2, 5), (At + Chunk + 9, 5)], [Alloc(5, At + Chunk - 2), Alloc(5, At + Chunk + 9)], []),
        ["over three chunks"] = new([(At + 511, Chunk + 2)], [Alloc(Chunk + 2, At + 511)], []),
        ["over three chunks, one less"] = new([(At + 511, Chunk + 2)], [Alloc(Chunk + 3, Never), Alloc(Chunk + 1, At + 511)], [(At + (2 * Chunk), 1)]),
        ["a hole in the middle chunk"] = new([(At + 500, 112), (At + 613, 600)], [Alloc(601, Never), Alloc(600, At + 613)], [(At + 500, 112)]),
        ["a whole arena"] = new([(At, Arena)], [Alloc(Arena, At)], []),
        ["across arenas"] = new([(At + Arena - 1, 2)], [Alloc(2, At + Arena - 1)], []),
        ["over three arenas"] = new([(At + 8000, Arena + 400)], [Alloc(Arena + 400, At + 8000)], []),
        ["arenas apart do not join"] = new([(At, Arena), (At + (2 * Arena), Arena)], [Alloc(Arena + 1, Never), Alloc(Arena, At)], [(At + (2 * Arena), Arena)]),
        ["across entries of level 3"] = new([(Level3 - 5, 10)], [Alloc(10, Level3 - 5)], []),
        ["across entries of level 2"] = new([(Level2 - 5, 10)], [Alloc(10, Level2 - 5)], []),
        ["across entries of level 1"] = new([(Level1 - 5, 10)], [Alloc(10, Level1 - 5)], []),
        ["across root entries"] = new([(Root - 5, 10)], [Alloc(11, Never), Alloc(10, Root - 5)], []),
        ["across root entries, one page each"] = new([(Root - 1, 2)], [Alloc(2, Root - 1)], []),
        ["across root entries, part of it"] = new([((7 * Root) - 5, 10)], [Alloc(7, (7 * Root) - 5)], [((7 * Root) + 2, 3)]),
        ["across root entries by whole arenas"] = new([(Root - Arena, 2 * Arena)], [Alloc(2 * Arena, Root - Arena)], []),
        ["a whole root entry and a page on each side"] = new([(Root - 1, Root + 2)], [Alloc(Root + 3, Never), Alloc(Root + 2, Root - 1)], []),
        ["two root entries"] = new([(Root, 2 * Root)], [Alloc(2 * Root, Root)], []),
        ["root entries far apart"] = new(
            [(At, 1), (LastArena + 5, 2)],
            [Alloc(2, LastArena + 5), Alloc(1, At), Alloc(1, Never), Free(At, 1), Alloc(1, At)],
            []),
        ["the first page of all"] = new([(0, 1)], [Alloc(1, 0), Free(0, 1)], [(0, 1)]),
        ["the last page of all"] = new([(LastArena + Arena - 1, 1)], [Alloc(2, Never), Alloc(1, LastArena + Arena - 1)], []),
        ["the last arena"] = new([(LastArena, Arena)], [Alloc(Arena, LastArena)], []),
        ["aligned"] = new([(At + 3, 20)], [Alloc(4, At + 8, 8)], [(At + 3, 5), (At + 12, 11)]),
        ["aligned already"] = new([(At + 8, 20)], [Alloc(4, At + 8, 8)], [(At + 12, 16)]),
        ["alignment wants a run for the worst case"] = new([(At + 8, 10), (At + 64, 11)], [Alloc(4, At + 64, 8)], [(At + 8, 10), (At + 68, 7)]),
        ["aligned to 2 MiB"] = new([(At + 1, Chunk)], [Alloc(256, At + 256, 256)], [(At + 1, 255), (At + 512, 1)]),
        ["aligned across chunks"] = new([(At + 500, 600)], [Alloc(10, At + 512, 512)], [(At + 500, 12), (At + 522, 578)]),
        ["aligned to an arena"] = new([(At + 1, 2 * Arena)], [Alloc(1, At + Arena, Arena)], [(At + 1, Arena - 1), (At + Arena + 1, Arena)]),
        ["freed between neighbours"] = new(
            [(At, 5), (At + 10, 5)],
            [Alloc(15, Never), Free(At + 5, 5), Alloc(15, At)],
            []),
        ["freed before and behind"] = new([(At + 5, 5)], [Free(At + 10, 2), Free(At + 3, 2)], [(At + 3, 9)]),
        ["freed across chunks"] = new([(At, 500)], [Free(At + 500, 600), Alloc(1100, At)], []),
        ["freed across root entries"] = new(
            [(Root - 600, 600)],
            [Alloc(600, Root - 600), Free(Root, 3), Free(Root - 7, 7), Alloc(10, Root - 7)],
            []),
        ["freed below all that is free"] = new([(At, 8)], [Alloc(8, At), Free(At - Root, 2), Alloc(1, At - Root)], [(At - Root + 1, 1)]),
        ["freed above all that is free"] = new([(At, 8)], [Free(At + Root, 9), Alloc(9, At + Root)], [(At, 8)]),
        ["freed in the middle of what was taken"] = new(
            [(At, 100)],
            [Alloc(100, At), Free(At + 10, 10), Free(At + 30, 10), Alloc(11, Never), Free(At + 20, 10), Alloc(30, At + 10)],
            []),
        ["at a place of its own"] = new([(At + 5, 20)], [AllocAt(At + 10, 5), AllocAt(At + 12, 5, refused: true), AllocAt(At + 15, 10)], [(At + 5, 5)]),
        ["at a place with one page in use"] = new([(At, 9), (At + 10, 9)], [AllocAt(At, 19, refused: true), AllocAt(At + 9, 1, refused: true)], [(At, 9), (At + 10, 9)]),
        ["at a place across chunks"] = new([(At + 500, 600)], [AllocAt(At + 510, 550)], [(At + 500, 10), (At + 1060, 40)]),
        ["at a place across arenas"] = new([(At + Arena - 10, 20)], [AllocAt(At + Arena - 1, 2)], [(At + Arena - 10, 9), (At + Arena + 1, 9)]),
        ["at a place across root entries"] = new([(Root - 10, 20)], [AllocAt(Root - 10, 20), Alloc(1, Never)], []),
        ["at a place where no arena is"] = new([(At, Arena)], [AllocAt(At + Arena - 1, 2, refused: true), AllocAt(At + (9 * Arena), 1, refused: true)], [(At, Arena)]),
        ["at the end of all addresses"] = new([(LastArena + Arena - 1, 1)], [AllocAt(LastArena + Arena - 1, 2, refused: true), AllocAt(LastArena + Arena, 1, refused: true)], [(LastArena + Arena - 1, 1)]),
        ["a block"] = new([(At + 30, 40)], [TakeBlock(At + 32, uint.MaxValue), TakeBlock(At, 0xc000_0000), TakeBlock(At + 64, 0x3f), TakeBlock(At + 64, 0)], []),
        ["a block of which nothing is free"] = new([(At, 32), (At + 64, 32)], [TakeBlock(At + 32, 0)], [(At, 32), (At + 64, 32)]),
        ["a block with holes"] = new([(At + 1, 3), (At + 8, 1), (At + 31, 2)], [TakeBlock(At, 0x8000_010e)], [(At + 32, 1)]),
        ["a block is not found by others"] = new([(At, 64)], [TakeBlock(At, uint.MaxValue), Alloc(1, At + 32), Alloc(32, Never)], [(At + 33, 31)]),
        ["a block that comes back joins"] = new([(At, 96)], [TakeBlock(At + 32, uint.MaxValue), Alloc(33, Never), GiveBlock(At + 32, uint.MaxValue), Alloc(96, At)], []),
        ["a block comes back in parts"] = new([(At, 32)], [TakeBlock(At, uint.MaxValue), GiveBlock(At, 0xff), Alloc(8, At), GiveBlock(At, 0xffff_ff00)], [(At + 8, 24)]),
        ["the last block of a chunk, and the first of the next"] = new(
            [(At + Chunk - 40, 80)],
            [TakeBlock(At + Chunk - 32, uint.MaxValue), Alloc(9, At + Chunk), TakeBlock(At + Chunk, 0xffff_fe00), GiveBlock(At + Chunk - 32, 0xffff_0000), Alloc(16, At + Chunk - 16)],
            [(At + Chunk - 40, 8), (At + Chunk + 32, 8)]),
        ["the last block of a root entry comes back alone"] = new([(Root - 32, 32)], [TakeBlock(Root - 32, uint.MaxValue), Alloc(1, Never), GiveBlock(Root - 32, 1u << 31), Alloc(1, Root - 1)], []),
        ["how much is free before a page"] = new([(At + 3, 2), (At + 60, 10)], [Before(At, 0), Before(At + 5, 2), Before(At + 4, 1), Before(At + 6, 0), Before(At + 70, 10), Before(At + 64, 4)], [(At + 3, 2), (At + 60, 10)]),
        ["how much is free before a page, over chunks and arenas"] = new(
            [(At + 7, (2 * Arena) - 7)],
            [Before(At + (2 * Arena), (2 * Arena) - 7), Before(At + Arena + 1, Arena - 6), Alloc(8, At + 7), Free(At + 7, 7), Before(At + Chunk, Chunk - 15), Before(At + 14, 7)],
            [(At + 7, 7), (At + 15, (2 * Arena) - 15)]),
        ["how much is free before the first page of an arena that has none before it"] = new([(At, 5), (0, 5)], [Before(At, 0), Before(0, 0), Before(1, 1), Before(5, 5)], [(0, 5), (At, 5)]),
        ["how much is free before the end of all addresses"] = new([(LastArena, Arena)], [Before(LastArena + Arena, Arena)], [(LastArena, Arena)]),
        ["all of a word but one page"] = new(
            [(At, 256)],
            [Alloc(256, At), Free(At, 63), Free(At + 64, 64), Alloc(64, At + 64), Free(At + 63, 1), Alloc(64, At)],
            []),
    };

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_of_the_table(string name)
    {
        (Run[] before, Operation[] operations, Run[] after) = s_rows[name];
        using SparseArenas arenas = new();
        nuint free = 0;
        foreach (Run run in before)
        {
            arenas.AddFor((nuint)run.First, (nuint)run.Count);
            arenas.Pages->Free((nuint)run.First, (nuint)run.Count);
            free += (nuint)run.Count;
        }

        foreach (Operation operation in operations)
        {
            free = Apply(arenas, operation, free);
            Assert.Equal(free, arenas.Pages->FreePages);
        }

        Assert.Equal(after, arenas.FreeRuns().Select(run => new Run(run.First, run.Count)));
    }

    [Fact]
    public void Single_pages_are_taken_in_the_order_of_their_addresses()
    {
        // One page in each arena of a range, and in each chunk of one arena: every level of the tree is walked in every place.
        using SparseArenas arenas = new();
        List<nuint> pages = [];
        for (nuint number = 500; number < 530; number++)
        {
            pages.Add((number * HeapArena.PageCount) + ((number * 997) % HeapArena.PageCount));
        }

        for (nuint chunk = 0; chunk < Arena / Chunk; chunk++)
        {
            pages.Add((600 * HeapArena.PageCount) + (chunk * ChunkBits.PageCount) + ((chunk * 31) % ChunkBits.PageCount));
        }

        nuint[] shuffled = [.. pages];
        new Random(5).Shuffle(shuffled);
        foreach (nuint page in shuffled)
        {
            arenas.AddFor(page, 1);
            arenas.Pages->Free(page, 1);
        }

        foreach (nuint page in pages)
        {
            Assert.Equal(page, arenas.Pages->Alloc(1));
        }

        Assert.Equal(PageAllocator.None, arenas.Pages->Alloc(1));
        Assert.Equal((nuint)0, arenas.Pages->FreePages);
    }

    // Returns how many pages are free then.
    private static nuint Apply(SparseArenas arenas, Operation operation, nuint free)
    {
        (nuint pages, nuint first) = ((nuint)operation.Pages, (nuint)operation.First);
        switch (operation.Kind)
        {
            case Kind.Free:
                arenas.AddFor(first, pages);
                arenas.Pages->Free(first, pages);
                return free + pages;
            case Kind.AllocAt:
                Assert.True(arenas.Pages->AllocAt(first, pages));
                return free - pages;
            case Kind.AllocAtRefused:
                Assert.False(arenas.Pages->AllocAt(first, pages));
                return free;
            case Kind.Before:
                Assert.Equal(pages, arenas.Pages->CountFreeBefore(first));
                return free;
            case Kind.TakeBlock:
                Assert.Equal((uint)pages, arenas.Pages->TakeBlock(first));
                return free - (nuint)BitOperations.PopCount((uint)pages);
            case Kind.GiveBlock:
                arenas.Pages->GiveBlock(first, (uint)pages);
                return free + (nuint)BitOperations.PopCount((uint)pages);
            default:
                Assert.Equal(first, arenas.Pages->Alloc(pages, (nuint)operation.Alignment));
                return first == PageAllocator.None ? free : free - pages;
        }
    }

    private static Operation Alloc(ulong pages, ulong expected, ulong alignment = 1) => new(Kind.Alloc, pages, expected, alignment);

    private static Operation Free(ulong first, ulong pages) => new(Kind.Free, pages, first);

    private static Operation AllocAt(ulong first, ulong pages, bool refused = false) => new(refused ? Kind.AllocAtRefused : Kind.AllocAt, pages, first);

    private static Operation Before(ulong first, ulong expected) => new(Kind.Before, expected, first);

    // A bit a page of the block: those that must be free, and those that come back.
    private static Operation TakeBlock(ulong first, uint expected) => new(Kind.TakeBlock, expected, first);

    private static Operation GiveBlock(ulong first, uint pages) => new(Kind.GiveBlock, pages, first);

    private enum Kind
    {
        Alloc,
        Free,
        AllocAt,
        AllocAtRefused,
        Before,
        TakeBlock,
        GiveBlock,
    }

    private sealed record Row(Run[] Before, Operation[] Operations, Run[] After);

    private readonly record struct Run(ulong First, ulong Count)
    {
        public static implicit operator Run((ulong First, ulong Count) run) => new(run.First, run.Count);
    }

    private readonly record struct Operation(Kind Kind, ulong Pages, ulong First, ulong Alignment = 1);
}
