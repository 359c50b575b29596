// The entry points of the stubs of isolated types: what NativeStubs has for the shared heap, over the type's own heap (Heaps/IsolatedType.cs).
//
//     thread record -> bin, by the type's number -> Top, Base, End
//
// The number is a static readonly field, and so a constant where the JIT compiles a stub for good: the way is a load shorter than that of a stub that names a heap. The record's table has a bin that is always closed where the
// thread has none for the type yet, so that the first calls fall into the slow path, which enters it there.

using System;
using System.ComponentModel;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Heaps;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.CompilerServices;

/// <summary>The entry points of generated allocation stubs of isolated types. For generated code; call the stubs of your type instead.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class IsolatedStubs
{
    /// <inheritdoc cref="NativeStubs.Alloc{T, TLayout}()"/>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* Alloc<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null && ThreadRecord.HasIsolatedPlace(thread, IsolatedType<TLayout>.Number))
        {
            Bin* bin = ThreadRecord.IsolatedBin(thread, IsolatedType<TLayout>.Number);
            void** top = bin->Top;
            if (top != bin->Base)
            {
                bin->Top = --top;
                return (T*)*top;
            }
        }

        return AllocSlow<T, TLayout>(zeroed: false);
    }

    /// <inheritdoc cref="NativeStubs.Alloc{T, TLayout}(in T)"/>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* Alloc<T, TLayout>([Borrowed] in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        T* pointer = Alloc<T, TLayout>();
        *pointer = value;
        return pointer;
    }

    /// <inheritdoc cref="NativeStubs.AllocZeroed{T, TLayout}()"/>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe T* AllocZeroed<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (thread != null && ThreadRecord.HasIsolatedPlace(thread, IsolatedType<TLayout>.Number))
        {
            Bin* bin = ThreadRecord.IsolatedBin(thread, IsolatedType<TLayout>.Number);
            void** top = bin->Top;
            if (top != bin->Base)
            {
                T* pointer = (T*)*--top;
                *pointer = default;
                bin->Top = top;
                return pointer;
            }
        }

        return AllocSlow<T, TLayout>(zeroed: true);
    }

    /// <summary>Frees one object, after its type's <c>OnFreeing</c> if it has one. Thread-safe; any thread may free it.</summary>
    /// <inheritdoc cref="NativeStubs.Free{T, TLayout}(T*)" path="/param|/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free<T, TLayout>([TakesOwnership] T* pointer)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        if (pointer == null)
        {
            return;
        }

        if (!FreeingHook<T>.Exists && thread != null && ThreadRecord.HasIsolatedPlace(thread, IsolatedType<TLayout>.Number))
        {
            Bin* bin = ThreadRecord.IsolatedBin(thread, IsolatedType<TLayout>.Number);
            void** top = bin->Top;
            if (top < bin->End)
            {
                *top = pointer;
                bin->Top = top + 1;
                return;
            }
        }

        FreeSlow<T, TLayout>(pointer);
    }

    /// <inheritdoc cref="NativeStubs.AllocBatch{T, TLayout}(Span{NativePointer{T}})"/>
    public static unsafe void AllocBatch<T, TLayout>([Owned] Span<NativePointer<T>> destination)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        int done = 0;
        try
        {
            for (; done < destination.Length; done++)
            {
                destination[done] = Alloc<T, TLayout>();
            }
        }
        finally
        {
            // If there is no memory, or a handler of the user's throws, those that are done go back, as nobody's yet.
            if (done < destination.Length)
            {
                for (int i = 0; i < done; i++)
                {
                    NativeStubs.Free(IsolatedHeap<T, TLayout>.Find(), destination[i].ToPointer(), TypeLayout.SpanClassOf<T, TLayout>(), Origins.Of<T>(ThreadRecord.Current));
                }

                destination[..done].Clear();
            }
        }
    }

    /// <inheritdoc cref="NativeStubs.FreeBatch{T, TLayout}(ReadOnlySpan{NativePointer{T}})"/>
    public static unsafe void FreeBatch<T, TLayout>([TakesOwnership] ReadOnlySpan<NativePointer<T>> pointers)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        HeapCorruptionException? error = null;
        int done = 0;
        try
        {
            while (done < pointers.Length)
            {
                try
                {
                    Free<T, TLayout>(pointers[done++].ToPointer());
                }
                catch (HeapCorruptionException wrong)
                {
                    error ??= wrong;
                }
            }
        }
        finally
        {
            // What a hook throws goes to the caller at once, with all freed nevertheless.
            if (done < pointers.Length)
            {
                FreeBatch<T, TLayout>(pointers[done..]);
            }
        }

        if (error != null)
        {
            throw error;
        }
    }

    /// <inheritdoc cref="NativeStubs.Rent{T, TLayout}()"/>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwner<T> Rent<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        T* pointer = AllocZeroed<T, TLayout>();
        return new(pointer, IsolatedHeap<T, TLayout>.Lease, TypeLayout.SpanClassOf<T, TLayout>());
    }

    /// <inheritdoc cref="NativeStubs.Rent{T, TLayout}(in T)"/>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwner<T> Rent<T, TLayout>([Borrowed] scoped in T value)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        T* pointer = Alloc<T, TLayout>(in value);
        return new(pointer, IsolatedHeap<T, TLayout>.Lease, TypeLayout.SpanClassOf<T, TLayout>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T* AllocSlow<T, TLayout>(bool zeroed)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        int alignment = TypeLayout.AlignmentOf<T, TLayout>();
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            throw HeapErrors.CannotBeIsolated(typeof(T).Name, (nuint)sizeof(T), (nuint)alignment);
        }

        CentralSet* set = IsolatedHeap<T, TLayout>.FindOrMake();
        void* pointer = set == null ? null : AllocationRoutes.Alloc(set, spanClass, (nuint)sizeof(T), (nuint)alignment, zeroed, Origins.Of<T>(ThreadRecord.Current));
        EnterBin<TLayout>(set, spanClass);
        return pointer != null ? (T*)pointer : throw HeapErrors.OutOfMemory((nuint)sizeof(T), set == null ? null : Heap.Of(set));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeSlow<T, TLayout>(T* pointer)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        int spanClass = TypeLayout.SpanClassOf<T, TLayout>();
        CentralSet* set = IsolatedHeap<T, TLayout>.Find();
        if (set == null)
        {
            // There is no object of the type yet that could be freed.
            throw HeapErrors.WrongFree(pointer);
        }

        if (FreeingHook<T>.Exists)
        {
            NativeStubs.FreeHooked(set, pointer, spanClass);
        }
        else
        {
            NativeStubs.Free(set, pointer, spanClass, Origins.Of<T>(ThreadRecord.Current));
        }

        EnterBin<TLayout>(set, spanClass);
    }

    // Enters the thread's bin for the type, which may have been made by this call, where the stubs find it.
    private static void EnterBin<TLayout>(CentralSet* set, int spanClass)
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ThreadRecord* thread = ThreadRecord.Current;
        ThreadCache* cache = set == null || thread == null ? null : thread->FindCache(set->Index);
        if (cache != null)
        {
            ThreadRecord.EnterIsolated(thread, set->Metadata, IsolatedType<TLayout>.Number, cache->GetBin(spanClass));
        }
    }
}
