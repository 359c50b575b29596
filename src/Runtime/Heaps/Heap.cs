// A heap: what users hold. The shared one serves the generated stubs; others are made for a level, a session or a tenant, and free all they hold when disposed of.
//
// A heap is an index and a set of central caches. Each thread has a cache for each heap that it has used, found by index: the same fast path as the stubs', with
// one table more on the way. A disposed heap's index is one that no table has, so that a later call falls into the slow path, which throws.
//
// Untyped blocks go to span classes of the scan kind, since they may hold pointers; their class is looked up from the size: multiples of 16 from
// 16 bytes up, so that any SIMD load of 16 bytes may be aligned. Free and the like find the class by the arena map.
//
// Heap.Lifetime.cs has how heaps come and go, Heap.Typed.cs the objects of structs with stubs, Heap.Realloc.cs the changes of size, Heap.Recording.cs what records a heap's calls.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap;

/// <summary>
/// Allocates native memory. <see cref="Shared"/> lives as long as the process; a heap made by <c>new</c> frees all that it holds when disposed of.
/// </summary>
/// <remarks>
/// All members but <see cref="Dispose"/> and <see cref="Reset"/> are thread-safe, and a block may be freed by any thread. Memory is the caller's until freed; nothing is reported to the garbage
/// collector, and no finalizer frees anything. Sizes are in bytes.
/// <para>
/// Besides what is said of each member: the first call of a process throws <see cref="PlatformNotSupportedException"/> where NativeHeap does not run, and a call that the system
/// refuses memory for another reason than that it has none (a process that may not map memory) throws <see cref="InvalidOperationException"/>, which names the system's call and error.
/// </para>
/// <para>
/// What a limit refuses (<see cref="HeapOptions.MaximumBytes"/>, <see cref="ProcessLimits"/>) fails as though the system had no memory, with a message that names the limit.
/// A member that allocates lets through what a handler of <see cref="HeapOptions.OnPressure"/> or <see cref="ProcessLimits.OnPressure"/> throws, and has then allocated nothing.
/// </para>
/// </remarks>
public sealed unsafe partial class Heap : IDisposable
{
    /// <summary>The largest alignment, in bytes: 2 MiB.</summary>
    public const int MaxAlignment = 2 * 1024 * 1024;

    private const int UntypedAlignment = AllocationRoutes.UntypedAlignment;

    /// <summary>Allocates an uninitialised block.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <returns>The block, aligned to 16 bytes (8 if its size is 8 or less). The caller frees it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is over 2^46 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    [return: Owned]
    [return: OwnedBy("this")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void* Alloc(nuint size)
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null && size <= SizeClass.MaxSmallSize && ThreadRecord.HasPlace(thread, _index))
        {
            Bin* bin = ThreadRecord.HeapBin(thread, _index, SizeClass.UntypedSpanClassOf((int)size));
            void** top = bin->Top;
            if (top != bin->Base)
            {
                bin->Top = --top;
                return *top;
            }
        }

