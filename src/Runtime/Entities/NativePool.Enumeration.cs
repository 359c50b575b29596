// The ways through a pool: from its first element to its last on one thread, or in parts that several threads take. Parts are counted off by the bitmap, so that each has as many elements as the
// others, give or take one, wherever those lie; a part is a stretch of addresses, and no two threads write to one line of the cache but where two parts meet.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

[DebuggerDisplay("Count = {Count}")]
[DebuggerTypeProxy(typeof(NativePool<>.DebuggerView))]
public readonly unsafe partial struct NativePool<T>
{
    /// <summary>Goes through all elements with their handles, by ascending address: <c>foreach (var entry in pool) entry.Value.Age++;</c>.</summary>
    [return: Borrowed]
    public Enumerator GetEnumerator() => new(_container, State, State->Version, 0, (int)State->SlotCount);

    /// <summary>
    /// The elements in parts for threads to share, each a stretch of addresses with as many elements as the others, give or take one. Together they have every element once.
    /// </summary>
    /// <param name="count">The number of parts; those beyond the number of elements are empty.</param>
    /// <returns>The parts. Valid until an element is added or removed; allocates nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 on.</exception>
    public NativePoolPartitions<T> Partitions(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new NativePoolPartitions<T>(_container, State->Version, State->Count, count);
    }

    /// <summary>What a debugger shows of a pool.</summary>
    internal sealed class DebuggerView(NativePool<T> pool)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public KeyValuePair<NativeHandle<T>, T>[] Items
        {
            get
            {
                KeyValuePair<NativeHandle<T>, T>[] items = new KeyValuePair<NativeHandle<T>, T>[pool.Count];
                int count = 0;
                foreach (NativeEntry<T> entry in pool)
                {
                    items[count++] = new KeyValuePair<NativeHandle<T>, T>(entry.Handle, entry.Value);
                }

                return items;
            }
        }
    }

    /// <summary>Goes through elements of a pool, by ascending address.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    public ref struct Enumerator
    {
        private readonly ContainerReference _container;
        private readonly PoolState* _pool;
        private readonly int _version;
        private PoolCursor _cursor;

        internal Enumerator(ContainerReference container, PoolState* pool, int version, int start, int end)
        {
            if (pool->Version != version)
            {
                ThrowModified(container);
            }

            _container = container;
            _pool = pool;
            _version = version;
            _cursor = new PoolCursor(pool, start, end);
        }

        /// <summary>The element at hand, with its handle.</summary>
        public readonly NativeEntry<T> Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                int slot = _cursor.Slot;
                return new NativeEntry<T>(ref ((T*)_pool->Values)[slot], new NativeHandle<T>((uint)slot, _pool->Generations[slot]));
            }
        }

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Elements were added or removed since the enumeration began.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_pool->Version != _version || _pool->Token != _container.Token)
            {
                ThrowModified(_container);
            }

            return _cursor.MoveNext();
        }

        [DoesNotReturn]
        private static void ThrowModified(ContainerReference container) => throw Modified(container);

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static InvalidOperationException Modified(ContainerReference container)
        {
            _ = container.Require<NativePool<T>>();
            return EntityErrors.Modified(typeof(NativePool<T>));
        }
    }
}
