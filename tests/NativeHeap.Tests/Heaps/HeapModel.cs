// A heap's model: the list of the blocks that ought to be alive, with what was written into them.
//
// Check asks of the real heap: no two blocks overlap, contents are kept, and the statistics' equation holds with the model's own count of live blocks.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Heaps;
using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What is done to a heap.</summary>
internal enum HeapOperation
{
    Alloc,
    AllocZeroed,
    AllocAligned,
    Realloc,
    Free,
    FreeMany,
    FlushThread,
    Reset,
}

/// <summary>Applies operations to a heap and to itself.</summary>
internal sealed unsafe class HeapModel(Heap heap)
{
    private readonly List<Block> _blocks = [];
    private int _nextTag;

    /// <summary>The heap.</summary>
    public Heap Heap => heap;

    /// <summary>The number of blocks that ought to be alive.</summary>
    public int Count => _blocks.Count;

    /// <summary>Their addresses.</summary>
    public IEnumerable<nint> Addresses => _blocks.Select(block => block.Address);

    public void Apply(HeapOperation kind, int size, int alignment, int pick)
    {
        switch (kind)
        {
            case HeapOperation.Alloc:
                Add(heap.Alloc((nuint)size), size, size <= 8 ? 8 : 16);
                break;
            case HeapOperation.AllocZeroed:
                void* zeroed = heap.AllocZeroed((nuint)size);
                Assert.Equal(-1, new Span<byte>(zeroed, size).IndexOfAnyExcept((byte)0));
                Add(zeroed, size, size <= 8 ? 8 : 16);
                break;
            case HeapOperation.AllocAligned:
                Add(heap.AllocAligned((nuint)size, (nuint)alignment), size, alignment);
                break;
            case HeapOperation.Realloc when _blocks.Count != 0:
                Block block = Pick(pick);
                block.AssertContent(block.Size);

                // Where this throws, the block is as it was, and still ours.
                void* moved = heap.Realloc(block.ToPointer(), (nuint)size);
                (block with { Address = (nint)moved }).AssertContent(Math.Min(block.Size, size));
                Drop(pick);
                Add(moved, size, size <= 8 ? 8 : 16);
                break;
            case HeapOperation.Free when _blocks.Count != 0:
                heap.Free(Take(pick));
                break;
            case HeapOperation.FreeMany:
                for (int i = 0; i < 50 && _blocks.Count != 0; i++)
                {
                    heap.Free(Take(pick + i));
                }

                break;
            case HeapOperation.FlushThread:
                Heap.FlushThread();
                break;
            case HeapOperation.Reset:
                heap.Reset();
                _blocks.Clear();
                break;
            default:
                break;
        }
    }

    /// <summary>Frees a block of a checked heap twice, and what is none of its blocks: all but the first is refused.</summary>
    public void MisuseAll()
    {
        if (_blocks.Count == 0)
        {
            return;
        }

        nint block = (nint)Take(0);
        heap.Free((void*)block);
        Refuse(() => heap.Free((void*)block));
        Refuse(() => _ = heap.UsableSize((void*)block));
        if (_blocks.Count != 0)
        {
            nint inside = _blocks[0].Address + 3;
            Refuse(() => heap.Free((void*)inside));
            Refuse(() => Heap.Shared.Free((void*)(inside - 3)));
        }

        static void Refuse(Action misuse)
        {
            try
            {
                misuse();
            }
            catch (Exception error) when (error is HeapCorruptionException or ArgumentException)
            {
                return;
            }

            Assert.Fail("A wrong call was not refused.");
        }
    }

    public void FreeAll()
    {
        while (_blocks.Count != 0)
        {
            heap.Free(Take(0));
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
            nuint size = heap.UsableSize(sorted[i].ToPointer());
            PageSpan* span = HeapProcess.Pages->Map.SpanOf(sorted[i].ToPointer());
            usable += (long)(span->IsGuarded ? span->ByteCount : size);
            Assert.True(i == 0 || sorted[i - 1].Address + (nint)heap.UsableSize(sorted[i - 1].ToPointer()) <= sorted[i].Address, "Blocks overlap.");
        }

        int visited = 0;
        foreach (HeapBlock block in heap.Walk())
        {
            Assert.True(visited < sorted.Count && sorted[visited].Address == (nint)block.Address, "The walk came to something else than the next block.");
            visited++;
        }

        Assert.Equal(sorted.Count, visited);
        HeapStatistics statistics = heap.GetStatistics();
        Assert.False(statistics.IsApproximate);
        Assert.Equal(_blocks.Count, statistics.LiveObjects);

        // At the closest check level no more may be used than was asked for.
        bool isExact = heap.Set == null || heap.Set->Detail != SlotDetail.Records;
        Assert.InRange(statistics.LiveBytes, usable, isExact ? usable : long.MaxValue);
        Assert.Equal(statistics.SpanBytes, statistics.LiveBytes + statistics.ThreadCachedBytes + statistics.CentralCachedBytes + statistics.ReturnedBytes);
        Assert.True(statistics.CentralCachedBytes >= 0);
        Assert.Equal(statistics.SpanBytes, heap.Set->Quota.Used);

        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.False(process.IsApproximate);
        Assert.Equal(process.ReservedBytes, process.MappedBytes + process.UnmappedBytes);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
        PageHeapTotals totals = HeapProcess.Pages->GetTotals();
        Assert.Equal((long)(totals.Mapped - totals.Returned), HeapProcess.Pages->Quota.Used);
    }

    /// <summary>Resets the heap.</summary>
    public void Reset()
    {
        heap.Reset();
        _blocks.Clear();
    }

    /// <summary>Takes a block in that was allocated elsewhere.</summary>
    public void Add(void* pointer, int size, int alignment)
    {
        Assert.True(pointer != null);
        Assert.Equal(0u, (nuint)pointer % (nuint)alignment);
        Block block = new((nint)pointer, size, _nextTag++);
        block.Write();
        _blocks.Add(block);
    }

    /// <summary>Takes a block out, whole, for the caller to free.</summary>
    public void* Take(int pick)
    {
        Block block = Pick(pick);
        block.AssertContent(block.Size);
        Drop(pick);
        return block.ToPointer();
    }

    private int IndexOf(int pick) => (int)((uint)pick % (uint)_blocks.Count);

    private Block Pick(int pick) => _blocks[IndexOf(pick)];

    private void Drop(int pick)
    {
        _blocks[IndexOf(pick)] = _blocks[^1];
        _blocks.RemoveAt(_blocks.Count - 1);
    }

    private sealed unsafe record Block(nint Address, int Size, int Tag)
    {
        public void* ToPointer() => (void*)Address;

        public void Write() => new Span<byte>(ToPointer(), Size).Fill((byte)(Tag * 7));

        public void AssertContent(int count)
        {
            int wrong = new Span<byte>(ToPointer(), count).IndexOfAnyExcept((byte)(Tag * 7));
            if (wrong >= 0)
            {
                Assert.Fail($"Byte {wrong} of a block of {Size} was overwritten.");
            }
        }
    }
}
