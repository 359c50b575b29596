// A heap, and what ought to be in it: every block with its mark, and no two in one place.
//
//     LiveObjects = blocks + containers + what collections hold           when there are no collections, and no guarded samples, which a stub's free does not see, exactly
//     a block is aligned as asked for, no shorter than asked for, owned, and visited by a walk once
//
// Of a checked heap, pointers that were freed and whose place no block has got since: every call with one must be refused, and change nothing.

using System;
using System.Collections.Generic;

using NativeHeap.Guards;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Torture;

using Xunit;

namespace NativeHeap.Fuzz;

/// <summary>A heap and its model.</summary>
internal sealed unsafe class HeapModel : IDisposable
{
    private const int MostBlocks = 4_000;
    private const long MostBytes = 32 << 20;

    private readonly List<(TortureBlock Block, BlockType? Type)> _blocks = [];
    private readonly SortedList<nint, nuint> _places = [];
    private readonly List<nint> _stale = [];
    private readonly ContainerModel _containers;
    private readonly bool _isLimited;
    private long _bytes;

    public HeapModel(HeapOptions options)
    {
        Level = options.Check!.Value;
        _isLimited = options.MaximumBytes != null;
        HasGuarded = options.GuardedSampleBytes != 0;
        Heap = new Heap(options);
        _containers = new ContainerModel(this);
    }

    public Heap Heap { get; }

    public CheckLevel Level { get; }

    /// <summary>Whether there may be guarded samples, whose figures wait for those that a stub has freed unseen.</summary>
    public bool HasGuarded { get; }

    /// <summary>Its containers. Who uses them may be given the place of any block that was freed.</summary>
    public ContainerModel Containers
    {
        get
        {
            _stale.Clear();
            return _containers;
        }
    }

    /// <summary>The addresses of its blocks.</summary>
    public IEnumerable<nint> Addresses => _places.Keys;

    public bool IsFull => _blocks.Count >= MostBlocks || _bytes >= MostBytes;

    public int Count => _blocks.Count;

    /// <summary>Does what may fail for want of memory, if the heap has a limit.</summary>
    /// <returns>Whether it was done.</returns>
    public bool Attempt(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (OutOfMemoryException) when (_isLimited)
        {
            return false;
        }
    }

    public void Alloc(ByteSource source)
    {
        int way = source.Below(8);
        byte mark = source.Byte();
        nuint size = source.Size();
        nuint alignment = 1;
        void* block = null;
        _ = Attempt(() =>
        {
            switch (way)
            {
                case 0:
                    block = Heap.AllocZeroed(size);
                    AssertZero(block, size);
                    break;
                case 1:
                    alignment = (nuint)1 << source.Below(22);
                    block = Heap.AllocAligned(size, alignment);
                    break;
                case 2:
                    _ = Heap.TryAlloc(size, out block);
                    Assert.True(block != null || _isLimited, "No memory.");
                    break;
                default:
                    block = Heap.Alloc(size);
                    alignment = size > 8 ? 16u : 8u;
                    break;
            }
        });
        Add(block, size, alignment, mark, null);
    }

    public void AllocTyped(ByteSource source)
    {
        BlockType type = BlockType.All[source.Below(BlockType.All.Count)];
        byte mark = source.Byte();
        bool zeroed = (mark & 1) != 0;
        nint block = 0;
        _ = Attempt(() => block = type.Alloc(Heap, zeroed));
        if (zeroed && block != 0)
        {
            AssertZero((void*)block, (nuint)type.Size);
        }

        Add((void*)block, (nuint)type.Size, (nuint)type.Alignment, mark, type);
    }

    public void AllocBatch(ByteSource source)
    {
        BlockType type = BlockType.All[source.Below(BlockType.All.Count)];
        nint[] blocks = new nint[1 + source.Below(type.Size > 1_000 ? 20 : 700)];
        byte mark = source.Byte();
        if (!Attempt(() => type.AllocBatch(Heap, blocks)))
        {
            Assert.True(!blocks.AsSpan().ContainsAnyExcept(0), "A batch that failed has blocks.");
            return;
        }

        foreach (nint block in blocks)
        {
            Add((void*)block, (nuint)type.Size, (nuint)type.Alignment, mark, type);
        }
    }

