// What a bump allocator does when the current chunk has no room: move on to the next chunk, or put the request aside, in a block of the heap of its own.
//
//     chunks     0 .. _entered - 1 are in use, the last of them is the current one; those after it wait, kept from before
//     next size  that of all memory held, as a power of two, from the first size to the largest: doubling
//     asides     a stack: going back to a mark frees those above it
//     ReservedBytes = UsedBytes + WastedBytes + FreeBytes
//
// Moving on wastes what is left of the current chunk. It is allowed as long as
//
//     WastedBytes <= UsedBytes / 8
//
// holds with it; otherwise the request goes aside and counts as used, so that others like it may move on before long, and smaller ones still fill the rest. That one rule also says what is large:
// a request beside which the rest of the chunk is not worth mentioning moves on, one that no chunk holds goes aside in any case.
//
// The heap may call a handler of a soft limit while it allocates, and that may use the allocator, or reset it. So nothing is known over an allocation: what it was for is looked at anew, and each is
// entered in its table before anything else happens.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Allocators;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap;

public sealed unsafe partial class BumpAllocator
{
    // What is wasted of what is used: one part in so many.
    private const nuint WastedPart = 8;

    private readonly Heap _heap;
    private readonly nuint _firstChunk;
    private readonly nuint _largestChunk;

    private HeapArray<Chunk> _chunks;
    private HeapArray<Aside> _asides;
    private nuint _chunkBytes;
    private nuint _asideBytes;
    private bool _isDisposed;

    // Of the current chunk; null before the first.
    private byte* _start;
    private int _entered;

    // Used in the chunks before the current one and aside; wasted at the ends of those chunks.
    private nuint _usedBefore;
    private nuint _wasted;

    private static nuint MaxSize => PageHeap.MaxObjectSize;

    private nuint UsedBytes => _usedBefore + (nuint)(_next - _start);

    /// <summary>What the allocator holds. Exact; takes no time to speak of.</summary>
    /// <returns>The figures, in bytes.</returns>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    public BumpStatistics GetStatistics()
    {
        ThrowIfDisposed();
        NotePeak();
        nuint reserved = _chunkBytes + _asideBytes;
        return new BumpStatistics
        {
            ReservedBytes = (long)reserved,
            UsedBytes = (long)UsedBytes,
            WastedBytes = (long)_wasted,
            FreeBytes = (long)(reserved - UsedBytes - _wasted),
            PeakUsedBytes = (long)_peak,
        };
    }

    // A tiny object that has no room in the current tiny block: in a new one, or in the current one made longer, if memory goes on where it ends.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void* TakeTiny(nuint size, nuint alignment, bool mayThrow)
    {
        byte* block = (byte*)Take(_next, TinyBlock, Granule, mayThrow);
        if (block == null)
        {
            return null;
        }

        byte* tiny = block == _tinyEnd ? Align(_tiny, alignment) : block;
        _tiny = tiny + size;
        _tinyEnd = block + TinyBlock;
        return tiny;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void* TakeSlow(nuint size, nuint alignment, bool mayThrow)
    {
        if (size > MaxSize)
        {
            return mayThrow ? throw HeapErrors.SizeTooLarge(nameof(size), size) : null;
        }

        nuint room = size + (alignment > HeapAlignment ? alignment : 0);
        do
        {
            ThrowIfDisposed();
            nuint rest = (nuint)(_end - _next);
            if ((_wasted + rest) * WastedPart > UsedBytes + size)
            {
                break;
            }

            if (_entered < _chunks.Count)
            {
                if (_chunks[_entered].Size < room)
                {
                    break;
                }

                MoveOn();
                byte* block = Align(_next, alignment);
                _next = Align(block + size, Granule);
                return block;
            }
        }
        while (TryAddChunk(room));

        return TakeAside(size, alignment, mayThrow);
    }

    private void MoveOn()
    {
        _usedBefore = UsedBytes;
        _wasted += (nuint)(_end - _next);
        EnterChunk(_entered + 1);
        _next = _start;
    }

    // Makes one of the chunks the current one, by its number from 1; 0 for none.
    private void EnterChunk(int number)
    {
        _entered = number;
        _start = number == 0 ? null : _chunks[number - 1].Start;
        _end = number == 0 ? null : _start + _chunks[number - 1].Size;
    }

    private bool TryAddChunk(nuint room)
    {
        nuint size = nuint.Clamp(BitOperations.RoundUpToPowerOf2(_chunkBytes + _asideBytes), _firstChunk, _largestChunk);
        if (size < room || !_heap.TryAlloc(size, out void* start))
        {
            return false;
        }

        if (!_chunks.TryReserve(_heap))
        {
            _heap.Free(start);
            return false;
        }

        _chunks.Add(new Chunk { Start = (byte*)start, Size = size });
        _chunkBytes += size;
        return true;
    }

    private void* TakeAside(nuint size, nuint alignment, bool mayThrow)
    {
        size = nuint.Max(size, HeapAlignment) + (alignment > HeapAlignment ? alignment - HeapAlignment : 0);
        void* block;
        if (mayThrow)
        {
            block = _heap.Alloc(size);
        }
        else if (!_heap.TryAlloc(size, out block))
        {
            return null;
        }

        if (!_asides.TryReserve(_heap))
        {
            _heap.Free(block);
            return mayThrow ? throw HeapErrors.OutOfMemory(size, _heap) : null;
        }

        _asides.Add(new Aside { Block = block, Size = size });
        _asideBytes += size;
        _usedBefore += size;
        return Align((byte*)block, alignment);
    }

    private void FreeAsides(int keep)
    {
        while (_asides.Count > keep)
        {
            Aside aside = _asides[--_asides.Count];
            _asideBytes -= aside.Size;
            _heap.Free(aside.Block);
        }
    }

    private void FreeChunks(int keep)
    {
        while (_chunks.Count > keep)
        {
            Chunk chunk = _chunks[--_chunks.Count];
            _chunkBytes -= chunk.Size;
            _heap.Free(chunk.Start);
        }
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw AllocatorErrors.Disposed(nameof(BumpAllocator));
        }
    }

    private struct Chunk
    {
        public byte* Start;
        public nuint Size;
    }

    private struct Aside
    {
        public void* Block;
        public nuint Size;
    }
}
