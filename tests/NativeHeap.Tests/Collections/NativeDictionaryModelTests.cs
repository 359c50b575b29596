using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>Random sequences of operations against a <see cref="Dictionary{TKey, TValue}"/>, shrunk to the shortest that disagrees.</summary>
public sealed class NativeDictionaryModelTests
{
    private enum Operation
    {
        Add,
        AddMany,
        TryAdd,
        Set,
        Remove,
        RemoveMany,
        RemoveOut,
        Reference,
        ReferenceOrAdd,
        Alternate,
        AlternateAdd,
        RemoveWhileEnumerated,
        EnsureCapacity,
        TrimExcess,
        Clear,
    }

    private static Gen<(Operation Kind, int Key, int Value)> Operations { get; } = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(Operation.Add)),
            (3, Gen.Const(Operation.AddMany)),
            (3, Gen.Const(Operation.Remove)),
            (15, Gen.Enum<Operation>())),
        Gen.OneOf(Gen.Int[0, 30], Gen.Int[0, 600], Gen.Int),
        Gen.Int);

    [Fact]
    public void Random_operations_agree_with_a_dictionary_of_numbers() => Sample(number => number, value => value);

    [Fact]
    public void Random_operations_agree_with_a_dictionary_of_wide_keys_and_narrow_values() => Sample(number => new Name(number, ~number), value => (byte)value);

    [Fact]
    public void Random_operations_agree_with_a_dictionary_whose_keys_collide() => Sample(number => new Colliding(number), value => (long)value);

    [Fact]
    public void Random_operations_agree_with_a_dictionary_of_enumeration_values() => Sample(number => (DayOfWeek)number, value => (value, value));

    private static void Sample<TKey, TValue>(Func<int, TKey> makeKey, Func<int, TValue> makeValue)
        where TKey : unmanaged
        where TValue : unmanaged =>
        Operations.Array[1, 120].Sample(
            operations =>
            {
                using Heap heap = new();
                NativeDictionary<TKey, TValue> dictionary = new(heap);
                Model<TKey, TValue> model = new(dictionary, makeKey, makeValue);
                foreach ((Operation kind, int key, int value) in operations)
                {
                    model.Apply(kind, key, value);
                }

                model.Check();
                Assert.Equal(dictionary.Capacity == 0 ? 0 : 1, heap.GetStatistics().LiveObjects);
                dictionary.Dispose();
                Assert.Equal(0, heap.GetStatistics().LiveObjects);
            },
            iter: LongTests.Scale(60, 400),
            threads: 1);

    private readonly record struct Name(long First, long Second);

    private readonly record struct Colliding(int Number)
    {
        public override int GetHashCode() => Number & 3;
    }

    // Looks keys up by the number that they are made of.
    private readonly struct ByNumber<TKey>(Func<int, TKey> makeKey) : IAlternateEqualityComparer<int, TKey>
        where TKey : unmanaged
    {
        public bool Equals(int alternate, TKey other) => EqualityComparer<TKey>.Default.Equals(makeKey(alternate), other);

        public int GetHashCode(int alternate) => makeKey(alternate).GetHashCode();

        public TKey Create(int alternate) => makeKey(alternate);
    }

    private sealed class Model<TKey, TValue>(NativeDictionary<TKey, TValue> dictionary, Func<int, TKey> makeKey, Func<int, TValue> makeValue)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        private readonly Dictionary<TKey, TValue> _model = [];
        private readonly ByNumber<TKey> _byNumber = new(makeKey);

        public void Apply(Operation kind, int number, int seed)
        {
            TKey key = makeKey(number);
            TValue value = makeValue(seed);
            switch (kind)
            {
                case Operation.Add when !_model.ContainsKey(key):
                    dictionary.Add(key, value);
                    _model.Add(key, value);
                    break;
                case Operation.AddMany:
                    for (int i = 0; i < (seed & 127); i++)
                    {
                        dictionary[makeKey(number + i)] = value;
                        _model[makeKey(number + i)] = value;
                    }

                    break;
                case Operation.TryAdd:
                    Assert.Equal(_model.TryAdd(key, value), dictionary.TryAdd(key, value));
                    break;
                case Operation.Set:
                    dictionary[key] = value;
                    _model[key] = value;
                    break;
                case Operation.Remove:
                    Assert.Equal(_model.Remove(key), dictionary.Remove(key));
                    break;
                case Operation.RemoveMany:
                    for (int i = 0; i < (seed & 255); i++)
                    {
                        Assert.Equal(_model.Remove(makeKey(number + i)), dictionary.Remove(makeKey(number + i)));
                    }

                    break;
                case Operation.RemoveOut:
                    Assert.Equal((_model.Remove(key, out TValue expected), expected), (dictionary.Remove(key, out TValue removed), removed));
                    break;
                case Operation.Reference:
                    ref TValue reference = ref dictionary.GetValueRefOrNullRef(key);
                    Assert.Equal(_model.ContainsKey(key), !Unsafe.IsNullRef(ref reference));
                    if (!Unsafe.IsNullRef(ref reference))
                    {
                        reference = value;
                        _model[key] = value;
                    }

                    break;
                case Operation.ReferenceOrAdd:
                    AssertGot(key, ref dictionary.GetValueRefOrAddDefault(key, out bool exists), exists, value);
                    break;
                case Operation.AlternateAdd:
                    AssertGot(key, ref dictionary.GetAlternateLookup<int, ByNumber<TKey>>(_byNumber).GetValueRefOrAddDefault(number, out bool there), there, value);
                    break;
                case Operation.Alternate:
                    Assert.Equal(_model.Remove(key), dictionary.GetAlternateLookup<int, ByNumber<TKey>>(_byNumber).Remove(number));
                    break;
                case Operation.RemoveWhileEnumerated:
                    RemoveWhileEnumerated(seed);
                    break;
                case Operation.EnsureCapacity:
                    Assert.True(dictionary.EnsureCapacity(seed & 2_047) >= (seed & 2_047));
                    break;
                case Operation.TrimExcess:
                    dictionary.TrimExcess();
                    Assert.True(dictionary.Capacity <= int.Max(4, 2 * _model.Count));
                    break;
                case Operation.Clear:
                    int capacity = dictionary.Capacity;
                    dictionary.Clear();
                    _model.Clear();
                    Assert.Equal(capacity, dictionary.Capacity);
                    break;
                default:
                    break;
            }

            Assert.Equal(_model.Count, dictionary.Count);
            bool isThere = _model.TryGetValue(key, out TValue wanted);
            Assert.Equal(isThere, dictionary.TryGetValue(key, out TValue found));
            Assert.Equal(wanted, found);
            Assert.Equal(isThere, dictionary.ContainsKey(key));
            Assert.Equal(isThere, dictionary.GetAlternateLookup<int, ByNumber<TKey>>(_byNumber).TryGetValue(number, out found));
            Assert.Equal(wanted, found);
        }

        public void Check()
        {
            DictionaryChecks.AssertInvariants(dictionary);
            Dictionary<TKey, TValue> met = [];
            foreach ((TKey key, TValue value) in dictionary)
            {
                met.Add(key, value);
            }

            Assert.Equal(_model.Count, met.Count);
            Assert.All(_model, entry => Assert.Equal(entry.Value, met[entry.Key]));
            List<TKey> keys = [];
            foreach (TKey key in dictionary.Keys)
            {
                keys.Add(key);
            }

            List<TValue> values = [];
            foreach (ref TValue value in dictionary.Values)
            {
                values.Add(value);
            }

            Assert.Equal(met.Keys, keys);
            Assert.Equal(met.Values, values);
        }

        private void AssertGot(TKey key, ref TValue reference, bool exists, TValue value)
        {
            Assert.Equal(_model.TryGetValue(key, out TValue before), exists);
            Assert.Equal(before, reference);
            reference = value;
            _model[key] = value;
        }

        private void RemoveWhileEnumerated(int seed)
        {
            HashSet<TKey> met = [];
            foreach ((TKey key, _) in dictionary)
            {
                Assert.True(met.Add(key));
                if ((met.Count & 1) == (seed & 1))
                {
                    Assert.True(dictionary.Remove(key) && _model.Remove(key));
                }
            }

            Assert.True(_model.Keys.All(met.Contains));
        }
    }
}
