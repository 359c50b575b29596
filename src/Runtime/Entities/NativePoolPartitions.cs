// The parts of a pool that threads share. Values that name the pool and say where they begin and end, so that they can be handed to a thread by any means, or found anew by their number there.
//
//     part i of n = the elements number Count * i / n up to Count * (i + 1) / n, counted by ascending address

using System;
using System.Diagnostics.CodeAnalysis;

using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>The elements of a pool in parts, as <see cref="NativePool{T}.Partitions"/> makes them. Valid until an element is added or removed. Thread-safe as long.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Nothing compares two.")]
public readonly unsafe struct NativePoolPartitions<T>
    where T : unmanaged
{
    private readonly ContainerReference _pool;
    private readonly int _version;
    private readonly int _elements;

    internal NativePoolPartitions(ContainerReference pool, int version, int elements, int count)
    {
        _pool = pool;
        _version = version;
        _elements = elements;
        Count = count;
    }

    /// <summary>The number of parts.</summary>
    public int Count { get; }

    /// <summary>One of the parts. Finding it takes a time that grows with the slots before it, a word of the bitmap for each 64: 10 µs for a million.</summary>
    /// <param name="index">Its number, from 0 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    /// <exception cref="InvalidOperationException">Elements have been added or removed.</exception>
    public NativePoolPartition<T> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return After(RequirePool()->Skip(0, FirstElement(index)), index);
        }
    }

    /// <summary>Goes through the parts, by ascending address.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Writes the parts to a span, for who hands them out by index.</summary>
    /// <param name="destination">Where to; at least <see cref="Count"/> long.</param>
    /// <exception cref="ArgumentException">The span is too short.</exception>
    /// <exception cref="InvalidOperationException">Elements have been added or removed.</exception>
    public void CopyTo(Span<NativePoolPartition<T>> destination)
    {
        if (destination.Length < Count)
        {
            throw EntityErrors.TooShort(nameof(destination), destination.Length, Count);
        }

        int i = 0;
        foreach (NativePoolPartition<T> part in this)
        {
            destination[i++] = part;
        }
    }

    private int FirstElement(int index) => (int)((long)_elements * index / Count);

    private NativePoolPartition<T> After(int start, int index)
    {
        int elements = FirstElement(index + 1) - FirstElement(index);
        return new NativePoolPartition<T>(_pool, _version, elements, start, RequirePool()->Skip(start, elements));
    }

    private PoolState* RequirePool()
    {
        PoolState* pool = (PoolState*)_pool.Require<NativePool<T>>();
        return pool->Version == _version ? pool : throw EntityErrors.Modified(typeof(NativePool<T>));
    }

    /// <summary>Goes through the parts of a pool.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    public struct Enumerator
    {
        private readonly NativePoolPartitions<T> _parts;
        private int _index;
        private int _end;

        internal Enumerator(NativePoolPartitions<T> parts)
        {
            _parts = parts;
            _index = -1;
        }

        /// <summary>The part at hand.</summary>
        public NativePoolPartition<T> Current { get; private set; }

        /// <summary>Goes to the next part.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Elements have been added or removed.</exception>
        public bool MoveNext()
        {
            if (++_index >= _parts.Count)
            {
                return false;
            }

            Current = _parts.After(_end, _index);
            _end = Current.End;
            return true;
        }
    }
}

/// <summary>A part of the elements of a pool: a stretch of addresses. Valid until an element is added or removed; while that holds, any thread may go through it and write its elements.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Nothing compares two.")]
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "A part of a pool.")]
public readonly unsafe struct NativePoolPartition<T>
    where T : unmanaged
{
    private readonly ContainerReference _pool;
    private readonly int _version;
    private readonly int _start;

    internal NativePoolPartition(ContainerReference pool, int version, int count, int start, int end)
    {
        _pool = pool;
        _version = version;
        _start = start;
        Count = count;
        End = end;
    }

    /// <summary>The number of its elements.</summary>
    public int Count { get; }

    /// <summary>The slot after its last element.</summary>
    internal int End { get; }

    /// <summary>Goes through its elements with their handles, by ascending address.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default</c>, which is no part of anything.</exception>
    /// <exception cref="ObjectDisposedException">The pool is gone.</exception>
    public NativePool<T>.Enumerator GetEnumerator() => new(_pool, (PoolState*)_pool.Require<NativePool<T>>(), _version, _start, End);
}
