// The shared heap by static calls, with the names of NativeMemory: a program that allocates by NativeMemory changes a name and has this allocator.
//
// Beside Heap.Shared's members, which do the same, they save the heap as a parameter: a load and a test a call, and in a loop more, since with
// one variable less the JIT has a register left over to lift the thread-static access out of it (half of what a call costs: 1 ns, the call of __tls_get_addr). For that the thread
// static is read first, and what is tested first is the thread.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap;

/// <summary>Untyped blocks of <see cref="Heap.Shared"/>, by static calls that mirror those of <see cref="System.Runtime.InteropServices.NativeMemory"/>.</summary>
/// <remarks>
/// All members are thread-safe, and a block may be freed by any thread, here or by <see cref="Heap.Free"/>. Memory is the caller's until freed. Sizes are in bytes. One
/// <see cref="Free"/> serves blocks of any size and alignment.
/// </remarks>
public static unsafe class HeapMemory
{
    /// <summary>Allocates an uninitialised block.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <returns>The block, aligned to 16 bytes (8 if its size is 8 or less). The caller frees it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is over 2^46 bytes.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void* Alloc(nuint size)
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null && size <= SizeClass.MaxSmallSize)
        {
            Bin* bin = ThreadRecord.SharedBin(thread, SizeClass.UntypedSpanClassOf((int)size));
            void** top = bin->Top;
            if (top != bin->Base)
            {
                bin->Top = --top;
                return *top;
            }
        }

        return AllocSlow(size);
    }

    /// <summary>Allocates a block of zeros.</summary>
    /// <inheritdoc cref="Alloc(nuint)"/>
    [return: Owned]
    public static unsafe void* AllocZeroed(nuint size) => Heap.Shared.AllocZeroed(size);

    /// <summary>Allocates an uninitialised block with an alignment.</summary>
    /// <inheritdoc cref="Heap.AllocAligned"/>
    [return: Owned]
    public static unsafe void* AlignedAlloc(nuint size, nuint alignment) => Heap.Shared.AllocAligned(size, alignment);

    /// <summary>Changes the size of a block, in place or by moving it.</summary>
    /// <inheritdoc cref="Heap.Realloc"/>
    [return: Owned]
    public static unsafe void* Realloc([TakesOwnership] void* block, nuint size) => Heap.Shared.Realloc(block, size);

    /// <summary>Frees a block, of whatever size and alignment.</summary>
    /// <param name="block">A block of the shared heap; null is ignored.</param>
    /// <exception cref="ArgumentException">The pointer is not to a block of the shared heap.</exception>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before, and <paramref name="block"/> is freed nevertheless; or the heap is checked, and <paramref name="block"/> is free already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free([TakesOwnership] void* block)
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null)
        {
            Bin* bin = ThreadRecord.SharedBin(thread, ArenaMap.SharedClassOf(HeapProcess.Arenas, block));
            void** top = bin->Top;

            // The bin of class 0, which stands for all that is no slot of this heap, is never open.
            if (top < bin->End)
            {
                *top = block;
                bin->Top = top + 1;
                return;
            }
        }

        FreeSlow(block);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* AllocSlow(nuint size) => Heap.Shared.AllocSlow(size);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeSlow(void* block) => Heap.Shared.FreeSlow(block);
}
