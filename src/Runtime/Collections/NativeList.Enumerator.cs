// Going through a list item by item. Each step asks whether the list is still there and as it was: items that come or go would be met twice, or not at all, and a block that has grown may be
// another.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;
using NativeHeap.Heaps;

namespace NativeHeap;

[DebuggerDisplay("Count = {Count}")]
[DebuggerTypeProxy(typeof(NativeList<>.DebuggerView))]
public readonly unsafe partial struct NativeList<T>
{
    /// <summary>What a debugger shows of a list.</summary>
    internal sealed class DebuggerView(NativeList<T> list)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public T[] Items => list.AsSpan().ToArray();
    }

    /// <summary>Goes through the items of a list, by index.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    public ref struct Enumerator
    {
        private readonly ItemsState* _list;
        private readonly ContainerReference _container;
        private readonly int _version;
        private int _index;

        internal Enumerator(ContainerReference container, ItemsState* list)
        {
            _container = container;
            _list = list;
            _version = list->Version;
            _index = -1;
        }

        /// <summary>The item at hand.</summary>
        public readonly ref T Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => ref ((T*)_list->Items)[_index];
        }

        /// <summary>Goes to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Items were added, removed or moved since the enumeration began.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_list->Version != _version || _list->Token != _container.Token)
            {
                ThrowModified(_container);
            }

            return ++_index < _list->Count;
        }

        [DoesNotReturn]
        private static void ThrowModified(ContainerReference container) => throw CollectionErrors.Modified<NativeList<T>>(container);
    }
}

/// <summary>Makes lists, for the language: <c>using NativeList&lt;int&gt; list = [1, 2, 3];</c>.</summary>
public static class NativeList
{
    /// <summary>Makes a list on <see cref="Heap.Shared"/> as a copy of items.</summary>
    /// <param name="items">The items.</param>
    /// <returns>The list.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    public static NativeList<T> Create<T>(ReadOnlySpan<T> items)
        where T : unmanaged
    {
        NativeList<T> list = new(Heap.Shared, items.Length);
        list.AddRange(items);
        return list;
    }
}