    /// <summary>Frees some, from the newest, the oldest or the midst.</summary>
    public void Free(ByteSource source, int most)
    {
        int way = source.Below(4);
        for (int left = 1 + source.Below(most); left > 0 && _blocks.Count != 0; left--)
        {
            int index = way switch { 0 => _blocks.Count - 1, 1 => 0, _ => source.Below(_blocks.Count) };
            (TortureBlock block, BlockType? type) = Take(index);
            block.AssertWhole();
            if (type != null && way != 3)
            {
                type.Free(Heap, (nint)block.Address);
            }
            else
            {
                Heap.Free(block.Address);
            }
        }
    }

    /// <summary>Frees those of a type in a batch, with nulls among them.</summary>
    public void FreeBatch(ByteSource source)
    {
        BlockType type = BlockType.All[source.Below(BlockType.All.Count)];
        List<nint> blocks = [0];
        for (int i = _blocks.Count - 1; i >= 0 && blocks.Count < 300; i--)
        {
            if (_blocks[i].Type == type)
            {
                TortureBlock block = Take(i).Block;
                block.AssertWhole();
                blocks.Add((nint)block.Address);
            }
        }

        blocks.Add(0);
        type.FreeBatch(Heap, [.. blocks]);
    }

    public void Realloc(ByteSource source)
    {
        if (_blocks.Count == 0)
        {
            return;
        }

        int index = source.Below(_blocks.Count);
        nuint size = source.Size();
        byte mark = source.Byte();
        (TortureBlock block, _) = _blocks[index];
        block.AssertWhole();
        void* moved = null;
        if (Attempt(() => moved = Heap.Realloc(block.Address, size)))
        {
            block.AssertMoved(moved, size);
            _ = Take(index);
            Add(moved, size, size > 8 ? 16u : 8u, mark, null);
        }
        else
        {
            block.AssertWhole();
        }
    }

    /// <summary>Does wrong, which must be refused: at all levels what a look at the spans tells, and more in a checked heap.</summary>
    public void Misuse(ByteSource source, HeapModel other)
    {
        BlockType type = BlockType.All[source.Below(BlockType.All.Count)];
        nint pointer = 0;
        switch (source.Below(6))
        {
            case 0 or 1 when _stale.Count != 0 && Level != CheckLevel.Off:
                pointer = _stale[source.Below(_stale.Count)];
                break;
            case 2 when _blocks.Count != 0:
                TortureBlock block = _blocks[source.Below(_blocks.Count)].Block;
                pointer = (nint)block.Address + 1 + source.Below((int)nuint.Min(Math.Max(block.Size, 1), 255));

                // In slots of a byte or so, the next is another's.
                if (pointer >= (nint)block.Address + (nint)block.Size)
                {
                    return;
                }

                break;
            case 3 when other != this && other._blocks.Count != 0:
                pointer = (nint)other._blocks[source.Below(other._blocks.Count)].Block.Address;
                break;
            case 4:
                pointer = (nint)(((ulong)source.Byte() << 56) | ((ulong)source.Byte() << 40) | ((ulong)source.Byte() << 20) | source.Byte() | 1);
                break;
            default:
                return;
        }

        long live = Heap.GetStatistics().LiveObjects;
        int call = source.Below(Level == CheckLevel.Off ? 2 : 4);
        bool isRefused = false;
        try
        {
            switch (call)
            {
                case 0:
                    Heap.Free((void*)pointer);
                    break;
                case 1:
                    _ = Heap.UsableSize((void*)pointer);
                    break;
                case 2:
                    type.Free(Heap, pointer);
                    break;
                default:
                    type.FreeBatch(Heap, [0, pointer]);
                    break;
            }
        }
        catch (Exception error) when (error is ArgumentException or HeapCorruptionException)
        {
            isRefused = true;
        }

        Assert.True(isRefused || pointer == 0, $"The call {call} took 0x{pointer:x}.");
        Assert.Equal(live, Heap.GetStatistics().LiveObjects);
    }

