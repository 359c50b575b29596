// All that a heap gives: blocks from the largest to the smallest size until each is refused, each with a word at both ends that says where it is. Allocates nothing managed once made.

using System.Runtime.InteropServices;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Takes memory until there is none, and accounts for it.</summary>
internal sealed unsafe class Hoard
{
    private const int Capacity = 1 << 20;
    private const ulong Secret = 0x9E37_79B9_7F4A_7C15;

    private static readonly int[] s_sizes = [48 << 20, 5 << 20, 1 << 20, 100_000, 20_000, 3_000, 300, 64, 16];

    private readonly nint[] _blocks = new nint[Capacity];
    private readonly long _objectsBefore = Heap.Shared.GetStatistics().LiveObjects;
    private readonly long _bytesBefore = Heap.Shared.GetStatistics().LiveBytes;
    private int _count;

    /// <summary>The usable bytes of all blocks.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes until even the smallest block is refused.</summary>
    /// <param name="touch">Whether to write to all of each block.</param>
    public void Fill(bool touch = false)
    {
        foreach (int size in s_sizes)
        {
            while (Heap.Shared.TryAlloc((nuint)size, out void* block))
            {
                Assert.True(_count < Capacity, "There is no end to it.");
                if (touch)
                {
                    NativeMemory.Fill(block, (nuint)size, 0xa5);
                }

                *(ulong*)block = SignOf(block);
                *LastWord(block) = SignOf(block);
                Bytes += (long)Heap.Shared.UsableSize(block);
                _blocks[_count++] = (nint)block;
            }
        }
    }

    /// <summary>Frees every other block.</summary>
    public void FreeEverySecond()
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (i % 2 == 0)
            {
                Free((void*)_blocks[i]);
            }
            else
            {
                _blocks[kept++] = _blocks[i];
            }
        }

        _count = kept;
    }

    /// <summary>Frees all.</summary>
    public void FreeAll()
    {
        while (_count != 0)
        {
            Free((void*)_blocks[--_count]);
        }
    }

    /// <summary>Asserts that every block is whole and that the figures add up.</summary>
    public void Check()
    {
        for (int i = 0; i < _count; i++)
        {
            AssertWhole((void*)_blocks[i]);
        }

        HeapStatistics heap = Heap.Shared.GetStatistics();
        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.False(heap.IsApproximate || process.IsApproximate);
        Assert.Equal(_objectsBefore + _count, heap.LiveObjects);
        Assert.Equal(_bytesBefore + Bytes, heap.LiveBytes);
        Assert.Equal(heap.SpanBytes, heap.LiveBytes + heap.ThreadCachedBytes + heap.CentralCachedBytes + heap.ReturnedBytes);
        Assert.Equal(process.ReservedBytes, process.MappedBytes + process.UnmappedBytes);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
    }

    private void Free(void* block)
    {
        AssertWhole(block);
        Bytes -= (long)Heap.Shared.UsableSize(block);
        Heap.Shared.Free(block);
    }

    private static void AssertWhole(void* block) => Assert.True(*(ulong*)block == SignOf(block) && *LastWord(block) == SignOf(block), "A block was overwritten.");

    private static ulong* LastWord(void* block) => (ulong*)((byte*)block + Heap.Shared.UsableSize(block)) - 1;

    private static ulong SignOf(void* block) => (ulong)block * Secret;
}
