// The errors of arrays, lists and dictionaries, in the voice of HeapErrors: which value is wrong, what it may be, what the way out is. Nothing here is reached but to throw.
//
// A struct that stands for no collection, or for one that is gone, is told by ContainerErrors, as a table's is.

using System;
using System.Collections.Generic;

using NativeHeap.Heaps;

using static NativeHeap.Heaps.ContainerErrors;

using static System.FormattableString;

namespace NativeHeap.Collections;

/// <summary>Makes the exceptions that users of collections see.</summary>
internal static unsafe class CollectionErrors
{
    /// <summary>An index that names no item.</summary>
    public static ArgumentOutOfRangeException BadIndex(Type container, string parameter, int index, int count) => new(parameter, index, count == 0
        ? $"This {NameOf(container)} has no items, and so none of index {index}."
        : Invariant($"This {NameOf(container)} has {count:N0} items, of indexes 0 to {count - 1}, and none of index {index}."));

    /// <summary>A place to insert at that is beyond the end.</summary>
    public static ArgumentOutOfRangeException BadPlace(Type container, string parameter, int index, int count) =>
        new(parameter, index, Invariant($"This {NameOf(container)} has {count:N0} items: one can be inserted at 0 to {count}, and not at {index}."));

    /// <summary>A range that is not all items.</summary>
    public static ArgumentOutOfRangeException BadRange(Type container, string parameter, int start, int length, int count) =>
        new(parameter, start, Invariant($"The range of {length} items from index {start} is not within the {count:N0} items of this {NameOf(container)}."));

    /// <summary>A length or capacity that cannot be.</summary>
    public static ArgumentOutOfRangeException BadCount(Type container, string parameter, long count, int maxCount) =>
        new(parameter, count, Invariant($"A {NameOf(container)} can have room for 0 to {maxCount:N0} items, and not for {count:N0}."));

    /// <summary>A capacity that is less than what is in use.</summary>
    public static ArgumentOutOfRangeException BelowCount(Type container, string parameter, int capacity, int count) =>
        new(parameter, capacity, Invariant($"This {NameOf(container)} has {count:N0} items, for which the capacity of {capacity:N0} is too small. Remove some first."));

    /// <summary>A collection that would get more items than it can hold.</summary>
    public static InvalidOperationException Full(Type container, long count, int maxCount) =>
        new(Invariant($"A {NameOf(container)} can hold {maxCount:N0} items, and not {count:N0}. Use several."));

    /// <summary>A span that is too short for what is to be written to it.</summary>
    public static ArgumentException TooShort(string parameter, int length, int needed) =>
        new(Invariant($"The span has a length of {length:N0}, and {needed:N0} items are to be written to it."), parameter);

    /// <summary>A collection that has changed under who goes through it.</summary>
    public static InvalidOperationException Modified(Type container) =>
        new($"This {NameOf(container)} was changed while it was gone through: items were added, removed or moved. Note what to change, and change it afterwards.");

    /// <summary>A collection that has changed, or ended, under who goes through it.</summary>
    /// <typeparam name="TContainer">The struct's type.</typeparam>
    /// <param name="container">Its word.</param>
    public static InvalidOperationException Modified<TContainer>(ContainerReference container)
    {
        _ = container.Require<TContainer>();
        return Modified(typeof(TContainer));
    }

    /// <summary>A key that is not there.</summary>
    public static KeyNotFoundException NoKey<TKey>(Type container, TKey key) =>
        new(Invariant($"This {NameOf(container)} has no key {key}. TryGetValue asks without an exception."));

    /// <summary>A key that is there already.</summary>
    public static ArgumentException HasKey<TKey>(Type container, TKey key) =>
        new(Invariant($"This {NameOf(container)} has the key {key} already. TryAdd leaves what is there, the indexer replaces it."), nameof(key));

    /// <summary>A type that cannot be compared for equality without allocating.</summary>
    public static NotSupportedException WithoutEquality(Type type) =>
        new($"Values of type {NameOf(type)} would be boxed by each comparison, which allocates managed memory: the type does not implement IEquatable<{NameOf(type)}>. Implement it, or make the type a record struct, which does.");

    /// <summary>A type that cannot be put in order, or not without allocating.</summary>
    public static InvalidOperationException WithoutOrder(Type type) =>
        new($"Values of type {NameOf(type)} have no order by themselves: the type does not implement IComparable<{NameOf(type)}>. Implement it, or pass a comparer.");
}