    /// <summary>Writes behind a block, where all that is hurt is what stands there for that: the heap must say whose block it was, once.</summary>
    public void Overrun(ByteSource source)
    {
        if (Level != CheckLevel.Full || HasGuarded || _blocks.Count == 0)
        {
            return;
        }

        TortureBlock block = _blocks[source.Below(_blocks.Count)].Block;
        ((byte*)block.Address)[Heap.UsableSize(block.Address) + (nuint)source.Below(SlotFills.Behind)] ^= 1;
        HeapCorruptionException? told = null;
        try
        {
            Heap.Verify();
        }
        catch (HeapCorruptionException error)
        {
            told = error;
        }

        Assert.True(told?.Address == (nint)block.Address, $"What was written behind 0x{(nint)block.Address:x} was told of 0x{told?.Address:x}.");
        Heap.Verify();
    }

    /// <summary>Looks at what the heap says of its blocks and of who points to one.</summary>
    public void AssertReported(ByteSource source)
    {
        long reported = Heap.GetLeakReport().Objects - Heap.GetStatistics().Containers;
        Assert.True(_containers.HasCollections || HasGuarded || reported == _blocks.Count, $"{reported} blocks are reported, of {_blocks.Count}.");
        if (_blocks.Count != 0)
        {
            _ = HeapDiagnostics.FindReferences(_blocks[source.Below(_blocks.Count)].Block.Address);
        }
    }

    public void Reset()
    {
        AssertWhole();
        _containers.End();
        Heap.Reset();
        Clear();
    }

    /// <summary>Looks at all of it.</summary>
    public void AssertWhole()
    {
        foreach ((TortureBlock block, _) in _blocks)
        {
            block.AssertWhole();
            Assert.True(Heap.Owns(block.Address), "A heap does not own its block.");
            Assert.True(Heap.UsableSize(block.Address) >= block.Size, "A block is shorter than it was asked for.");
        }

        HeapStatistics statistics = Heap.GetStatistics();
        if (!_containers.HasCollections && !HasGuarded)
        {
            Assert.Equal(_blocks.Count, statistics.LiveObjects - statistics.Containers);
        }

        _ = StatisticsChecks.Rows(Heap, out _);
        int visited = 0;
        foreach (HeapBlock block in Heap.Walk())
        {
            visited += _places.ContainsKey((nint)block.Address) ? 1 : 0;
        }

        Assert.Equal(_blocks.Count, visited);
        Heap.Verify();
    }

    public void Dispose()
    {
        AssertWhole();
        _containers.End();
        Heap.Dispose();
        Clear();
    }

    private void Clear()
    {
        _blocks.Clear();
        _places.Clear();
        _stale.Clear();
        _bytes = 0;
    }

    private static void AssertZero(void* block, nuint size) => Assert.True(!new ReadOnlySpan<byte>(block, (int)size).ContainsAnyExcept((byte)0), "A block of zeros is not.");

    private void Add(void* block, nuint size, nuint alignment, byte mark, BlockType? type)
    {
        if (block == null)
        {
            return;
        }

        Assert.True((nuint)block % alignment == 0, "A block is not aligned as asked for.");
        nuint length = nuint.Max(size, 1);
        Assert.True(_places.TryAdd((nint)block, length), "A block is where another is.");
        int at = _places.IndexOfKey((nint)block);
        Assert.True(at == 0 || _places.Keys[at - 1] + (nint)_places.Values[at - 1] <= (nint)block, "A block begins in another.");
        Assert.True(at == _places.Count - 1 || (nint)block + (nint)length <= _places.Keys[at + 1], "A block ends in another.");
        _ = _stale.RemoveAll(stale => stale >= (nint)block && stale < (nint)block + (nint)length);
        _blocks.Add((new TortureBlock(block, size, mark), type));
        _bytes += (long)size;
    }

    private (TortureBlock Block, BlockType? Type) Take(int index)
    {
        (TortureBlock Block, BlockType? Type) taken = _blocks[index];
        _blocks.RemoveAt(index);
        _ = _places.Remove((nint)taken.Block.Address);
        _bytes -= (long)taken.Block.Size;
        if (_stale.Count < 100)
        {
            _stale.Add((nint)taken.Block.Address);
        }

        return taken;
    }
}
