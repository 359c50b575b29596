using System;
using System.Collections.Generic;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>Random allocations, marks, scopes and resets against a list of what ought to be there.</summary>
public sealed unsafe class BumpModelTests
{
    private static readonly Gen<int> s_size = Gen.Frequency(
        (8, Gen.Int[1, 40]),
        (4, Gen.Int[1, 500]),
        (2, Gen.Int[1, 5_000]),
        (1, Gen.Int[1, 60_000]));

    private static readonly Gen<(Operation Kind, int Size, int AlignmentShift, int Pick)> s_operation = Gen.Select(
        Gen.Frequency(
            (20, Gen.Const(Operation.Alloc)),
            (6, Gen.Const(Operation.AllocBytes)),
            (6, Gen.Const(Operation.AllocInts)),
            (3, Gen.Const(Operation.Mark)),
            (3, Gen.Const(Operation.Rewind)),
            (3, Gen.Const(Operation.EnterScope)),
            (3, Gen.Const(Operation.LeaveScope)),
            (1, Gen.Const(Operation.Reset))),
        s_size,
        Gen.Frequency((10, Gen.Int[0, 5]), (1, Gen.Int[6, 13])),
        Gen.Int[0, int.MaxValue - 1]);

    private enum Operation
    {
        Alloc,
        AllocBytes,
        AllocInts,
        Mark,
        Rewind,
        EnterScope,
        LeaveScope,
        Reset,
    }

    [Fact]
    public void Random_operations_agree_with_the_model() =>
        s_operation.Array[1, 300].Sample(
            operations =>
            {
                using Heap heap = new();
                using (BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap, FirstChunkBytes = 4_096, MaximumChunkBytes = 16_384 }))
                {
                    Model model = new(bump);
                    int next = 0;
                    while (next < operations.Length)
                    {
                        Run(model, operations, ref next);
                    }
                }

                Assert.Equal(0, heap.GetStatistics().LiveObjects);
            },
            iter: LongTests.Scale(200, 1_200),
            threads: 1);

    // Up to the end of the scope in which it is called.
    private static void Run(Model model, (Operation Kind, int Size, int AlignmentShift, int Pick)[] operations, ref int next)
    {
        while (next < operations.Length)
        {
            (Operation kind, int size, int alignmentShift, int pick) = operations[next++];
            if (kind == Operation.LeaveScope)
            {
                return;
            }

            if (kind == Operation.EnterScope)
            {
                using (model.Bump.EnterScope())
                {
                    model.Enter();
                    Run(model, operations, ref next);
                }

                model.Leave();
            }
            else
            {
                model.Apply(kind, size, alignmentShift, pick);
            }

            model.Check();
        }
    }

    private sealed class Model(BumpAllocator bump)
    {
        private readonly List<(nint Address, int Size, byte Tag)> _blocks = [];
        private readonly List<MarkModel> _marks = [];
        private readonly Stack<int> _scopes = new();
        private int _tag;
        private bool _wasReset;

        public BumpAllocator Bump => bump;

        public void Enter() => _scopes.Push(_blocks.Count);

        // Marks made inside of the scope end with it.
        public void Leave()
        {
            GoBack(_scopes.Pop());
            _marks.ForEach(mark => mark.IsValid &= mark.Scopes <= _scopes.Count);
        }

        public void Apply(Operation kind, int size, int alignmentShift, int pick)
        {
            switch (kind)
            {
                case Operation.Alloc:
                    Add(bump.AllocAligned((nuint)size, (nuint)1 << alignmentShift), size, 1 << alignmentShift);
                    break;
                case Operation.AllocBytes:
                    fixed (byte* bytes = bump.AllocSpan<byte>(size))
                    {
                        Add(bytes, size, 1);
                    }

                    break;
                case Operation.AllocInts:
                    fixed (int* ints = bump.AllocSpan<int>(size))
                    {
                        Add(ints, size * 4, 4);
                    }

                    break;
                case Operation.Mark:
                    _marks.Add(new MarkModel(bump.Mark(), _blocks.Count, _scopes.Count));
                    break;
                case Operation.Rewind when _marks.Count != 0:
                    Rewind(_marks[(int)((uint)pick % (uint)_marks.Count)]);
                    break;
                case Operation.Reset when _scopes.Count != 0:
                    Assert.Throws<InvalidOperationException>(bump.Reset);
                    break;
                case Operation.Reset:
                    bump.Reset();
                    GoBack(0);
                    _marks.ForEach(mark => mark.IsValid = false);
                    _wasReset = true;
                    break;
                default:
                    break;
            }
        }

        public void Check()
        {
            foreach ((nint address, int size, byte tag) in _blocks)
            {
                Assert.Equal(-1, new ReadOnlySpan<byte>((void*)address, size).IndexOfAnyExcept(tag));
            }

            BumpStatistics statistics = bump.GetStatistics();
            long bytes = 0;
            _blocks.ForEach(block => bytes += block.Size);
            Assert.Equal(statistics.ReservedBytes, statistics.UsedBytes + statistics.WastedBytes + statistics.FreeBytes);
            Assert.InRange(statistics.UsedBytes, bytes, statistics.PeakUsedBytes);
            Assert.InRange(statistics.WastedBytes, 0, statistics.UsedBytes / 8);
            Assert.True(statistics.FreeBytes >= 0 && (_wasReset || _blocks.Count != 0 || statistics.UsedBytes == 0));
        }

        private void Rewind(MarkModel mark)
        {
            if (!mark.IsValid)
            {
                Assert.Throws<ArgumentException>(() => bump.Rewind(mark.Mark));
            }
            else if (mark.Scopes < _scopes.Count)
            {
                Assert.Throws<InvalidOperationException>(() => bump.Rewind(mark.Mark));
            }
            else
            {
                bump.Rewind(mark.Mark);
                GoBack(mark.Blocks);
            }
        }

        private void GoBack(int blocks)
        {
            _blocks.RemoveRange(blocks, _blocks.Count - blocks);
            _marks.ForEach(mark => mark.IsValid &= mark.Blocks <= blocks);
        }

        // Content shows every overlap: each block is filled when it comes, and looked at as long as it lives.
        private void Add(void* block, int size, int alignment)
        {
            Assert.Equal((nuint)0, (nuint)block % (nuint)alignment);
            byte tag = (byte)(++_tag * 37);
            new Span<byte>(block, size).Fill(tag);
            _blocks.Add(((nint)block, size, tag));
        }
    }

    private sealed class MarkModel(BumpMark mark, int blocks, int scopes)
    {
        public BumpMark Mark { get; } = mark;

        public int Blocks { get; } = blocks;

        public int Scopes { get; } = scopes;

        public bool IsValid { get; set; } = true;
    }
}
