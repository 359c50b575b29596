// Looking up a dictionary by something that stands for its keys: the bytes of a message instead of the struct that they would be copied to. The comparer is the BCL's interface; as a struct, it
// is inlined and costs no allocation.

using System.Collections.Generic;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;

namespace NativeHeap;

/// <summary>A dictionary, looked up by what stands for its keys.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <typeparam name="TAlternateKey">The type of what stands for a key, a span for instance.</typeparam>
/// <typeparam name="TComparer">The type of the comparer.</typeparam>
/// <remarks>Got by <see cref="NativeDictionary{TKey, TValue}.GetAlternateLookup{TAlternateKey, TComparer}(TComparer)"/>. Lives on the stack, and is as thread-safe as the dictionary.</remarks>
public readonly unsafe ref struct NativeAlternateLookup<TKey, TValue, TAlternateKey, TComparer>
    where TKey : unmanaged
    where TValue : unmanaged
    where TComparer : struct, IAlternateEqualityComparer<TAlternateKey, TKey>
    where TAlternateKey : allows ref struct
{
    private readonly TComparer _comparer;

    internal NativeAlternateLookup(NativeDictionary<TKey, TValue> dictionary, TComparer comparer)
    {
        Dictionary = dictionary;
        _comparer = comparer;
    }

    /// <summary>The dictionary.</summary>
    public NativeDictionary<TKey, TValue> Dictionary { get; }

    /// <summary>Gets the value of a key.</summary>
    /// <param name="key">What stands for the key.</param>
    /// <param name="value">A copy of its value; <c>default</c> if there is no such key.</param>
    /// <returns>Whether there is.</returns>
    public bool TryGetValue(TAlternateKey key, out TValue value)
    {
        DictionaryEntry<TKey, TValue>* entry = Find(key);
        value = entry == null ? default : entry->Value;
        return entry != null;
    }

    /// <summary>Whether a key is there.</summary>
    /// <param name="key">What stands for the key.</param>
    /// <returns>Whether it is.</returns>
    public bool ContainsKey(TAlternateKey key) => Find(key) != null;

    /// <summary>Gets a reference to the value of a key.</summary>
    /// <param name="key">What stands for the key.</param>
    /// <returns>The reference, or a null reference if there is no such key: ask <see cref="Unsafe.IsNullRef"/>.</returns>
    [return: Borrowed]
    public ref TValue GetValueRefOrNullRef(TAlternateKey key)
    {
        DictionaryEntry<TKey, TValue>* entry = Find(key);
        return ref entry == null ? ref Unsafe.NullRef<TValue>() : ref entry->Value;
    }

    /// <summary>Gets a reference to the value of a key, which is made by the comparer and added with a value of zeros if it is not there yet.</summary>
    /// <param name="key">What stands for the key.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>The reference.</returns>
    /// <inheritdoc cref="NativeDictionary{TKey, TValue}.GetValueRefOrAddDefault" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    [return: Borrowed]
    public ref TValue GetValueRefOrAddDefault(TAlternateKey key, out bool exists)
    {
        DictionaryEntry<TKey, TValue>* entry = Find(key);
        exists = entry != null;
        return ref exists ? ref entry->Value : ref Dictionary.GetValueRefOrAddDefault(_comparer.Create(key), out exists);
    }

    /// <summary>Removes a key and its value. Enumerations go on.</summary>
    /// <param name="key">What stands for the key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TAlternateKey key)
    {
        DictionaryEntry<TKey, TValue>* entry = Find(key);
        if (entry != null)
        {
            Dictionary.State->Remove(entry);
        }

        return entry != null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DictionaryEntry<TKey, TValue>* Find(TAlternateKey key) => Dictionary.State->Find(key, _comparer, out _);
}

public readonly unsafe partial struct NativeDictionary<TKey, TValue>
{
    /// <summary>Looks the dictionary up by something that stands for its keys, a span of bytes for a struct of them.</summary>
    /// <typeparam name="TAlternateKey">The type of what stands for a key.</typeparam>
    /// <typeparam name="TComparer">The type of the comparer: a struct, so that it is inlined.</typeparam>
    /// <param name="comparer">Says which keys something stands for: its hash code must be that of the key. It must not change the dictionary.</param>
    /// <returns>The dictionary, to be looked up so.</returns>
    public NativeAlternateLookup<TKey, TValue, TAlternateKey, TComparer> GetAlternateLookup<TAlternateKey, TComparer>(TComparer comparer)
        where TComparer : struct, IAlternateEqualityComparer<TAlternateKey, TKey>
        where TAlternateKey : allows ref struct
    {
        _ = State;
        return new NativeAlternateLookup<TKey, TValue, TAlternateKey, TComparer>(this, comparer);
    }
}
