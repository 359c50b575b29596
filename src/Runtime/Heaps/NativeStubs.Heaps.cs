// The entry points of the stubs that name a heap, Order.Alloc(heap) and its kin: what NativeStubs.cs has for the shared heap, over the thread's cache for that heap.
//
//     thread record -> cache, by the heap's index -> bin, by the span class -> Top, Base, End
//
// The shared heap's bins lie in the record itself; a heap's are two loads away from it, always the same ones, so that a processor has them long before it needs
// them. The index is compared with the table's length, which stands for every other question: whether the thread has met the heap, and whether
// the heap is alive, since a disposed heap's index is one that no table has. All of those fall into the slow path, and there the heap is asked.
//
// An owner keeps its heap's lease (CentralSet.Lease) beside the object's address. It is zero for the shared heap, a constant where Rent is inlined, and no longer the heap's own
// once the object has ended with all others of the heap: then the owner has nothing to free.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Heaps;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.CompilerServices;

public static unsafe partial class NativeStubs
{
    /// <summary>Allocates one uninitialised object of a heap. Thread-safe.</summary>
    /// <param name="heap">The heap.</param>
    /// <returns>The object; the caller frees it, or leaves it to the heap's end.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* Alloc<T, TLayout>(Heap heap)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null && ThreadRecord.HasPlace(thread, heap.Index))
        {
            Bin* bin = ThreadRecord.HeapBin(thread, heap.Index, spanClass);
            void** top = bin->Top;
            if (top != bin->Base)
            {
                bin->Top = --top;
                return (T*)*top;
            }
        }

