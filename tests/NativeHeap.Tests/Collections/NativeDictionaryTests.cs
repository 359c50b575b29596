using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

using NativeHeap.Collections;
using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>The members of <see cref="NativeDictionary{TKey, TValue}"/> that the model does not reach: references, alternate keys, large values, hard keys, errors.</summary>
public sealed unsafe class NativeDictionaryTests
{
    [Fact]
    public void Values_are_written_by_reference()
    {
        using NativeDictionary<int, Order> orders = new();
        for (int i = 0; i < 100; i++)
        {
            orders.GetValueRefOrAddDefault(i, out bool exists).Id = i;
            Assert.False(exists);
        }

        orders.GetValueRefOrNullRef(5).Price = 7;
        foreach (ref Order order in orders.Values)
        {
            order.Quantity++;
        }

        foreach (NativeDictionary<int, Order>.Entry entry in orders)
        {
            entry.Value.Quantity += entry.Key;
        }

        Assert.Equal((5L, 7L, 6), (orders[5].Id, orders[5].Price, orders[5].Quantity));
        NativeDictionary<int, Order> same = orders;
        Assert.True(same == orders && same.Equals((object)orders) && same.GetHashCode() == orders.GetHashCode());
        Assert.True(Unsafe.IsNullRef(ref same.GetValueRefOrNullRef(100)));
    }

    [Fact]
    public void A_value_that_is_added_by_reference_is_zero_although_its_memory_was_used()
    {
        using NativeDictionary<int, Order> orders = new(8);
        for (int round = 0; round < 100; round++)
        {
            ref Order order = ref orders.GetValueRefOrAddDefault(round, out _);
            Assert.Equal((0L, 0L, 0), (order.Id, order.Price, order.Quantity));
            order = new Order { Id = -1, Price = -1, Quantity = -1 };
            Assert.True(orders.Remove(round));
        }
    }

    [Fact]
    public void A_value_may_be_added_from_the_dictionary_that_grows()
    {
        using NativeDictionary<int, (long, long)> numbers = new();
        numbers.Add(0, (5, 6));
        for (int i = 1; i < 10_000; i++)
        {
            numbers.Add(i, in numbers.GetValueRefOrNullRef(i - 1));
        }

        Assert.Equal((5, 6), numbers[9_999]);
    }

    [Fact]
    public void Names_of_sixteen_bytes_are_looked_up_by_spans()
    {
        using NativeDictionary<Symbol, int> symbols = new();
        NativeAlternateLookup<Symbol, int, ReadOnlySpan<byte>, Symbol.Bytes> byBytes = symbols.GetAlternateLookup<ReadOnlySpan<byte>, Symbol.Bytes>(default);
        for (int i = 0; i < 1_000; i++)
        {
            byBytes.GetValueRefOrAddDefault(Encoding.ASCII.GetBytes($"SYM{i}"), out bool exists) = i;
            Assert.False(exists);
        }

        Assert.True(byBytes.TryGetValue("SYM500"u8, out int value));
        Assert.Equal(500, value);
        Assert.Equal(500, symbols[new Symbol("SYM500"u8)]);
        Assert.True(byBytes.ContainsKey("SYM7"u8) && !byBytes.ContainsKey("SYM1000"u8));
        byBytes.GetValueRefOrNullRef("SYM7"u8)++;
        Assert.Equal(8, symbols[new Symbol("SYM7"u8)]);
        Assert.True(Unsafe.IsNullRef(ref byBytes.GetValueRefOrNullRef("none"u8)));
        Assert.True(byBytes.Remove("SYM7"u8) && !byBytes.Remove("SYM7"u8));
        Assert.Equal((999, 999), (symbols.Count, byBytes.Dictionary.Count));
        DictionaryChecks.AssertInvariants(symbols);
    }

