// The pool of entities: values that never move, reached by handles, references or pointers, and iterated by a bitmap, 64 slots at a time. PoolState.cs is how it is built; here is its public face,
// with what depends on the values' type. NativePool.Enumeration.cs has the ways through it, on one thread or on several.
//
// The way of a lookup: the header's token, the slot's generation, the value. The two loads that may miss the cache do not wait for each other, as a table's do.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>Elements in native memory that never move, each named by a handle that knows when its element is gone, and by its address as long as it is there.</summary>
/// <typeparam name="T">The type of the elements: any unmanaged struct.</typeparam>
/// <remarks>
/// <para>Adding, finding and removing take constant time. An addition takes the lowest free slot, so that elements stay close together; addresses for the most elements that there may be
/// are reserved when the pool is made, and get memory as it grows. Iteration goes through the elements in the order of their addresses, and skips what is free 64 slots at a time.
/// Where elements need no fixed address, <see cref="NativeTable{T}"/> iterates at the speed of a span.</para>
/// <para>The struct is one word, which all copies share; keep it in a field, a class's or a native struct's, or a <c>using</c> declaration, and dispose of it once: or of its heap, which frees it as
/// everything else. Use of it afterwards throws <see cref="ObjectDisposedException"/>. <c>default</c> is no pool: every member but <see cref="IsDefault"/> and <see cref="Dispose"/> throws
/// <see cref="InvalidOperationException"/>.</para>
/// <para>Not thread-safe: one thread at a time may change a pool, and only while no other uses it. While nobody changes it, any number of threads may read it and write the elements; see
/// <see cref="Partitions"/>.</para>
/// <para>A slot costs a little over 4 bytes beside its value. Slots ever used are kept, so that old handles stay stale, until <see cref="TrimExcess"/> of an empty pool.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "A pool, as game engines have them.")]
public readonly unsafe partial struct NativePool<T> : IDisposable, IEquatable<NativePool<T>>
    where T : unmanaged
{
    private readonly ContainerReference _container;

    /// <summary>Makes an empty pool on <see cref="Heap.Shared"/>, for at most <see cref="DefaultMaxCapacity"/> elements.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory or no addresses.</exception>
    public NativePool()
        : this(Heap.Shared, DefaultMaxCapacity)
    {
    }

    /// <summary>Makes an empty pool on <see cref="Heap.Shared"/>.</summary>
    /// <param name="maxCapacity">The most elements that it will be able to hold. Costs addresses, no memory.</param>
    /// <inheritdoc cref="NativePool{T}(Heap, int)" path="/exception"/>
    public NativePool(int maxCapacity)
        : this(Heap.Shared, maxCapacity)
    {
    }

    /// <summary>Makes an empty pool for at most <see cref="DefaultMaxCapacity"/> elements.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <inheritdoc cref="NativePool{T}(Heap, int)" path="/exception"/>
    public NativePool(Heap heap)
        : this(heap, DefaultMaxCapacity)
    {
    }

    /// <summary>Makes an empty pool.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="maxCapacity">The most elements that it will be able to hold. Costs addresses, no memory.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory or no addresses, or a limit stands in the way.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not from 1 on, or so many elements are over 2^46 bytes.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativePool(Heap heap, int maxCapacity)
    {
        CentralSet* set = ContainerCapacity.RequireSet(heap, maxCapacity, sizeof(T));
        PoolState* pool = set == null ? null : PoolState.Create(set, sizeof(T), maxCapacity);
        if (pool == null)
        {
            throw EntityErrors.OutOfMemory((nuint)(uint)maxCapacity * (uint)(sizeof(T) + sizeof(uint)), heap);
        }

        _container = new ContainerReference(pool->Token);
    }

    /// <summary>The most elements of a pool for which no other number was given: 16,777,216, or as many as have room in 4 GiB if those are fewer, but 65,536 at least.</summary>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "Depends on the size of the type argument.")]
    public static int DefaultMaxCapacity => ContainerCapacity.Default(sizeof(T));

    /// <summary>Whether this is <c>default</c>, which is no pool.</summary>
    public bool IsDefault => _container.Token == 0;

    /// <inheritdoc cref="NativeTable{T}.Count"/>
    public int Count => State->Count;

    /// <inheritdoc cref="NativeTable{T}.Capacity"/>
    public int Capacity => State->Capacity;

    /// <inheritdoc cref="NativeTable{T}.MaxCapacity"/>
    public int MaxCapacity => State->MaxCount;

    /// <summary>The pool's state; throws if there is no pool.</summary>
    internal PoolState* State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (PoolState*)_container.Require<NativePool<T>>();
    }

    /// <summary>An element.</summary>
    /// <param name="handle">Its handle.</param>
    /// <returns>A reference to it, valid until it is removed.</returns>
    /// <exception cref="KeyNotFoundException">The handle names no element: its own was removed, or it is null, or of another pool. The message says which.</exception>
    [SuppressMessage("Design", "CA1043:Use Integral Or String Argument For Indexers", Justification = "A handle is an index that knows its time.")]
    public ref T this[NativeHandle<T> handle]
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            PoolState* pool = State;
            if (handle.Index >= pool->SlotCount || pool->Generations[handle.Index] != handle.Generation || !Generations.IsLive(handle.Generation))
            {
                ThrowNoElement(pool, handle);
            }

            return ref ((T*)pool->Values)[handle.Index];
        }
    }

    /// <summary>Adds an element of zeros.</summary>
    /// <param name="handle">Its handle.</param>
    /// <returns>A reference to it, valid until it is removed.</returns>
    /// <exception cref="InvalidOperationException">The pool holds <see cref="MaxCapacity"/> elements, and is as it was.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the pool is as it was.</exception>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add(out NativeHandle<T> handle)
    {
        T* value = Next(out PoolState* pool, out int slot);
        *value = default;
        handle = new NativeHandle<T>((uint)slot, pool->Take(slot));
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
        T* added = Next(out PoolState* pool, out int slot);
        *added = value;
        handle = new NativeHandle<T>((uint)slot, pool->Take(slot));
        return ref *added;
    }

    /// <inheritdoc cref="NativeTable{T}.Contains"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(NativeHandle<T> handle) => Find(State, handle) != null;

    /// <inheritdoc cref="NativeTable{T}.TryGet"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(NativeHandle<T> handle, out T value)
    {
        T* found = Find(State, handle);
        value = found != null ? *found : default;
        return found != null;
    }

    /// <summary>An element, if it is there.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>A reference to it, valid until it is removed; a null reference, as <see cref="Unsafe.IsNullRef"/> tells, if there is no such element.</returns>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T GetValueRefOrNullRef(NativeHandle<T> handle) => ref Unsafe.AsRef<T>(Find(State, handle));

    /// <summary>The address of an element, if it is there.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>The address, valid until the element is removed; null if there is no such element.</returns>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* GetPointerOrNull(NativeHandle<T> handle) => Find(State, handle);

    /// <summary>The handle of an element by its address.</summary>
    /// <param name="element">A pointer to an element of this pool.</param>
    /// <returns>Its handle.</returns>
    /// <exception cref="ArgumentException">There is no element of this pool at this address.</exception>
    public unsafe NativeHandle<T> GetHandle([Borrowed] T* element)
    {
        PoolState* pool = State;
        nuint offset = (nuint)((byte*)element - pool->Values);
        nuint slot = offset / (uint)sizeof(T);
        uint generation = slot < pool->SlotCount && offset % (uint)sizeof(T) == 0 ? pool->Generations[slot] : 0;
        return Generations.IsLive(generation)
            ? new NativeHandle<T>((uint)slot, generation)
            : throw EntityErrors.NotAnElement(typeof(NativePool<T>), nameof(element), element);
    }

    /// <summary>The handle of an element by a reference to it.</summary>
    /// <param name="element">A reference to an element of this pool.</param>
    /// <inheritdoc cref="GetHandle(T*)" path="/returns|/exception"/>
    public NativeHandle<T> GetHandle(ref readonly T element) => GetHandle((T*)Unsafe.AsPointer(ref Unsafe.AsRef(in element)));

    /// <summary>Removes an element, if it is there. Nothing moves. The type's <c>OnFreeing</c>, if it has one, gets the element when it is out of the pool.</summary>
    /// <param name="handle">Any handle.</param>
    /// <returns>Whether there was such an element.</returns>
    public bool Remove(NativeHandle<T> handle)
    {
        PoolState* pool = State;
        if (Find(pool, handle) == null)
        {
            return false;
        }

        if (FreeingHook<T>.Exists)
        {
            RemoveHooked(pool, (int)handle.Index);
        }
        else
        {
            pool->Free((int)handle.Index);
        }

        return true;
    }

    /// <summary>Removes an element, if it is there, and hands it to the caller, with what it owns: without <c>OnFreeing</c>. Nothing moves.</summary>
    /// <param name="handle">Any handle.</param>
    /// <param name="value">The element as it was, or zeros.</param>
    /// <returns>Whether there was such an element.</returns>
    public bool Remove(NativeHandle<T> handle, out T value)
    {
        PoolState* pool = State;
        T* found = Find(pool, handle);
        value = found != null ? *found : default;
        if (found != null)
        {
            pool->Free((int)handle.Index);
        }

        return found != null;
    }

    /// <summary>Removes all elements, by ascending address, each with its <c>OnFreeing</c>. Their handles are stale; the memory is kept.</summary>
    [InvalidatesReferences]
    public void Clear()
    {
        if (FreeingHook<T>.Exists)
        {
            ClearHooked();
            return;
        }

        PoolState* pool = State;
        pool->Version++;
        for (PoolCursor cursor = new(pool, 0, (int)pool->SlotCount); cursor.MoveNext();)
        {
            pool->Free(cursor.Slot);
        }
    }

    /// <summary>Makes sure that there is memory for a number of elements, without touching it.</summary>
    /// <param name="capacity">How many there are to be together with those that there are.</param>
    /// <returns>The capacity by now, at least as asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, or over <see cref="MaxCapacity"/>.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the pool is as it was.</exception>
    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        PoolState* pool = State;
        if (capacity > pool->MaxCount)
        {
            throw EntityErrors.OverMaxCapacity(nameof(capacity), capacity, pool->MaxCount);
        }

        return pool->TryReserve(capacity) ? pool->Capacity : throw RoomError(State, capacity);
    }

    /// <summary>
    /// Gives the memory back that the pool does not need at present: what lies after the last element, and whole pages without elements before it. One without elements gives back all, and begins
    /// anew: handles from before are as another pool's.
    /// </summary>
    public void TrimExcess() => State->Trim();

    /// <summary>
    /// Frees the pool's memory, with all elements, each with its <c>OnFreeing</c>. Does nothing if it has been freed before, by a copy or its heap (which calls no <c>OnFreeing</c>), or is <c>default</c>.
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

    /// <summary>Whether both are the same pool.</summary>
    public static bool operator ==(NativePool<T> left, NativePool<T> right) => left._container.Token == right._container.Token;

    /// <summary>Whether they are different pools.</summary>
    public static bool operator !=(NativePool<T> left, NativePool<T> right) => left._container.Token != right._container.Token;

    /// <inheritdoc/>
    public bool Equals(NativePool<T> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativePool<T> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _container.Token.GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T* Find(PoolState* pool, NativeHandle<T> handle) =>
        handle.Index < pool->SlotCount && pool->Generations[handle.Index] == handle.Generation && Generations.IsLive(handle.Generation)
            ? (T*)pool->Values + handle.Index
            : null;

    // An addition writes the element at Next first, and takes its slot then: NativeTable says why.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* Next(out PoolState* pool, out int slot)
    {
        pool = State;
        slot = pool->Bits.LowestFree();
        if (slot >= pool->Limit)
        {
            slot = MakeRoom();
        }

        return (T*)pool->Values + slot;
    }

    // The hook gets a copy, and may change the pool.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RemoveHooked(PoolState* pool, int slot)
    {
        T removed = ((T*)pool->Values)[slot];
        pool->Free(slot);
        FreeingHook<T>.Call(ref removed);
    }

    // Each slot once: what hooks add below it stays.
    private void ClearHooked()
    {
        PoolState* pool = State;
        pool->Version++;
        for (uint slot = 0; _container.IsAlive && slot < pool->SlotCount; slot++)
        {
            if (Generations.IsLive(pool->Generations[slot]))
            {
                RemoveHooked(pool, (int)slot);
            }
        }
    }

    // A handler of a soft limit may have added elements, or ended the pool.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int MakeRoom()
    {
        while (State->Bits.LowestFree() >= State->Limit)
        {
            if (!State->TryMakeRoom())
            {
                throw RoomError(State, (long)State->Count + 1);
            }
        }

        return State->Bits.LowestFree();
    }

    private static Exception RoomError(PoolState* pool, long count) =>
        pool->Count == pool->MaxCount ? EntityErrors.Full(typeof(NativePool<T>), pool->MaxCount)
            : pool->HasRetiredAll ? EntityErrors.Retired(typeof(NativePool<T>))
            : EntityErrors.OutOfMemory((nuint)count * (uint)sizeof(T), pool->Heap);

    // Nothing but a throw: that is how the JIT knows that it does not return, and keeps the way of a lookup free of what a call would need.
    [DoesNotReturn]
    private static void ThrowNoElement(PoolState* pool, NativeHandle<T> handle) => throw NoElement(pool, handle);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static KeyNotFoundException NoElement(PoolState* pool, NativeHandle<T> handle)
    {
        uint now = handle.Index < pool->SlotCount ? pool->Generations[handle.Index] : 0;
        return EntityErrors.NoElement(typeof(NativePool<T>), handle.Index, handle.Generation, pool->SlotCount, now, pool->Origin);
    }
}
