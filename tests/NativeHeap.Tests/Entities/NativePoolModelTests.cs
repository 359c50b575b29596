using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>Random sequences of operations against a sorted dictionary, shrunk to the shortest that disagrees.</summary>
public sealed class NativePoolModelTests
{
    [Fact]
    public void Random_operations_agree_with_a_sorted_dictionary() =>
        EntityOperations.Operation.Array[1, 200].Sample(
            operations =>
            {
                using Heap heap = new();
                using NativePool<(long Value, int Check)> pool = new(heap, 4_000);
                Model model = new(pool);
                foreach ((EntityOperation kind, int number) in operations)
                {
                    model.Apply(kind, number);
                }

                model.Check();
            },
            iter: LongTests.Scale(40, 800),
            threads: 1);

    private sealed unsafe class Model(NativePool<(long Value, int Check)> pool)
    {
        // By slot, which is the order of addresses.
        private readonly SortedDictionary<uint, (NativeHandle<(long Value, int Check)> Handle, long Value, nint Address)> _alive = [];
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
                case EntityOperation.Remove when _alive.Count != 0:
                    Remove(number, takeOut: false);
                    break;
                case EntityOperation.RemoveMany:
                    for (int i = number % 300; i > 0 && _alive.Count != 0; i--)
                    {
                        Remove(number * i, takeOut: false);
                    }

                    break;
                case EntityOperation.TakeOut when _alive.Count != 0:
                    Remove(number, takeOut: true);
                    break;
                case EntityOperation.Write when _alive.Count != 0:
                    uint slot = Pick(number);
                    pool[_alive[slot].Handle] = (number, number + 1);
                    _alive[slot] = _alive[slot] with { Value = number };
                    break;
                case EntityOperation.Clear:
                    pool.Clear();
                    _stale.AddRange(_alive.Values.Select(element => element.Handle));
                    _alive.Clear();
                    break;
                case EntityOperation.EnsureCapacity:
                    Assert.True(pool.EnsureCapacity(number % 4_000) >= number % 4_000);
                    break;
                case EntityOperation.TrimExcess:
                    pool.TrimExcess();
                    break;
                case EntityOperation.Partition:
                    PoolChecks.AssertPartitions(pool);
                    break;
                case EntityOperation.SaveAndRestore:
                    ArrayBufferWriter<byte> saved = new();
                    pool.Save(saved);
                    Assert.Equal(saved.WrittenCount, pool.Restore(saved.WrittenSpan));
                    foreach (uint restored in _alive.Keys.ToArray())
                    {
                        _alive[restored] = _alive[restored] with { Address = (nint)pool.GetPointerOrNull(_alive[restored].Handle) };
                    }

                    break;
                default:
                    break;
            }
        }

        public void Check()
        {
            PoolChecks.AssertInvariants(pool.State);
            TableChecks.AssertEquations();
            Assert.Equal(_alive.Count, pool.Count);
            NativePool<(long Value, int Check)>.Enumerator enumerator = pool.GetEnumerator();
            foreach ((NativeHandle<(long Value, int Check)> handle, long value, nint address) in _alive.Values)
            {
                Assert.True(enumerator.MoveNext());
                Assert.Equal(handle, enumerator.Current.Handle);
                Assert.Equal((value, (int)(value + 1)), enumerator.Current.Value);
                Assert.Equal(address, (nint)pool.GetPointerOrNull(handle));
                Assert.Equal(handle, pool.GetHandle(ref enumerator.Current.Value));
            }

            Assert.False(enumerator.MoveNext());
            foreach (NativeHandle<(long Value, int Check)> handle in _stale)
            {
                Assert.False(pool.Contains(handle));
            }
        }

        private void Add()
        {
            if (_alive.Count == pool.MaxCapacity)
            {
                Assert.Throws<InvalidOperationException>(() => { _ = pool.Add(out _); });
                return;
            }

            long value = _next++;
            uint lowest = 0;
            foreach (uint slot in _alive.Keys)
            {
                if (slot != lowest)
                {
                    break;
                }

                lowest++;
            }

            ref (long Value, int Check) added = ref pool.Add(out NativeHandle<(long Value, int Check)> handle);
            Assert.Equal(default, added);
            added = (value, (int)(value + 1));
            Assert.Equal(lowest, handle.Index);
            _alive.Add(handle.Index, (handle, value, (nint)pool.GetPointerOrNull(handle)));
        }

        private void Remove(int pick, bool takeOut)
        {
            uint slot = Pick(pick);
            (NativeHandle<(long Value, int Check)> handle, long expected, nint _) = _alive[slot];
            if (takeOut)
            {
                Assert.True(pool.Remove(handle, out (long Value, int Check) value));
                Assert.Equal(expected, value.Value);
            }
            else
            {
                Assert.True(pool.Remove(handle));
            }

            Assert.True(_alive.Remove(slot));
            _stale.Add(handle);
        }

        private uint Pick(int number) => _alive.Keys.ElementAt((int)((uint)number % (uint)_alive.Count));
    }
}
