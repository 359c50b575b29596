// Changing a block's size: in place where AllocationRoutes.Resize.cs can, else by moving.
//
//     moved      allocate, copy, free
//
// A heap that is recorded has a way of its own, since for its recorder a move is one call and not two.

using System;
using System.Runtime.InteropServices;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Threads;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    /// <summary>Changes the size of a block, in place or by moving it.</summary>
    /// <param name="block">A block of this heap, or null for a new one. It is the callee's: use the result only.</param>
    /// <param name="size">The new size in bytes; 0 counts as 1.</param>
    /// <returns>The block, with its content as far as both sizes reach, aligned as by <see cref="Alloc(nuint)"/>. The caller frees it.</returns>
    /// <exception cref="ArgumentException">The pointer is not to a block of this heap.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory; the block is as it was, and still the caller's.</exception>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception[@cref='ArgumentOutOfRangeException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    public unsafe void* Realloc([TakesOwnership] void* block, nuint size)
    {
        if (block == null)
        {
            return Alloc(size);
        }

        PageSpan* span = Find(block, nameof(block));
        if (Set->Recorder != null)
        {
            return ReallocRecorded(span, block, size);
        }

        if (AllocationRoutes.TryResize(Set, span, size))
        {
            return block;
        }

        void* moved = Alloc(size);
        NativeMemory.Copy(block, moved, nuint.Min(size, AllocationRoutes.UsableBytes(span)));
        Free(block);
        return moved;
    }

    private void* ReallocRecorded(PageSpan* span, void* block, nuint size)
    {
        void* result = block;
        if (!AllocationRoutes.TryResize(Set, span, size))
        {
            ThreadRecord* thread = HeapProcess.GetThread();
            result = thread == null || size > PageHeap.MaxObjectSize ? null : AllocationRoutes.Take(Set, thread, AllocationRoutes.UntypedSpanClass(size), size, UntypedAlignment, zeroed: false);
            if (result == null)
            {
                throw AllocationError(size);
            }

            NativeMemory.Copy(block, result, nuint.Min(size, AllocationRoutes.UsableBytes(span)));
        }

        RecordedRoutes.Realloc(Set, block, result, size);
        if (result != block)
        {
            // By now this address is nothing to the recorder, which leaves the free out.
            Free(block);
        }

        return result;
    }
}
