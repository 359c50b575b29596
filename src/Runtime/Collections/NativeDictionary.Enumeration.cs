// Going through a dictionary, in the order of its slots. Each step asks whether the dictionary is still there and whether an entry has come or moved since, which would be met twice or not at
// all. A removal moves nothing, so that what is met may be removed on the way, as in the BCL's.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;
using NativeHeap.Heaps;

namespace NativeHeap;

[DebuggerDisplay("Count = {Count}")]
[DebuggerTypeProxy(typeof(NativeDictionary<,>.DebuggerView))]
public readonly unsafe partial struct NativeDictionary<TKey, TValue>
{
    /// <summary>The keys, to go through.</summary>
    public KeyCollection Keys
    {
        [return: Borrowed]
        get => new(GetEnumerator());
    }

    /// <summary>The values, to go through by reference: <c>foreach (ref int value in dictionary.Values) value++;</c>.</summary>
    public ValueCollection Values
    {
        [return: Borrowed]
        get => new(GetEnumerator());
    }

    /// <summary>Goes through the entries: <c>foreach (var (key, value) in dictionary)</c>, or by reference: <c>foreach (var entry in dictionary) entry.Value++;</c>. Entries may be removed meanwhile.</summary>
    [return: Borrowed]
    public Enumerator GetEnumerator() => new(_container, State);

    /// <summary>What a debugger shows of a dictionary.</summary>
    internal sealed class DebuggerView(NativeDictionary<TKey, TValue> dictionary)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public KeyValuePair<TKey, TValue>[] Items
        {
            get
            {
                KeyValuePair<TKey, TValue>[] items = new KeyValuePair<TKey, TValue>[dictionary.Count];
                int count = 0;
                foreach (Entry entry in dictionary)
                {
                    items[count++] = new KeyValuePair<TKey, TValue>(entry.Key, entry.Value);
                }

                return items;
            }
        }
    }

    /// <summary>A key and its value, met by an enumeration.</summary>
    /// <remarks>Lives on the stack, and is valid until the key is removed, or the dictionary grows or shrinks.</remarks>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    public readonly ref struct Entry
    {
        private readonly ref DictionaryEntry<TKey, TValue> _entry;

        internal Entry(ref DictionaryEntry<TKey, TValue> entry) => _entry = ref entry;

        /// <summary>The key.</summary>
        public ref readonly TKey Key => ref _entry.Key;

        /// <summary>The value itself, to be read and written.</summary>
        public ref TValue Value => ref _entry.Value;

        /// <summary>Takes it apart.</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">A copy of the value.</param>
        public void Deconstruct(out TKey key, out TValue value)
        {
            key = _entry.Key;
            value = _entry.Value;
        }
    }

    /// <summary>Goes through the entries of a dictionary.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    public ref struct Enumerator
    {
        private readonly DictionaryState<TKey, TValue>* _dictionary;
        private readonly ContainerReference _container;
        private readonly int _version;
        private DictionaryEntry<TKey, TValue>* _entry;
        private nint _slot;

        internal Enumerator(ContainerReference container, DictionaryState<TKey, TValue>* dictionary)
        {
            _container = container;
            _dictionary = dictionary;
            _version = dictionary->Version;
        }

        /// <summary>The entry at hand.</summary>
        public readonly Entry Current => new(ref *_entry);

        /// <summary>Goes to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Entries were added or moved since the enumeration began.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_dictionary->Version != _version || _dictionary->Token != _container.Token)
            {
                ThrowModified(_container);
            }

            _entry = _dictionary->Next(ref _slot);
            return _entry != null;
        }

        [DoesNotReturn]
        private static void ThrowModified(ContainerReference container) => throw CollectionErrors.Modified<NativeDictionary<TKey, TValue>>(container);
    }

    /// <summary>The keys of a dictionary.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    [SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "As the BCL's.")]
    public ref struct KeyCollection
    {
        private Enumerator _entries;

        internal KeyCollection(Enumerator entries) => _entries = entries;

        /// <summary>The key at hand.</summary>
        public readonly ref readonly TKey Current => ref _entries.Current.Key;

        /// <inheritdoc cref="Enumerator.MoveNext"/>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Goes through the keys.</summary>
        public readonly KeyCollection GetEnumerator() => this;
    }

    /// <summary>The values of a dictionary.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "As the BCL's own enumerators.")]
    [SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "As the BCL's.")]
    public ref struct ValueCollection
    {
        private Enumerator _entries;

        internal ValueCollection(Enumerator entries) => _entries = entries;

        /// <summary>The value at hand.</summary>
        public readonly ref TValue Current => ref _entries.Current.Value;

        /// <inheritdoc cref="Enumerator.MoveNext"/>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Goes through the values.</summary>
        public readonly ValueCollection GetEnumerator() => this;
    }
}