    [Fact]
    public void Keys_and_values_of_any_size_lie_at_their_alignment()
    {
        using Heap heap = new();
        AssertHolds(heap, i => (byte)i, i => (byte)~i);
        AssertHolds(heap, i => (byte)i, i => (long)i);
        AssertHolds(heap, i => (ushort)i, i => Vector512.Create(i));
        AssertHolds(heap, i => (Int128)i, i => (short)i);
        AssertHolds(heap, i => i, i =>
        {
            Broad broad = default;
            ((Span<long>)broad).Fill(i);
            return broad;
        });
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    // Numbers whose differences are powers of two, or that differ in their upper bits only: what a table that takes the lower bits of a number for its hash would put into one place.
    [Fact]
    public void Keys_at_regular_distances_do_not_crowd()
    {
        foreach (Func<int, int> make in (Func<int, int>[])[i => i, i => i << 4, i => i << 10, i => i << 16, i => i * 1_000, i => -i, i => (int)BitOperations32.Reverse((uint)i)])
        {
            using NativeDictionary<int, int> numbers = new();
            int count = 0;
            for (int i = 0; i < 50_000; i++)
            {
                count += numbers.TryAdd(make(i), i) ? 1 : 0;
            }

            Assert.InRange(GroupsVisited(numbers), count, (long)(1.3 * count));
        }
    }

    [Fact]
    public void Many_removals_and_additions_need_no_more_memory()
    {
        using Heap heap = new();
        using NativeDictionary<int, int> numbers = new(heap);
        for (int i = 0; i < 1_000; i++)
        {
            numbers.Add(i, i);
        }

        int capacity = numbers.Capacity;
        for (int i = 1_000; i < 200_000; i++)
        {
            Assert.True(numbers.Remove(i - 1_000));
            numbers.Add(i, i);
        }

        Assert.InRange(numbers.Capacity, capacity, 2 * capacity);
        DictionaryChecks.AssertInvariants(numbers);
    }

    [Fact]
    public void A_small_dictionary_is_small()
    {
        using Heap heap = new();
        using NativeDictionary<int, int> numbers = new(heap);
        Assert.Equal((0, 0L), (numbers.Capacity, heap.GetStatistics().LiveBytes));
        List<int> capacities = [];
        for (int i = 0; i < 100; i++)
        {
            numbers.Add(i, i);
            capacities.Add(numbers.Capacity);
        }

        Assert.Equal([4, 8, 14, 28, 56, 112], capacities.Distinct());
        numbers.Clear();
        numbers.TrimExcess();
        Assert.Equal((0, 0L), (numbers.Capacity, heap.GetStatistics().LiveBytes));
        numbers.Add(3, 5);
        numbers.TrimExcess();
        Assert.Equal((5, 4), (numbers[3], numbers.Capacity));
    }

    [Fact]
    public void An_addition_or_a_move_under_an_enumeration_is_an_error()
    {
        Action<NativeDictionary<int, int>>[] changes =
        [
            numbers => numbers.Add(100, 1), numbers => numbers.TryAdd(100, 1), numbers => numbers[100] = 1, numbers => numbers.GetValueRefOrAddDefault(100, out _),
            numbers => numbers.EnsureCapacity(1_000), numbers => numbers.TrimExcess(),
        ];
        foreach (Action<NativeDictionary<int, int>> change in changes)
        {
            using NativeDictionary<int, int> numbers = new(100);
            numbers.Add(1, 1);
            numbers.Add(2, 2);
            NativeDictionary<int, int> same = numbers;
            CollectionChecks.AssertSays<InvalidOperationException>(
                () =>
                {
                    foreach (NativeDictionary<int, int>.Entry entry in same)
                    {
                        change(same);
                    }
                },
                "This NativeDictionary<Int32, Int32> was changed while it was gone through");
        }
    }

    [Fact]
    public void A_removal_or_a_change_of_a_value_under_an_enumeration_is_none_and_clearing_ends_it()
    {
        using NativeDictionary<int, int> numbers = new();
        for (int i = 0; i < 100; i++)
        {
            numbers.Add(i, i);
        }

        HashSet<int> met = [];
        foreach ((int key, int value) in numbers)
        {
            Assert.True(met.Add(key));
            Assert.True(numbers.Remove(key));
            numbers[key ^ 1] = numbers.TryGetValue(key ^ 1, out int other) ? other + 1 : Fail();
            Assert.True(numbers.Remove(key ^ 1));
        }

        Assert.Equal((50, 0), (met.Count, numbers.Count));
        numbers.Add(1, 1);
        numbers.Add(2, 2);
        int steps = 0;
        foreach (NativeDictionary<int, int>.Entry entry in numbers)
        {
            numbers.Clear();
            steps++;
        }

        Assert.Equal(1, steps);

        static int Fail() => throw new InvalidOperationException("A removed entry was met.");
    }

    [Fact]
    public void Errors_name_the_key_and_the_way_out()
    {
        using NativeDictionary<int, int> numbers = new();
        NativeDictionary<int, int> same = numbers;
        numbers.Add(5, 1);
        CollectionChecks.AssertSays<KeyNotFoundException>(() => same[6], "This NativeDictionary<Int32, Int32> has no key 6. TryGetValue");
        CollectionChecks.AssertSays<ArgumentException>(() => same.Add(5, 2), "has the key 5 already. TryAdd");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => same.EnsureCapacity(-1), "can have room for 0 to 939,524,096 items, and not for -1");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => new NativeDictionary<int, int>(int.MaxValue), "and not for 2,147,483,647");
        CollectionChecks.AssertSays<ArgumentOutOfRangeException>(() => new NativeDictionary<int, Huge>(100_000_000), "0 to 29,360,128 items");
        CollectionChecks.AssertSays<NotSupportedException>(() => new NativeDictionary<NoEquality, int>(), "does not implement IEquatable<NoEquality>");
        Assert.Throws<ArgumentNullException>(() => new NativeDictionary<int, int>(null!));
        Assert.Equal((1, 1), (numbers.Count, numbers[5]));
    }

    private static void AssertHolds<TKey, TValue>(Heap heap, Func<int, TKey> makeKey, Func<int, TValue> makeValue)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using NativeDictionary<TKey, TValue> dictionary = new(heap);
        for (int i = 0; i < 60; i++)
        {
            TValue value = makeValue(i);
            dictionary.Add(makeKey(i), in value);
        }

        nuint alignment = (nuint)NativeHeap.Heaps.TypeLayout.NaturalAlignmentOf<TValue>();
        for (int i = 0; i < 60; i++)
        {
            // By reference: the runtime passes no struct of more than 64 KiB by value.
            TValue expected = makeValue(i);
            ref TValue found = ref dictionary.GetValueRefOrNullRef(makeKey(i));
            Assert.True(MemoryMarshal.AsBytes(new ReadOnlySpan<TValue>(in expected)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<TValue>(in found))));
            Assert.Equal(0u, (nuint)Unsafe.AsPointer(ref found) % alignment);
        }

        DictionaryChecks.AssertInvariants(dictionary);
    }

    // How many groups all keys are looked for in, together.
    private static long GroupsVisited(NativeDictionary<int, int> numbers)
    {
        DictionaryState<int, int>* state = numbers.State;
        long visited = 0;
        foreach ((int key, _) in numbers)
        {
            ulong hash = (uint)key * 0x9E37_79B9_7F4A_7C15;
            uint group = (uint)(hash >> 32) & (uint)state->GroupMask;
            DictionaryEntry<int, int>* entry = state->Find(key, default(NaturalEquality<int>), out _);
            for (uint step = 1; group != (uint)((entry - state->Entries) / ControlGroup.Slots); step++)
            {
                group = (group + step) & (uint)state->GroupMask;
                visited++;
            }

            visited++;
        }

        return visited;
    }

    private static class BitOperations32
    {
        public static uint Reverse(uint value)
        {
            uint reversed = 0;
            for (int i = 0; i < 32; i++, value >>= 1)
            {
                reversed = (reversed << 1) | (value & 1);
            }

            return reversed;
        }
    }

    [InlineArray(100 * 1024 / 8)]
    private struct Broad
    {
        private long _first;
    }

    [InlineArray(1 << 20)]
    private struct Huge
    {
        private byte _first;
    }

    private readonly struct NoEquality(int number)
    {
        public int Number { get; } = number;
    }

    private readonly struct Symbol : IEquatable<Symbol>
    {
        private readonly Int128 _bytes;

        public Symbol(ReadOnlySpan<byte> name)
        {
            Int128 bytes = 0;
            name.CopyTo(MemoryMarshal.AsBytes(new Span<Int128>(ref bytes)));
            _bytes = bytes;
        }

        public bool Equals(Symbol other) => _bytes == other._bytes;

        public override bool Equals(object? obj) => obj is Symbol other && Equals(other);

        public override int GetHashCode() => _bytes.GetHashCode();

        internal readonly struct Bytes : IAlternateEqualityComparer<ReadOnlySpan<byte>, Symbol>
        {
            public bool Equals(ReadOnlySpan<byte> alternate, Symbol other) => alternate.Length <= 16 && new Symbol(alternate).Equals(other);

            public int GetHashCode(ReadOnlySpan<byte> alternate) => alternate.Length <= 16 ? new Symbol(alternate).GetHashCode() : 0;

            public Symbol Create(ReadOnlySpan<byte> alternate) => new(alternate);
        }
    }
}
