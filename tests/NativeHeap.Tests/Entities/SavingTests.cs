using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NativeHeap.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>Tables and pools that are saved and restored, whole and damaged.</summary>
public sealed unsafe class SavingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(20_000)]
    public void A_table_comes_back_with_its_handles(int elements)
    {
        using NativeTable<Order> table = new(30_000);
        List<NativeHandle<Order>> gone = Fill(elements, i => { table.Add(new Order { Id = i }, out NativeHandle<Order> handle); return handle; }, table.Remove);
        ArrayBufferWriter<byte> saved = new();
        table.Save(saved);
        using MemoryStream stream = new();
        table.Save(stream);
        Assert.True(stream.ToArray().AsSpan().SequenceEqual(saved.WrittenSpan));

        // Into another, which had something else; and into itself, which has gone on.
        using NativeTable<Order> other = new(30_000);
        other.Add(out NativeHandle<Order> foreign);
        Assert.Equal(saved.WrittenCount, other.Restore(saved.WrittenSpan));
        AssertSame(table, other, gone);
        Assert.False(other.Contains(foreign));
        NativeHandle<Order>[] handles = table.Handles.ToArray();
        table.Clear();
        table.Add(out _);
        stream.Position = 0;
        table.Restore(stream);
        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(handles, table.Handles.ToArray());
        AssertSame(other, table, gone);

        // What is restored goes on as the saved one would have.
        other.Add(out NativeHandle<Order> next);
        table.Add(out NativeHandle<Order> same);
        Assert.Equal(next, same);
        TableChecks.AssertInvariants(other.State);
        TableChecks.AssertEquations();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(20_000)]
    public void A_pool_comes_back_with_its_handles(int elements)
    {
        using NativePool<Order> pool = new(30_000);
        List<NativeHandle<Order>> gone = Fill(elements, i => { pool.Add(new Order { Id = i }, out NativeHandle<Order> handle); return handle; }, pool.Remove);
        using MemoryStream stream = new();
        pool.Save(stream);
        using NativePool<Order> other = new(30_000);
        other.Add(out NativeHandle<Order> foreign);
        Assert.Equal(stream.Length, other.Restore(stream.ToArray()));
        AssertSame(pool, other, gone);
        Assert.False(other.Contains(foreign));
        pool.Clear();
        stream.Position = 0;
        pool.Restore(stream);
        AssertSame(other, pool, gone);
        for (int i = 0; i < 300; i++)
        {
            other.Add(out NativeHandle<Order> next);
            pool.Add(out NativeHandle<Order> same);
            Assert.Equal(next, same);
        }

        PoolChecks.AssertInvariants(other.State);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void Retired_slots_stay_retired()
    {
        using NativeTable<int> table = new(100);
        using NativePool<int> pool = new(100);
        for (int i = 0; i < 10; i++)
        {
            table.Add(i, out _);
            pool.Add(i, out _);
        }

        uint last = table.State->Origin - 1;
        table.State->Slots[4].Generation = last;
        table.State->Handles[4] = new SlotName(4, last);
        Assert.True(table.Remove(table.Handles[4]));
        pool.State->Generations[4] = pool.State->Origin - 1;
        Assert.True(pool.Remove(NativeHandle<int>.FromUInt64(((ulong)(pool.State->Origin - 1) << 32) | 4)));

        using MemoryStream stream = new();
        table.Save(stream);
        pool.Save(stream);
        stream.Position = 0;
        table.Restore(stream);
        pool.Restore(stream);
        TableChecks.AssertInvariants(table.State);
        PoolChecks.AssertInvariants(pool.State);
        Assert.Equal(1, (int)table.State->SlotCount - table.State->Available);
        Assert.Equal((9, 1), (pool.Count, pool.State->Retired));
        for (int i = table.Count; i < 100; i++)
        {
            table.Add(i, out NativeHandle<int> ofTable);
            pool.Add(i, out NativeHandle<int> ofPool);
            Assert.True(ofTable.Index != 4 && ofPool.Index != 4);
        }
    }

    [Fact]
    public void Every_damaged_byte_and_every_missing_one_is_found()
    {
        using NativeTable<long> table = new(100);
        using NativePool<long> pool = new(100);
        for (int i = 0; i < 5; i++)
        {
            table.Add(i, out NativeHandle<long> ofTable);
            pool.Add(i, out NativeHandle<long> ofPool);
            _ = i == 2 && table.Remove(ofTable) && pool.Remove(ofPool);
        }

        NativeTable<long> sameTable = table;
        NativePool<long> samePool = pool;
        AssertRefusesDamage(SaveOf(table.Save), bytes => sameTable.Restore(bytes), stream => sameTable.Restore(stream), () => sameTable.Add(9, out _), () => sameTable.Count);
        AssertRefusesDamage(SaveOf(pool.Save), bytes => samePool.Restore(bytes), stream => samePool.Restore(stream), () => samePool.Add(9, out _), () => samePool.Count);
    }

    [Fact]
    public void Other_kinds_types_and_sizes_are_named()
    {
        using NativeTable<long> table = new(100);
        table.Add(5, out NativeHandle<long> handle);
        byte[] saved = SaveOf(table.Save);
        using NativeTable<ulong> other = new(100);
        using NativeTable<int> smaller = new(100);
        using NativePool<long> pool = new(100);
        using NativeTable<long> few = new(10);
        AssertRefused("type of another name", () => other.Restore(saved));
        AssertRefused("have 8 bytes, and those of this type 4", () => smaller.Restore(saved));
        AssertRefused("does not begin as", () => pool.Restore(saved));
        AssertRefused("larger maxCapacity", () => few.Restore(saved));
        AssertRefused("ends too early", () => table.Restore([]));
        saved[7] = 2;
        AssertRefused("version 2", () => table.Restore(saved));
        Assert.Equal(5, table[handle]);
        Assert.Throws<ArgumentNullException>(() => table.Restore((Stream)null!));
        Assert.Throws<ArgumentNullException>(() => table.Save((Stream)null!));
        Assert.Throws<ArgumentNullException>(() => table.Save((IBufferWriter<byte>)null!));
    }

    // A file that somebody has made up, with checksums that are right.
    [Fact]
    public void Slots_that_contradict_each_other_are_found()
    {
        using NativeTable<int> table = new(100);
        using NativePool<int> pool = new(100);
        for (int i = 0; i < 4; i++)
        {
            table.Add(i, out _);
            pool.Add(i, out _);
        }

        TableState* wrong = table.State;
        SlotName first = wrong->Handles[0];
        foreach (SlotName name in (SlotName[])[first with { Index = 1 }, first with { Index = 5_000 }, first with { Generation = first.Generation + 1 }])
        {
            wrong->Handles[0] = name;
            byte[] saved = SaveOf(table.Save);
            wrong->Handles[0] = first;
            AssertRefused("contradict", () => table.Restore(saved));
        }

        int count = wrong->Count;
        wrong->Count = count + 1;
        byte[] tooMany = SaveOf(table.Save);
        wrong->Count = count;
        AssertRefused("contradict", () => table.Restore(tooMany));
        int available = wrong->Available;
        wrong->Available = (int)wrong->SlotCount + 1;
        byte[] tooFew = SaveOf(table.Save);
        wrong->Available = available;
        AssertRefused("damaged", () => table.Restore(tooFew));
        TableChecks.AssertInvariants(wrong);

        PoolState* state = pool.State;
        foreach (uint generation in (uint[])[state->Generations[2] + 1, state->Origin + 2])
        {
            uint right = state->Generations[2];
            state->Generations[2] = generation;
            byte[] saved = SaveOf(pool.Save);
            state->Generations[2] = right;
            AssertRefused("contradict", () => pool.Restore(saved));
        }

        state->Generations[20]++;
        byte[] stray = SaveOf(pool.Save);
        state->Generations[20]--;
        AssertRefused("contradict", () => pool.Restore(stray));
        PoolChecks.AssertInvariants(state);
    }

    [Fact]
    public void A_limit_refuses_the_second_memory_and_leaves_the_first()
    {
        using Heap heap = new(new HeapOptions { MaximumBytes = 3 << 20 });
        using NativeTable<Order> table = new(heap, 100_000);
        for (int i = 0; i < 50_000; i++)
        {
            table.Add(new Order { Id = i }, out _);
        }

        byte[] saved = SaveOf(table.Save);
        NativeTable<Order> same = table;
        Assert.Throws<OutOfMemoryException>(() => same.Restore(saved));
        Assert.Equal(50_000, table.Count);
        Assert.Equal(49_999, table.Values[49_999].Id);
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void What_is_replaced_is_freed_and_what_is_refused_is_not()
    {
        Ship.Freed.Clear();
        using NativeTable<Ship> table = new(100);
        table.Add(new Ship { Id = 1 }, out NativeHandle<Ship> handle);
        byte[] saved = SaveOf(table.Save);
        table[handle].Id = 2;
        AssertRefused("checksum", () => table.Restore([.. saved[..^1], (byte)~saved[^1]]));
        Assert.Empty(Ship.Freed);
        _ = table.Restore(saved);
        Assert.Equal([2], Ship.Freed);
        Assert.Equal(1, table[handle].Id);
    }

    [Fact]
    public void Restoring_ends_enumerations_and_gone_tables_say_so()
    {
        NativeTable<int> table = new(100);
        table.Add(1, out _);
        byte[] saved = SaveOf(table.Save);
        Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (NativeEntry<int> entry in table)
            {
                _ = table.Restore(saved);
            }
        });
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.Restore(saved));
        Assert.Throws<ObjectDisposedException>(() => SaveOf(table.Save));
        Assert.Throws<InvalidOperationException>(() => default(NativePool<int>).Restore(saved));
    }

    private static byte[] SaveOf(Action<Stream> save)
    {
        using MemoryStream stream = new();
        save(stream);
        return stream.ToArray();
    }

    private static List<NativeHandle<Order>> Fill(int elements, Func<int, NativeHandle<Order>> add, Func<NativeHandle<Order>, bool> remove)
    {
        List<NativeHandle<Order>> gone = [];
        for (int i = 0; i < elements; i++)
        {
            NativeHandle<Order> handle = add(i);
            if (i % 5 == 3 || i is > 200 and < 500)
            {
                Assert.True(remove(handle));
                gone.Add(handle);
            }
        }

        return gone;
    }

    private static void AssertSame(NativeTable<Order> expected, NativeTable<Order> actual, List<NativeHandle<Order>> gone)
    {
        Assert.Equal(expected.Handles.ToArray(), actual.Handles.ToArray());
        foreach (NativeEntry<Order> entry in expected)
        {
            Assert.Equal(entry.Value.Id, actual[entry.Handle].Id);
        }

        Assert.True(gone.All(handle => !actual.Contains(handle)));
        TableChecks.AssertInvariants(actual.State);
    }

    private static void AssertSame(NativePool<Order> expected, NativePool<Order> actual, List<NativeHandle<Order>> gone)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (NativeEntry<Order> entry in expected)
        {
            Assert.Equal(entry.Value.Id, actual[entry.Handle].Id);
        }

        Assert.True(gone.All(handle => !actual.Contains(handle)));
        PoolChecks.AssertInvariants(actual.State);
    }

    private static void AssertRefusesDamage(byte[] saved, Action<byte[]> restore, Action<Stream> restoreStream, Action add, Func<int> count)
    {
        add();
        int before = count();
        for (int i = 0; i < saved.Length; i++)
        {
            byte[] damaged = [.. saved];
            damaged[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<InvalidDataException>(() => restore(damaged));
            Assert.Throws<InvalidDataException>(() => restore(saved[..i]));
            using MemoryStream cut = new(saved, 0, i);
            Assert.Throws<InvalidDataException>(() => restoreStream(cut));
        }

        Assert.Equal(before, count());
        restore([.. saved, 1, 2, 3]);
        Assert.Equal(before - 1, count());
    }

    private static void AssertRefused(string reason, Action action) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(action).Message, StringComparison.Ordinal);
}
