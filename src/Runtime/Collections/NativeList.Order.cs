// Searching and sorting. The BCL's sort allocates: a delegate for a comparer, and 48 bytes for the natural order where the code was compiled ahead of time. Here both orders are structs that the JIT
// inlines (NaturalOrder.cs, IntroSort.cs). Looking for an equal item is the BCL's, which is vectorised.

using System;
using System.Collections.Generic;

using NativeHeap.Collections;

namespace NativeHeap;

public readonly unsafe partial struct NativeList<T>
{
    /// <summary>The index of the first item that equals another, by <see cref="EqualityComparer{T}.Default"/>.</summary>
    /// <param name="item">What to look for.</param>
    /// <returns>The index, or -1.</returns>
    /// <exception cref="NotSupportedException">The type implements no <see cref="IEquatable{T}"/>: each comparison would allocate managed memory.</exception>
    public int IndexOf(in T item)
    {
        NaturalEquality<T>.Require();
        return ((ReadOnlySpan<T>)AsSpan()).IndexOf(item);
    }

    /// <summary>Whether an item equals another, by <see cref="EqualityComparer{T}.Default"/>.</summary>
    /// <param name="item">What to look for.</param>
    /// <returns>Whether there is one.</returns>
    /// <inheritdoc cref="IndexOf" path="/exception"/>
    public bool Contains(in T item) => IndexOf(in item) >= 0;

    /// <summary>Removes the first item that equals another, by <see cref="EqualityComparer{T}.Default"/>. Those after it move down by one.</summary>
    /// <param name="item">What to look for; may be one of the list's own.</param>
    /// <returns>Whether there was one.</returns>
    /// <inheritdoc cref="IndexOf" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public bool Remove(in T item)
    {
        int index = IndexOf(in item);
        if (index >= 0)
        {
            RemoveAt(index);
        }

        return index >= 0;
    }

    /// <summary>Sorts the items by <see cref="Comparer{T}.Default"/>. Equal ones may change places.</summary>
    /// <exception cref="InvalidOperationException">The type has no order: it implements no <see cref="IComparable{T}"/>.</exception>
    public void Sort()
    {
        NaturalOrder<T>.Require();
        Sort(default(NaturalOrder<T>));
    }

    /// <summary>Sorts the items. Equal ones may change places.</summary>
    /// <typeparam name="TComparer">The type of the comparer: of a struct, the comparison is inlined.</typeparam>
    /// <param name="comparer">Their order. If it contradicts itself, the order is any; if it throws, that is let through, and the items are all there, in any order.</param>
    public void Sort<TComparer>(TComparer comparer)
        where TComparer : IComparer<T>
    {
        State->Version++;
        IntroSort<T, TComparer>.Sort(AsSpan(), comparer);
    }

    /// <summary>Looks for an item in a list sorted by <see cref="Comparer{T}.Default"/>.</summary>
    /// <param name="item">What to look for.</param>
    /// <returns>The index of one that is equal; if there is none, the complement of the index of the first that is greater, or of <see cref="Count"/>.</returns>
    /// <exception cref="InvalidOperationException">The type has no order: it implements no <see cref="IComparable{T}"/>.</exception>
    public int BinarySearch(in T item)
    {
        NaturalOrder<T>.Require();
        return BinarySearch(in item, default(NaturalOrder<T>));
    }

    /// <summary>Looks for an item in a sorted list.</summary>
    /// <typeparam name="TComparer">The type of the comparer: of a struct, the comparison is inlined.</typeparam>
    /// <param name="item">What to look for.</param>
    /// <param name="comparer">The order that the list is sorted by.</param>
    /// <inheritdoc cref="BinarySearch(in T)" path="/returns"/>
    public int BinarySearch<TComparer>(in T item, TComparer comparer)
        where TComparer : IComparer<T>
        => AsSpan().BinarySearch(item, comparer);

    /// <summary>Reverses the order of the items.</summary>
    public void Reverse()
    {
        State->Version++;
        AsSpan().Reverse();
    }
}
