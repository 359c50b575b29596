// Insertions and removals in the middle of a list.
//
// What is inserted may be items of the list itself: a single one is copied before anything moves, and a range is added at the end and then turned into its place, since there what it is a
// copy of has not moved yet.
//
// Removing by a condition goes through the items once, and moves each that stays at most once. The condition is a struct's method, which the JIT inlines, or a function pointer: nothing is allocated.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;

namespace NativeHeap;

/// <summary>A condition on items, for <see cref="NativeList{T}.RemoveAll{TCondition}(TCondition)"/>. Implemented by a struct, it costs no allocation and no indirect call.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public interface IItemCondition<T>
{
    /// <summary>Whether an item meets it.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it does.</returns>
    bool IsMet(in T item);
}

public readonly unsafe partial struct NativeList<T>
{
    /// <summary>Inserts an item. Those from its index on move up by one.</summary>
    /// <param name="index">Its index: from 0 to <see cref="Count"/>.</param>
    /// <param name="item">The item; may be one of the list's own.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative, or over <see cref="Count"/>.</exception>
    /// <inheritdoc cref="Add" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void Insert(int index, in T item)
    {
        T copy = item;
        *MakeGap(index, 1) = copy;
    }

    /// <summary>Inserts items. Those from the index on move up.</summary>
    /// <param name="index">The index of the first: from 0 to <see cref="Count"/>.</param>
    /// <param name="items">The items; may be some of the list's own.</param>
    /// <inheritdoc cref="Insert" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void InsertRange(int index, ReadOnlySpan<T> items)
    {
        ItemsState* list = State;
        if (items.Overlaps(new ReadOnlySpan<T>(list->Items, list->Count)))
        {
            RequirePlace(list, index);
            AddRange(items);
            Span<T> turned = AsSpan()[index..];
            turned[..^items.Length].Reverse();
            turned[^items.Length..].Reverse();
            turned.Reverse();
        }
        else
        {
            items.CopyTo(new Span<T>(MakeGap(index, items.Length), items.Length));
        }
    }

    /// <summary>Removes an item. Those after it move down by one.</summary>
    /// <param name="index">From 0 to one less than <see cref="Count"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    [InvalidatesReferences(Always = false)]
    public void RemoveAt(int index)
    {
        ItemsState* list = State;
        if ((uint)index >= (uint)list->Count)
        {
            ThrowBadIndex(list, index);
        }

        CloseGap(list, index, 1);
    }

    /// <summary>Removes an item, in constant time: the last one takes its place.</summary>
    /// <param name="index">From 0 to one less than <see cref="Count"/>.</param>
    /// <inheritdoc cref="RemoveAt" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void RemoveAtSwapBack(int index)
    {
        ItemsState* list = State;
        if ((uint)index >= (uint)list->Count)
        {
            ThrowBadIndex(list, index);
        }

        list->Count--;
        list->Version++;
        ((T*)list->Items)[index] = ((T*)list->Items)[list->Count];
    }

    /// <summary>Removes items. Those after them move down.</summary>
    /// <param name="index">The index of the first.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are there.</exception>
    [InvalidatesReferences(Always = false)]
    public void RemoveRange(int index, int count)
    {
        ItemsState* list = State;
        RequireRange(list, index, count, nameof(index));
        CloseGap(list, index, count);
    }

    /// <summary>Removes the items that meet a condition. The others keep their order.</summary>
    /// <typeparam name="TCondition">The type of the condition: a struct, so that it is inlined.</typeparam>
    /// <param name="condition">The condition. It must not change the list. What it throws is let through, with the items seen so far dealt with.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="InvalidOperationException">The condition has changed the list.</exception>
    [InvalidatesReferences(Always = false)]
    public int RemoveAll<TCondition>(TCondition condition)
        where TCondition : struct, IItemCondition<T>, allows ref struct
    {
        ItemsState* list = State;
        int version = ++list->Version;
        int count = list->Count;
        int kept = 0;
        int seen = 0;
        try
        {
            for (; seen < count; seen++)
            {
                T* item = (T*)list->Items + seen;
                bool isMet = condition.IsMet(in *item);
                RequireUnchanged(list, version);
                if (!isMet)
                {
                    ((T*)list->Items)[kept++] = *item;
                }
            }
        }
        finally
        {
            if (list->Token == _container.Token && list->Version == version)
            {
                CloseGap(list, kept, seen - kept);
            }
        }

        return count - kept;
    }

    /// <summary>Removes the items that meet a condition. The others keep their order.</summary>
    /// <param name="condition">The condition: <c>&amp;Method</c>. It must not change the list.</param>
    /// <inheritdoc cref="RemoveAll{TCondition}(TCondition)" path="/returns|/exception"/>
    [InvalidatesReferences(Always = false)]
    public unsafe int RemoveAll(delegate*<in T, bool> condition) => RemoveAll(new PointerCondition(condition));

    private void RequireUnchanged(ItemsState* list, int version)
    {
        if (list->Version != version || list->Token != _container.Token)
        {
            _ = State;
            throw CollectionErrors.Modified(typeof(NativeList<T>));
        }
    }

    private static void RequirePlace(ItemsState* list, int index)
    {
        if ((uint)index > (uint)list->Count)
        {
            throw CollectionErrors.BadPlace(typeof(NativeList<T>), nameof(index), index, list->Count);
        }
    }

    private T* MakeGap(int index, int length)
    {
        RequirePlace(State, index);
        ItemsState* list = MakeRoom(length);

        // Once more, after a handler of a soft limit.
        RequirePlace(list, index);
        T* gap = (T*)list->Items + index;
        new Span<T>(gap, list->Count - index).CopyTo(new Span<T>(gap + length, list->Count - index));
        list->Count += length;
        list->Version++;
        return gap;
    }

    private static void CloseGap(ItemsState* list, int index, int length)
    {
        T* gap = (T*)list->Items + index;
        int after = list->Count - index - length;
        new Span<T>(gap + length, after).CopyTo(new Span<T>(gap, after));
        list->Count -= length;
        list->Version++;
    }

    private readonly struct PointerCondition(delegate*<in T, bool> condition) : IItemCondition<T>
    {
        private readonly delegate*<in T, bool> _condition = condition;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsMet(in T item) => _condition(in item);
    }
}
