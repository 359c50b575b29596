// The classic allocator over one block: ranges, used and free, that are split by an allocation and joined again by a free. The policy says which free range is taken.
//
//     block    [ used ][ free ][ used ][ used ][   free   ]        in order, without gaps, no two free ranges side by side
//     nodes    one a range, linked in that order                     (RangeNodes.cs)
//     free     the free ones again, as the policy finds them         (FreeRanges.cs)
//     index    the used ones again, by offset                        (OffsetIndex.cs)
//     TotalBytes = used bytes + free bytes
//
// All that it knows lies outside of the block, in offsets: the block may be memory of a graphics card, shared with another process, or a file. About a hundred bytes an allocation.
//
// A free joins its range with free neighbours at once, so no request fails that a range could hold, and it needs no memory. An allocation asks for all the memory that it may need for nodes before it
// changes anything.
//
// Used by one thread at a time. FreeListAllocator.Ranges.cs splits and joins.

using System;
using System.Diagnostics;
using System.Numerics;

using NativeHeap.Allocators;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>
/// Divides a block that the caller owns into allocations of any size, freed in any order: by first, next, best or segregated fit, with the neighbours of what is freed joined at once. It works in offsets and never
/// touches the block, which may also be memory of a graphics card, shared memory or a file.
/// </summary>
/// <remarks>
/// Not thread-safe: one thread at a time, or a lock of the caller's. The block stays the caller's, and must outlive its allocations. No finalizer frees the allocator's own tables: dispose of it. Sizes and offsets are in bytes.
/// </remarks>
[DebuggerDisplay("{GetStatistics().UsedBytes} of {GetStatistics().TotalBytes} bytes used")]
public sealed unsafe partial class FreeListAllocator : IDisposable
{
    // Far from where an offset, an alignment and an address together are more than a word.
    private static readonly nuint s_maxLength = (nuint)1 << 60;


    private readonly Heap _heap;
    private readonly nuint _granularity;
    private readonly nuint _start;

    private RangeNodes _nodes;
    private FreeRanges _free;
    private OffsetIndex _index;
    private nuint _usedBytes;
    private int _allocations;
    private int _freeRanges;
    private int _version;
    private bool _isDisposed;

    /// <summary>Makes an allocator of offsets, by segregated fit with a granularity of 16 bytes.</summary>
    /// <inheritdoc cref="FreeListAllocator(nuint, FreeListOptions)"/>
    public FreeListAllocator(nuint length)
        : this(length, new FreeListOptions())
    {
    }

    /// <summary>Makes an allocator of offsets.</summary>
    /// <param name="length">The length of the block, in bytes, at least the granularity; what is beyond a multiple of that is not used.</param>
    /// <param name="options">Policy, granularity and where the tables come from.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than the granularity or over 2^60, the granularity not a power of two, or there is no such policy.</exception>
    /// <exception cref="OutOfMemoryException">The heap has no memory for the tables.</exception>
    public FreeListAllocator(nuint length, FreeListOptions options)
        : this(null, length, options)
    {
    }

    /// <summary>Makes an allocator of a block of memory, by segregated fit with a granularity of 16 bytes.</summary>
    /// <inheritdoc cref="FreeListAllocator(void*, nuint, FreeListOptions)"/>
    public unsafe FreeListAllocator(void* block, nuint length)
        : this(block, length, new FreeListOptions())
    {
    }

