// Sliding: each block moves down to the end of the one before it, front to back, in one pass over the order from the first hole on.
//
//     before   place   0  1  2  3  4  5        write = the place up to which the pass is done, read = the place it has come to
//                      A  B  .  C  .  D
//     after            A  B  C  D
//
//     a block does not move     if it is pinned, or lies where it would go
//     it keeps                  its order and its alignment, so a pass over blocks of one alignment without pins leaves no holes at all
//
// A pass of a bounded number of bytes stops before the block that would be too much. The holes up to there are one by then, and its places say how long it is, so the next pass goes over it in one step.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Allocators;
using NativeHeap.Heaps;

namespace NativeHeap;

public sealed unsafe partial class CompactingAllocator
{
    /// <summary>Slides all blocks together. Spans and references into blocks that are not pinned are no longer valid; handles are.</summary>
    /// <returns>What was moved, and what was gained.</returns>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    [InvalidatesReferences]
    public CompactionResult Compact() => Compact(long.MaxValue);

    /// <summary>Slides blocks together until a number of bytes has been moved; the next call goes on from there. Spans and references into blocks that are not pinned are no longer valid; handles are.</summary>
    /// <param name="maxBytes">The most bytes to move; but a block that is larger is moved alone, so that each call gets on.</param>
    /// <returns>What was moved, what was gained, and whether there is more to do.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    [InvalidatesReferences]
    public CompactionResult Compact(long maxBytes)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        nuint before = _top;
        long movedBytes = 0;
        int movedBlocks = 0;
        int write = _firstHole;
        int read = write;
        nuint top = EndOf(write);
        while (read < _count)
        {
            NativeHandle<MovableBlock> handle = _order[read];
            if (handle.IsNull)
            {
                read += (int)handle.Index;
                continue;
            }

            ref MovableBlock block = ref _blocks[handle];
            byte* target = block.Pins != 0 ? block.Address : _start + AlignUp(top, (nuint)block.Alignment);
            if (target != block.Address)
            {
                if (movedBlocks != 0 && (long)block.Size > maxBytes - movedBytes)
                {
                    break;
                }

                Buffer.MemoryCopy(block.Address, target, block.Size, block.Size);
                block.Address = target;
                movedBytes += (long)block.Size;
                movedBlocks++;
            }

            if (write != read)
            {
                _order[read] = Freed(1);
                _order[write] = handle;
                block.Place = write;
            }

            top = (nuint)(block.Address - _start) + block.Size;
            read++;
            write++;
        }

        _firstHole = write;
        if (read < _count)
        {
            _order[write] = write == read ? _order[write] : Freed(read - write);
        }
        else
        {
            _count = write;
            _top = top;
        }

        return new CompactionResult(movedBytes, movedBlocks, (long)(before - _top), IsComplete: read >= _count);
    }

    /// <summary>Gives the memory beyond the last block back to the system, and what the tables do not need. To give back the most, <see cref="Compact()"/> first.</summary>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public void TrimExcess()
    {
        ThrowIfDisposed();
        _header->List->Decommit(_header, DataRegion, _top);
        _header->List->Decommit(_header, OrderRegion, (nuint)_count * (nuint)sizeof(NativeHandle<MovableBlock>));
        _blocks.TrimExcess();
    }

    /// <summary>Makes a block stay where it is, over compactions too, until <see cref="Unpin"/> has been called as often as this. It may not be freed meanwhile.</summary>
    /// <param name="handle">The block's handle.</param>
    /// <returns>Its address, valid until it is unpinned.</returns>
    /// <inheritdoc cref="GetSpan" path="/exception"/>
    public unsafe T* Pin<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        ref MovableBlock block = ref Get(handle);
        _pinned += block.Pins++ == 0 ? 1 : 0;
        return (T*)block.Address;
    }

    /// <summary>Undoes one <see cref="Pin"/>.</summary>
    /// <param name="handle">The block's handle.</param>
    /// <exception cref="InvalidOperationException">The block is not pinned.</exception>
    /// <inheritdoc cref="GetSpan" path="/exception"/>
    public void Unpin<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        ref MovableBlock block = ref Get(handle);
        if (block.Pins == 0)
        {
            throw AllocatorErrors.NotPinned();
        }

        block.Pins--;
        if (block.Pins == 0)
        {
            // There may be a hole before it that no pass could close.
            _pinned--;
            _firstHole = int.Min(_firstHole, block.Place);
        }
    }

    /// <summary>Counts what is live, what lies in holes, and what is free.</summary>
    /// <returns>The figures.</returns>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public CompactingStatistics GetStatistics()
    {
        ThrowIfDisposed();
        nuint committed = _header->Region(DataRegion)->Committed;
        return new CompactingStatistics
        {
            CommittedBytes = (long)committed,
            LiveBytes = (long)_liveBytes,
            HoleBytes = (long)(_top - _liveBytes),
            FreeBytes = (long)(committed - _top),
            Blocks = _blocks.Count,
            PinnedBlocks = _pinned,
        };
    }

    private static nuint AlignUp(nuint offset, nuint alignment) => (offset + alignment - 1) & ~(alignment - 1);

    // What stands in the order for freed blocks: a null handle, with the number of places in which there are none.
    private static NativeHandle<MovableBlock> Freed(int places) => new((uint)places, generation: 0);

    // The end of the block before a place; 0 if there is none.
    private nuint EndOf(int place)
    {
        if (place == 0)
        {
            return 0;
        }

        ref MovableBlock last = ref _blocks[_order[place - 1]];
        return (nuint)(last.Address - _start) + last.Size;
    }

    private void FreeBlock(ref MovableBlock block, NativeHandle<MovableBlock> handle)
    {
        if (block.Pins != 0)
        {
            throw AllocatorErrors.Pinned(nameof(Free), 1);
        }

        int place = block.Place;
        _liveBytes -= block.Size;
        _ = _blocks.Remove(handle);
        _order[place] = Freed(1);
        if (place == _count - 1)
        {
            while (_count != 0 && _order[_count - 1].IsNull)
            {
                _count--;
            }

            _top = EndOf(_count);
        }

        _firstHole = int.Min(_firstHole, int.Min(place, _count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref MovableBlock Find<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        ThrowIfDisposed();
        return ref _blocks.GetValueRefOrNullRef(Untyped(handle));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref MovableBlock Get<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        ref MovableBlock block = ref Find(handle);
        if (Unsafe.IsNullRef(ref block))
        {
            ThrowNoBlock(handle.ToString());
        }

        return ref block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ThrowIfDisposed()
    {
        if (_header->Token != _token)
        {
            throw AllocatorErrors.Disposed(nameof(CompactingAllocator));
        }
    }

    private Exception NoRoom<T>(int length, nuint alignment)
        where T : unmanaged
    {
        nuint size = (nuint)length * (nuint)sizeof(T);
        return MayHold(size, nuint.Max(alignment, (nuint)TypeLayout.NaturalAlignmentOf<T>()))
            ? HeapErrors.OutOfMemory(size, _heap)
            : AllocatorErrors.NoRoom(size, MaximumBytes, _maxBlocks, GetStatistics());
    }

    [DoesNotReturn]
    private static void ThrowNoBlock(string handle) => throw AllocatorErrors.NoBlock(handle);
}
