using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace NativeHeap.CompilerServices;

/// <summary>The entry points of generated allocation stubs. For generated code; call the stubs of your type instead.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class NativeStubs
{
    /// <summary>Allocates one uninitialised object.</summary>
    [return: Owned]
    public static unsafe T* Alloc<T>()
        where T : unmanaged, INativeAllocated<T>
        => (T*)NativeMemory.AlignedAlloc((nuint)sizeof(T), (nuint)NativeTypeLayout.AlignmentOf<T>());

    /// <summary>Allocates one object as a copy of <paramref name="value"/>.</summary>
    [return: Owned]
    public static unsafe T* Alloc<T>(in T value)
        where T : unmanaged, INativeAllocated<T>
    {
        T* pointer = Alloc<T>();
        *pointer = value;
        return pointer;
    }

    /// <summary>Allocates one object of zeroed memory.</summary>
    [return: Owned]
    public static unsafe T* AllocZeroed<T>()
        where T : unmanaged, INativeAllocated<T>
        => Alloc<T>(default);

    /// <summary>Frees one object of the shared heap; null is ignored.</summary>
    public static unsafe void Free<T>([TakesOwnership] T* pointer)
        where T : unmanaged, INativeAllocated<T>
        => NativeMemory.AlignedFree(pointer);

    /// <summary>Fills a span with newly allocated, uninitialised objects.</summary>
    public static unsafe void AllocBatch<T>([Owned] Span<NativePointer<T>> destination)
        where T : unmanaged, INativeAllocated<T>
    {
        foreach (ref NativePointer<T> pointer in destination)
        {
            pointer = Alloc<T>();
        }
    }

    /// <summary>Frees all objects of a span; nulls among them are ignored.</summary>
    public static unsafe void FreeBatch<T>([TakesOwnership] ReadOnlySpan<NativePointer<T>> pointers)
        where T : unmanaged, INativeAllocated<T>
    {
        foreach (NativePointer<T> pointer in pointers)
        {
            Free<T>(pointer);
        }
    }

    /// <summary>Allocates one zeroed object and wraps it in an owner.</summary>
    [return: Owned]
    public static NativeOwner<T> Rent<T>()
        where T : unmanaged, INativeAllocated<T>
        => new(AllocZeroed<T>());

    /// <summary>Allocates one object as a copy of <paramref name="value"/> and wraps it in an owner.</summary>
    [return: Owned]
    public static NativeOwner<T> Rent<T>(in T value)
        where T : unmanaged, INativeAllocated<T>
        => new(Alloc(in value));
}