    /// <summary>Makes an allocator of a block of memory. Alignment is then that of addresses, and <see cref="ToPointer"/> turns an offset into one.</summary>
    /// <param name="block">The block, aligned to the granularity, which stays the caller's; null to have offsets only.</param>
    /// <param name="length">The length of the block, in bytes, at least the granularity; what is beyond a multiple of that is not used.</param>
    /// <param name="options">Policy, granularity and where the tables come from.</param>
    /// <exception cref="ArgumentException">The block is not aligned to the granularity.</exception>
    /// <inheritdoc cref="FreeListAllocator(nuint, FreeListOptions)" path="/exception"/>
    public unsafe FreeListAllocator(void* block, nuint length, FreeListOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.Policy))
        {
            throw AllocatorErrors.BadPolicy(nameof(options), options.Policy);
        }

        if (!BitOperations.IsPow2(options.Granularity) || options.Granularity > s_maxLength)
        {
            throw AllocatorErrors.BadAlignment(nameof(options), options.Granularity, s_maxLength);
        }

        _heap = options.Heap ?? Heap.Shared;
        _granularity = options.Granularity;
        _start = (nuint)block;
        Policy = options.Policy;
        TotalBytes = length & ~(_granularity - 1);
        if (TotalBytes == 0 || TotalBytes > s_maxLength)
        {
            throw AllocatorErrors.BadLength(nameof(length), length, _granularity, s_maxLength);
        }

        if ((_start & (_granularity - 1)) != 0)
        {
            throw AllocatorErrors.MisalignedBlock(nameof(block), _start, _granularity);
        }

        _free = new FreeRanges(Policy, BitOperations.Log2(_granularity));
        if (!_nodes.TryReserve(_heap) || !_free.TryReserve(_heap, TotalBytes))
        {
            _nodes.Release(_heap);
            throw HeapErrors.OutOfMemory((nuint)sizeof(RangeNode), _heap);
        }

        MakeFree();
    }

    /// <summary>Which free range is taken.</summary>
    public FitPolicy Policy { get; }

    /// <summary>The length of the block as far as it is managed, in bytes.</summary>
    public nuint TotalBytes { get; }

    /// <summary>Changes with every allocation and free.</summary>
    internal int Version => _version;

    /// <summary>Allocates a range.</summary>
    /// <param name="size">In bytes; rounded up to the granularity, 0 counts as 1.</param>
    /// <param name="alignment">Of its first byte, in bytes: a power of two up to 2^60; less than the granularity counts as that.</param>
    /// <returns>Its offset in the block, in bytes.</returns>
    /// <exception cref="OutOfMemoryException">No free range can hold it, or the heap has no memory for the tables. Nothing has changed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The alignment is not a power of two, or over 2^60.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public nuint Alloc(nuint size, nuint alignment = 1) =>
        TryAlloc(size, out nuint offset, alignment) ? offset : throw AllocatorErrors.NoRange(size, alignment, GetStatistics());

    /// <summary>Allocates a range, or says that it cannot.</summary>
    /// <param name="size">In bytes; rounded up to the granularity, 0 counts as 1.</param>
    /// <param name="offset">Its offset in the block, in bytes; 0 if there is none.</param>
    /// <param name="alignment">Of its first byte, in bytes: a power of two up to 2^60; less than the granularity counts as that.</param>
    /// <returns>Whether there is one: not if no free range can hold it, or the heap has no memory for the tables. Then nothing has changed.</returns>
    /// <inheritdoc cref="Alloc" path="/exception[@cref='ArgumentOutOfRangeException' or @cref='ObjectDisposedException']"/>
    public bool TryAlloc(nuint size, out nuint offset, nuint alignment = 1)
    {
        ThrowIfDisposed();
        if (!BitOperations.IsPow2(alignment) || alignment > s_maxLength)
        {
            throw AllocatorErrors.BadAlignment(nameof(alignment), alignment, s_maxLength);
        }

        offset = 0;
        if (size > TotalBytes || !TryMakeRoom())
        {
            return false;
        }

        FitRequest request = new((nuint.Max(size, 1) + _granularity - 1) & ~(_granularity - 1), nuint.Max(alignment, _granularity), _start);
        int range = _free.Find(in _nodes, in request);
        if (range != 0)
        {
            offset = request.OffsetIn(in _nodes[range]);
            Take(range, offset, request.Size);
        }

        return range != 0;
    }

    /// <summary>Frees an allocation, and joins its range with free neighbours.</summary>
    /// <param name="offset">What <see cref="Alloc"/> returned.</param>
    /// <exception cref="ArgumentException">There is no allocation at the offset: it has been freed before, or never was one. Nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    public void Free(nuint offset)
    {
        ThrowIfDisposed();
        int range = _index.Remove(in _nodes, offset);
        if (range == 0)
        {
            throw NotAnAllocation(offset);
        }

        _usedBytes -= _nodes[range].Size;
        _allocations--;
        _version++;
        Join(range);
    }

    /// <summary>The size that an allocation may be used to.</summary>
    /// <param name="offset">What <see cref="Alloc"/> returned.</param>
    /// <returns>In bytes: what was asked for, rounded up to the granularity.</returns>
    /// <inheritdoc cref="Free" path="/exception"/>
    public nuint UsableSize(nuint offset)
    {
        ThrowIfDisposed();
        int range = _index.Find(in _nodes, offset);
        return range != 0 ? _nodes[range].Size : throw NotAnAllocation(offset);
    }

    /// <summary>The address of an offset, of an allocator that was made for a block of memory.</summary>
    /// <param name="offset">An offset in the block, in bytes.</param>
    /// <returns>The address.</returns>
    /// <exception cref="InvalidOperationException">The allocator was made for offsets only.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is beyond the block.</exception>
    [return: Borrowed]
    public unsafe void* ToPointer(nuint offset)
    {
        if (_start == 0)
        {
            throw AllocatorErrors.NoBlock();
        }

        return offset < TotalBytes ? (byte*)_start + offset : throw AllocatorErrors.BeyondBlock(nameof(offset), offset, TotalBytes);
    }

    /// <summary>The offset of an address, of an allocator that was made for a block of memory.</summary>
    /// <param name="address">An address in the block.</param>
    /// <returns>The offset, in bytes: of an allocation's first byte, what <see cref="Alloc"/> returned.</returns>
    /// <exception cref="InvalidOperationException">The allocator was made for offsets only.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The address is not in the block.</exception>
    public unsafe nuint ToOffset([Borrowed] void* address)
    {
        if (_start == 0)
        {
            throw AllocatorErrors.NoBlock();
        }

        nuint offset = (nuint)address - _start;
        return offset < TotalBytes ? offset : throw AllocatorErrors.BeyondBlock(nameof(address), (nuint)address, TotalBytes);
    }

    /// <summary>Frees all allocations at once. The allocator keeps its tables for the next.</summary>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    [InvalidatesReferences]
    public void Reset()
    {
        ThrowIfDisposed();
        _index.Clear();
        _free.Clear();
        MakeFree();
    }

    /// <summary>Counts what is used and what is free. Takes a short time, by segregated fit one that grows with the longest free ranges' list.</summary>
    /// <returns>The figures.</returns>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    public FreeListStatistics GetStatistics()
    {
        ThrowIfDisposed();
        return new FreeListStatistics
        {
            TotalBytes = (long)TotalBytes,
            UsedBytes = (long)_usedBytes,
            FreeBytes = (long)(TotalBytes - _usedBytes),
            Allocations = _allocations,
            FreeRanges = _freeRanges,
            LargestFreeBytes = (long)_free.Largest(in _nodes),
        };
    }

    /// <summary>Goes through all ranges, used and free, in the order of their offsets.</summary>
    /// <returns>What <c>foreach</c> uses. It allocates nothing.</returns>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    public FreeListEnumerator GetEnumerator()
    {
        ThrowIfDisposed();
        return new FreeListEnumerator(this);
    }

    /// <summary>Gives the tables' memory back to the heap. The block stays the caller's. A second call does nothing.</summary>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of before the allocator.</exception>
    [InvalidatesReferences]
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _index.Release(_heap);
            _free.Release(_heap);
            _nodes.Release(_heap);
        }
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw AllocatorErrors.Disposed(nameof(FreeListAllocator));
        }
    }
}
