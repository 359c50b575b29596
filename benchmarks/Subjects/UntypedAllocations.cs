// How a measuring loop sees an allocator of blocks of any size: as IAllocation, a struct without fields whose static
// members the JIT inlines, but with the size said at the call, as programs ported from C do.
//
// The free that is told the size is the allocator's own where it has one; NativeHeap and NativeMemory have none.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Subjects;

internal unsafe interface IUntypedAllocation
{
    static abstract void* Alloc(nuint size);

    static abstract void* AllocAligned(nuint size, nuint alignment);

    static abstract void Free(void* block);

    static abstract void FreeSized(void* block, nuint size);
}

internal readonly unsafe struct HeapBlocks : IUntypedAllocation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => Heap.Shared.Alloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment) => Heap.Shared.AllocAligned(size, alignment);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block) => Heap.Shared.Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => Heap.Shared.Free(block);
}

internal readonly unsafe struct LibraryBlocks<TLibrary> : IUntypedAllocation
    where TLibrary : struct, ILibrary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => Functions<TLibrary>.Malloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment)
        => TLibrary.SizeComesFirst ? Functions<TLibrary>.AllocAligned(size, alignment) : Functions<TLibrary>.AllocAligned(alignment, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block) => Functions<TLibrary>.Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => Functions<TLibrary>.FreeSized(block, size, 0);
}

internal readonly unsafe struct NativeMemoryBlocks : IUntypedAllocation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Alloc(nuint size) => NativeMemory.Alloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* AllocAligned(nuint size, nuint alignment) => NativeMemory.AlignedAlloc(size, alignment);

    // For aligned blocks, too: on the systems that the workers run on, AlignedFree and Free are the same function of libc.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block) => NativeMemory.Free(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSized(void* block, nuint size) => NativeMemory.Free(block);
}
