// The list: items side by side in one block that grows, in place where the heap can. ItemsState.cs is how it is built; here is its public face, with what depends on the items' type.
// NativeList.Changes.cs has insertions and removals in the middle, NativeList.Order.cs searching and sorting, NativeList.Enumerator.cs the enumeration.
//
//     the way of an addition:  header's token -> Count, Capacity, Items (the same line of the cache) -> the item
//
// Version moves on with whatever makes an enumeration meet an item twice or not at all; writing to an item does not.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>A list in native memory: what <c>List&lt;T&gt;</c> is, on a heap, with references to its items.</summary>
/// <typeparam name="T">The type of the items: any unmanaged struct.</typeparam>
/// <remarks>
/// <para>The struct is one word, which all copies share; keep it in a field, a class's or a native struct's, or a <c>using</c> declaration, and dispose of it once: or of its heap, which frees it as
/// everything else. Use of it afterwards throws <see cref="ObjectDisposedException"/>. <c>default</c> is no list: every member but <see cref="IsDefault"/> and <see cref="Dispose"/> throws
/// <see cref="InvalidOperationException"/>.</para>
/// <para>Spans and references into it are valid until it grows, shrinks or is disposed of; the compiler does not see to that. What the items own is not freed with them. A comparer or a condition that
/// is given to a member must not change the list.</para>
/// <para>Not thread-safe: one thread at a time may change a list, and only while no other uses it. While nobody changes it, any number of threads may read it and write the items.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "A list, as the BCL has them.")]
[CollectionBuilder(typeof(NativeList), nameof(NativeList.Create))]
public readonly unsafe partial struct NativeList<T> : IDisposable, IEquatable<NativeList<T>>
    where T : unmanaged
{
    private readonly ContainerReference _container;

    /// <summary>Makes an empty list on <see cref="Heap.Shared"/>.</summary>
    /// <inheritdoc cref="NativeList{T}(Heap)" path="/exception"/>
    public NativeList()
        : this(Heap.Shared, 0)
    {
    }

    /// <summary>Makes an empty list on <see cref="Heap.Shared"/>.</summary>
    /// <param name="capacity">For how many items there is to be room.</param>
    /// <inheritdoc cref="NativeList{T}(Heap, int)" path="/exception"/>
    public NativeList(int capacity)
        : this(Heap.Shared, capacity)
    {
    }

    /// <summary>Makes an empty list.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeList(Heap heap)
        : this(heap, 0)
    {
    }

    /// <summary>Makes an empty list.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="capacity">For how many items there is to be room.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, over <see cref="Array.MaxLength"/>, or so many items are over 2^46 bytes.</exception>
    /// <inheritdoc cref="NativeList{T}(Heap)" path="/exception"/>
    public NativeList(Heap heap, int capacity)
    {
        int maxCount = ItemsState.MaxCountOf(sizeof(T));
        if ((uint)capacity > (uint)maxCount)
        {
            throw CollectionErrors.BadCount(typeof(NativeList<T>), nameof(capacity), capacity, maxCount);
        }

        ItemsState* list = ItemsState.Create(heap, sizeof(T), ItemLayout<T>.Alignment);
        _container = new ContainerReference(list->Token);
        list->Fill(count: 0, capacity, zeroed: false);
    }

    /// <summary>Whether this is <c>default</c>, which is no list.</summary>
    public bool IsDefault => _container.Token == 0;

    /// <summary>The number of items.</summary>
    public int Count => State->Count;

    /// <summary>The number of items for which there is room now: what was asked for, or what more fits into the block that it is.</summary>
    public int Capacity => State->Capacity;

    private ItemsState* State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ItemsState*)_container.Require<NativeList<T>>();
    }

    /// <summary>An item.</summary>
    /// <param name="index">From 0 to one less than <see cref="Count"/>.</param>
    /// <returns>A reference to it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ref T this[int index]
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ItemsState* list = State;
            if ((uint)index >= (uint)list->Count)
            {
                ThrowBadIndex(list, index);
            }

            return ref ((T*)list->Items)[index];
        }
    }

    /// <summary>All items, to be read and written; what <c>CollectionsMarshal.AsSpan</c> is for a <c>List&lt;T&gt;</c>.</summary>
    /// <returns>A span of them.</returns>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AsSpan()
    {
        ItemsState* list = State;
        return new Span<T>(list->Items, list->Count);
    }

    /// <summary>Some of the items; what <c>list[2..5]</c> is with a span.</summary>
    /// <param name="start">The index of the first.</param>
    /// <param name="length">How many.</param>
    /// <returns>A span of them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are there.</exception>
    [return: Borrowed]
    public Span<T> Slice(int start, int length)
    {
        ItemsState* list = State;
        RequireRange(list, start, length, nameof(start));
        return new Span<T>((T*)list->Items + start, length);
    }

    /// <summary>Adds an item at the end.</summary>
    /// <param name="item">The item; may be one of the list's own.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the list is as it was.</exception>
    /// <exception cref="InvalidOperationException">The list would have more than <see cref="Array.MaxLength"/> items, or 2^46 bytes.</exception>
    [InvalidatesReferences(Always = false)]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in T item)
    {
        ItemsState* list = State;
        int count = list->Count;
        if (count == list->Capacity)
        {
            AddSlow(in item);
            return;
        }

        ((T*)list->Items)[count] = item;
        list->Count = count + 1;
        list->Version++;
    }

    /// <summary>Adds items at the end.</summary>
    /// <param name="items">The items; may be some of the list's own.</param>
    /// <inheritdoc cref="Add" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void AddRange(ReadOnlySpan<T> items)
    {
        if (!items.IsEmpty)
        {
            ItemsState* before = State;
            nint offset = Unsafe.ByteOffset(ref *(T*)before->Items, ref Unsafe.AsRef(in items[0]));
            bool isOwn = (nuint)offset < (nuint)(uint)before->Count * (nuint)sizeof(T);
            int version = before->Version;
            ItemsState* list = MakeRoom(items.Length);
            if (isOwn)
            {
                // Growing may have moved them.
                items = list->Version == version
                    ? new ReadOnlySpan<T>(list->Items + offset, items.Length)
                    : throw CollectionErrors.Modified(typeof(NativeList<T>));
            }

            items.CopyTo(new Span<T>((T*)list->Items + list->Count, items.Length));
            list->Count += items.Length;
            list->Version++;
        }
    }

    /// <summary>Sets the number of items: those beyond it are removed, new ones are zero.</summary>
    /// <param name="count">The new number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative, over <see cref="Array.MaxLength"/>, or so many items are over 2^46 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the list is as it was.</exception>
    [InvalidatesReferences(Always = false)]
    public void SetCount(int count) => SetCount(count, clear: true);

    /// <summary>Sets the number of items: those beyond it are removed. What <c>CollectionsMarshal.SetCount</c> is for a <c>List&lt;T&gt;</c>.</summary>
    /// <param name="count">The new number.</param>
    /// <param name="clear">Whether new ones are to be zero; else they are what the memory happens to hold.</param>
    /// <inheritdoc cref="SetCount(int)" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void SetCount(int count, bool clear)
    {
        _ = EnsureCapacity(count, nameof(count));
        ItemsState* list = State;
        if (clear && count > list->Count)
        {
            new Span<T>((T*)list->Items + list->Count, count - list->Count).Clear();
        }

        list->Count = count;
        list->Version++;
    }

    /// <summary>Removes all items. The memory is kept.</summary>
    [InvalidatesReferences]
    public void Clear()
    {
        ItemsState* list = State;
        list->Count = 0;
        list->Version++;
    }

    /// <summary>Makes sure that there is room for a number of items.</summary>
    /// <param name="capacity">How many there are to be together with those that there are.</param>
    /// <returns>The capacity by now, at least as asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, over <see cref="Array.MaxLength"/>, or so many items are over 2^46 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the list is as it was.</exception>
    [InvalidatesReferences(Always = false)]
    public int EnsureCapacity(int capacity) => EnsureCapacity(capacity, nameof(capacity));

    /// <summary>Gives the memory back that the items do not need, in place where the heap can. If a smaller block cannot be had, the list is as it was.</summary>
    [InvalidatesReferences(Always = false)]
    public void TrimExcess()
    {
        ItemsState* list = State;
        list->Trim(list->Count);
        if (_container.IsAlive)
        {
            list->Version++;
        }
    }

    /// <summary>Copies all items to the start of a span.</summary>
    /// <param name="destination">Receives them.</param>
    /// <exception cref="ArgumentException">The span is shorter than the list.</exception>
    public void CopyTo(Span<T> destination)
    {
        if (!AsSpan().TryCopyTo(destination))
        {
            throw CollectionErrors.TooShort(nameof(destination), destination.Length, Count);
        }
    }

    /// <summary>Goes through the items, by reference: <c>foreach (ref Ship ship in list) ship.Age++;</c>. Where nothing changes the list meanwhile, <see cref="AsSpan"/> is faster.</summary>
    [return: Borrowed]
    public Enumerator GetEnumerator() => new(_container, State);

    /// <summary>Frees the list. Does nothing if it has been freed before, by a copy or its heap, or is <c>default</c>.</summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    [InvalidatesReferences]
    public void Dispose()
    {
        if (_container.IsAlive)
        {
            State->Dispose();
        }
    }

    /// <summary>Whether both are the same list.</summary>
    public static bool operator ==(NativeList<T> left, NativeList<T> right) => left._container.Token == right._container.Token;

    /// <summary>Whether they are different lists.</summary>
    public static bool operator !=(NativeList<T> left, NativeList<T> right) => left._container.Token != right._container.Token;

    /// <inheritdoc/>
    public bool Equals(NativeList<T> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativeList<T> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _container.Token.GetHashCode();

    // The item may be one of those that growing moves.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddSlow(in T item)
    {
        T copy = item;
        ItemsState* list = MakeRoom(1);
        ((T*)list->Items)[list->Count] = copy;
        list->Count++;
        list->Version++;
    }

    // Room for so many items more. A handler of a soft limit may have changed the list, or ended it.
    private ItemsState* MakeRoom(int more)
    {
        while (State->Capacity - State->Count < more)
        {
            ItemsState* list = State;
            long count = (long)list->Count + more;
            if (count > list->MaxCount)
            {
                throw CollectionErrors.Full(typeof(NativeList<T>), count, list->MaxCount);
            }

            if (!list->TryGrow((int)count))
            {
                throw list->OutOfMemory((int)count);
            }
        }

        return State;
    }

    private int EnsureCapacity(int capacity, string parameter)
    {
        ItemsState* list = State;
        if ((uint)capacity > (uint)list->MaxCount)
        {
            throw CollectionErrors.BadCount(typeof(NativeList<T>), parameter, capacity, list->MaxCount);
        }

        return list->TryReserve(capacity) ? State->Capacity : throw list->OutOfMemory(capacity);
    }

    private static void RequireRange(ItemsState* list, int start, int length, string parameter)
    {
        if ((uint)start > (uint)list->Count || (uint)length > (uint)(list->Count - start))
        {
            throw CollectionErrors.BadRange(typeof(NativeList<T>), parameter, start, length, list->Count);
        }
    }

    [DoesNotReturn]
    private static void ThrowBadIndex(ItemsState* list, int index) => throw CollectionErrors.BadIndex(typeof(NativeList<T>), nameof(index), index, list->Count);
}
