using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>The page allocator against the plainest first fit: a sorted list of free runs, searched from its start.</summary>
public sealed unsafe class PageAllocatorModelTests
{
    // Neighbours, neighbours across every level of the tree and across a root entry (256 arenas), the first and the last of all.
    private static readonly nuint[] s_arenas = [0, 1, 3, 4, 31, 32, 100, 255, 256, 257, 511, 1024, 70_000, (1 << 22) - 2, (1 << 22) - 1];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_answer_is_that_of_the_model(int seed)
    {
        Random random = new(seed);
        using SparseArenas arenas = new();
        Model model = new();
        List<(nuint First, nuint Count)> taken = [];
        List<(nuint First, uint Pages)> blocks = [];
        int nextArena = 0;
        nuint[] order = [.. s_arenas];
        random.Shuffle(order);
        int steps = LongTests.Scale(4_000, 40_000);
        for (int step = 0; step < steps; step++)
        {
            if (nextArena < order.Length && step >= nextArena * steps / 2 / order.Length)
            {
                // Memory arrives a few chunks at a time, and each arena in its own order.
                nuint first = order[nextArena++] * HeapArena.PageCount;
                arenas.AddFor(first, HeapArena.PageCount);
                nuint split = ChunkBits.PageCount * (nuint)random.Next(1, 16);
                Give(first + split, HeapArena.PageCount - split);
                Give(first, split);
            }
            else if (random.Next(100) < 25)
            {
                TakeOrGiveBlock();
            }
            else if (random.Next(100) < 10)
            {
                // After a run that is taken, or anywhere.
                (nuint place, nuint behind) = taken.Count > 0 ? taken[random.Next(taken.Count)] : (order[0] * HeapArena.PageCount, 0);
                nuint pages = RandomLength(random);
                bool expected = model.AllocAt(place + behind, pages);
                Assert.Equal(expected, arenas.Pages->AllocAt(place + behind, pages));
                if (expected)
                {
                    taken.Add((place + behind, pages));
                }
            }
            else if (random.Next(100) < 55)
            {
                nuint pages = RandomLength(random);
                nuint alignment = random.Next(4) == 0 ? (nuint)1 << random.Next(14) : 1;
                nuint expected = model.Alloc(pages, alignment);
                Assert.Equal(expected, arenas.Pages->Alloc(pages, alignment));
                if (expected != PageAllocator.None)
                {
                    taken.Add((expected, pages));
                }
            }
            else if (taken.Count > 0)
            {
                // All of a run, or its end: what is left is freed another time.
                int i = random.Next(taken.Count);
                (nuint first, nuint count) = taken[i];
                nuint keep = random.Next(3) == 0 ? (nuint)random.NextInt64((long)count) : 0;
                Give(first + keep, count - keep);
                taken[i] = (first, keep);
                if (keep == 0)
                {
                    taken[i] = taken[^1];
                    taken.RemoveAt(taken.Count - 1);
                }
            }

            Assert.Equal(model.FreePages, arenas.Pages->FreePages);
            if (taken.Count > 0)
            {
                nuint before = taken[random.Next(taken.Count)].First;
                Assert.Equal(model.CountFreeBefore(before), arenas.Pages->CountFreeBefore(before));
            }

            if (step % 500 == 0)
            {
                Assert.Equal(model.FreeRuns(), arenas.FreeRuns());
            }
        }

        foreach ((nuint first, nuint count) in taken)
        {
            Give(first, count);
        }

        foreach ((nuint first, uint pages) in blocks)
        {
            GiveBlock(first, pages);
        }

        Assert.Equal(model.FreeRuns(), arenas.FreeRuns());
        Assert.Equal((nuint)s_arenas.Length * HeapArena.PageCount, arenas.Pages->FreePages);

        void Give(nuint first, nuint pages)
        {
            arenas.Pages->Free(first, pages);
            model.Free(first, pages);
        }

        // What a thread's page cache takes, with what lies around a run; and gives back, all or some.
        void TakeOrGiveBlock()
        {
            if (blocks.Count > 20 || (blocks.Count > 0 && random.Next(2) == 0))
            {
                int i = random.Next(blocks.Count);
                (nuint first, uint pages) = blocks[i];
                uint given = random.Next(2) == 0 ? pages : pages & (uint)random.NextInt64(1L << 32);
                GiveBlock(first, given);
                blocks[i] = (first, pages & ~given);
                if (given == pages)
                {
                    blocks.RemoveAt(i);
                }
            }
            else if (taken.Count > 0)
            {
                (nuint place, nuint count) = taken[random.Next(taken.Count)];
                nuint first = (place + count - 1) & ~(nuint)(PageCache.BlockPages - 1);
                uint expected = model.TakeBlock(first);
                Assert.Equal(expected, arenas.Pages->TakeBlock(first));
                if (expected != 0)
                {
                    blocks.Add((first, expected));
                }
            }
        }

        void GiveBlock(nuint first, uint pages)
        {
            arenas.Pages->GiveBlock(first, pages);
            for (int i = 0; i < PageCache.BlockPages; i++)
            {
                if ((pages >> i & 1) != 0)
                {
                    model.Free(first + (nuint)i, 1);
                }
            }
        }
    }

