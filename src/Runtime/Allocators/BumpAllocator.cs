// Linear allocation: a pointer that moves up through chunks of a heap. An allocation is an addition and a compare; nothing is freed singly, everything at once, by Reset, by
// going back to a mark, or at the end of a scope.
//
//     _start <= _next <= _end          the current chunk; all three are multiples of Granule, so most types need no rounding of the pointer
//     _tiny <= _tinyEnd                the current tiny block, a piece of memory allocated as any other
//     no chunk, or disposed of         all null: every allocation is in the slow path
//
// Objects of less than 16 bytes that would leave a part of a granule unused share tiny blocks, each at its own alignment, as Go packs such objects without pointers (an object
// that holds a pointer fills its granules). So a byte between two longs costs a byte. Go's blocks are of 16 bytes, since its collector keeps a block for the last object alive in it, and an explicit
// free could not tell its objects apart at all; here all of them die at once, and a block is a cache line.
//
// A class and not a struct over a native header: after its disposal, it stays what it was, and each call on it is an error; a header's memory would be somebody else's. It costs
// one object, once; no call allocates managed memory.
//
// Used by one thread at a time. BumpAllocator.Growth.cs has the way of memory from the heap, BumpAllocator.Marks.cs the way back.

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>
/// Allocates by moving a pointer through chunks of a <see cref="Heap"/>, and frees everything at once: per frame, per request, per level, or at the end of a <see cref="BumpScope"/>.
/// </summary>
/// <remarks>
/// Not thread-safe: one thread at a time (<see cref="ThreadFrames"/> keeps one for each thread). Memory belongs to the allocator: it is valid until <see cref="Reset"/>,
/// <see cref="Dispose"/>, a <see cref="Rewind"/> to an earlier mark or the end of the scope in which it was allocated, and must not be freed. In safe code use <see cref="EnterScope"/>, whose references and
/// spans the compiler does not let outlive it; the members here that are marked unsafe leave that to the caller. No finalizer frees anything: dispose of the allocator, before its heap is disposed of or reset.
/// Sizes are in bytes.
/// </remarks>
[DebuggerDisplay("{GetStatistics().UsedBytes} of {GetStatistics().ReservedBytes} bytes used")]
public sealed unsafe partial class BumpAllocator : IDisposable
{
    private const nuint Granule = 8;

    // What the heap's blocks are aligned to.
    private const nuint HeapAlignment = 16;

    // Objects below this many bytes that do not fill their granules are tiny.
    private const nuint TinyLimit = 16;
    private const nuint TinyBlock = 64;

    private byte* _next;
    private byte* _end;
    private byte* _tiny;
    private byte* _tinyEnd;

    // The serial number of the innermost scope that is open; 0 if none is.
    private ulong _scope;

    /// <summary>Makes an allocator over <see cref="Heap.Shared"/>. It takes no memory before the first allocation.</summary>
    public BumpAllocator()
        : this(new BumpAllocatorOptions())
    {
    }