        return AllocSlow<T, TLayout>(thread, heap);
    }

    /// <summary>Allocates one object of a heap as a copy of <paramref name="value"/>. Thread-safe.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="value">What the object is to hold.</param>
    /// <inheritdoc cref="Alloc{T, TLayout}(Heap)" path="/returns|/exception"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* Alloc<T, TLayout>(Heap heap, [Borrowed] in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null && ThreadRecord.HasPlace(thread, heap.Index))
        {
            Bin* bin = ThreadRecord.HeapBin(thread, heap.Index, spanClass);
            void** top = bin->Top;
            if (top != bin->Base)
            {
                T* pointer = (T*)*--top;
                *pointer = value;
                bin->Top = top;
                return pointer;
            }
        }

        return AllocCopySlow<T, TLayout>(thread, heap, in value);
    }

    /// <summary>Allocates one object of zeroed memory of a heap. Thread-safe.</summary>
    /// <inheritdoc cref="Alloc{T, TLayout}(Heap)"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* AllocZeroed<T, TLayout>(Heap heap)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null && ThreadRecord.HasPlace(thread, heap.Index))
        {
            Bin* bin = ThreadRecord.HeapBin(thread, heap.Index, spanClass);
            void** top = bin->Top;
            if (top != bin->Base)
            {
                T* pointer = (T*)*--top;
                *pointer = default;
                bin->Top = top;
                return pointer;
            }
        }

        return AllocByRoutes<T, TLayout>(thread, heap, zeroed: true);
    }

    /// <summary>Frees one object of a heap, after its type's <c>OnFreeing</c> if it has one. Thread-safe; any thread may free it.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="pointer">What a stub of the same type returned for the same heap; null is ignored.</param>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly, before or, if the heap is checked, by this call.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of, and the object with it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free<T, TLayout>(Heap heap, [TakesOwnership] T* pointer)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (pointer == null)
        {
            return;
        }

        if (FreeingHook<T>.Exists)
        {
            FreeHooked(heap.Set, pointer, TypeLayout.SpanClassOf<T, TLayout>());
            return;
        }

        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null && ThreadRecord.HasPlace(thread, heap.Index))
        {
            Bin* bin = ThreadRecord.HeapBin(thread, heap.Index, spanClass);
            void** top = bin->Top;
            if (top < bin->End)
            {
                *top = pointer;
                bin->Top = top + 1;
                return;
            }
        }

        FreeSlow(thread, heap, pointer, spanClass);
    }

    /// <summary>Fills a span with newly allocated, uninitialised objects of a heap. Thread-safe.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="destination">Receives the objects; the caller frees them, or leaves them to the heap's end.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory for all of them; then there are none, and the span is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public static unsafe void AllocBatch<T, TLayout>(Heap heap, [Owned, OwnedBy(nameof(heap))] Span<NativePointer<T>> destination)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ArgumentNullException.ThrowIfNull(heap);
        fixed (NativePointer<T>* pointers = destination)
        {
            AllocBatch(heap, TypeLayout.SpanClassOf<T, TLayout>(), (void**)pointers, destination.Length, (nuint)sizeof(T), (nuint)TypeLayout.AlignmentOf<T, TLayout>(), Origins.Of<T>(ThreadRecord.Current));
        }
    }

    /// <summary>Frees all objects of a span, all of one heap, after their type's <c>OnFreeing</c> for each if it has one. Thread-safe; any thread may free them.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="pointers">What stubs of the same type returned for the same heap; nulls are ignored.</param>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly, before or, if the heap is checked, by this call; all others of the span are freed nevertheless.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of, and the objects with it.</exception>
    public static unsafe void FreeBatch<T, TLayout>(Heap heap, [TakesOwnership] ReadOnlySpan<NativePointer<T>> pointers)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ArgumentNullException.ThrowIfNull(heap);
        FreeBatchOf(heap, TypeLayout.SpanClassOf<T, TLayout>(), pointers);
    }

    /// <summary>Allocates one zeroed object of a heap and wraps it in an owner. Thread-safe.</summary>
    /// <param name="heap">The heap.</param>
    /// <returns>The owner; dispose of it. Once the heap has been disposed of or reset, that does nothing.</returns>
    /// <inheritdoc cref="Alloc{T, TLayout}(Heap)" path="/exception"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwner<T> Rent<T, TLayout>(Heap heap)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
        => new(AllocZeroed<T, TLayout>(heap), heap.Lease, TypeLayout.SpanClassOf<T, TLayout>());

    /// <summary>Allocates one object of a heap as a copy of <paramref name="value"/> and wraps it in an owner. Thread-safe.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="value">What the object is to hold.</param>
    /// <inheritdoc cref="Rent{T, TLayout}(Heap)" path="/returns|/exception"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwner<T> Rent<T, TLayout>(Heap heap, [Borrowed] scoped in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
        => new(Alloc<T, TLayout>(heap, in value), heap.Lease, TypeLayout.SpanClassOf<T, TLayout>());

    /// <summary>Frees an owner's object, which is of the heap that gave the lease, if it has not ended with the heap's others.</summary>
    internal static void Free<T>(T* pointer, ulong lease, int spanClass)
        where T : unmanaged
    {
        CentralSet* set = HeapProcess.Indexes->Find(lease);
        if (pointer != null && set != null)
        {
            if (FreeingHook<T>.Exists)
            {
                FreeHooked(set, pointer, spanClass);
                return;
            }

            ThreadRecord* thread = ThreadRecord.Current;
            if (thread != null && ThreadRecord.HasPlace(thread, set->Index))
            {
                Bin* bin = ThreadRecord.HeapBin(thread, set->Index, spanClass);
                if (bin->Top < bin->End)
                {
                    bin->Push(pointer);
                    return;
                }
            }

            Free(set, pointer, spanClass, Origins.Of<T>(ThreadRecord.Current));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocSlow<T, TLayout>(ThreadRecord* thread, Heap heap)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        uint origin = Origins.AtHand<T>(thread);
        bool mayBeAtHand = origin != 0 && ThreadRecord.HasPlace(thread, heap.Index);
        void* pointer = mayBeAtHand ? CheckedRoutes.TryAlloc(ThreadRecord.HeapBin(thread, heap.Index, TypeLayout.SpanClassOf<T, TLayout>()), origin) : null;
        return pointer != null ? (T*)pointer : AllocByRoutes<T, TLayout>(thread, heap);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocByRoutes<T, TLayout>(ThreadRecord* thread, Heap heap, bool zeroed = false)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        void* pointer = AllocationRoutes.Alloc(heap.Set, TypeLayout.SpanClassOf<T, TLayout>(), (nuint)sizeof(T), (nuint)TypeLayout.AlignmentOf<T, TLayout>(), zeroed, Origins.Of<T>(thread));
        return pointer != null ? (T*)pointer : throw HeapErrors.OutOfMemory((nuint)sizeof(T), heap);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocCopySlow<T, TLayout>(ThreadRecord* thread, Heap heap, in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        T* pointer = AllocSlow<T, TLayout>(thread, heap);
        *pointer = value;
        return pointer;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeSlow<T>(ThreadRecord* thread, Heap heap, T* pointer, int spanClass)
        where T : unmanaged
    {
        uint origin = Origins.AtHand<T>(thread);
        bool mayHavePlace = origin != 0 && ThreadRecord.HasPlace(thread, heap.Index);
        if (!mayHavePlace || !CheckedRoutes.TryFree(ThreadRecord.HeapBin(thread, heap.Index, spanClass), pointer, (int)heap.Index, spanClass, origin))
        {
            FreeByRoutes(thread, heap.Set, pointer, spanClass);
        }
    }
}
