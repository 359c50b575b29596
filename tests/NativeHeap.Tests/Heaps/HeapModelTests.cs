using System;
using System.Collections.Generic;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>
/// Random operations against a model: a list of the blocks that ought to be alive, with what was written into them. After each sequence: no overlap, content kept,
/// alignment held, the statistics' equation true and its count of live objects the model's own.
/// </summary>
public sealed unsafe class HeapModelTests
{
    private enum Kind
    {
        Alloc,
        AllocZeroed,
        AllocAligned,
        Realloc,
        Free,
        FreeMany,
        FlushThread,
    }

    // Small sizes mostly, every size class in time, some large ones.
    private static readonly Gen<int> s_size = Gen.Frequency(
        (6, Gen.Int[0, 256]),
        (4, Gen.Int[0, 4_096]),
        (2, Gen.Int[0, 40_000]),
        (1, Gen.Int[0, 600_000]));

    private static readonly Gen<(Kind Kind, int Size, int AlignmentShift, int Pick)> s_operation = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Kind.Alloc)),
            (2, Gen.Const(Kind.AllocZeroed)),
            (2, Gen.Const(Kind.AllocAligned)),
            (2, Gen.Const(Kind.Realloc)),
            (8, Gen.Const(Kind.Free)),
            (1, Gen.Const(Kind.FreeMany)),
            (1, Gen.Const(Kind.FlushThread))),
        s_size,
        Gen.Frequency((8, Gen.Int[0, 9]), (1, Gen.Int[10, 21])),
        Gen.Int[0, int.MaxValue - 1]);

    [Fact]
    public void Random_operations_agree_with_the_model() =>
        s_operation.Array[1, 400].Sample(
            operations =>
            {
                using Heap heap = new();
                Model model = new(heap);
                foreach ((Kind kind, int size, int alignmentShift, int pick) in operations)
                {
                    model.Apply(kind, size, 1 << alignmentShift, pick);
                }

                model.Check();
                model.FreeAll();
                model.Check();
            },
            iter: LongTests.Scale(100, 2_000),
            threads: 1);

    [Fact]
    public void A_long_walk_through_all_sizes_agrees_with_the_model()
    {
        using Heap heap = new();
        Model model = new(heap);
        Random random = new(20_120_621);
        int steps = LongTests.Scale(20_000, 400_000);
        for (int i = 0; i < steps; i++)
        {
            int size = random.Next(random.Next(4) == 0 ? 33_000 : 1_500);
            Kind kind = random.Next(100) < 52 ? (Kind)random.Next(3) : random.Next(10) == 0 ? Kind.Realloc : Kind.Free;
            model.Apply(kind, size, 1 << random.Next(10), random.Next());
            if (i % 5_000 == 0)
            {
                model.Check();
            }
        }

        model.Check();
        model.FreeAll();
        model.Check();
    }

    private sealed class Model(Heap heap)
    {
        private readonly List<Block> _blocks = [];
        private int _nextTag;

        public void Apply(Kind kind, int size, int alignment, int pick)
        {
            switch (kind)
            {
                case Kind.Alloc:
                    Add(heap.Alloc((nuint)size), size, size <= 8 ? 8 : 16);
                    break;
                case Kind.AllocZeroed:
                    void* zeroed = heap.AllocZeroed((nuint)size);
                    Assert.Equal(-1, new Span<byte>(zeroed, size).IndexOfAnyExcept((byte)0));
                    Add(zeroed, size, size <= 8 ? 8 : 16);
                    break;
                case Kind.AllocAligned:
                    Add(heap.AllocAligned((nuint)size, (nuint)alignment), size, alignment);
                    break;
                case Kind.Realloc when _blocks.Count != 0:
                    Block block = Take(pick);
                    block.AssertContent(block.Size);
                    void* moved = heap.Realloc(block.Pointer, (nuint)size);
                    (block with { Address = (nint)moved }).AssertContent(Math.Min(block.Size, size));
                    Add(moved, size, size <= 8 ? 8 : 16);
                    break;
                case Kind.Free when _blocks.Count != 0:
                    Free(Take(pick));
                    break;
                case Kind.FreeMany:
                    for (int i = 0; i < 50 && _blocks.Count != 0; i++)
                    {
                        Free(Take(pick + i));
                    }

                    break;
                case Kind.FlushThread:
                    Heap.FlushThread();
                    break;
                default:
                    break;
            }
        }

        public void FreeAll()
        {
            while (_blocks.Count != 0)
            {
                Free(Take(0));
            }
        }

        public void Check()
        {
            long usable = 0;
            List<Block> sorted = [.. _blocks];
            sorted.Sort((a, b) => a.Address.CompareTo(b.Address));
            for (int i = 0; i < sorted.Count; i++)
            {
                sorted[i].AssertContent(sorted[i].Size);
                nuint size = heap.UsableSize(sorted[i].Pointer);
                usable += (long)size;
                Assert.True(i == 0 || sorted[i - 1].Address + (nint)heap.UsableSize(sorted[i - 1].Pointer) <= sorted[i].Address, "Blocks overlap.");
            }

            HeapStatistics statistics = heap.GetStatistics();
            Assert.False(statistics.IsApproximate);
            Assert.Equal(_blocks.Count, statistics.LiveObjects);
            Assert.Equal(usable, statistics.LiveBytes);
            Assert.Equal(statistics.SpanBytes, statistics.LiveBytes + statistics.ThreadCachedBytes + statistics.CentralCachedBytes);
            Assert.True(statistics.CentralCachedBytes >= 0);

            ProcessStatistics process = Heap.GetProcessStatistics();
            Assert.False(process.IsApproximate);
            Assert.Equal(process.ReservedBytes, process.MappedBytes + process.UnmappedBytes);
            Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
        }

        private void Add(void* pointer, int size, int alignment)
        {
            Assert.True(pointer != null);
            Assert.Equal(0u, (nuint)pointer % (nuint)alignment);
            Block block = new((nint)pointer, size, _nextTag++);
            block.Write();
            _blocks.Add(block);
        }

        private Block Take(int pick)
        {
            int index = (int)((uint)pick % (uint)_blocks.Count);
            Block block = _blocks[index];
            _blocks[index] = _blocks[^1];
            _blocks.RemoveAt(_blocks.Count - 1);
            return block;
        }

        private void Free(Block block)
        {
            block.AssertContent(block.Size);
            heap.Free(block.Pointer);
        }
    }

    private sealed record Block(nint Address, int Size, int Tag)
    {
        public void* Pointer => (void*)Address;

        public void Write() => new Span<byte>(Pointer, Size).Fill((byte)(Tag * 7));

        public void AssertContent(int count)
        {
            int wrong = new Span<byte>(Pointer, count).IndexOfAnyExcept((byte)(Tag * 7));
            if (wrong >= 0)
            {
                Assert.Fail($"Byte {wrong} of a block of {Size} was overwritten.");
            }
        }
    }
}
