// The table of entities: values side by side in memory, iterated as the span that they are, and handles that find them and know when they are gone. TableState.cs is how it is
// built; here is its public face, with what depends on the values' type. NativeTable.Capacity.cs has room, NativeTable.Enumerator.cs the enumeration.
//
// The way of a lookup, which is what all of this is laid out for: the header's token, the slot (8 bytes: position and generation), the value. Two loads that may miss the cache.
//
// The struct is one word, so that it can be a field of classes and of other native structs. Copies are the same table.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>A table of elements that lie side by side in native memory, each named by a handle that knows when its element is gone.</summary>
/// <typeparam name="T">The type of the elements: any unmanaged struct.</typeparam>
/// <remarks>
/// <para>Adding, finding and removing take constant time. <see cref="Values"/> is always dense: a removal moves the last element into the gap. Additions move nothing, ever: the addresses for the
/// most elements that there may be are reserved when the table is made, and get memory as it grows. So a reference to an element, and <see cref="Values"/> itself, stay valid over
/// additions, and until a removal.</para>
/// <para>The struct is one word, which all copies share; keep it in a field, a class's or a native struct's, or a <c>using</c> declaration, and dispose of it once: or of its heap, which frees it as
/// everything else. Use of it afterwards throws <see cref="ObjectDisposedException"/>. <c>default</c> is no table: every member but <see cref="IsDefault"/> and <see cref="Dispose"/> throws
/// <see cref="InvalidOperationException"/>.</para>
/// <para>Not thread-safe: one thread at a time may change a table, and only while no other uses it. While nobody changes it, any number of threads may read it and write the elements.</para>
/// <para>A slot costs 16 bytes beside its value; slots ever used are kept, so that old handles stay stale, until <see cref="TrimExcess"/> of an empty table. There are no tables of columns: a table a column, with
/// the same additions and removals, holds equal positions.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "A table, as databases and entity systems have them.")]
public readonly unsafe partial struct NativeTable<T> : IDisposable, IEquatable<NativeTable<T>>
    where T : unmanaged
{
    private readonly ContainerReference _container;

    /// <summary>Makes an empty table on <see cref="Heap.Shared"/>, for at most <see cref="DefaultMaxCapacity"/> elements.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory or no addresses.</exception>
    public NativeTable()
        : this(Heap.Shared, DefaultMaxCapacity)
    {
    }

    /// <summary>Makes an empty table on <see cref="Heap.Shared"/>.</summary>
    /// <param name="maxCapacity">The most elements that it will be able to hold. Costs addresses, no memory: 16 bytes each beside the elements.</param>
    /// <inheritdoc cref="NativeTable{T}(Heap, int)" path="/exception"/>
    public NativeTable(int maxCapacity)
        : this(Heap.Shared, maxCapacity)
    {
    }

    /// <summary>Makes an empty table for at most <see cref="DefaultMaxCapacity"/> elements.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <inheritdoc cref="NativeTable{T}(Heap, int)" path="/exception"/>
    public NativeTable(Heap heap)
        : this(heap, DefaultMaxCapacity)
    {
    }

    /// <summary>Makes an empty table.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="maxCapacity">The most elements that it will be able to hold. Costs addresses, no memory: 16 bytes each beside the elements.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory or no addresses.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not from 1 on, or so many elements are over 2^46 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeTable(Heap heap, int maxCapacity)
    {
        CentralSet* set = ContainerCapacity.RequireSet(heap, maxCapacity, sizeof(T));
        TableState* table = set == null ? null : TableState.Create(set, sizeof(T), maxCapacity);
        if (table == null)
        {
            throw EntityErrors.OutOfMemory((nuint)(uint)maxCapacity * (uint)(sizeof(T) + sizeof(SlotName) + sizeof(TableSlot)), heap);
        }

        _container = new ContainerReference(table->Token);
    }

    /// <summary>The most elements of a table for which no other number was given: 16,777,216, or as many as have room in 4 GiB if those are fewer, but 65,536 at least.</summary>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "Depends on the size of the type argument.")]
    public static int DefaultMaxCapacity => ContainerCapacity.Default(sizeof(T));

    /// <summary>Whether this is <c>default</c>, which is no table.</summary>
    public bool IsDefault => _container.Token == 0;

    /// <summary>The number of elements.</summary>
    public int Count => State->Count;

    /// <summary>The number of elements for which there is memory now.</summary>
    public int Capacity => State->Capacity;

    /// <summary>The most elements that there may be.</summary>
    public int MaxCapacity => State->MaxCount;

    /// <summary>The elements, side by side, in no particular order; to be read and written. Valid until an element is removed, as a picture of those that there were: additions are not in it.</summary>
    public Span<T> Values
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            TableState* table = State;
            return new Span<T>(table->Values, table->Count);
        }
    }

    /// <summary>The handles of the elements, each at the position of its element in <see cref="Values"/>. Valid as long as those.</summary>
    public ReadOnlySpan<NativeHandle<T>> Handles
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            TableState* table = State;
            return new ReadOnlySpan<NativeHandle<T>>(table->Handles, table->Count);
        }
    }

    /// <summary>The table's state; throws if there is no table.</summary>
    internal TableState* State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (TableState*)_container.Require<NativeTable<T>>();
    }

    /// <summary>An element.</summary>
    /// <param name="handle">Its handle.</param>
    /// <returns>A reference to it, valid until an element is removed.</returns>
    /// <exception cref="KeyNotFoundException">The handle names no element: its own was removed, or it is null, or of another table. The message says which.</exception>
    [SuppressMessage("Design", "CA1043:Use Integral Or String Argument For Indexers", Justification = "A handle is an index that knows its time.")]
    public ref T this[NativeHandle<T> handle]
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            TableState* table = State;
            TableSlot* slot = table->Slots + handle.Index;
            if (handle.Index >= table->SlotCount || slot->Generation != handle.Generation || !Generations.IsLive(handle.Generation))
            {
                ThrowNoElement(table, handle);
            }

            return ref ((T*)table->Values)[slot->Position];
        }
    }

    /// <summary>Adds an element of zeros.</summary>
    /// <param name="handle">Its handle.</param>
    /// <returns>A reference to it, valid until an element is removed.</returns>
    /// <exception cref="InvalidOperationException">The table holds <see cref="MaxCapacity"/> elements, and is as it was.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory; the table is as it was.</exception>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add(out NativeHandle<T> handle)
    {
        T* value = Next(out TableState* table);
        *value = default;
        handle = Take(table);
        return ref *value;
    }

    /// <summary>Adds an element.</summary>
    /// <param name="value">What it is to hold.</param>
    /// <param name="handle">Its handle.</param>
    /// <inheritdoc cref="Add(out NativeHandle{T})" path="/returns|/exception"/>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add(in T value, out NativeHandle<T> handle)
    {
        T* added = Next(out TableState* table);
        *added = value;
        handle = Take(table);
        return ref *added;
    }

    /// <summary>Whether a handle names an element.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>Whether there is such an element.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(NativeHandle<T> handle) => Find(State, handle) != null;

    /// <summary>Copies an element, if it is there.</summary>
    /// <param name="handle">Any handle.</param>
    /// <param name="value">The element, or zeros.</param>
    /// <returns>Whether there is such an element.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(NativeHandle<T> handle, out T value)
    {
        T* found = Find(State, handle);
        value = found != null ? *found : default;
        return found != null;
    }

    /// <summary>An element, if it is there.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>A reference to it, valid until an element is removed; a null reference, as <see cref="Unsafe.IsNullRef"/> tells, if there is no such element.</returns>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T GetValueRefOrNullRef(NativeHandle<T> handle) => ref Unsafe.AsRef<T>(Find(State, handle));

    /// <summary>Removes an element, if it is there. What was last in <see cref="Values"/> takes its position. The type's <c>OnFreeing</c>, if it has one, gets the element when it is out of the table.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>Whether there was such an element.</returns>
    [InvalidatesReferences]
    public bool Remove(NativeHandle<T> handle)
    {
        TableState* table = State;
        T* value = Find(table, handle);
        if (value == null)
        {
            return false;
        }

        if (FreeingHook<T>.Exists)
        {
            RemoveHooked(table, handle, value);
        }
        else
        {
            Remove(table, handle, value);
        }

        return true;
    }

    /// <summary>Removes an element, if it is there, and hands it to the caller, with what it owns: without <c>OnFreeing</c>. What was last in <see cref="Values"/> takes its position.</summary>
    /// <param name="handle">Any handle.</param>
    /// <param name="value">The element as it was, or zeros.</param>
    /// <returns>Whether there was such an element.</returns>
    [InvalidatesReferences]
    public bool Remove(NativeHandle<T> handle, out T value)
    {
        TableState* table = State;
        T* found = Find(table, handle);
        if (found == null)
        {
            value = default;
            return false;
        }

        value = *found;
        Remove(table, handle, found);
        return true;
    }

    /// <summary>Removes all elements, from the last to the first, each with its <c>OnFreeing</c>. Their handles are stale; the memory is kept.</summary>
    [InvalidatesReferences]
    public void Clear()
    {
        if (FreeingHook<T>.Exists)
        {
            ClearHooked();
        }
        else
        {
            State->FreeAll();
        }
    }

    /// <summary>Goes through all elements with their handles: <c>foreach (var entry in table) entry.Value.Age++;</c>. Where the handles are of no concern, <see cref="Values"/> is faster.</summary>
    [return: Borrowed]
    public Enumerator GetEnumerator() => new(_container, State);

    /// <summary>
    /// Frees the table's memory, with all elements, each with its <c>OnFreeing</c>. Does nothing if it has been freed before, by a copy or its heap (which calls no <c>OnFreeing</c>), or is <c>default</c>.
    /// </summary>
    [InvalidatesReferences]
    public void Dispose()
    {
        try
        {
            if (FreeingHook<T>.Exists && _container.IsAlive)
            {
                ClearHooked();
            }
        }
        finally
        {
            ContainerRoutes.Close(_container);
        }
    }

    /// <summary>Whether both are the same table.</summary>
    public static bool operator ==(NativeTable<T> left, NativeTable<T> right) => left._container.Token == right._container.Token;

    /// <summary>Whether they are different tables.</summary>
    public static bool operator !=(NativeTable<T> left, NativeTable<T> right) => left._container.Token != right._container.Token;

    /// <inheritdoc/>
    public bool Equals(NativeTable<T> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativeTable<T> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _container.Token.GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T* Find(TableState* table, NativeHandle<T> handle)
    {
        TableSlot* slot = table->Slots + handle.Index;
        return handle.Index < table->SlotCount && slot->Generation == handle.Generation && Generations.IsLive(handle.Generation)
            ? (T*)table->Values + slot->Position
            : null;
    }

    // An addition writes the element at Next first, and takes its slot then. If the element were written last, and the caller went on to assign a struct in its first bytes, the JIT would merge the two
    // stores into the second, and leave the bytes beyond as they were (.NET 10.0.12; InitialisationTests has the case).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* Next(out TableState* table)
    {
        table = State;
        if (table->Count == table->Limit)
        {
            MakeRoom();
        }

        return (T*)table->Values + table->Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NativeHandle<T> Take(TableState* table)
    {
        SlotName name = table->Take();
        return new NativeHandle<T>(name.Index, name.Generation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Remove(TableState* table, NativeHandle<T> handle, T* value)
    {
        T* last = (T*)table->Values + (table->Count - 1);
        table->Free(handle.Index, (int)(value - (T*)table->Values));
        *value = *last;
    }

    // The hook gets a copy, and may change the table.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RemoveHooked(TableState* table, NativeHandle<T> handle, T* value)
    {
        T removed = *value;
        Remove(table, handle, value);
        FreeingHook<T>.Call(ref removed);
    }

    // As many as there are now: what hooks add stays.
    private void ClearHooked()
    {
        TableState* table = State;
        table->Version++;
        for (int left = table->Count; left > 0 && _container.IsAlive && table->Count != 0; left--)
        {
            int last = table->Count - 1;
            SlotName name = table->Handles[last];
            RemoveHooked(table, new NativeHandle<T>(name.Index, name.Generation), (T*)table->Values + last);
        }
    }

    // Nothing but a throw: that is how the JIT knows that it does not return, and keeps the way of a lookup free of what a call would need.
    [DoesNotReturn]
    private static void ThrowNoElement(TableState* table, NativeHandle<T> handle) => throw NoElement(table, handle);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static KeyNotFoundException NoElement(TableState* table, NativeHandle<T> handle)
    {
        uint now = handle.Index < table->SlotCount ? table->Slots[handle.Index].Generation : 0;
        return EntityErrors.NoElement(typeof(NativeTable<T>), handle.Index, handle.Generation, table->SlotCount, now, table->Origin);
    }
}