    private static nuint RandomLength(Random random) => (nuint)(random.Next(20) switch
    {
        0 => random.Next(1, 20_000),
        < 4 => random.Next(1, 2_000),
        < 8 => random.Next(1, 130),
        _ => random.Next(1, 17),
    });

    private sealed class Model
    {
        private readonly SortedList<nuint, nuint> _runs = [];

        public nuint FreePages { get; private set; }

        public IEnumerable<(nuint First, nuint Count)> FreeRuns() => _runs.Select(run => (run.Key, run.Value));

        public bool AllocAt(nuint first, nuint pages)
        {
            foreach ((nuint start, nuint count) in _runs)
            {
                if (start <= first && start + count >= first + pages)
                {
                    Take(start, count, first, pages);
                    return true;
                }
            }

            return false;
        }

        public nuint CountFreeBefore(nuint page) => _runs.FirstOrDefault(run => run.Key < page && run.Key + run.Value >= page) is { Value: > 0 } run ? page - run.Key : 0;

        public uint TakeBlock(nuint first)
        {
            uint taken = 0;
            for (int i = 0; i < PageCache.BlockPages; i++)
            {
                taken |= AllocAt(first + (nuint)i, 1) ? 1u << i : 0;
            }

            return taken;
        }

        public nuint Alloc(nuint pages, nuint alignment)
        {
            // An alignment wants a run that holds an aligned one wherever it starts; only the aligned part is taken.
            foreach ((nuint first, nuint count) in _runs)
            {
                if (count >= pages + alignment - 1)
                {
                    nuint aligned = (first + alignment - 1) / alignment * alignment;
                    Take(first, count, aligned, pages);
                    return aligned;
                }
            }

            return PageAllocator.None;
        }

        private void Take(nuint first, nuint count, nuint from, nuint pages)
        {
            nuint behind = first + count - from - pages;
            _ = _runs.Remove(first);
            if (from != first)
            {
                _runs.Add(first, from - first);
            }

            if (behind != 0)
            {
                _runs.Add(from + pages, behind);
            }

            FreePages -= pages;
        }

        public void Free(nuint first, nuint pages)
        {
            FreePages += pages;
            _runs.Add(first, pages);
            int i = _runs.IndexOfKey(first);
            if (i + 1 < _runs.Count && first + pages == _runs.GetKeyAtIndex(i + 1))
            {
                _runs.SetValueAtIndex(i, pages + _runs.GetValueAtIndex(i + 1));
                _runs.RemoveAt(i + 1);
            }

            if (i > 0 && _runs.GetKeyAtIndex(i - 1) + _runs.GetValueAtIndex(i - 1) == first)
            {
                _runs.SetValueAtIndex(i - 1, _runs.GetValueAtIndex(i - 1) + _runs.GetValueAtIndex(i));
                _runs.RemoveAt(i);
            }
        }
    }
}