    /// <summary>Makes an allocator. It takes no memory before the first allocation.</summary>
    /// <param name="options">The heap, and how large the chunks taken from it are.</param>
    /// <exception cref="ArgumentOutOfRangeException">A chunk's size is not a power of two in its range, or the first is larger than the largest.</exception>
    public BumpAllocator(BumpAllocatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_heap, _firstChunk, _largestChunk) = options.Check();
        _id = TakeId();
    }

    /// <summary>The serial number of the innermost open scope; 0 if there is none.</summary>
    internal ulong Scope => _scope;

    /// <summary>Allocates one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A struct with generated stubs, whose requested alignment is kept.</typeparam>
    /// <returns>The object, which belongs to the allocator.</returns>
    /// <exception cref="OutOfMemoryException">The heap has no memory.</exception>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* Alloc<T>()
        where T : unmanaged, INativeAllocated<T>
        => (T*)Take(_next, (nuint)sizeof(T), (nuint)TypeLayout.AlignmentOf<T>());

    /// <summary>Allocates one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="alignment">In bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>; less than the fields of <typeparamref name="T"/> need counts as what they need.</param>
    /// <exception cref="ArgumentOutOfRangeException">The alignment is not a power of two or is over 2 MiB.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/returns|/exception"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* Alloc<T>(nuint alignment = 1)
        where T : unmanaged
        => (T*)Take(_next, (nuint)sizeof(T), AlignmentOf<T>(alignment));

    /// <summary>Allocates one <typeparamref name="T"/> of zeroed memory.</summary>
    /// <inheritdoc cref="Alloc{T}()"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* AllocZeroed<T>()
        where T : unmanaged, INativeAllocated<T>
    {
        T* value = Alloc<T>();
        new Span<T>(value, 1).Clear();
        return value;
    }

    /// <summary>Allocates one <typeparamref name="T"/> of zeroed memory.</summary>
    /// <inheritdoc cref="Alloc{T}(nuint)"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* AllocZeroed<T>(nuint alignment = 1)
        where T : unmanaged
    {
        T* value = Alloc<T>(alignment);
        new Span<T>(value, 1).Clear();
        return value;
    }

    /// <summary>Allocates an uninitialised span.</summary>
    /// <typeparam name="T">A struct with generated stubs; the requested alignment of its first item is kept.</typeparam>
    /// <param name="length">The number of items; for 0 the result is empty.</param>
    /// <returns>The span, which belongs to the allocator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or the size over 2^46 bytes.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Span<T> AllocSpan<T>(int length)
        where T : unmanaged, INativeAllocated<T>
        => TakeSpan<T>(length, (nuint)TypeLayout.AlignmentOf<T>());

    /// <summary>Allocates an uninitialised span.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="length">The number of items; for 0 the result is empty.</param>
    /// <param name="alignment">Of the first item, in bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>; less than the fields of <typeparamref name="T"/> need counts as what they need.</param>
    /// <returns>The span, which belongs to the allocator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, the size over 2^46 bytes, or the alignment not a power of two or over 2 MiB.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Span<T> AllocSpan<T>(int length, nuint alignment = 1)
        where T : unmanaged
        => TakeSpan<T>(length, AlignmentOf<T>(alignment));

    /// <summary>Allocates a span of zeros.</summary>
    /// <inheritdoc cref="AllocSpan{T}(int)"/>
    [return: Borrowed]
    public unsafe Span<T> AllocZeroedSpan<T>(int length)
        where T : unmanaged, INativeAllocated<T>
    {
        Span<T> span = AllocSpan<T>(length);
        span.Clear();
        return span;
    }

    /// <summary>Allocates a span of zeros.</summary>
    /// <inheritdoc cref="AllocSpan{T}(int, nuint)"/>
    [return: Borrowed]
    public unsafe Span<T> AllocZeroedSpan<T>(int length, nuint alignment = 1)
        where T : unmanaged
    {
        Span<T> span = AllocSpan<T>(length, alignment);
        span.Clear();
        return span;
    }

    /// <summary>Allocates an uninitialised block.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <returns>The block, aligned to 16 bytes (8 if its size is 8 or less). It belongs to the allocator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is over 2^46 bytes.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    [return: Borrowed]
    public unsafe void* Alloc(nuint size) =>
        size <= MaxSize ? Take(_next, nuint.Max(size, 1), UntypedAlignmentOf(size)) : throw HeapErrors.SizeTooLarge(nameof(size), size);

    /// <summary>Allocates a block of zeros.</summary>
    /// <inheritdoc cref="Alloc(nuint)"/>
    [return: Borrowed]
    public unsafe void* AllocZeroed(nuint size)
    {
        void* block = Alloc(size);
        NativeMemory.Clear(block, size);
        return block;
    }

    /// <summary>Allocates an uninitialised block with an alignment.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <param name="alignment">In bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>.</param>
    /// <returns>The block, whose address is a multiple of <paramref name="alignment"/>. It belongs to the allocator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The alignment is not a power of two or is over 2 MiB, or the size is over 2^46 bytes.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    [return: Borrowed]
    public unsafe void* AllocAligned(nuint size, nuint alignment)
    {
        CheckAlignment(alignment);
        return size <= MaxSize ? Take(_next, nuint.Max(size, 1), alignment) : throw HeapErrors.SizeTooLarge(nameof(size), size);
    }

    /// <summary>Allocates an uninitialised block, or says that it cannot.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <param name="block">The block, aligned as by <see cref="Alloc(nuint)"/>, which belongs to the allocator; null if there is none.</param>
    /// <returns>Whether there is a block: not if the heap has no memory or the size is over 2^46 bytes.</returns>
    /// <exception cref="ObjectDisposedException">The allocator, or its heap, has been disposed of.</exception>
    public unsafe bool TryAlloc(nuint size, [Borrowed] out void* block)
    {
        block = size <= MaxSize ? Take(_next, nuint.Max(size, 1), UntypedAlignmentOf(size), mayThrow: false) : null;
        return block != null;
    }

    // The fast path. Sizes and alignments of types are constants here, and most of this folds away: size is at most MaxSize, or the size of a type. Callers read _next for it before
    // they do anything else: that spares them a test of the allocator for null.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void* Take(byte* next, nuint size, nuint alignment, bool mayThrow = true)
    {
        if (alignment < Granule && size < TinyLimit && size % Granule != 0)
        {
            byte* tiny = Align(_tiny, alignment);
            if (tiny + size <= _tinyEnd)
            {
                _tiny = tiny + size;
                return tiny;
            }

            return TakeTiny(size, alignment, mayThrow);
        }

        byte* block = alignment <= Granule ? next : Align(next, alignment);
        byte* end = block + ((size + Granule - 1) & ~(Granule - 1));
        if (end <= _end)
        {
            _next = end;
            return block;
        }

        return TakeSlow(size, alignment, mayThrow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<T> TakeSpan<T>(int length, nuint alignment)
        where T : unmanaged
        => length > 0 ? new Span<T>(Take(_next, (nuint)(uint)length * (nuint)sizeof(T), alignment), length) : EmptySpan<T>(length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint AlignmentOf<T>(nuint alignment)
        where T : unmanaged
    {
        CheckAlignment(alignment);
        return nuint.Max(alignment, (nuint)TypeLayout.NaturalAlignmentOf<T>());
    }

    private static nuint UntypedAlignmentOf(nuint size) => size <= Granule ? Granule : HeapAlignment;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Align(byte* pointer, nuint alignment) => (byte*)(((nuint)pointer + alignment - 1) & ~(alignment - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckAlignment(nuint alignment)
    {
        if (alignment is 0 or > Heap.MaxAlignment || (alignment & (alignment - 1)) != 0)
        {
            throw HeapErrors.BadAlignment(nameof(alignment), alignment);
        }
    }

    private Span<T> EmptySpan<T>(int length)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return [];
    }
}
