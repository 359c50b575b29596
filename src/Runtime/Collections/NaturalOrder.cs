// What the items of a type equal, and what they come before, by themselves; as structs, so that the JIT sees through them.
//
// A type that does not say so, by IEquatable or IComparable of itself, would be boxed by each comparison, which allocates managed memory: it is refused.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NativeHeap.Collections;

/// <summary>The order that a type has by itself.</summary>
internal readonly struct NaturalOrder<T> : IComparer<T>
    where T : unmanaged
{
    /// <summary>Throws if the type has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Require()
    {
        // Constants for the JIT.
        if (!typeof(IComparable<T>).IsAssignableFrom(typeof(T)) && !typeof(T).IsEnum)
        {
            Throw();
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Compare(T x, T y) => Comparer<T>.Default.Compare(x, y);

    [DoesNotReturn]
    private static void Throw() => throw CollectionErrors.WithoutOrder(typeof(T));
}

/// <summary>The equality that a type has by itself.</summary>
internal readonly struct NaturalEquality<T> : IAlternateEqualityComparer<T, T>
    where T : unmanaged
{
    /// <summary>Throws if the type has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Require()
    {
        // Constants for the JIT.
        if (!typeof(IEquatable<T>).IsAssignableFrom(typeof(T)) && !typeof(T).IsEnum)
        {
            Throw();
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(T alternate, T other) => EqualityComparer<T>.Default.Equals(alternate, other);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int GetHashCode(T alternate) => EqualityComparer<T>.Default.GetHashCode(alternate);

    /// <inheritdoc/>
    public T Create(T alternate) => alternate;

    [DoesNotReturn]
    private static void Throw() => throw CollectionErrors.WithoutEquality(typeof(T));
}
