// Memory between the heaps and the operating system, as far as a program wants a say in it: back to it (Trim), from it ahead of time (Prewarm), and none from it any more (EndWarmUp).
//
// Bytes are the process's, since free pages are; what is ready for a type is its heap's and thread's. A refusal on the way there is told like that of an allocation.

using System;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    /// <summary>
    /// Gives all memory of the process's heaps that no object needs back to the operating system: what this thread's caches, ended threads' and the heaps' own hold, and all free pages.
    /// </summary>
    /// <returns>The bytes that the operating system has got back by this call.</returns>
    /// <remarks>
    /// Thread-safe; waits for a call that another thread is making. Takes about 0.1 ms for each MiB, and what is allocated next is slower, since the operating system must supply its pages
    /// anew. The caches of other running threads stay as they are; they are bounded.
    /// </remarks>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before; the memory has gone back nevertheless.</exception>
    public static nuint Trim()
    {
        if (!HeapProcess.IsStarted)
        {
            return 0;
        }

        nuint given = HeapProcess.Scavenger->ReturnAll(ThreadRecord.Current, out void* bad);
        return bad == null ? given : throw HeapErrors.WrongFree(bad);
    }

    /// <summary>Maps and touches memory ahead, so that the next allocations of any heap wait for the operating system neither to map it nor to find it.</summary>
    /// <param name="bytes">How much; rounded up to whole pages of 8 KiB.</param>
    /// <remarks>
    /// Thread-safe. The memory is that of all heaps of the process, free for whichever needs it first. So much stays, what is in use counted, until <see cref="Trim"/> or until memory is short. Every system page is written
    /// to, which takes some 0.25 ms for a MiB. What a thread needs for itself (its caches: some KiB a size class) it takes when it first allocates; <see cref="Prewarm{T}(int)"/> sees to that, too.
    /// </remarks>
    /// <exception cref="OutOfMemoryException">There is not so much; what there is has been touched.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is over 2^46 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public void Prewarm(nuint bytes)
    {
        _ = Set;
        if (bytes > PageHeap.MaxObjectSize)
        {
            throw HeapErrors.SizeTooLarge(nameof(bytes), bytes);
        }

        if (!HeapProcess.EnsureStarted() || !AllocationRoutes.Prewarm(Set, bytes))
        {
            throw HeapErrors.OutOfMemory(bytes, this);
        }
    }

    /// <summary>
    /// Makes memory ready for objects of a type, so that the next allocations of so many wait for the operating system neither to map it nor to find it: spans of the type's size class in this heap, and this thread's
    /// cache for them.
    /// </summary>
    /// <typeparam name="T">A struct with generated stubs.</typeparam>
    /// <param name="count">How many objects beside those that are live.</param>
    /// <remarks>
    /// Thread-safe. The memory serves whatever else of the heap is of that size class, too. It stays free for such objects until <see cref="Trim"/> or until memory is short. For objects over 32 KiB it is
    /// <see cref="Prewarm(nuint)"/> with as many pages as they take.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="OutOfMemoryException">There is not so much memory; what there is has been made ready.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public void Prewarm<T>(int count)
        where T : unmanaged, INativeAllocated<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PrewarmBlocks(TypeLayout.SpanClassOf<T>(), (nuint)sizeof(T), count);
    }

    /// <summary>
    /// Makes memory ready for untyped blocks of a size, so that the next allocations of so many wait for the operating system neither to map it nor to find it: spans of the size class in this heap, and this thread's
    /// cache for them.
    /// </summary>
    /// <param name="size">The size of each block, in bytes.</param>
    /// <param name="count">How many blocks beside those that are live.</param>
    /// <inheritdoc cref="Prewarm{T}(int)" path="/remarks|/exception[not(starts-with(@cref, 'T:System.ArgumentOut'))]"/>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or the size, or that of all blocks together, is over 2^46 bytes.</exception>
    public void Prewarm(nuint size, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (size > PageHeap.MaxObjectSize)
        {
            throw HeapErrors.SizeTooLarge(nameof(size), size);
        }

        PrewarmBlocks(AllocationRoutes.UntypedSpanClass(size), size, count);
    }

    /// <summary>Ends the heap's growth: from now on it holds at most what it holds at this moment (<see cref="HeapStatistics.SpanBytes"/>), free memory included.</summary>
    /// <remarks>
    /// <para>
    /// Thread-safe; for good. A request for which the heap would have to grow first gets what is free in it elsewhere, and then fails as one that passes <see cref="HeapOptions.MaximumBytes"/>:
    /// <see cref="HeapOptions.OnPressure"/> is called, and there is an <see cref="OutOfMemoryException"/> that says so, or <see langword="false"/> from <see cref="TryAlloc"/>.
    /// </para>
    /// <para>
    /// For a heap of <see cref="HeapProfile.LowLatency"/>, which keeps what it has, when everything has been allocated once or made ready by <see cref="Prewarm{T}(int)"/>. One of another profile may give memory back and
    /// take as much again. The allocator's own tables, such as those of a thread that begins, are not the heap's and come on top.
    /// </para>
    /// </remarks>
    /// <exception cref="OutOfMemoryException">This is the process's first call, and the system has no memory.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public void EndWarmUp()
    {
        CentralSet* set = ContainerRoutes.SetOf(this);
        if (set == null)
        {
            throw HeapErrors.OutOfMemory((nuint)sizeof(CentralSet));
        }

        set->Quota.Freeze(RefusedBy.HeapsWarmUp);
    }

    // A large object is whole pages of its own, which are no heap's before it has them.
    private void PrewarmBlocks(int spanClass, nuint size, int count)
    {
        _ = Set;
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            UInt128 bytes = ((UInt128)size + SizeClass.PageSize - 1) / SizeClass.PageSize * SizeClass.PageSize * (uint)count;
            Prewarm(nuint.CreateSaturating(bytes));
        }
        else if (count != 0 && !(HeapProcess.EnsureStarted() && AllocationRoutes.Prewarm(Set, spanClass, count)))
        {
            throw HeapErrors.OutOfMemory((nuint)count * size, this);
        }
    }
}
