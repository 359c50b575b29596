using System;
using System.Collections.Generic;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>What a search for free pages costs, in summaries looked at: no more in a large heap than in a small one, and no more in one that is spread over all addresses.</summary>
public sealed unsafe class SearchStepsTests
{
    private const int ArenaShift = HeapArena.SizeShift - SizeClass.PageShift;
    private const ulong Arena = 1UL << ArenaShift;
    private const ulong LastArena = (1UL << (ArenaMap.AddressBits - HeapArena.SizeShift)) - 1;

    // Names; the arenas with holes, the last of which has the run that is looked for.
    private static readonly Dictionary<string, ulong[]> s_heaps = new()
    {
        ["16 MiB"] = [5],
        ["1 GiB"] = Every(1, 16),
        ["1 GiB, at the end of all addresses"] = Every(1, 16, LastArena - 15),
        ["64 GiB"] = Every(1, 1024),
        ["1 TiB, holes in each GiB"] = Every(16, 1024),
        ["10 TiB, holes in each 16 GiB"] = Every(256, 640),
        ["10 TiB, holes in each 10 GiB"] = Every(160, 1024),
        ["one arena in each TiB of all addresses"] = Every(16_384, 256),
        ["one arena in each 256 GiB of all addresses"] = Every(4_096, 1024),
        ["the first and the last arena"] = [0, LastArena],
        ["arenas anywhere"] = Anywhere(seed: 1, 500),
        ["arenas anywhere in 10 TiB"] = Anywhere(seed: 2, 500, 163_840),
    };

    public static TheoryData<string> Heaps => [.. s_heaps.Keys];

    [Theory]
    [MemberData(nameof(Heaps))]
    public void A_search_looks_at_a_bounded_number_of_summaries(string name)
    {
        ulong[] arenas = s_heaps[name];
        using SparseArenas heap = new();
        Random random = new(7);
        foreach (ulong arena in arenas)
        {
            // Holes of one page in every chunk, so that every summary has something to say, and none of it serves.
            heap.Add((nuint)arena);
            for (ulong page = 1; page < Arena; page += (ulong)random.Next(2, 600))
            {
                heap.Pages->Free((nuint)((arena << ArenaShift) + page), 1);
            }
        }

        int most = 0;
        foreach (nuint pages in (ReadOnlySpan<nuint>)[1, 2, 3, 600, 10_000])
        {
            Count steps = default;
            nuint found = heap.Pages->Find(pages, ref steps);
            Assert.Equal(pages == 1, found != PageAllocator.None);
            most = int.Max(most, steps.Steps);
        }

        // The only run of two lies highest, across two chunks, and then within one.
        nuint last = (nuint)(arenas[^1] << ArenaShift) + (nuint)Arena - (2 * ChunkBits.PageCount);
        foreach (nuint first in (ReadOnlySpan<nuint>)[last + ChunkBits.PageCount - 1, last + ChunkBits.PageCount + 77])
        {
            _ = heap.Pages->AllocAt(first - 1, 1);
            _ = heap.Pages->AllocAt(first, 1);
            _ = heap.Pages->AllocAt(first + 1, 1);
            _ = heap.Pages->AllocAt(first + 2, 1);
            heap.Pages->Free(first, 2);
            Count steps = default;
            Assert.Equal(first, heap.Pages->Find(2, ref steps));
            most = int.Max(most, steps.Steps);
            Assert.True(heap.Pages->AllocAt(first, 2));
        }

        Assert.InRange(most, 1, SummaryTree.MaxSteps);
        Assert.Equal(68, SummaryTree.MaxSteps);
    }

    private static ulong[] Every(ulong arenas, int count, ulong first = 0)
    {
        ulong[] numbers = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = first + (arenas * (ulong)i);
        }

        return numbers;
    }

    private static ulong[] Anywhere(int seed, int count, ulong below = LastArena)
    {
        Random random = new(seed);
        SortedSet<ulong> numbers = [];
        while (numbers.Count < count)
        {
            _ = numbers.Add((ulong)random.NextInt64((long)below));
        }

        return [.. numbers];
    }

    private struct Count : ISearchSteps
    {
        public int Steps;

        public void Step() => Steps++;
    }
}