        return AllocSlow(size);
    }

    /// <summary>Allocates an uninitialised block, or says that it cannot.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <param name="block">The block, aligned as by <see cref="Alloc(nuint)"/>, which the caller frees; null if there is none.</param>
    /// <returns>Whether there is a block: not if the system has no memory or the size is over 2^46 bytes.</returns>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public unsafe bool TryAlloc(nuint size, [Owned, OwnedBy("this")] out void* block)
    {
        block = TryAllocCore(size);
        return block != null;
    }

    /// <summary>Allocates a block of zeros.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <returns>The block, aligned as by <see cref="Alloc(nuint)"/>. The caller frees it.</returns>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception"/>
    [return: Owned]
    [return: OwnedBy("this")]
    public unsafe void* AllocZeroed(nuint size)
    {
        ThreadRecord* thread = ThreadRecord.Current;
        Bin* bin = thread == null || size > SizeClass.MaxSmallSize ? null : FindBin(thread, SizeClass.UntypedSpanClassOf((int)size));
        if (bin != null && bin->Top != bin->Base)
        {
            void* block = bin->Pop();
            NativeMemory.Clear(block, size);
            return block;
        }

        void* cleared = AllocUntyped(size, zeroed: true);
        return cleared != null ? cleared : throw AllocationError(size);
    }

    /// <summary>Allocates an uninitialised block with an alignment.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <param name="alignment">In bytes: a power of two, at most <see cref="MaxAlignment"/>.</param>
    /// <returns>The block, whose address is a multiple of <paramref name="alignment"/>. The caller frees it as any other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The alignment is not a power of two or is over 2 MiB, or the size is over 2^46 bytes.</exception>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    [return: OwnedBy("this")]
    public unsafe void* AllocAligned(nuint size, nuint alignment)
    {
        if (alignment is 0 or > MaxAlignment || (alignment & (alignment - 1)) != 0)
        {
            throw HeapErrors.BadAlignment(nameof(alignment), alignment);
        }

        if (alignment <= UntypedAlignment)
        {
            return Alloc(alignment == UntypedAlignment ? nuint.Max(size, UntypedAlignment) : size);
        }

        void* block = TryAllocAligned(size, alignment);
        return block != null ? block : throw AllocationError(size);
    }

    /// <summary>Allocates an uninitialised block with an alignment of more than an untyped block's.</summary>
    /// <returns>The block, or null when the system has no memory or there is no such size.</returns>
    internal void* TryAllocAligned(nuint size, nuint alignment) =>
        size > PageHeap.MaxObjectSize ? null : AllocCore(AllocationRoutes.AlignedSpanClass(size, alignment), nuint.Max(size, 1), alignment);

    /// <summary>Frees a block, of whatever size and alignment, typed or not.</summary>
    /// <param name="block">A block of this heap; null is ignored.</param>
    /// <exception cref="ArgumentException">The pointer is not to a block of this heap.</exception>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before, and <paramref name="block"/> is freed nevertheless; or the heap is checked, and <paramref name="block"/> is free already.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Free([TakesOwnership] void* block)
    {
        if (_index == SharedIndex)
        {
            HeapMemory.Free(block);
        }
        else if (!TryFreeOwn(_index, block))
        {
            FreeSlow(block);
        }
    }

    /// <summary>The size that a block may be used to.</summary>
    /// <param name="block">A block of this heap.</param>
    /// <returns>In bytes: at least what was asked for.</returns>
    /// <exception cref="ArgumentException">The pointer is not to a block of this heap.</exception>
    /// <exception cref="HeapCorruptionException">The heap is checked, and the block is free.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public unsafe nuint UsableSize([Borrowed] void* block) => AllocationRoutes.UsableBytes(Find(block, nameof(block)), block);

    /// <summary>Whether an address lies in memory that this heap holds: in a block, live or free, or in a table or pool.</summary>
    /// <param name="address">Any value.</param>
    /// <returns>Whether it does.</returns>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public unsafe bool Owns([Borrowed] void* address)
    {
        CentralSet* set = SetToRead;
        return set != null && (HeapProcess.Pages->Map.SpanOf(address, set->Index) != null || set->Containers.Owns(address));
    }

    /// <summary>Frees a block by the current thread's cache for its heap, if there is place at hand. Takes any index.</summary>
    /// <remarks>Any heap's but the shared one's, for which <see cref="HeapMemory"/> has a shorter way. Three loads lead to the class, and the bin of class 0, a large object's, is never open.</remarks>
    /// <returns>Whether it is freed; if not, the block may be none of the heap's.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryFreeOwn(nint index, void* block)
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null && ThreadRecord.HasPlace(thread, index))
        {
            PageSpan* span = ArenaMap.SpanOf(HeapProcess.Arenas, block);
            if (span != null && span->HeapIndex == index && span->IsStart(block))
            {
                Bin* bin = ThreadRecord.HeapBin(thread, index, span->SpanClass);
                void** top = bin->Top;
                if (top < bin->End)
                {
                    *top = block;
                    bin->Top = top + 1;
                    return true;
                }
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bin* FindBin(ThreadRecord* thread, int spanClass) =>
        ThreadRecord.HasPlace(thread, _index) ? ThreadRecord.HeapBin(thread, _index, spanClass) : thread->ClosedBin;

    /// <summary>Allocates when the bin has nothing at hand.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void* AllocSlow(nuint size)
    {
        void* block = AllocUntyped(size);
        return block != null ? block : throw AllocationError(size);
    }

    // The slow way of any size, for when the bin has nothing at hand; null if there is no memory or no such size.
    private void* AllocUntyped(nuint size, bool zeroed = false) =>
        size > PageHeap.MaxObjectSize ? null : AllocationRoutes.Alloc(Set, AllocationRoutes.UntypedSpanClass(size), size, UntypedAlignment, zeroed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void* TryAllocCore(nuint size) =>
        size <= SizeClass.MaxSmallSize ? AllocCore(SizeClass.UntypedSpanClassOf((int)size), size, UntypedAlignment) : AllocUntyped(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void* AllocCore(int spanClass, nuint size, nuint alignment)
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null)
        {
            Bin* bin = FindBin(thread, spanClass);
            void** top = bin->Top;
            if (top != bin->Base)
            {
                bin->Top = --top;
                return *top;
            }
        }

        return AllocationRoutes.Alloc(Set, spanClass, size, alignment);
    }

    private Exception AllocationError(nuint size) =>
        size > PageHeap.MaxObjectSize ? HeapErrors.SizeTooLarge(nameof(size), size) : HeapErrors.OutOfMemory(size, this);

    /// <summary>Frees when the bin has no place at hand, or finds out why it can't.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void FreeSlow(void* block)
    {
        if (block == null)
        {
            return;
        }

        void* bad = AllocationRoutes.FreeUntyped(Set, block, Find(block, nameof(block)));
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    // The span of a block of this heap; throws if the pointer is to anything else, and in a checked heap if the block is free.
    private PageSpan* Find(void* block, string parameter)
    {
        CentralSet* set = Set;
        PageSpan* span = set == null ? null : HeapProcess.Pages->Map.SpanOf(block, set->Index);
        if (span == null || !span->IsStart(block))
        {
            if (set != null)
            {
                GuardedRoutes.RequireLive(block);
            }

            PageSpan* found = set == null ? null : HeapProcess.Pages->Map.SpanOf(block);
            throw HeapErrors.NotABlock(parameter, block, found, set == null ? SharedIndex : set->Index);
        }

        if (span->State == SpanState.Slots && !set->HasSlot(block, span->SpanClass))
        {
            throw SlotErrors.UsedAfterFree(set, block);
        }

        CheckedRoutes.RequireLive(set, block);
        return span;
    }
}
