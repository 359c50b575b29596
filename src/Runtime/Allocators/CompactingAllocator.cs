// Linear allocation whose memory is used again by moving what lives: blocks are reached through handles, so that Compact may slide them together.
//
//     region   [ live ][hole][ live ][ live ][hole][ live ]|        new blocks        |      reserved      |
//              0                                          _top                    committed
//
//     order    the handle of every block in the order of addresses, which is that of allocation; in the place of a freed one, a null handle that says how many places on the next one is
//     blocks   where they are, by handle: a NativeTable, whose slots and generations make the handles
//
//     _top = end of the last block;   live bytes + hole bytes = _top;   committed bytes = _top + free bytes
//     the blocks before place _firstHole are as close together as alignment and pins let them be
//
// The region grows in place, and is part of the heap as a table is: it ends with it. CompactingAllocator.Compact.cs has the sliding.
//
// Used by one thread at a time. A handler of a soft limit, called while memory is taken, may use the allocator; so all that is needed is there before anything changes.

using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Allocators;
using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap;

/// <summary>Allocates by moving a pointer, hands out handles, and makes room by sliding together what lives: <see cref="Compact()"/>.</summary>
/// <remarks>
/// <para>An allocation costs an addition and an entry in a table, with no search for a place; after a compaction there are no holes but for alignment and pins. The order of the blocks is that of their allocation, always.</para>
/// <para>Spans and references into blocks are valid until the block is freed, and until the next <see cref="Compact()"/>, <see cref="Reset"/> or <see cref="Dispose"/>; a pinned block (<see cref="Pin"/>) is not moved. Handles stay valid, and know
/// when their block is gone. Blocks are moved as bytes: what points into itself or into another block must hold a handle instead.</para>
/// <para>Not thread-safe: one thread at a time. No finalizer frees anything: dispose of it, or of its heap. Sizes are in bytes.</para>
/// </remarks>
[DebuggerDisplay("{GetStatistics().Blocks} blocks, {GetStatistics().LiveBytes} of {GetStatistics().CommittedBytes} bytes live")]
public sealed unsafe partial class CompactingAllocator : IDisposable
{
    /// <summary>What the blocks of an allocator may take for which no other number was given, in bytes: 4 GiB.</summary>
    public const long DefaultMaximumBytes = 1L << 32;

    /// <summary>The largest alignment of a block, in bytes.</summary>
    public const int MaxAlignment = 4096;

    private const int DataRegion = 0;
    private const int OrderRegion = 1;
    private const long LeastMaxBlocks = 1024;
    private const long MostMaxBlocks = 1 << 26;

    private readonly Heap _heap;
    private readonly NativeTable<MovableBlock> _blocks;
    private readonly ContainerHeader* _header;
    private readonly ulong _token;
    private readonly byte* _start;
    private readonly NativeHandle<MovableBlock>* _order;
    private readonly int _maxBlocks;

    private nuint _top;
    private nuint _liveBytes;
    private int _count;
    private int _firstHole;
    private int _pinned;

    /// <summary>Makes an empty allocator on <see cref="Heap.Shared"/>, for at most <see cref="DefaultMaximumBytes"/>.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory or no addresses.</exception>
    public CompactingAllocator()
        : this(Heap.Shared, DefaultMaximumBytes)
    {
    }

    /// <summary>Makes an empty allocator.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="maximumBytes">The most that its blocks and the holes between them may take. Costs addresses, and no memory.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory or no addresses.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is not from 1 to 2^46.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public CompactingAllocator(Heap heap, long maximumBytes)
    {
        ArgumentNullException.ThrowIfNull(heap);
        if (maximumBytes < 1 || (nuint)maximumBytes > PageHeap.MaxObjectSize)
        {
            throw AllocatorErrors.BadMaximum(nameof(maximumBytes), maximumBytes, (long)PageHeap.MaxObjectSize);
        }

        _heap = heap;
        MaximumBytes = maximumBytes;
        _maxBlocks = (int)long.Clamp(maximumBytes / sizeof(ulong), LeastMaxBlocks, MostMaxBlocks);
        _blocks = new NativeTable<MovableBlock>(heap, _maxBlocks);
        _header = Open(heap, (nuint)maximumBytes, (nuint)_maxBlocks * (nuint)sizeof(NativeHandle<MovableBlock>));
        if (_header == null)
        {
            _blocks.Dispose();
            throw HeapErrors.OutOfMemory((nuint)maximumBytes, heap);
        }

        _token = _header->Token;
        _start = _header->Region(DataRegion)->Start;
        _order = (NativeHandle<MovableBlock>*)_header->Region(OrderRegion)->Start;
    }

    /// <summary>The most that the blocks and the holes between them may take, in bytes.</summary>
    public long MaximumBytes { get; }

    /// <summary>Allocates a block for one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A struct with generated stubs, whose requested alignment is kept.</typeparam>
    /// <returns>The block's handle.</returns>
    /// <inheritdoc cref="Alloc{T}(int, nuint)" path="/exception"/>
    public NativeHandle<T> Alloc<T>()
        where T : unmanaged, INativeAllocated<T>
        => Alloc<T>(1);

