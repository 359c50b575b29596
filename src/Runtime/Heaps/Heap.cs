// A heap: what users hold. The shared one serves the generated stubs; others are made for a level, a session or a tenant, and free all they hold when disposed of.
//
// A heap is an index and a set of central caches. Each thread has a cache for each heap that it has used, found by index: the same fast path as the stubs', with
// one table more on the way. A disposed heap's index is one that no table has, so that a later call falls into the slow path, which throws.
//
// Untyped blocks go to span classes of the scan kind, since they may hold pointers; their class is looked up from the size: multiples of 16 from
// 16 bytes up, so that any SIMD load of 16 bytes may be aligned. Free and the like find the class by the arena map.
//
// Heap.Realloc.cs has the changes of size, Heap.Recording.cs what records a heap's calls.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.CompilerServices;
using NativeHeap.Heaps;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap;

/// <summary>
/// Allocates native memory. <see cref="Shared"/> lives as long as the process; a heap made by <c>new</c> frees all that it holds when disposed of.
/// </summary>
/// <remarks>
/// All members but <see cref="Dispose"/> are thread-safe, and a block may be freed by any thread. Memory is the caller's until freed; nothing is reported to the garbage
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

    private const int SharedIndex = PageHeap.SharedHeapIndex;
    private const int DisposedIndex = -1;
    private const int UntypedAlignment = 16;

    private readonly CentralSet* _set;
    private readonly ulong _lease;
    private nint _index;

    /// <summary>Makes a heap of its own. Costs what it comes to hold; there can be 65,536.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="InvalidOperationException">There are 65,536 heaps already.</exception>
    public Heap()
        : this(new HeapOptions())
    {
    }

    /// <summary>Makes a heap of its own. Costs what it comes to hold; there can be 65,536.</summary>
    /// <param name="options">What it is to do beside the usual.</param>
    /// <exception cref="System.IO.IOException">The file to record to cannot be written.</exception>
    /// <inheritdoc cref="Heap()" path="/exception"/>
    public Heap(HeapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _set = HeapProcess.EnsureStarted() ? HeapProcess.Indexes->Take() : null;
        if (_set == null)
        {
            throw HeapProcess.IsStarted && HeapProcess.Indexes->Count == HeapIndexes.MaxHeaps
                ? HeapErrors.TooManyHeaps()
                : HeapErrors.OutOfMemory((nuint)sizeof(CentralSet));
        }

        _index = _set->Index;
        _lease = _set->Lease;
        Name = options.Name;
        OnPressure = options.OnPressure;
        TakeSet();
        SetLimits(options);
        StartRecording(options.RecordTo);
    }

    private Heap(int index)
    {
        _index = index;
        Name = nameof(Shared);
    }

    /// <summary>The heap of the generated stubs. It cannot be disposed of.</summary>
    public static Heap Shared { get; } = new(SharedIndex);

    /// <summary>Its index in the threads' tables of caches; one that no table has once it is disposed of.</summary>
    internal nint Index => _index;

    /// <summary>The lease of what it allocates now. The heap must not be disposed of.</summary>
    internal ulong Lease => _lease;

    /// <summary>The heap's central caches; null for the shared heap before the start.</summary>
    internal CentralSet* Set => _index == SharedIndex ? HeapProcess.Shared : _index != DisposedIndex ? _set : throw HeapErrors.Disposed();

    /// <summary>Gives all that this thread's caches hold, in every heap, back to the central caches and the page heap, and what ended threads have left as well.</summary>
    /// <remarks>For a thread that goes idle or is about to end. Not needed for correctness: an ended thread's cache is taken over.</remarks>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    public static void FlushThread()
    {
        if (!HeapProcess.IsStarted)
        {
            return;
        }

        ThreadRecord* thread = ThreadRecord.Current;
        void* bad = thread == null ? null : HeapProcess.Registry->Flush(thread);
        _ = EndedThreads.Collect(HeapProcess.Registry, int.MaxValue);
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    /// <summary>Allocates an uninitialised block.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <returns>The block, aligned to 16 bytes (8 if its size is 8 or less). The caller frees it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is over 2^46 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void* Alloc(nuint size)
    {
        if (_index == SharedIndex)
        {
            return HeapMemory.Alloc(size);
        }

        void* block = TryAllocCore(size);
        return block != null ? block : throw AllocationError(size);
    }

    /// <summary>Allocates an uninitialised block, or says that it cannot.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <param name="block">The block, aligned as by <see cref="Alloc(nuint)"/>, which the caller frees; null if there is none.</param>
    /// <returns>Whether there is a block: not if the system has no memory or the size is over 2^46 bytes.</returns>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public unsafe bool TryAlloc(nuint size, [Owned] out void* block)
    {
        block = TryAllocCore(size);
        return block != null;
    }

    /// <summary>Allocates a block of zeros.</summary>
    /// <param name="size">In bytes; 0 counts as 1.</param>
    /// <returns>The block, aligned as by <see cref="Alloc(nuint)"/>. The caller frees it.</returns>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception"/>
    [return: Owned]
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

        int sizeClass = size > SizeClass.MaxSmallSize ? SizeClass.Large : SizeClass.ClassOf((int)size, (int)alignment);
        void* block = size > PageHeap.MaxObjectSize ? null : AllocCore(SizeClass.ToSpanClass(sizeClass, noScan: false), nuint.Max(size, 1), alignment);
        return block != null ? block : throw AllocationError(size);
    }

    /// <summary>Allocates one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A struct with generated stubs.</typeparam>
    /// <returns>The object, aligned as its type needs. The caller frees it by <see cref="Free"/>.</returns>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    [return: OwnedBy("this")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* Alloc<T>()
        where T : unmanaged, INativeAllocated<T>
        => NativeStubs.Alloc<T>(this);

    /// <summary>Frees a block, of whatever size and alignment, typed or not.</summary>
    /// <param name="block">A block of this heap; null is ignored.</param>
    /// <exception cref="ArgumentException">The pointer is not to a block of this heap.</exception>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before; <paramref name="block"/> is freed nevertheless.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Free([TakesOwnership] void* block)
    {
        if (_index == SharedIndex)
        {
            HeapMemory.Free(block);
        }
        else
        {
            FreeSlow(block);
        }
    }

    /// <summary>The size that a block may be used to.</summary>
    /// <param name="block">A block of this heap.</param>
    /// <returns>In bytes: at least what was asked for.</returns>
    /// <exception cref="ArgumentException">The pointer is not to a block of this heap.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public unsafe nuint UsableSize([Borrowed] void* block) => UsableBytes(Find(block, nameof(block)));

    /// <summary>Whether an address lies in memory that this heap holds: in a block, live or free, or in a table or pool.</summary>
    /// <param name="address">Any value.</param>
    /// <returns>Whether it does.</returns>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public unsafe bool Owns([Borrowed] void* address)
    {
        CentralSet* set = Set;
        return set != null && (HeapProcess.Pages->Map.SpanOf(address, set->Index) != null || set->Containers.Owns(address));
    }

    /// <summary>Frees all that the heap holds, at once, in a time that grows with its spans and not with its objects. A second call does nothing.</summary>
    /// <remarks>No other thread may be using the heap, and none of its blocks may be used afterwards. Any later call on the heap throws <see cref="ObjectDisposedException"/>.</remarks>
    /// <exception cref="InvalidOperationException">This is the shared heap.</exception>
    /// <exception cref="System.IO.IOException">The heap's recording could not be written whole (<see cref="HeapOptions.RecordTo"/>). The heap is disposed of nevertheless.</exception>
    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "Disposing of the shared heap is a mistake in the program, and silence would hide it.")]
    public void Dispose()
    {
        if (_index == SharedIndex)
        {
            throw new InvalidOperationException("Heap.Shared cannot be disposed of: generated stubs use it as long as the process lives. Make a Heap of your own for what is to be freed at once.");
        }

        if (_index != DisposedIndex)
        {
            _index = DisposedIndex;
            HeapProcess.Registry->Abandon(_set->Index);
            LeaveRecording();
            _set->ReleaseAll();
            LeaveSet();
            HeapProcess.Indexes->Return(_set);
            StopRecording();
        }
    }

    private static nuint UsableBytes(PageSpan* span) => span->State == SpanState.Large ? span->ByteCount : (nuint)(uint)span->SlotSize;

    // The shared heap's bins are where the thread's record is; another's are found by its index.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bin* FindBin(ThreadRecord* thread, int spanClass)
    {
        if (_index == SharedIndex)
        {
            return ThreadRecord.SharedBin(thread, spanClass);
        }

        return ThreadRecord.HasPlace(thread, _index) ? ThreadRecord.HeapBin(thread, _index, spanClass) : thread->ClosedBin;
    }

    /// <summary>Allocates when the bin has nothing at hand.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void* AllocSlow(nuint size)
    {
        void* block = AllocUntyped(size);
        return block != null ? block : throw AllocationError(size);
    }

    // The slow way of any size, for when the bin has nothing at hand; null if there is no memory or no such size.
    private void* AllocUntyped(nuint size, bool zeroed = false) =>
        size > PageHeap.MaxObjectSize ? null : AllocationRoutes.Alloc(Set, UntypedSpanClass(size), size, UntypedAlignment, zeroed);

    private static int UntypedSpanClass(nuint size) =>
        size <= SizeClass.MaxSmallSize ? SizeClass.UntypedSpanClassOf((int)size) : SizeClass.ToSpanClass(SizeClass.Large, noScan: false);

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

        PageSpan* span = Find(block, nameof(block));
        ThreadRecord* thread = ThreadRecord.Current;
        Bin* bin = thread == null ? null : FindBin(thread, span->SpanClass);
        if (bin != null && bin->Top < bin->End)
        {
            bin->Push(block);
            return;
        }

        void* bad = AllocationRoutes.Free(Set, block, span->SpanClass);
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    // The span of a block of this heap; throws if the pointer is to anything else.
    private PageSpan* Find(void* block, string parameter)
    {
        CentralSet* set = Set;
        PageSpan* span = set == null ? null : HeapProcess.Pages->Map.SpanOf(block, set->Index);
        if (span == null || !span->IsStart(block))
        {
            PageSpan* found = set == null ? null : HeapProcess.Pages->Map.SpanOf(block);
            throw HeapErrors.NotABlock(parameter, block, found, set == null ? SharedIndex : set->Index);
        }

        return span;
    }
}
