using System;
using System.Buffers;
using System.Collections.Generic;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>Random sequences of operations against a dictionary, shrunk to the shortest that disagrees.</summary>
public sealed class NativeTableModelTests
{
    [Fact]
    public void Random_operations_agree_with_a_dictionary() =>
        EntityOperations.Operation.Array[1, 200].Sample(
            operations =>
            {
                using Heap heap = new();
                using NativeTable<(long Value, int Check)> table = new(heap, 4_000);
                Model model = new(table);
                foreach ((EntityOperation kind, int number) in operations)
                {
                    model.Apply(kind, number);
                }

                model.Check();
            },
            iter: LongTests.Scale(120, 2_000),
            threads: 1);

    private sealed unsafe class Model(NativeTable<(long Value, int Check)> table)
    {
        private readonly Dictionary<NativeHandle<(long Value, int Check)>, long> _alive = [];
        private readonly List<NativeHandle<(long Value, int Check)>> _order = [];
        private readonly List<NativeHandle<(long Value, int Check)>> _stale = [];
        private long _next;

        public void Apply(EntityOperation kind, int number)
        {
            switch (kind)
            {
                case EntityOperation.Add:
                    Add();
                    break;
                case EntityOperation.AddMany:
                    for (int i = number % 300; i > 0; i--)
                    {
                        Add();
                    }

                    break;
                case EntityOperation.Remove when _order.Count != 0:
                    Remove(number, takeOut: false);
                    break;
                case EntityOperation.RemoveMany:
                    for (int i = number % 300; i > 0 && _order.Count != 0; i--)
                    {
                        Remove(number * i, takeOut: false);
                    }

                    break;
                case EntityOperation.TakeOut when _order.Count != 0:
                    Remove(number, takeOut: true);
                    break;
                case EntityOperation.Write when _order.Count != 0:
                    NativeHandle<(long Value, int Check)> written = _order[number % _order.Count];
                    table[written] = (number, number + 1);
                    _alive[written] = number;
                    break;
                case EntityOperation.Clear:
                    table.Clear();
                    _stale.AddRange(_order);
                    _order.Clear();
                    _alive.Clear();
                    break;
                case EntityOperation.EnsureCapacity:
                    Assert.True(table.EnsureCapacity(number % 4_000) >= number % 4_000);
                    break;
                case EntityOperation.TrimExcess:
                    table.TrimExcess();
                    break;
                case EntityOperation.SaveAndRestore:
                    ArrayBufferWriter<byte> saved = new();
                    table.Save(saved);
                    Assert.Equal(saved.WrittenCount, table.Restore(saved.WrittenSpan));
                    break;
                default:
                    break;
            }
        }

        public void Check()
        {
            TableChecks.AssertInvariants(table.State);
            TableChecks.AssertEquations();
            Assert.Equal(_order.Count, table.Count);
            Assert.Equal(_order, table.Handles.ToArray());
            for (int position = 0; position < _order.Count; position++)
            {
                long expected = _alive[_order[position]];
                Assert.Equal((expected, (int)(expected + 1)), table.Values[position]);
                Assert.Equal((expected, (int)(expected + 1)), table[_order[position]]);
            }

            foreach (NativeHandle<(long Value, int Check)> handle in _stale)
            {
                Assert.False(table.Contains(handle));
            }
        }

        private void Add()
        {
            if (_order.Count == table.MaxCapacity)
            {
                Assert.Throws<InvalidOperationException>(() => table.Add(out _));
                return;
            }

            long value = _next++;
            ref (long Value, int Check) added = ref table.Add(out NativeHandle<(long Value, int Check)> handle);
            Assert.Equal(default, added);
            added = (value, (int)(value + 1));
            Assert.True(_alive.TryAdd(handle, value));
            _order.Add(handle);
        }

        private void Remove(int pick, bool takeOut)
        {
            int position = (int)((uint)pick % (uint)_order.Count);
            NativeHandle<(long Value, int Check)> handle = _order[position];
            if (takeOut)
            {
                Assert.True(table.Remove(handle, out (long Value, int Check) value));
                Assert.Equal(_alive[handle], value.Value);
            }
            else
            {
                Assert.True(table.Remove(handle));
            }

            Assert.True(_alive.Remove(handle));
            _order[position] = _order[^1];
            _order.RemoveAt(_order.Count - 1);
            _stale.Add(handle);
        }
    }
}