    /// <summary>Allocates a block of uninitialised <typeparamref name="T"/>s.</summary>
    /// <typeparam name="T">A struct with generated stubs; the requested alignment of the first is kept.</typeparam>
    /// <param name="length">How many; none is allowed.</param>
    /// <returns>The block's handle.</returns>
    /// <inheritdoc cref="Alloc{T}(int, nuint)" path="/exception"/>
    public NativeHandle<T> Alloc<T>(int length)
        where T : unmanaged, INativeAllocated<T>
        => TryAllocAt(length, (nuint)TypeLayout.AlignmentOf<T>(), out NativeHandle<T> handle) ? handle : throw NoRoom<T>(length, (nuint)TypeLayout.AlignmentOf<T>());

    /// <summary>Allocates a block of uninitialised <typeparamref name="T"/>s.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="length">How many; none is allowed.</param>
    /// <param name="alignment">Of the first, in bytes: a power of two, at most <see cref="MaxAlignment"/>; less than the fields of <typeparamref name="T"/> need counts as what they need.</param>
    /// <returns>The block's handle.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory, or the blocks and the holes between them take <see cref="MaximumBytes"/>; the message tells which, and what a compaction would free. Nothing has changed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or the alignment not a power of two or over <see cref="MaxAlignment"/>.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public NativeHandle<T> Alloc<T>(int length = 1, nuint alignment = 1)
        where T : unmanaged
        => TryAlloc(length, out NativeHandle<T> handle, alignment) ? handle : throw NoRoom<T>(length, alignment);

    /// <summary>Allocates a block of uninitialised <typeparamref name="T"/>s, or says that it cannot.</summary>
    /// <typeparam name="T">A struct with generated stubs; the requested alignment of the first is kept.</typeparam>
    /// <param name="length">How many; none is allowed.</param>
    /// <param name="handle">The block's handle; null if there is none.</param>
    /// <returns>Whether there is a block.</returns>
    /// <inheritdoc cref="TryAlloc{T}(int, out NativeHandle{T}, nuint)" path="/exception"/>
    public bool TryAlloc<T>(int length, out NativeHandle<T> handle)
        where T : unmanaged, INativeAllocated<T>
        => TryAllocAt(length, (nuint)TypeLayout.AlignmentOf<T>(), out handle);

    /// <summary>Allocates a block of uninitialised <typeparamref name="T"/>s, or says that it cannot.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="length">How many; none is allowed.</param>
    /// <param name="handle">The block's handle; null if there is none.</param>
    /// <param name="alignment">Of the first, in bytes: a power of two, at most <see cref="MaxAlignment"/>; less than the fields of <typeparamref name="T"/> need counts as what they need.</param>
    /// <returns>Whether there is a block: not if the system has no memory, or the blocks and the holes between them take <see cref="MaximumBytes"/>. Then nothing has changed, and a <see cref="Compact()"/> may help.</returns>
    /// <inheritdoc cref="Alloc{T}(int, nuint)" path="/exception[@cref='ArgumentOutOfRangeException' or @cref='ObjectDisposedException']"/>
    public bool TryAlloc<T>(int length, out NativeHandle<T> handle, nuint alignment = 1)
        where T : unmanaged
        => TryAllocAt(length, alignment, out handle);

    /// <summary>Whether a handle names a block.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>Whether there is such a block.</returns>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public bool Contains<T>(NativeHandle<T> handle)
        where T : unmanaged
        => !Unsafe.IsNullRef(ref Find(handle));

