// Splitting and joining: what an allocation and a free do to the ranges of a block.
//
//     allocation   [      free      ]  ->  [ free ][ used ][ free ]        the parts before and after may be empty; the node of the free range stays that of one of them
//     free         [ free ][ used ][ free ]  ->  [      free      ]        the node of a free neighbour becomes that of the whole
//
// So a free range that only gets shorter or longer is not taken out of the free ranges and added again, where the policy's order does not ask for it.

using System;

using NativeHeap.Allocators;

namespace NativeHeap;

public sealed unsafe partial class FreeListAllocator
{
    /// <summary>The range after another, in the order of offsets.</summary>
    /// <param name="range">Its number, 0 for the first; then that of the next one, 0 if there is none.</param>
    /// <param name="version">What <see cref="Version"/> was at the start.</param>
    internal FreeListRange Next(ref int range, int version)
    {
        ThrowIfDisposed();
        if (version != _version)
        {
            throw AllocatorErrors.ModifiedMeanwhile();
        }

        range = range == 0 ? _nodes.First : _nodes[range].Next;
        return range == 0 ? default : new FreeListRange(_nodes[range].Offset, _nodes[range].Size, _nodes[range].IsFree);
    }

    // For what an allocation adds to the tables. A handler of a soft limit, called meanwhile, may have allocated; hence the loop.
    private bool TryMakeRoom()
    {
        while (!_nodes.HasRoom || !_index.HasRoom)
        {
            if (!_nodes.TryReserve(_heap) || !_index.TryReserve(_heap, in _nodes))
            {
                return false;
            }
        }

        return true;
    }

    // Makes a part of a free range an allocation. What is before and after it stays free.
    private void Take(int range, nuint offset, nuint size)
    {
        nuint start = _nodes[range].Offset;
        nuint before = offset - start;
        nuint after = _nodes[range].End - (offset + size);
        int taken = range;
        if (before != 0)
        {
            taken = _nodes.Add(offset, size, previous: range);
            _free.Resize(in _nodes, range, start, before);
            if (after != 0)
            {
                AddFree(_nodes.Add(offset + size, after, previous: taken));
            }
        }
        else if (after != 0)
        {
            taken = _nodes.Add(offset, size, _nodes[range].Previous);
            _free.Resize(in _nodes, range, offset + size, after);
        }
        else
        {
            RemoveFree(range);
        }

        _index.Add(in _nodes, taken);
        _free.NoteAllocated(offset + size);
        _usedBytes += size;
        _allocations++;
        _version++;
    }

    // Makes a range free that was allocated, one with its free neighbours.
    private void Join(int range)
    {
        int previous = _nodes[range].Previous;
        int next = _nodes[range].Next;
        nuint start = _nodes[range].Offset;
        nuint end = _nodes[range].End;
        if (!_nodes[previous].IsFree && !_nodes[next].IsFree)
        {
            AddFree(range);
            return;
        }

        if (!_nodes[previous].IsFree)
        {
            _free.Resize(in _nodes, next, start, _nodes[next].End - start);
        }
        else
        {
            if (_nodes[next].IsFree)
            {
                end = _nodes[next].End;
                RemoveFree(next);
                _nodes.Remove(next);
            }

            _free.Resize(in _nodes, previous, _nodes[previous].Offset, end - _nodes[previous].Offset);
        }

        _nodes.Remove(range);
    }

    private void AddFree(int range)
    {
        _free.Add(in _nodes, range);
        _freeRanges++;
    }

    private void RemoveFree(int range)
    {
        _free.Remove(in _nodes, range);
        _freeRanges--;
    }

    private void MakeFree()
    {
        _usedBytes = 0;
        _allocations = 0;
        _freeRanges = 0;
        _version++;
        AddFree(_nodes.Reset(TotalBytes));
    }

    private ArgumentException NotAnAllocation(nuint offset)
    {
        int range = _nodes.First;
        while (range != 0 && _nodes[range].End <= offset)
        {
            range = _nodes[range].Next;
        }

        return range == 0
            ? AllocatorErrors.BeyondBlock(nameof(offset), offset, TotalBytes)
            : AllocatorErrors.NotAnAllocation(nameof(offset), offset, _nodes[range].IsFree, _nodes[range].Offset);
    }
}
