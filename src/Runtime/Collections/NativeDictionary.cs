// The dictionary: keys and their values in a hash table of one block. DictionaryState.cs is how it is built; here is its public face. NativeDictionary.Enumeration.cs goes through it, and
// NativeAlternateLookup.cs looks up what stands for a key.
//
//     the way of a lookup:  header's token -> Control, GroupMask, Entries (the same line of the cache) -> sixteen control bytes -> the entry
//
// Keys are compared by EqualityComparer<TKey>.Default, which the JIT inlines; a key type that would be boxed by it is refused. Another equality is that of another key type, a struct around the key.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>A dictionary in native memory: what <c>Dictionary&lt;TKey, TValue&gt;</c> is, on a heap, with references to its values.</summary>
/// <typeparam name="TKey">The type of the keys: an unmanaged struct that implements <see cref="IEquatable{T}"/> of itself, as numbers, <see cref="Guid"/> and record structs do, or an enumeration.</typeparam>
/// <typeparam name="TValue">The type of the values: any unmanaged struct.</typeparam>
/// <remarks>
/// <para>The struct is one word, which all copies share; keep it in a field, a class's or a native struct's, or a <c>using</c> declaration, and dispose of it once: or of its heap, which frees it as
/// everything else. Use of it afterwards throws <see cref="ObjectDisposedException"/>. <c>default</c> is no dictionary: every member but <see cref="IsDefault"/> and <see cref="Dispose"/> throws
/// <see cref="InvalidOperationException"/>.</para>
/// <para>References into it are valid until it grows, shrinks or is disposed of, which the compiler does not see to. What the values own is not freed with them. The order of the entries is any.</para>
/// <para>Operations take constant time as long as the hash codes differ. As in the BCL's for such keys, hash codes are not salted: who may choose the keys can make them collide, and lookups linear; where that matters, hash them by a seed of your own in the key's <c>GetHashCode</c>.</para>
/// <para>Not thread-safe: one thread at a time may change a dictionary, and only while no other uses it. While nobody changes it, any number of threads may read it and write the values.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "A dictionary, as the BCL has them.")]
public readonly unsafe partial struct NativeDictionary<TKey, TValue> : IDisposable, IEquatable<NativeDictionary<TKey, TValue>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly ContainerReference _container;

    /// <summary>Makes an empty dictionary on <see cref="Heap.Shared"/>.</summary>
    /// <inheritdoc cref="NativeDictionary{TKey, TValue}(Heap, int)" path="/exception[@cref='OutOfMemoryException' or @cref='NotSupportedException']"/>
    public NativeDictionary()
        : this(Heap.Shared, 0)
    {
    }

    /// <summary>Makes an empty dictionary on <see cref="Heap.Shared"/>.</summary>
    /// <param name="capacity">For how many entries there is to be room.</param>
    /// <inheritdoc cref="NativeDictionary{TKey, TValue}(Heap, int)" path="/exception"/>
    public NativeDictionary(int capacity)
        : this(Heap.Shared, capacity)
    {
    }

    /// <summary>Makes an empty dictionary.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <inheritdoc cref="NativeDictionary{TKey, TValue}(Heap, int)" path="/exception[@cref='OutOfMemoryException' or @cref='NotSupportedException' or @cref='ObjectDisposedException']"/>
    public NativeDictionary(Heap heap)
        : this(heap, 0)
    {
    }

    /// <summary>Makes an empty dictionary.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="capacity">For how many entries there is to be room.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, over 939,524,096, or so many entries are over 2^46 bytes.</exception>
    /// <exception cref="NotSupportedException">The keys are neither <see cref="IEquatable{T}"/> nor of an enumeration: each comparison would allocate managed memory.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeDictionary(Heap heap, int capacity)
    {
        NaturalEquality<TKey>.Require();
        int maxCount = DictionaryState<TKey, TValue>.MaxCount;
        if ((uint)capacity > (uint)maxCount)
        {
            throw CollectionErrors.BadCount(typeof(NativeDictionary<TKey, TValue>), nameof(capacity), capacity, maxCount);
        }

        DictionaryState<TKey, TValue>* dictionary = DictionaryState<TKey, TValue>.Create(heap);
        _container = new ContainerReference(dictionary->Token);
        dictionary->Fill(capacity);
    }

    /// <summary>Whether this is <c>default</c>, which is no dictionary.</summary>
    public bool IsDefault => _container.Token == 0;

    /// <summary>The number of entries.</summary>
    public int Count => State->Count;

    /// <summary>The number of entries for which there is room now.</summary>
    public int Capacity => State->Limit;

    internal DictionaryState<TKey, TValue>* State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (DictionaryState<TKey, TValue>*)_container.Require<NativeDictionary<TKey, TValue>>();
    }

    /// <summary>The value of a key. To change a part of one, take a reference: <see cref="GetValueRefOrNullRef"/>.</summary>
    /// <param name="key">The key.</param>
    /// <returns>A copy of its value.</returns>
    /// <exception cref="KeyNotFoundException">On reading: there is no such key.</exception>
    /// <inheritdoc cref="GetValueRefOrAddDefault" path="/exception"/>
    public TValue this[TKey key]
    {
        get
        {
            DictionaryEntry<TKey, TValue>* entry = Find(key);
            if (entry == null)
            {
                ThrowNoKey(key);
            }

            return entry->Value;
        }

        [InvalidatesReferences(Always = false)]
        set => GetOrTake(key, out _)->Value = value;
    }

    /// <summary>Adds a key and its value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; may be one of the dictionary's own.</param>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    /// <inheritdoc cref="GetValueRefOrAddDefault" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void Add(TKey key, in TValue value)
    {
        if (!TryAdd(key, in value))
        {
            ThrowHasKey(key);
        }
    }

    /// <summary>Adds a key and its value, if the key is not there yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; may be one of the dictionary's own.</param>
    /// <returns>Whether it was added; if not, the dictionary is as it was.</returns>
    /// <inheritdoc cref="GetValueRefOrAddDefault" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public bool TryAdd(TKey key, in TValue value)
    {
        DictionaryState<TKey, TValue>* dictionary = State;
        if (dictionary->Find(key, default(NaturalEquality<TKey>), out ulong hash) != null)
        {
            return false;
        }

        DictionaryEntry<TKey, TValue>* entry = dictionary->Take(hash);
        if (entry == null)
        {
            return TryAddSlow(key, in value);
        }

        entry->Key = key;
        entry->Value = value;
        return true;
    }

    /// <summary>Gets the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">A copy of its value; <c>default</c> if there is no such key.</param>
    /// <returns>Whether there is.</returns>
    public bool TryGetValue(TKey key, out TValue value)
    {
        DictionaryEntry<TKey, TValue>* entry = Find(key);
        value = entry == null ? default : entry->Value;
        return entry != null;
    }

    /// <summary>Whether a key is there.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it is.</returns>
    public bool ContainsKey(TKey key) => Find(key) != null;

    /// <summary>Gets a reference to the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The reference, or a null reference if there is no such key: ask <see cref="Unsafe.IsNullRef"/>.</returns>
    [return: Borrowed]
    public ref TValue GetValueRefOrNullRef(TKey key)
    {
        DictionaryEntry<TKey, TValue>* entry = Find(key);
        return ref entry == null ? ref Unsafe.NullRef<TValue>() : ref entry->Value;
    }

    /// <summary>Gets a reference to the value of a key, which is added with a value of zeros if it is not there yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>The reference.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the dictionary is as it was.</exception>
    /// <exception cref="InvalidOperationException">The dictionary has as many entries as one can have.</exception>
    [InvalidatesReferences(Always = false)]
    [return: Borrowed]
    public ref TValue GetValueRefOrAddDefault(TKey key, out bool exists)
    {
        DictionaryEntry<TKey, TValue>* entry = GetOrTake(key, out exists);
        if (!exists)
        {
            entry->Value = default;
        }

        return ref entry->Value;
    }

    /// <summary>Removes a key and its value. Enumerations go on.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key)
    {
        DictionaryState<TKey, TValue>* dictionary = State;
        DictionaryEntry<TKey, TValue>* entry = dictionary->Find(key, default(NaturalEquality<TKey>), out _);
        if (entry != null)
        {
            dictionary->Remove(entry);
        }

        return entry != null;
    }

    /// <summary>Removes a key and its value. Enumerations go on.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value that it had; <c>default</c> if it was not there.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key, out TValue value)
    {
        DictionaryState<TKey, TValue>* dictionary = State;
        DictionaryEntry<TKey, TValue>* entry = dictionary->Find(key, default(NaturalEquality<TKey>), out _);
        value = entry == null ? default : entry->Value;
        if (entry != null)
        {
            dictionary->Remove(entry);
        }

        return entry != null;
    }

    /// <summary>Removes all entries. The memory is kept. Enumerations end.</summary>
    [InvalidatesReferences]
    public void Clear() => State->Clear();

    /// <summary>Makes sure that there is room for a number of entries.</summary>
    /// <param name="capacity">How many there are to be together with those that there are.</param>
    /// <returns>The capacity by now, at least as asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, over 939,524,096, or so many entries are over 2^46 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the dictionary is as it was.</exception>
    [InvalidatesReferences(Always = false)]
    public int EnsureCapacity(int capacity)
    {
        DictionaryState<TKey, TValue>* dictionary = State;
        int maxCount = DictionaryState<TKey, TValue>.MaxCount;
        if ((uint)capacity > (uint)maxCount)
        {
            throw CollectionErrors.BadCount(typeof(NativeDictionary<TKey, TValue>), nameof(capacity), capacity, maxCount);
        }

        return dictionary->TryReserve(capacity) ? State->Limit : throw dictionary->OutOfMemory(capacity);
    }

    /// <summary>Gives the memory back that the entries do not need, by moving to a smaller block. If that cannot be had, the dictionary is as it was.</summary>
    [InvalidatesReferences(Always = false)]
    public void TrimExcess() => State->Trim();

    /// <summary>Frees the dictionary. Does nothing if it has been freed before, by a copy or its heap, or is <c>default</c>.</summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    [InvalidatesReferences]
    public void Dispose()
    {
        if (_container.IsAlive)
        {
            State->Dispose();
        }
    }

    /// <summary>Whether both are the same dictionary.</summary>
    public static bool operator ==(NativeDictionary<TKey, TValue> left, NativeDictionary<TKey, TValue> right) => left._container.Token == right._container.Token;

    /// <summary>Whether they are different dictionaries.</summary>
    public static bool operator !=(NativeDictionary<TKey, TValue> left, NativeDictionary<TKey, TValue> right) => left._container.Token != right._container.Token;

    /// <inheritdoc/>
    public bool Equals(NativeDictionary<TKey, TValue> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativeDictionary<TKey, TValue> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _container.Token.GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DictionaryEntry<TKey, TValue>* Find(TKey key) => State->Find(key, default(NaturalEquality<TKey>), out _);

    // The entry of a key, made if there is none, but for its value.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DictionaryEntry<TKey, TValue>* GetOrTake(TKey key, out bool exists)
    {
        DictionaryState<TKey, TValue>* dictionary = State;
        DictionaryEntry<TKey, TValue>* entry = dictionary->Find(key, default(NaturalEquality<TKey>), out ulong hash);
        exists = entry != null;
        if (!exists)
        {
            entry = dictionary->Take(hash);
            if (entry == null)
            {
                return GrowAndTake(key, out exists);
            }

            entry->Key = key;
        }

        return entry;
    }

    // The value may be one of those that growing moves.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAddSlow(TKey key, in TValue value)
    {
        TValue copy = value;
        DictionaryEntry<TKey, TValue>* entry = GrowAndTake(key, out bool exists);
        if (!exists)
        {
            entry->Value = copy;
        }

        return !exists;
    }

    // A handler of a soft limit may have changed the dictionary, or ended it: all of it again.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private DictionaryEntry<TKey, TValue>* GrowAndTake(TKey key, out bool exists)
    {
        DictionaryState<TKey, TValue>* dictionary = State;
        int count = dictionary->Count + 1;
        if (count > DictionaryState<TKey, TValue>.MaxCount)
        {
            throw CollectionErrors.Full(typeof(NativeDictionary<TKey, TValue>), count, DictionaryState<TKey, TValue>.MaxCount);
        }

        return dictionary->TryGrow() ? GetOrTake(key, out exists) : throw dictionary->OutOfMemory(count);
    }

    [DoesNotReturn]
    private static void ThrowNoKey(TKey key) => throw CollectionErrors.NoKey(typeof(NativeDictionary<TKey, TValue>), key);

    [DoesNotReturn]
    private static void ThrowHasKey(TKey key) => throw CollectionErrors.HasKey(typeof(NativeDictionary<TKey, TValue>), key);
}