    /// <summary>The content of a block.</summary>
    /// <param name="handle">Its handle.</param>
    /// <returns>As many <typeparamref name="T"/>s as were allocated, valid until the block is freed or moved.</returns>
    /// <exception cref="System.Collections.Generic.KeyNotFoundException">The handle names no block: its own was freed, or it is null, or of another allocator.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> GetSpan<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        ref MovableBlock block = ref Get(handle);
        return new Span<T>(block.Address, (int)(block.Size / (nuint)sizeof(T)));
    }

    /// <summary>The content of a block, if it is there.</summary>
    /// <param name="handle">Any handle.</param>
    /// <param name="span">As many <typeparamref name="T"/>s as were allocated, valid until the block is freed or moved; empty if there is no such block.</param>
    /// <returns>Whether there is such a block.</returns>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public bool TryGetSpan<T>(NativeHandle<T> handle, [Borrowed] out Span<T> span)
        where T : unmanaged
    {
        ref MovableBlock block = ref Find(handle);
        bool found = !Unsafe.IsNullRef(ref block);
        span = found ? new Span<T>(block.Address, (int)(block.Size / (nuint)sizeof(T))) : default;
        return found;
    }

    /// <summary>The first <typeparamref name="T"/> of a block.</summary>
    /// <param name="handle">Its handle.</param>
    /// <returns>A reference, valid until the block is freed or moved.</returns>
    /// <inheritdoc cref="GetSpan" path="/exception"/>
    /// <exception cref="IndexOutOfRangeException">The block is of no <typeparamref name="T"/>s.</exception>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T GetValue<T>(NativeHandle<T> handle)
        where T : unmanaged
        => ref GetSpan(handle)[0];

    /// <summary>Frees a block. Its memory is a hole until the next compaction, or free at once if it was the last.</summary>
    /// <param name="handle">Its handle; null is ignored.</param>
    /// <exception cref="InvalidOperationException">The block is pinned.</exception>
    /// <inheritdoc cref="GetSpan" path="/exception"/>
    public void Free<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        if (!handle.IsNull)
        {
            FreeBlock(ref Get(handle), Untyped(handle));
        }
    }

    /// <summary>Frees a block, if it is there.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>Whether there was such a block.</returns>
    /// <exception cref="InvalidOperationException">The block is pinned.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public bool TryFree<T>(NativeHandle<T> handle)
        where T : unmanaged
    {
        ref MovableBlock block = ref Find(handle);
        if (Unsafe.IsNullRef(ref block))
        {
            return false;
        }

        FreeBlock(ref block, Untyped(handle));
        return true;
    }

    /// <summary>Frees all blocks. The memory is kept.</summary>
    /// <exception cref="InvalidOperationException">A block is pinned. Nothing has been freed.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    [InvalidatesReferences]
    public void Reset()
    {
        ThrowIfDisposed();
        if (_pinned != 0)
        {
            throw AllocatorErrors.Pinned(nameof(Reset), _pinned);
        }

        _blocks.Clear();
        _top = 0;
        _liveBytes = 0;
        _count = 0;
        _firstHole = 0;
    }

    /// <summary>Frees all blocks and gives the memory back. A second call does nothing, any other after it throws <see cref="ObjectDisposedException"/>.</summary>
    [InvalidatesReferences]
    public void Dispose()
    {
        _blocks.Dispose();
        if (_header->Token == _token)
        {
            _header->List->Close(_header);
        }
    }

    private static ContainerHeader* Open(Heap heap, nuint dataBytes, nuint orderBytes)
    {
        CentralSet* set = ContainerRoutes.SetOf(heap);
        ContainerHeader* header = set == null ? null : ContainerList.Open(&set->Containers);
        if (header != null && (!set->Containers.Reserve(header, DataRegion, dataBytes) || !set->Containers.Reserve(header, OrderRegion, orderBytes)))
        {
            set->Containers.Close(header);
            return null;
        }

        return header;
    }

    private static NativeHandle<MovableBlock> Untyped<T>(NativeHandle<T> handle)
        where T : unmanaged
        => new(handle.Index, handle.Generation);

    private bool TryAllocAt<T>(int length, nuint alignment, out NativeHandle<T> handle)
        where T : unmanaged
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (!BitOperations.IsPow2(alignment) || alignment > MaxAlignment)
        {
            throw AllocatorErrors.BadAlignment(nameof(alignment), alignment, MaxAlignment);
        }

        alignment = nuint.Max(alignment, (nuint)TypeLayout.NaturalAlignmentOf<T>());
        nuint size = (nuint)length * (nuint)sizeof(T);
        handle = default;
        if (!TryMakeRoom(size, alignment))
        {
            return false;
        }

        byte* address = _start + AlignUp(_top, alignment);
        _blocks.Add(new MovableBlock { Address = address, Size = size, Alignment = (int)alignment, Place = _count }, out NativeHandle<MovableBlock> added);
        _order[_count++] = added;
        _top = (nuint)(address - _start) + size;
        _liveBytes += size;
        handle = new NativeHandle<T>(added.Index, added.Generation);
        return true;
    }

    // Whether a block more is within what the allocator was made for, as its blocks and holes lie now.
    private bool MayHold(nuint size, nuint alignment)
    {
        nuint offset = AlignUp(_top, alignment);
        return _count < _maxBlocks && offset <= (nuint)MaximumBytes && size <= (nuint)MaximumBytes - offset;
    }

    // Whatever an allocation needs, so that it cannot fail halfway. A handler of a soft limit may have allocated in the meantime, hence the loop.
    private bool TryMakeRoom(nuint size, nuint alignment)
    {
        while (true)
        {
            nuint end = AlignUp(_top, alignment) + size;
            nuint order = (nuint)(_count + 1) * (nuint)sizeof(NativeHandle<MovableBlock>);
            if (!MayHold(size, alignment))
            {
                return false;
            }

            if (end <= _header->Region(DataRegion)->Committed && order <= _header->Region(OrderRegion)->Committed && _blocks.Count < _blocks.Capacity)
            {
                return true;
            }

            if (!ContainerRoutes.TryCommit(_header, DataRegion, end) || !ContainerRoutes.TryCommit(_header, OrderRegion, order) || !_blocks.State->TryReserve(_blocks.Count + 1))
            {
                return false;
            }
        }
    }
}
