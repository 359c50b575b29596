// Allocators as programs ported from C see them: C's functions, by size, and the free that is told the size. Each is a struct whose static members the JIT inlines into the replay, as
// IAllocation's are into the loops of typed allocation.
//
// Nothing here tells apart how a block was allocated when it is freed: traces do not. For NativeMemory that is right only where an aligned block is
// freed as any other, as on the systems that the traces' replayer in C runs on.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Subjects;

internal unsafe interface IUntyped
{
    static abstract void* Alloc(nuint size);

    static abstract void* AllocZeroed(nuint size);

    static abstract void* AllocAligned(nuint size, nuint alignment);

    static abstract void* Realloc(void* block, nuint size);

    static abstract void Free(void* block);

    /// <summary>Frees a block of a size that the caller knows: by the allocator's own function where it has one.</summary>
    static abstract void FreeSized(void* block, nuint size);

    /// <summary>How much of a block of this size there really is: all of it, but where nothing is allocated.</summary>
    static virtual uint Present(uint size) => size;
}

internal readonly unsafe struct HeapUntyped : IUntyped
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => HeapMemory.Alloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocZeroed(nuint size) => HeapMemory.AllocZeroed(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment) => HeapMemory.AlignedAlloc(size, alignment);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Realloc(void* block, nuint size) => HeapMemory.Realloc(block, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block) => HeapMemory.Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => HeapMemory.Free(block);
}

internal readonly unsafe struct LibraryUntyped<TLibrary> : IUntyped
    where TLibrary : struct, ILibrary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => Functions<TLibrary>.Malloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocZeroed(nuint size) => Functions<TLibrary>.Calloc(1, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment) => Functions<TLibrary>.AlignedAlloc(alignment, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Realloc(void* block, nuint size) => Functions<TLibrary>.Realloc(block, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block) => Functions<TLibrary>.Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => Functions<TLibrary>.FreeSized(block, size, 0);
}

internal readonly unsafe struct NativeMemoryUntyped : IUntyped
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => NativeMemory.Alloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocZeroed(nuint size) => NativeMemory.AllocZeroed(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment) => NativeMemory.AlignedAlloc(size, alignment);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Realloc(void* block, nuint size) => NativeMemory.Realloc(block, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block) => NativeMemory.Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => NativeMemory.Free(block);
}

/// <summary>Allocates nothing: what is left of a replay is its loop and the touches, of one and the same buffer.</summary>
internal readonly unsafe struct NoUntyped : IUntyped
{
    private const uint BufferSize = 1 << 16;

    private static readonly byte* s_buffer = (byte*)NativeMemory.AllocZeroed(BufferSize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => s_buffer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocZeroed(nuint size) => s_buffer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment) => s_buffer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Realloc(void* block, nuint size) => s_buffer;

    // A call that does nothing, so that the JIT keeps what the caller did to get the address.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(void* block)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Present(uint size) => uint.Min(size, BufferSize);
}
