using System;
using System.Collections.Generic;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>Random sequences of operations against a <see cref="List{T}"/>, shrunk to the shortest that disagrees.</summary>
public sealed class NativeListModelTests
{
    private enum Operation
    {
        Add,
        AddRange,
        AddOwn,
        Insert,
        InsertRange,
        InsertOwn,
        RemoveAt,
        RemoveAtSwapBack,
        RemoveRange,
        RemoveAll,
        Remove,
        Write,
        Sort,
        SortByComparer,
        Reverse,
        SetCount,
        EnsureCapacity,
        TrimExcess,
        Clear,
    }

    private static Gen<(Operation Kind, int First, int Second)> Operations { get; } = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Operation.Add)),
            (4, Gen.Const(Operation.AddRange)),
            (1, Gen.Const(Operation.Clear)),
            (24, Gen.Enum<Operation>())),
        Gen.Int[0, 1 << 20],
        Gen.Int[0, 1 << 20]);

    [Fact]
    public void Random_operations_agree_with_a_list_of_one_byte_items() => Sample(number => (byte)number);

    [Fact]
    public void Random_operations_agree_with_a_list_of_numbers() => Sample(number => number % 1_000);

    [Fact]
    public void Random_operations_agree_with_a_list_of_structs() => Sample(number => new Item(number % 1_000, number, ~number));

    private static void Sample<T>(Func<int, T> make)
        where T : unmanaged, IComparable<T>, IEquatable<T> =>
        Operations.Array[1, 80].Sample(
            operations =>
            {
                using Heap heap = new();
                NativeList<T> list = new(heap);
                Model<T> model = new(list, make);
                foreach ((Operation kind, int first, int second) in operations)
                {
                    model.Apply(kind, first, second);
                }

                Assert.Equal(list.Capacity == 0 ? 0 : 1, heap.GetStatistics().LiveObjects);
                list.Dispose();
                Assert.Equal(0, heap.GetStatistics().LiveObjects);
            },
            iter: LongTests.Scale(60, 300),
            threads: 1);

    private readonly record struct Item(int Key, int Second, long Third) : IComparable<Item>
    {
        public int CompareTo(Item other) => (Key, Second).CompareTo((other.Key, other.Second));
    }

    private readonly struct Descending<T> : IComparer<T>
        where T : IComparable<T>
    {
        public int Compare(T? x, T? y) => y!.CompareTo(x!);
    }

    private readonly struct Below<T>(T limit) : IItemCondition<T>
        where T : IComparable<T>
    {
        public bool IsMet(in T item) => item.CompareTo(limit) < 0;
    }

    private sealed class Model<T>(NativeList<T> list, Func<int, T> make)
        where T : unmanaged, IComparable<T>, IEquatable<T>
    {
        private const int MostItems = 5_000;

        private readonly List<T> _model = [];

        public void Apply(Operation kind, int first, int second)
        {
            int place = first % (_model.Count + 1);
            int length = second % (_model.Count - place + 1);
            T[] some = new T[second % 200];
            for (int i = 0; i < some.Length; i++)
            {
                some[i] = make(first + (i * 7));
            }

            switch (kind)
            {
                case Operation.Add:
                    list.Add(make(first));
                    _model.Add(make(first));
                    break;
                case Operation.AddRange:
                    list.AddRange(some);
                    _model.AddRange(some);
                    break;
                case Operation.AddOwn when length != 0 && _model.Count < MostItems:
                    list.Add(in list[place]);
                    list.AddRange(list.Slice(place, length));
                    _model.Add(_model[place]);
                    _model.AddRange(_model.GetRange(place, length));
                    break;
                case Operation.Insert:
                    list.Insert(place, make(second));
                    _model.Insert(place, make(second));
                    break;
                case Operation.InsertRange:
                    list.InsertRange(place, some);
                    _model.InsertRange(place, some);
                    break;
                case Operation.InsertOwn when length != 0 && _model.Count < MostItems:
                    int target = second % _model.Count;
                    List<T> own = _model.GetRange(place, length);
                    list.InsertRange(target, list.Slice(place, length));
                    _model.InsertRange(target, own);
                    list.Insert(target, in list[place]);
                    _model.Insert(target, _model[place]);
                    break;
                case Operation.RemoveAt when place < _model.Count:
                    list.RemoveAt(place);
                    _model.RemoveAt(place);
                    break;
                case Operation.RemoveAtSwapBack when place < _model.Count:
                    list.RemoveAtSwapBack(place);
                    _model[place] = _model[^1];
                    _model.RemoveAt(_model.Count - 1);
                    break;
                case Operation.RemoveRange:
                    list.RemoveRange(place, length);
                    _model.RemoveRange(place, length);
                    break;
                case Operation.RemoveAll:
                    T limit = make(first);
                    Assert.Equal(_model.RemoveAll(item => item.CompareTo(limit) < 0), list.RemoveAll(new Below<T>(limit)));
                    break;
                case Operation.Remove:
                    T one = place < _model.Count ? _model[place] : make(first);
                    Assert.Equal(_model.Remove(one), list.Remove(one));
                    break;
                case Operation.Write when place < _model.Count:
                    list[place] = make(second);
                    _model[place] = make(second);
                    break;
                case Operation.Sort:
                    list.Sort();
                    _model.Sort();
                    Search(make(first), Comparer<T>.Default);
                    Assert.Equal(_model.BinarySearch(make(first)) < 0, list.BinarySearch(make(first)) < 0);
                    break;
                case Operation.SortByComparer:
                    list.Sort(default(Descending<T>));
                    _model.Sort(default(Descending<T>));
                    Search(make(first), default(Descending<T>));
                    break;
                case Operation.Reverse:
                    list.Reverse();
                    _model.Reverse();
                    break;
                case Operation.SetCount:
                    int count = first % (_model.Count + 100);
                    list.SetCount(count);
                    while (_model.Count < count)
                    {
                        _model.Add(default);
                    }

                    _model.RemoveRange(count, _model.Count - count);
                    break;
                case Operation.EnsureCapacity:
                    Assert.True(list.EnsureCapacity(first % 3_000) >= first % 3_000);
                    break;
                case Operation.TrimExcess:
                    list.TrimExcess();
                    Assert.True(_model.Count != 0 || list.Capacity == 0);
                    break;
                case Operation.Clear:
                    int capacity = list.Capacity;
                    list.Clear();
                    _model.Clear();
                    Assert.Equal(capacity, list.Capacity);
                    break;
                default:
                    break;
            }

            Check(make(first));
        }

        private void Check(T wanted)
        {
            Assert.Equal(_model.Count, list.Count);
            Assert.True(list.Capacity >= list.Count);
            Assert.True(list.AsSpan().SequenceEqual(_model.ToArray()));
            Assert.Equal(_model.IndexOf(wanted), list.IndexOf(wanted));
            Assert.Equal(_model.Contains(wanted), list.Contains(wanted));
            int met = 0;
            foreach (ref T item in list)
            {
                met += item.Equals(_model[met]) ? 1 : 0;
            }

            Assert.Equal(_model.Count, met);
        }

        private void Search<TComparer>(T wanted, TComparer comparer)
            where TComparer : IComparer<T>
        {
            int expected = _model.BinarySearch(wanted, comparer);
            int found = list.BinarySearch(wanted, comparer);
            Assert.True(expected < 0 ? found == expected : comparer.Compare(list[found], wanted) == 0);
        }
    }
}
