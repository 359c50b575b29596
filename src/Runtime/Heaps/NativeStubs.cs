// The one seam between generated code and the runtime: each generated stub is a call of one of these, inlined.
//
// The fast paths are here, on one screen. T's span class is a constant after JIT folding (TypeLayout), and so the bin's place in the thread's
// record; what remains is: read the thread static, test it, compare two pointers of the bin, move one. Everything else is in
// AllocationRoutes, never inlined.
//
// The thread static is read first of all, before anything is tested: the JIT lifts the access (a call, half of the cost) out of a loop only if every
// round makes it, and it decides that before the constants have folded.
//
// The fast paths write the bin's address out at each use. Kept in a local it costs an instruction, the addition; written out, the constant is
// a part of each access. tests/NativeHeap.Tests/Golden counts them.

using System;
using System.ComponentModel;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Heaps;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.CompilerServices;

/// <summary>The entry points of generated allocation stubs: for <see cref="Heap.Shared"/> where they take no heap. For generated code; call the stubs of your type instead.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe partial class NativeStubs
{
    /// <summary>Allocates one uninitialised object. Thread-safe.</summary>
    /// <returns>The object; the caller frees it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* Alloc<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null)
        {
            void** top = ThreadRecord.SharedBin(thread, spanClass)->Top;
            if (top != ThreadRecord.SharedBin(thread, spanClass)->Base)
            {
                ThreadRecord.SharedBin(thread, spanClass)->Top = --top;
                return (T*)*top;
            }
        }

        return AllocSlow<T, TLayout>(thread);
    }

    /// <summary>Allocates one object as a copy of <paramref name="value"/>. Thread-safe.</summary>
    /// <param name="value">What the object is to hold.</param>
    /// <returns>The object; the caller frees it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* Alloc<T, TLayout>([Borrowed] in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null)
        {
            void** top = ThreadRecord.SharedBin(thread, spanClass)->Top;
            if (top != ThreadRecord.SharedBin(thread, spanClass)->Base)
            {
                // Written before it is taken: a caller's write to the object must not follow directly (NativeTable.Next says why).
                T* pointer = (T*)*--top;
                *pointer = value;
                ThreadRecord.SharedBin(thread, spanClass)->Top = top;
                return pointer;
            }
        }

        return AllocCopySlow<T, TLayout>(thread, in value);
    }

    /// <summary>Allocates one object of zeroed memory. Thread-safe.</summary>
    /// <returns>The object; the caller frees it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* AllocZeroed<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null)
        {
            void** top = ThreadRecord.SharedBin(thread, spanClass)->Top;
            if (top != ThreadRecord.SharedBin(thread, spanClass)->Base)
            {
                // Written before it is taken, as in Alloc.
                T* pointer = (T*)*--top;
                *pointer = default;
                ThreadRecord.SharedBin(thread, spanClass)->Top = top;
                return pointer;
            }
        }

        return AllocByRoutes<T, TLayout>(thread, zeroed: true);
    }

    /// <summary>Frees one object of the shared heap, after its type's <c>OnFreeing</c> if it has one. Thread-safe; any thread may free it.</summary>
    /// <param name="pointer">What a stub of the same type returned; null is ignored.</param>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly, before or, if the heap is checked, by this call.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free<T, TLayout>([TakesOwnership] T* pointer)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
        => Free(pointer, TypeLayout.SpanClassOf<T, TLayout>());

    /// <summary>Fills a span with newly allocated, uninitialised objects. Thread-safe.</summary>
    /// <param name="destination">Receives the objects; the caller frees them.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory for all of them; then there are none, and the span is as it was.</exception>
    public static unsafe void AllocBatch<T, TLayout>([Owned] Span<NativePointer<T>> destination)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        fixed (NativePointer<T>* pointers = destination)
        {
            AllocBatch(Heap.Shared, TypeLayout.SpanClassOf<T, TLayout>(), (void**)pointers, destination.Length, (nuint)sizeof(T), (nuint)TypeLayout.AlignmentOf<T, TLayout>(), Origins.Of<T>(ThreadRecord.Current));
        }
    }

    /// <summary>Frees all objects of a span, after their type's <c>OnFreeing</c> for each if it has one. Thread-safe; any thread may free them.</summary>
    /// <param name="pointers">What stubs of the same type returned; nulls are ignored.</param>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly, before or, if the heap is checked, by this call; all others of the span are freed nevertheless.</exception>
    public static unsafe void FreeBatch<T, TLayout>([TakesOwnership] ReadOnlySpan<NativePointer<T>> pointers)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        FreeBatchOf(Heap.Shared, TypeLayout.SpanClassOf<T, TLayout>(), pointers);
    }

    /// <summary>Allocates one zeroed object and wraps it in an owner. Thread-safe.</summary>
    /// <returns>The owner; dispose of it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwner<T> Rent<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
        => new(AllocZeroed<T, TLayout>(), lease: 0, TypeLayout.SpanClassOf<T, TLayout>());

    /// <summary>Allocates one object as a copy of <paramref name="value"/> and wraps it in an owner. Thread-safe.</summary>
    /// <param name="value">What the object is to hold.</param>
    /// <returns>The owner; dispose of it.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwner<T> Rent<T, TLayout>([Borrowed] scoped in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
        => new(Alloc<T, TLayout>(in value), lease: 0, TypeLayout.SpanClassOf<T, TLayout>());

    /// <summary>Frees one object of the shared heap, whose span class is its stubs'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Free<T>(T* pointer, int spanClass)
        where T : unmanaged
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (pointer == null)
        {
            return;
        }

        if (FreeingHook<T>.Exists)
        {
            FreeHooked(null, pointer, spanClass);
            return;
        }

        if (SizeClass.FromSpanClass(spanClass) != SizeClass.Large && thread != null)
        {
            void** top = ThreadRecord.SharedBin(thread, spanClass)->Top;
            if (top < ThreadRecord.SharedBin(thread, spanClass)->End)
            {
                *top = pointer;
                ThreadRecord.SharedBin(thread, spanClass)->Top = top + 1;
                return;
            }
        }

        FreeSlow(thread, pointer, spanClass);
    }

    // A checked heap's quick way is here, too (CheckedRoutes.TryAlloc, TryFree): what it must not do without, and no call more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocSlow<T, TLayout>(ThreadRecord* thread)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        uint origin = Origins.AtHand<T>(thread);
        void* pointer = origin == 0 ? null : CheckedRoutes.TryAlloc(ThreadRecord.SharedBin(thread, TypeLayout.SpanClassOf<T, TLayout>()), origin);
        return pointer != null ? (T*)pointer : AllocByRoutes<T, TLayout>(thread);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocByRoutes<T, TLayout>(ThreadRecord* thread, bool zeroed = false)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        void* pointer = AllocationRoutes.Alloc(null, TypeLayout.SpanClassOf<T, TLayout>(), (nuint)sizeof(T), (nuint)TypeLayout.AlignmentOf<T, TLayout>(), zeroed, Origins.Of<T>(thread));
        return pointer != null ? (T*)pointer : throw HeapErrors.OutOfMemory((nuint)sizeof(T));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocCopySlow<T, TLayout>(ThreadRecord* thread, in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        T* pointer = AllocSlow<T, TLayout>(thread);
        *pointer = value;
        return pointer;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeSlow<T>(ThreadRecord* thread, T* pointer, int spanClass)
        where T : unmanaged
    {
        uint origin = Origins.AtHand<T>(thread);
        if (origin == 0 || !CheckedRoutes.TryFree(ThreadRecord.SharedBin(thread, spanClass), pointer, 0, spanClass, origin))
        {
            FreeByRoutes(thread, null, pointer, spanClass);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeByRoutes<T>(ThreadRecord* thread, CentralSet* set, T* pointer, int spanClass)
        where T : unmanaged
        => Free(set, pointer, spanClass, Origins.Of<T>(thread));

    internal static void Free(CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        void* bad = AllocationRoutes.Free(set, pointer, spanClass, origin);
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    private static void AllocBatch(Heap heap, int spanClass, void** pointers, int count, nuint size, nuint alignment, uint origin)
    {
        // Throws if the heap has been disposed of, for an empty span too.
        _ = heap.Set;
        nint index = heap.Index;
        int done = 0;
        while (done < count)
        {
            ThreadRecord* thread = ThreadRecord.Current;
            if (thread != null && ThreadRecord.HasPlace(thread, index))
            {
                Bin* bin = ThreadRecord.HeapBin(thread, index, spanClass);
                void** top = bin->Top;
                void** end = top - Math.Min(count - done, top - bin->Base);
                while (top != end)
                {
                    pointers[done++] = *--top;
                }

                bin->Top = top;
            }

            if (done < count)
            {
                // Beyond the bin's own: one by the slow path, which fills the bin for the next round.
                void* pointer = AllocOrFreeBatch(heap, spanClass, pointers, done, size, alignment, origin);
                pointers[done++] = pointer != null ? pointer : throw HeapErrors.OutOfMemory(size * (nuint)count, heap);
            }
        }
    }

    // If there is no memory, or a handler of the user's throws, those that are done go back.
    private static void* AllocOrFreeBatch(Heap heap, int spanClass, void** pointers, int done, nuint size, nuint alignment, uint origin)
    {
        void* pointer = null;
        try
        {
            pointer = AllocationRoutes.Alloc(heap.Set, spanClass, size, alignment, zeroed: false, origin);
        }
        finally
        {
            if (pointer == null)
            {
                FreeBatch(heap, spanClass, pointers, done, origin);
                new Span<nuint>(pointers, done).Clear();
            }
        }

        return pointer;
    }

    private static void FreeBatchOf<T>(Heap heap, int spanClass, ReadOnlySpan<NativePointer<T>> pointers)
        where T : unmanaged
    {
        // Throws if the heap has been disposed of, and the objects with it.
        _ = heap.Set;
        fixed (NativePointer<T>* first = pointers)
        {
            try
            {
                for (int i = 0; FreeingHook<T>.Exists && i < pointers.Length; i++)
                {
                    if (!first[i].IsNull && CheckedRoutes.IsObject(heap.Set, first[i].ToPointer(), spanClass, Origins.Of<T>(ThreadRecord.Current)))
                    {
                        FreeingHook<T>.Call(ref first[i].Value);
                    }
                }
            }
            finally
            {
                FreeBatch(heap, spanClass, (void**)first, pointers.Length, Origins.Of<T>(ThreadRecord.Current));
            }
        }
    }

    // What the hook throws does not keep the object from being freed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void FreeHooked<T>(CentralSet* set, T* pointer, int spanClass)
        where T : unmanaged
    {
        try
        {
            if (CheckedRoutes.IsObject(set, pointer, spanClass, Origins.Of<T>(ThreadRecord.Current)))
            {
                FreeingHook<T>.Call(ref *pointer);
            }
        }
        finally
        {
            Free(set, pointer, spanClass, Origins.Of<T>(ThreadRecord.Current));
        }
    }

    private static void FreeBatch(Heap heap, int spanClass, void** pointers, int count, uint origin)
    {
        CentralSet* set = heap.Set;
        nint index = heap.Index;
        HeapCorruptionException? error = null;
        for (int done = 0; done < count;)
        {
            ThreadRecord* thread = ThreadRecord.Current;
            if (thread != null && ThreadRecord.HasPlace(thread, index))
            {
                Bin* bin = ThreadRecord.HeapBin(thread, index, spanClass);
                void** top = bin->Top;
                for (; done < count && (top < bin->End || pointers[done] == null); done++)
                {
                    if (pointers[done] != null)
                    {
                        *top++ = pointers[done];
                    }
                }

                bin->Top = top;
            }

            if (done < count)
            {
                void* pointer = pointers[done++];
                HeapCorruptionException? found = pointer == null ? null : TryFree(set, pointer, spanClass, origin);
                error ??= found;
            }
        }

        if (error != null)
        {
            throw error;
        }
    }

    private static HeapCorruptionException? TryFree(CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        try
        {
            void* bad = AllocationRoutes.Free(set, pointer, spanClass, origin);
            return bad == null ? null : HeapErrors.WrongFree(bad);
        }
        catch (HeapCorruptionException error)
        {
            return error;
        }
    }
}
