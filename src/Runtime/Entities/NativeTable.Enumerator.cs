// Going through a table with the handles at hand. Each step asks whether the table is still there and as it was: elements that come or go would be met twice, or not at all.
//
// What needs no handles goes through Values, at the speed of a span.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

[DebuggerDisplay("Count = {Count}")]
[DebuggerTypeProxy(typeof(NativeTable<>.DebuggerView))]
public readonly unsafe partial struct NativeTable<T>
{
    /// <summary>What a debugger shows of a table.</summary>
    internal sealed class DebuggerView(NativeTable<T> table)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public KeyValuePair<NativeHandle<T>, T>[] Items
        {
            get
            {
                KeyValuePair<NativeHandle<T>, T>[] items = new KeyValuePair<NativeHandle<T>, T>[table.Count];
                int count = 0;
                foreach (NativeEntry<T> entry in table)
                {
                    items[count++] = new KeyValuePair<NativeHandle<T>, T>(entry.Handle, entry.Value);
                }

                return items;
            }
        }
    }

    /// <summary>Goes through the elements of a table, by position.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    public ref struct Enumerator
    {
        private readonly TableState* _table;
        private readonly ContainerReference _container;
        private readonly int _version;
        private int _position;

        internal Enumerator(ContainerReference container, TableState* table)
        {
            _container = container;
            _table = table;
            _version = table->Version;
            _position = -1;
        }

        /// <summary>The element at hand, with its handle.</summary>
        public readonly NativeEntry<T> Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                SlotName name = _table->Handles[_position];
                return new NativeEntry<T>(ref ((T*)_table->Values)[_position], new NativeHandle<T>(name.Index, name.Generation));
            }
        }

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Elements were added or removed since the enumeration began.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_table->Version != _version || _table->Token != _container.Token)
            {
                ThrowModified(_container);
            }

            return ++_position < _table->Count;
        }

        [DoesNotReturn]
        private static void ThrowModified(ContainerReference container) => throw Modified(container);

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static InvalidOperationException Modified(ContainerReference container)
        {
            _ = container.Require<NativeTable<T>>();
            return EntityErrors.Modified(typeof(NativeTable<T>));
        }
    }
}
