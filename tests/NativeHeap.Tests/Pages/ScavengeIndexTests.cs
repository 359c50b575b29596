using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>What passes of the scavenger give back, by table: what happens, which runs each pass picks in which order, what is with the system after. No memory is touched.</summary>
public sealed unsafe class ScavengeIndexTests
{
    private const ulong Chunk = ChunkBits.PageCount;
    private const ulong Arena = HeapArena.PageCount;
    private const ulong At = 1_000 * Arena;
    private const ulong LastArena = (1UL << (ArenaMap.AddressBits - 13)) - Arena;

    private static readonly Dictionary<string, Row> s_rows = new()
    {
        ["nothing was ever free"] = new([Full()], []),
        ["what is new and never used is not offered"] = new([Grow(At, 100), Full()], []),
        ["what has been freed goes at once if it must"] = new([Free(At, 100), Full((At, 100))], [(At, 100)]),
        ["only what is old goes by itself"] = new([Free(At, 100), Busy(), Busy((At, 100)), Busy()], [(At, 100)]),
        ["a pass in an idle process asks for age, too"] = new([Free(At, 100), Idle(), Idle((At, 100))], [(At, 100)]),
        ["what is taken and freed again is young again"] = new([Free(At, 100), Busy(), Take(At, 100), Free(At, 100), Busy(), Busy((At, 100))], [(At, 100)]),
        ["what comes and goes between passes never goes"] = new(
            [Free(At, 100), Busy(), Take(At, 100), Free(At, 100), Busy(), Take(At, 100), Free(At, 100), Busy(), Take(At, 100), Free(At, 100), Busy()],
            []),
        ["the young beside the old"] = new([Free(At, 100), Busy(), Free(At + 100, 50), Busy((At, 100)), Busy((At + 100, 50))], [(At, 150)]),
        ["never used memory beside what was freed"] = new([Grow(At, 300), Free(At + 300, 40), Busy((At, 300)), Busy((At + 300, 40))], [(At, 340)]),
        ["highest first"] = new(
            [Free(At, 20), Free(At + 30, 5), Free(At + 100, 20), Full((At + 100, 20), (At + 30, 5), (At, 20))],
            [(At, 20), (At + 30, 5), (At + 100, 20)]),
        ["highest chunk first"] = new(
            [Free(At + Chunk, 20), Free(At, 20), Free(At + (7 * Chunk), 20), Full((At + (7 * Chunk), 20), (At + Chunk, 20), (At, 20))],
            [(At, 20), (At + Chunk, 20), (At + (7 * Chunk), 20)]),
        ["highest arena first"] = new(
            [Free(At, 20), Free(LastArena, 30), Free(0, 40), Free(At + Arena, 50), Full((LastArena, 30), (At + Arena, 50), (At, 20), (0, 40))],
            [(0, 40), (At, 20), (At + Arena, 50), (LastArena, 30)]),
        ["a run over chunks goes by the chunk"] = new(
            [Free(At + 500, 600), Full((At + (2 * Chunk), 76), (At + Chunk, 512), (At + 500, 12))],
            [(At + 500, 600)]),
        ["a run over arenas"] = new([Free(At + Arena - 2, 5), Full((At + Arena, 3), (At + Arena - 2, 2))], [(At + Arena - 2, 5)]),
        ["the last pages of all"] = new([Free(LastArena + Arena - 3, 3), Full((LastArena + Arena - 3, 3))], [(LastArena + Arena - 3, 3)]),
        ["what is with the system is not given twice"] = new([Free(At, 100), Full((At, 100)), Full(), Free(At + 100, 1), Full((At + 100, 1))], [(At, 101)]),
        ["taken in part, freed, given again"] = new(
            [Free(At, 100), Full((At, 100)), Take(At + 10, 5), Full(), Free(At + 10, 5), Full((At + 10, 5))],
            [(At, 100)]),
        ["taken across chunks"] = new(
            [Free(At, 1_024), Full((At + 512, 512), (At, 512)), Take(At + 500, 100)],
            [(At, 500), (At + 600, 424)]),
        ["a chunk nearly all in use waits until nothing else goes on"] = new(
            [Free(At, 16), Busy(), Busy(), Busy(), Idle((At, 16))],
            [(At, 16)]),
        ["a page more, and it does not"] = new([Free(At, 17), Busy(), Busy((At, 17))], [(At, 17)]),
        ["never used memory does not make a chunk dense"] = new([Grow(At, 17), Free(At + 20, 1), Busy((At, 17)), Busy((At + 20, 1))], [(At, 17), (At + 20, 1)]),
        ["a chunk nearly all in use goes if it must"] = new([Free(At, 1), Full((At, 1))], [(At, 1)]),
        ["what the system keeps is not offered again"] = new([Free(At, 100), Refused((At, 100)), Full(), Busy(), Idle()], []),
        ["until more of the chunk becomes free"] = new([Free(At, 100), Refused((At, 100)), Free(At + 200, 1), Full((At + 200, 1), (At, 100))], [(At, 100), (At + 200, 1)]),
        ["what the system keeps does not hold up the rest"] = new(
            [Free(At, 100), Free(At + Chunk, 100), Refused((At + Chunk, 100), (At, 100)), Free(At + 100, 1), Full((At, 101))],
            [(At, 101)]),
        ["a run that waited elsewhere while a pass went by"] = new([Offer(At, 100), Busy(), Grow(At, 100), Busy((At, 100))], [(At, 100)]),

        // System pages of two and of eight of ours.
        ["16 KiB: whole system pages only"] = new([Free(At + 1, 6), Full((At + 2, 4))], [(At + 2, 4)], 16 << 10),
        ["16 KiB: halves make no whole"] = new([Free(At + 1, 2), Full()], [], 16 << 10),
        ["16 KiB: the other half comes later"] = new([Free(At + 1, 1), Full(), Free(At, 1), Full((At, 2))], [(At, 2)], 16 << 10),
        ["16 KiB: taking a half makes the whole usable"] = new([Free(At, 8), Full((At, 8)), Take(At + 3, 1)], [(At, 2), (At + 4, 4)], 16 << 10),
        ["16 KiB: and its other half is given again with it"] = new(
            [Free(At, 8), Full((At, 8)), Take(At + 3, 1), Full(), Free(At + 3, 1), Full((At + 2, 2))],
            [(At, 8)],
            16 << 10),
        ["64 KiB: whole system pages only"] = new([Free(At + 1, 30), Full((At + 8, 16))], [(At + 8, 16)], 64 << 10),
        ["64 KiB: seven eighths are none"] = new([Free(At + 1, 7), Free(At + 8, 7), Full()], [], 64 << 10),
        ["64 KiB: taking over the edge of one"] = new([Free(At, 32), Full((At, 32)), Take(At + 15, 2)], [(At, 8), (At + 24, 8)], 64 << 10),
    };

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_of_the_table(string name)
    {
        (Operation[] operations, Run[] after, int systemPage) = s_rows[name];
        using SparseArenas arenas = new((nuint)systemPage);
        foreach (Operation operation in operations)
        {
            operation.Do(arenas);
            Assert.Equal(arenas.ReturnedRuns().Aggregate((nuint)0, (sum, run) => sum + run.Count), arenas.Index->ReturnedPages);
        }

        Assert.Equal(after, arenas.ReturnedRuns().Select(run => new Run(run.First, run.Count)));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 16)]
    [InlineData(3, 64)]
    public void Every_page_is_given_back_when_it_is_old_and_not_before(int seed, int systemPageKilobytes)
    {
        // Two arenas apart, two side by side; the model is an array of what is known of each page.
        Random random = new(seed);
        nuint systemPage = (nuint)systemPageKilobytes << 10;
        int group = int.Max(1, systemPageKilobytes / 8);
        using SparseArenas arenas = new(systemPage);
        ulong[] numbers = [At, At + Arena, At + (40 * Arena), LastArena];
        nuint[] bases = [.. numbers.Select(number => (nuint)number)];
        State[][] model = [.. bases.Select(_ => new State[HeapArena.PageCount])];
        foreach (nuint first in bases)
        {
            arenas.AddFor(first, HeapArena.PageCount);
        }

        for (int step = 0; step < LongTests.Scale(600, 20_000); step++)
        {
            int at = random.Next(bases.Length);
            int page = random.Next(HeapArena.PageCount);
            int count = random.Next(1, int.Min(HeapArena.PageCount - page, random.Next(8) == 0 ? 4_000 : 60) + 1);
            Span<State> stretch = model[at].AsSpan(page, count);
            switch (random.Next(8))
            {
                case < 3 when !stretch.ContainsAnyExcept(State.InUse):
                    arenas.Pages->Free(bases[at] + (nuint)page, (nuint)count);
                    arenas.Index->Offer(bases[at] + (nuint)page, (nuint)count, isFresh: true);
                    stretch.Fill(State.Fresh);
                    break;
                case < 6 when !stretch.Contains(State.InUse):
                    Assert.Equal(stretch.Contains(State.Returned), arenas.Index->AnyReturned(bases[at] + (nuint)page, (nuint)count));
                    Take(arenas, bases[at] + (nuint)page, (nuint)count);
                    int from = page / group * group;
                    model[at].AsSpan(from, ((page + count + group - 1) / group * group) - from).Replace(State.Returned, State.Old);
                    stretch.Clear();
                    break;
                case 7:
                    PassReach reach = random.Next(6) == 0 ? PassReach.Full : PassReach.Idle;
                    _ = Pass(arenas, reach, refuse: false);
                    foreach (State[] arena in model)
                    {
                        Expect(arena, reach, group);
                    }

                    AssertAs(model, bases, arenas);
                    break;
                default:
                    break;
            }
        }
    }

    // Whole system pages, all of whose pages are free and, but for a pass of full reach, not fresh.
    private static void Expect(State[] pages, PassReach reach, int group)
    {
        for (int first = 0; first < pages.Length; first += group)
        {
            Span<State> systemPage = pages.AsSpan(first, group);
            if (!systemPage.Contains(State.InUse) && (reach == PassReach.Full || !systemPage.Contains(State.Fresh)))
            {
                systemPage.Fill(State.Returned);
            }

            systemPage.Replace(State.Fresh, State.Old);
        }
    }

    private static void AssertAs(State[][] model, nuint[] bases, SparseArenas arenas)
    {
        List<Run> expected = [];
        for (int i = 0; i < bases.Length; i++)
        {
            for (int page = 0; page < HeapArena.PageCount; page++)
            {
                if (model[i][page] == State.Returned)
                {
                    ulong first = (ulong)bases[i] + (ulong)page;
                    bool goesOn = expected.Count > 0 && expected[^1].First + expected[^1].Count == first;
                    Run run = goesOn ? expected[^1] with { Count = expected[^1].Count + 1 } : new Run(first, 1);
                    if (goesOn)
                    {
                        expected.RemoveAt(expected.Count - 1);
                    }

                    expected.Add(run);
                }
            }
        }

        Assert.Equal(expected, arenas.ReturnedRuns().Select(run => new Run(run.First, run.Count)));
    }

    private static void Take(SparseArenas arenas, nuint first, nuint pages)
    {
        Assert.True(arenas.Pages->AllocAt(first, pages));
        if (arenas.Index->AnyReturned(first, pages))
        {
            arenas.Index->ClearReturned(first, pages);
        }
    }

    // As the page heap does it: each run is taken, given back, and freed as returned, or what the system keeps withdrawn.
    private static List<Run> Pass(SparseArenas arenas, PassReach reach, bool refuse)
    {
        List<Run> runs = [];
        nuint end = ScavengeIndex.PassStart;
        while (end != 0)
        {
            nuint first = arenas.Index->FindRun(ref end, reach, nuint.MaxValue, out nuint pages);
            if (first == PageAllocator.None)
            {
                continue;
            }

            runs.Add(new Run(first, pages));
            Assert.True(arenas.Pages->AllocAt(first, pages));
            if (refuse)
            {
                end = first / ChunkBits.PageCount;
                arenas.Index->Withdraw(end);
            }
            else
            {
                arenas.Index->SetReturned(first, pages);
            }

            arenas.Pages->Free(first, pages);
        }

        return runs;
    }

    private static Operation Grow(ulong first, ulong pages) => new((nameof(Grow), first, pages), []);

    private static Operation Free(ulong first, ulong pages) => new((nameof(Free), first, pages), []);

    private static Operation Offer(ulong first, ulong pages) => new((nameof(Offer), first, pages), []);

    private static Operation Take(ulong first, ulong pages) => new((nameof(Take), first, pages), []);

    private static Operation Busy(params Run[] expected) => new((nameof(Busy), 0, 0), expected);

    private static Operation Idle(params Run[] expected) => new((nameof(Idle), 0, 0), expected);

    private static Operation Full(params Run[] expected) => new((nameof(Full), 0, 0), expected);

    private static Operation Refused(params Run[] expected) => new((nameof(Refused), 0, 0), expected);

    private enum State
    {
        InUse,
        Fresh,
        Old,
        Returned,
    }

    private sealed record Row(Operation[] Operations, Run[] After, int SystemPage = 4096);

    private sealed record Operation((string Name, ulong First, ulong Pages) What, Run[] Expected)
    {
        public void Do(SparseArenas arenas)
        {
            (string name, nuint first, nuint pages) = (What.Name, (nuint)What.First, (nuint)What.Pages);
            if (pages != 0)
            {
                arenas.AddFor(first, pages);
            }

            switch (name)
            {
                case nameof(Grow):
                    arenas.Pages->Free(first, pages);
                    break;
                case nameof(Free):
                    arenas.Pages->Free(first, pages);
                    arenas.Index->Offer(first, pages, isFresh: true);
                    break;
                case nameof(Offer):
                    arenas.Index->Offer(first, pages, isFresh: true);
                    break;
                case nameof(Take):
                    Take(arenas, first, pages);
                    break;
                default:
                    PassReach reach = Enum.TryParse(name, out PassReach parsed) ? parsed : PassReach.Full;
                    Assert.Equal(Expected, Pass(arenas, reach, refuse: name == nameof(Refused)));
                    break;
            }
        }
    }

    private readonly record struct Run(ulong First, ulong Count)
    {
        public static implicit operator Run((ulong First, ulong Count) run) => new(run.First, run.Count);
    }
}
