// A pointer for places that take no pointer: a struct of one word with the operators of one, and conversions both ways that cost nothing.
//
// Equality is that of the address. There is no arithmetic and no indexer: whoever walks memory has the bare pointer.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace NativeHeap;

/// <summary>
/// A pointer to a <typeparamref name="T"/> as a struct of one word, for the places where <c>T*</c> cannot go: type arguments of
/// collections, spans, delegates and tuples. It owns nothing; who frees the object is as unsaid as with a pointer.
/// </summary>
/// <typeparam name="T">The type of the object pointed to.</typeparam>
/// <remarks>Thread-safe as any word is: reading and writing one are atomic, what it points to is guarded by nobody.</remarks>
public readonly unsafe struct NativePointer<T> : IEquatable<NativePointer<T>>
    where T : unmanaged
{
    private readonly T* _pointer;

    /// <summary>Wraps a pointer.</summary>
    /// <param name="pointer">The address; null is allowed.</param>
    public unsafe NativePointer(T* pointer) => _pointer = pointer;

    /// <summary>Whether this is the null pointer, as <c>default</c> is.</summary>
    public bool IsNull => _pointer == null;

    /// <summary>The object pointed to. Reading it through a null pointer throws <see cref="NullReferenceException"/>; through a freed one it is undefined.</summary>
    public ref T Value => ref Unsafe.AsRef<T>(_pointer);

    /// <summary>The bare pointer.</summary>
    /// <returns>The address as <c>T*</c>.</returns>
    public unsafe T* ToPointer() => _pointer;

    /// <summary>Wraps a pointer.</summary>
    /// <param name="pointer">The address; null is allowed.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor and ToPointer are the named forms.")]
    public static unsafe implicit operator NativePointer<T>(T* pointer) => new(pointer);

    /// <summary>Unwraps the pointer.</summary>
    /// <param name="pointer">What to unwrap.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor and ToPointer are the named forms.")]
    public static unsafe implicit operator T*(NativePointer<T> pointer) => pointer._pointer;

    /// <summary>Whether both are the same address.</summary>
    public static bool operator ==(NativePointer<T> left, NativePointer<T> right) => left._pointer == right._pointer;

    /// <summary>Whether the addresses differ.</summary>
    public static bool operator !=(NativePointer<T> left, NativePointer<T> right) => left._pointer != right._pointer;

    /// <inheritdoc/>
    public bool Equals(NativePointer<T> other) => _pointer == other._pointer;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativePointer<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((nuint)_pointer).GetHashCode();

    /// <summary>The address in hexadecimal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{(nuint)_pointer:x}");
}
