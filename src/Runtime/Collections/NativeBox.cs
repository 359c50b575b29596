// An owner for class fields: one object of a heap, behind a header that tells all copies of the struct when the object is gone. NativeOwner is its sibling on the stack, where the compiler sees
// to it that nothing outlives the object; a field of a class, or of a native struct, has nobody who would, so the header does.
//
// The price is a load more for each access, and 64 bytes beside the object.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Collections;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>Owns one object in native memory, from a field of a class or of a native struct, and knows when it is gone.</summary>
/// <typeparam name="T">The type of the object: any unmanaged struct, with generated stubs or without.</typeparam>
/// <remarks>
/// <para>The struct is one word, which all copies share: dispose of one of them, or of the heap. Use of any copy afterwards throws <see cref="ObjectDisposedException"/>, and disposing again does
/// nothing. <c>default</c> owns nothing: <see cref="IsNull"/> is true, and every other member but <see cref="Dispose"/> throws <see cref="InvalidOperationException"/>. For the stack, and in one
/// method, <see cref="NativeOwner{T}"/> is cheaper.</para>
/// <para>Not thread-safe, as the object isn't: one thread at a time may move or dispose of it, and only while no other uses it.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public readonly unsafe struct NativeBox<T> : IDisposable, IEquatable<NativeBox<T>>
    where T : unmanaged
{
    private readonly ContainerReference _container;

    /// <summary>Makes an object of zeros on <see cref="Heap.Shared"/>.</summary>
    /// <inheritdoc cref="NativeBox{T}(Heap)" path="/exception"/>
    public NativeBox()
        : this(Heap.Shared)
    {
    }

    /// <summary>Makes an object on <see cref="Heap.Shared"/>.</summary>
    /// <param name="value">What it is to hold.</param>
    /// <inheritdoc cref="NativeBox{T}(Heap)" path="/exception"/>
    public NativeBox(in T value)
        : this(Heap.Shared, in value)
    {
    }

    /// <summary>Makes an object of zeros.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeBox(Heap heap) => _container = Make(heap, zeroed: true);

    /// <summary>Makes an object.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="value">What it is to hold.</param>
    /// <inheritdoc cref="NativeBox{T}(Heap)" path="/exception"/>
    public NativeBox(Heap heap, in T value)
    {
        // The value may lie in memory that a handler of a soft limit frees.
        T copy = value;
        _container = Make(heap, zeroed: false);
        *State->Pointer = copy;
    }

    private NativeBox(ContainerReference container) => _container = container;

    /// <summary>Whether there is no object: never had one, handed on, or disposed of, by this copy or another.</summary>
    public bool IsNull => !_container.IsAlive;

    /// <summary>The object.</summary>
    /// <returns>A reference to it, valid until it is disposed of.</returns>
    /// <exception cref="ObjectDisposedException">It has been disposed of or handed on, or its heap has been disposed of or reset.</exception>
    /// <exception cref="InvalidOperationException">The box is <c>default</c>.</exception>
    public ref T Value
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *State->Pointer;
    }

    private string? DebuggerText => IsNull ? "no object" : Value.ToString();

    private BoxState<T>* State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (BoxState<T>*)_container.Require<NativeBox<T>>();
    }

    /// <summary>The object's address, which the box still frees when disposed of: it must not be used after that.</summary>
    /// <returns>The address.</returns>
    /// <inheritdoc cref="Value" path="/exception"/>
    [return: Borrowed]
    public unsafe T* DangerousGetPointer() => State->Pointer;

    /// <summary>
    /// Hands the object to the caller, who frees it by <see cref="Heap.Free"/> of its heap, or by the type's own <c>Free</c> if it is annotated itself. The box, with all copies, is empty afterwards.
    /// </summary>
    /// <returns>The address.</returns>
    /// <inheritdoc cref="Value" path="/exception"/>
    [return: Owned]
    public unsafe T* Detach()
    {
        T* pointer = State->Pointer;
        CollectionRoutes.Close((CollectionHeader*)State);
        return pointer;
    }

    /// <summary>Hands the object to another box. This one, with all copies, is empty afterwards, and disposing of it does nothing.</summary>
    /// <returns>The new box.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory; this box is as it was.</exception>
    /// <inheritdoc cref="Value" path="/exception"/>
    [return: Owned]
    public NativeBox<T> Move()
    {
        BoxState<T>* from = State;
        CollectionHeader* header = CollectionRoutes.OpenBeside((CollectionHeader*)from);
        ((BoxState<T>*)header)->Pointer = from->Pointer;
        CollectionRoutes.Close((CollectionHeader*)from);
        return new NativeBox<T>(new ContainerReference(header->Token));
    }

    /// <summary>
    /// Frees the object, after its type's <c>OnFreeing</c> if it has one. Does nothing if there is none any more: freed by a copy, handed on, or ended with its heap; nor for <c>default</c>.
    /// </summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    [InvalidatesReferences]
    [TakesOwnership]
    public void Dispose()
    {
        if (_container.IsAlive)
        {
            CentralSet* set = CollectionRoutes.SetOf((CollectionHeader*)State);
            T* pointer = Detach();
            try
            {
                if (FreeingHook<T>.Exists)
                {
                    FreeingHook<T>.Call(ref *pointer);
                }
            }
            finally
            {
                CollectionRoutes.Free(set, pointer);
            }
        }
    }

    /// <summary>Whether both are the same box.</summary>
    public static bool operator ==(NativeBox<T> left, NativeBox<T> right) => left._container.Token == right._container.Token;

    /// <summary>Whether they are different boxes.</summary>
    public static bool operator !=(NativeBox<T> left, NativeBox<T> right) => left._container.Token != right._container.Token;

    /// <inheritdoc/>
    public bool Equals(NativeBox<T> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativeBox<T> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _container.Token.GetHashCode();

    private static ContainerReference Make(Heap heap, bool zeroed)
    {
        CollectionHeader* header = CollectionRoutes.Open(heap);
        ContainerReference container = new(header->Token);
        T* pointer = (T*)CollectionRoutes.AllocFirst(header, ItemLayout<T>.SpanClass, (nuint)sizeof(T), (nuint)ItemLayout<T>.Alignment, zeroed);
        if (pointer != null)
        {
            ((BoxState<T>*)header)->Pointer = pointer;
        }

        return container;
    }
}
