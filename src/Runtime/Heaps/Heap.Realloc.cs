// Changing a block's size: in place where AllocationRoutes.Resize.cs can, else by moving.
//
//     moved      allocate, copy, free;   a large block is copied from its end on, and shrinks by what has been copied
//
// So a large block that grows does not need memory for itself twice: what has been copied pays for the pages that are written next, if there has never been as much memory as now
// (Maintenance/Scavenger.HighWater.cs). Until then its bytes count as memory that is not there, lest the new block be paid for with what others could use. A recorded database that doubles a buffer
// of 8 MiB at its peak needs 36 MiB instead of 43 by it (`benchmarks traces`, sqlite).
//
// For the recorder of a heap that is recorded a move is one call and not two.

using System;
using System.Runtime.InteropServices;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    // A multiple of our pages and of the system's.
    private const nuint MovedAtATime = 1 << 20;

    /// <summary>Changes the size of a block, in place or by moving it.</summary>
    /// <param name="block">A block of this heap, or null for a new one. It is the callee's: use the result only.</param>
    /// <param name="size">The new size in bytes; 0 counts as 1.</param>
    /// <returns>The block, with its content as far as both sizes reach, aligned as by <see cref="Alloc(nuint)"/>. The caller frees it.</returns>
    /// <exception cref="ArgumentException">The pointer is not to a block of this heap.</exception>
    /// <exception cref="HeapCorruptionException">The heap is checked, and the block is free.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory; the block is as it was, and still the caller's.</exception>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception[@cref='ArgumentOutOfRangeException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    [return: OwnedBy("this")]
    public unsafe void* Realloc([TakesOwnership] void* block, nuint size)
    {
        if (block == null)
        {
            return Alloc(size);
        }

        PageSpan* span = Find(block, nameof(block));
        void* result = AllocationRoutes.TryResize(Set, span, size) ? block : Move(span, block, size);
        if (Set->Recorder != null)
        {
            RecordedRoutes.Realloc(Set, block, result, size);
        }

        if (result != block)
        {
            // By now this address is nothing to a recorder, which leaves the free out.
            Free(block);
        }

        return result;
    }

    // The new block, with the content; the old one is still to be freed.
    private void* Move(PageSpan* span, void* block, nuint size)
    {
        nuint kept = nuint.Min(size, AllocationRoutes.UsableBytes(span, block));
        if (span->State == SpanState.Large && !span->HasRecords && kept > MovedAtATime)
        {
            return MoveFromTheEnd(span, (byte*)block, size, kept);
        }

        void* moved = AllocUnrecorded(size);
        NativeMemory.Copy(block, moved, kept);
        return moved;
    }

    private void* MoveFromTheEnd(PageSpan* span, byte* block, nuint size, nuint kept)
    {
        nuint leaving = span->ByteCount;
        HeapProcess.Pages->AddHoles((long)leaving);
        try
        {
            byte* moved = (byte*)AllocUnrecorded(size);
            while (kept > MovedAtATime)
            {
                nuint start = (kept - 1) & ~(MovedAtATime - 1);
                NativeMemory.Copy(block + start, moved + start, kept - start);
                kept = start;
                Set->ShrinkLarge(span, kept >> SizeClass.PageShift);
                HeapProcess.Pages->AddHoles((long)kept - (long)leaving);
                leaving = kept;
                HeapProcess.Scavenger->HoldHighWater(Set);
            }

            NativeMemory.Copy(block, moved, kept);
            return moved;
        }
        finally
        {
            HeapProcess.Pages->AddHoles(-(long)leaving);
        }
    }

    private void* AllocUnrecorded(nuint size)
    {
        if (Set->Recorder == null)
        {
            return Alloc(size);
        }

        ThreadRecord* thread = HeapProcess.GetThread();
        void* block = thread == null || size > PageHeap.MaxObjectSize ? null : AllocationRoutes.Take(Set, thread, AllocationRoutes.UntypedSpanClass(size), size, UntypedAlignment, zeroed: false);
        return block != null ? block : throw AllocationError(size);
    }
}
