using System;
using System.Collections.Generic;
using System.Linq;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>Random allocations, frees, pins and passes of compaction, against a list in which each block lies where the definition says.</summary>
public sealed unsafe class CompactingModelTests
{
    private static readonly Gen<(Operation Kind, int Size, int AlignmentShift, int Pick)> s_operation = Gen.Select(
        Gen.Frequency(
            (12, Gen.Const(Operation.Alloc)),
            (9, Gen.Const(Operation.Free)),
            (3, Gen.Const(Operation.Pin)),
            (3, Gen.Const(Operation.Unpin)),
            (2, Gen.Const(Operation.Compact)),
            (4, Gen.Const(Operation.CompactSome)),
            (1, Gen.Const(Operation.TrimExcess))),
        Gen.Frequency((8, Gen.Int[0, 100]), (4, Gen.Int[1, 2_000]), (1, Gen.Int[1, 40_000])),
        Gen.Frequency((6, Gen.Const(0)), (2, Gen.Int[1, 4]), (1, Gen.Int[5, 12])),
        Gen.Int[0, int.MaxValue - 1]);

    private enum Operation
    {
        Alloc,
        Free,
        Pin,
        Unpin,
        Compact,
        CompactSome,
        TrimExcess,
    }

    [Fact]
    public void Random_operations_agree_with_the_model() =>
        s_operation.Array[1, 300].Sample(
            operations =>
            {
                using Heap heap = new();
                using CompactingAllocator blocks = new(heap, 1 << 20);
                Model model = new(blocks);
                foreach ((Operation kind, int size, int alignmentShift, int pick) in operations)
                {
                    model.Apply(kind, size, 1 << alignmentShift, pick);
                    model.Check();
                }
            },
            iter: LongTests.Scale(60, 1_000),
            threads: 1);

    private sealed class Model(CompactingAllocator allocator)
    {
        private readonly List<Block> _blocks = [];
        private readonly List<NativeHandle<byte>> _gone = [];
        private readonly nint _start = StartOf(allocator);
        private int _tag;

        public void Apply(Operation kind, int size, int alignment, int pick)
        {
            Block? picked = _blocks.Count == 0 ? null : _blocks[(int)((uint)pick % (uint)_blocks.Count)];
            switch (kind)
            {
                case Operation.Alloc:
                    Alloc(size, alignment);
                    break;
                case Operation.Free when picked is { Pins: 0 }:
                    allocator.Free(picked.Handle);
                    _gone.Add(picked.Handle);
                    _ = _blocks.Remove(picked);
                    break;
                case Operation.Free when picked != null:
                    Assert.Throws<InvalidOperationException>(() => allocator.Free(picked.Handle));
                    break;
                case Operation.Pin when picked != null:
                    Assert.Equal(picked.Offset, (nint)allocator.Pin(picked.Handle) - _start);
                    picked.Pins++;
                    break;
                case Operation.Unpin when picked is { Pins: > 0 }:
                    allocator.Unpin(picked.Handle);
                    picked.Pins--;
                    break;
                case Operation.Compact:
                    Compact(long.MaxValue);
                    break;
                case Operation.CompactSome:
                    Compact(size);
                    break;
                case Operation.TrimExcess:
                    allocator.TrimExcess();
                    break;
                default:
                    break;
            }
        }

        public void Check()
        {
            foreach (Block block in _blocks)
            {
                Span<byte> content = allocator.GetSpan(block.Handle);
                Assert.Equal(block.Offset, AddressOf(content) - _start);
                Assert.Equal(block.Size, content.Length);
                Assert.Equal(-1, content.IndexOfAnyExcept(block.Tag));
            }

            Assert.All(_gone, handle => Assert.False(allocator.Contains(handle)));
            CompactingStatistics statistics = allocator.GetStatistics();
            long live = _blocks.Sum(block => (long)block.Size);
            Assert.Equal(statistics.CommittedBytes, statistics.LiveBytes + statistics.HoleBytes + statistics.FreeBytes);
            Assert.Equal((live, Top - live), (statistics.LiveBytes, statistics.HoleBytes));
            Assert.Equal((_blocks.Count, _blocks.Count(block => block.Pins != 0)), (statistics.Blocks, statistics.PinnedBlocks));
            Assert.True(statistics.FreeBytes >= 0);
        }

        private long Top => _blocks.Count == 0 ? 0 : _blocks[^1].Offset + _blocks[^1].Size;

        private void Alloc(int size, int alignment)
        {
            long offset = AlignUp(Top, alignment);
            bool done = allocator.TryAlloc(size, out NativeHandle<byte> handle, (nuint)alignment);
            Assert.Equal(offset + size <= allocator.MaximumBytes, done);
            if (done)
            {
                Block block = new(handle, size, alignment, (byte)(++_tag * 37)) { Offset = (nint)offset };
                allocator.GetSpan(handle).Fill(block.Tag);
                _blocks.Add(block);
            }
        }

        // Slides as the definition says, until a block is too much, and finds each where it ought to be.
        private void Compact(long maxBytes)
        {
            long before = Top;
            long top = 0;
            long bytes = 0;
            int moved = 0;
            bool isComplete = true;
            foreach (Block block in _blocks)
            {
                long target = block.Pins != 0 ? block.Offset : AlignUp(top, block.Alignment);
                if (target != block.Offset)
                {
                    isComplete = moved == 0 || bytes + block.Size <= maxBytes;
                    if (!isComplete)
                    {
                        break;
                    }

                    block.Offset = (nint)target;
                    bytes += block.Size;
                    moved++;
                }

                top = block.Offset + block.Size;
            }

            Assert.Equal(new CompactionResult(bytes, moved, before - Top, isComplete), allocator.Compact(maxBytes));
        }

        private static nint StartOf(CompactingAllocator allocator)
        {
            NativeHandle<byte> first = allocator.Alloc<byte>();
            nint start = AddressOf(allocator.GetSpan(first));
            allocator.Free(first);
            return start;
        }

        private static nint AddressOf(Span<byte> span)
        {
            fixed (byte* pointer = &System.Runtime.InteropServices.MemoryMarshal.GetReference(span))
            {
                return (nint)pointer;
            }
        }

        private static long AlignUp(long offset, long alignment) => (offset + alignment - 1) / alignment * alignment;
    }

    private sealed class Block(NativeHandle<byte> handle, int size, int alignment, byte tag)
    {
        public NativeHandle<byte> Handle { get; } = handle;

        public int Size { get; } = size;

        public int Alignment { get; } = alignment;

        public byte Tag { get; } = tag;

        public nint Offset { get; set; }

        public int Pins { get; set; }
    }
}
