using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using NativeHeap.CompilerServices;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>OnFreeing: who calls it, and who does not.</summary>
public sealed unsafe class FreeingHookTests
{
    public FreeingHookTests() => Ship.Freed.Clear();

    [Fact]
    public void Free_and_owners_call_it_before_the_memory_goes()
    {
        Ship* ship = Ship.Alloc(new Ship { Id = 1 });
        Ship.Free(ship);
        Ship.Free(null);
        using (NativeOwner<Ship> owner = Ship.Rent(new Ship { Id = 2 }))
        {
            Assert.Equal([1], Ship.Freed);
        }

        using Heap heap = new();
        Ship.Free(heap, Ship.Alloc(heap, new Ship { Id = 3 }));
        using (NativeOwner<Ship> owner = Ship.Rent(heap, new Ship { Id = 4 }))
        {
        }

        Ship* detached = Ship.Rent(new Ship { Id = 5 }).Detach();
        Assert.Equal([1, 2, 3, 4], Ship.Freed);
        Ship.Free(detached);
        Assert.Equal([1, 2, 3, 4, 5], Ship.Freed);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void FreeBatch_calls_it_for_each_object()
    {
        using Heap heap = new();
        NativePointer<Ship>[] ships = new NativePointer<Ship>[5];
        Ship.AllocBatch(heap, ships);
        for (int i = 0; i < ships.Length; i++)
        {
            ships[i].Value = new Ship { Id = i };
        }

        NativePointer<Ship> kept = ships[2];
        ships[2] = null;
        Ship.FreeBatch(heap, ships);
        Assert.Equal([0, 1, 3, 4], Ship.Freed);
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        Ship.FreeBatch(heap, [kept]);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void An_exception_of_it_does_not_keep_the_object()
    {
        using Heap heap = new();
        NativePointer<Ship>[] ships = new NativePointer<Ship>[3];
        Ship.AllocBatch(heap, ships);
        for (int i = 0; i < ships.Length; i++)
        {
            ships[i].Value = new Ship { Id = i == 1 ? Ship.Refuses : i };
        }

        Assert.Throws<NotSupportedException>(() => Ship.FreeBatch(heap, ships));
        Assert.Throws<NotSupportedException>(() => Ship.Free(heap, Ship.Alloc(heap, new Ship { Id = Ship.Refuses })));
        Assert.Equal(0, heap.GetStatistics().LiveObjects);

        using NativeTable<Ship> table = new(heap, 10);
        table.Add(new Ship { Id = Ship.Refuses }, out NativeHandle<Ship> handle);
        NativeTable<Ship> same = table;
        Assert.Throws<NotSupportedException>(() => same.Remove(handle));
        Assert.Equal(0, table.Count);
        table.Add(new Ship { Id = Ship.Refuses }, out _);
        Assert.Throws<NotSupportedException>(same.Dispose);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_table_calls_it_for_what_it_removes_and_not_for_what_it_hands_over()
    {
        using Heap heap = new();
        NativeTable<Ship> table = new(heap, 100);
        NativeHandle<Ship>[] handles = new NativeHandle<Ship>[6];
        for (int i = 0; i < handles.Length; i++)
        {
            table.Add(new Ship { Id = i }, out handles[i]);
        }

        Assert.True(table.Remove(handles[1]));
        Assert.False(table.Remove(handles[1]));
        Assert.True(table.Remove(handles[2], out Ship taken));
        Assert.Equal(2, taken.Id);
        Assert.Equal([1], Ship.Freed);
        Assert.Equal([0, 5, 4, 3], Ids(table.Values));
        table.Clear();
        Assert.Equal([1, 3, 4, 5, 0], Ship.Freed);
        table.Add(new Ship { Id = 9 }, out _);
        table.TrimExcess();
        table.Dispose();
        table.Dispose();
        Assert.Equal([1, 3, 4, 5, 0, 9], Ship.Freed);
    }

    [Fact]
    public void A_pool_calls_it_for_what_it_removes_and_not_for_what_it_hands_over()
    {
        using Heap heap = new();
        NativePool<Ship> pool = new(heap, 100);
        NativeHandle<Ship>[] handles = new NativeHandle<Ship>[6];
        for (int i = 0; i < handles.Length; i++)
        {
            pool.Add(new Ship { Id = i }, out handles[i]);
        }

        Assert.True(pool.Remove(handles[1]));
        Assert.True(pool.Remove(handles[2], out Ship taken));
        Assert.Equal(2, taken.Id);
        pool.Clear();
        Assert.Equal([1, 0, 3, 4, 5], Ship.Freed);
        PoolChecks.AssertInvariants(pool.State);
        pool.Add(new Ship { Id = 9 }, out _);
        pool.Dispose();
        Assert.Equal([1, 0, 3, 4, 5, 9], Ship.Freed);
    }

    [Fact]
    public void A_heap_that_ends_calls_it_for_nothing()
    {
        Heap heap = new();
        _ = Ship.Alloc(heap, new Ship { Id = 1 });
        NativeTable<Ship> table = new(heap, 100);
        table.Add(new Ship { Id = 2 }, out _);
        NativeOwner<Ship> owner = Ship.Rent(heap, new Ship { Id = 3 });
        heap.Dispose();
        owner.Dispose();
        table.Dispose();
        Assert.Empty(Ship.Freed);
    }

    [Fact]
    public void It_frees_what_the_object_owns_and_so_on()
    {
        using Heap heap = new();
        Parent.Heap = heap;
        using NativeTable<Parent> table = new(heap, 100);
        ref Parent parent = ref table.Add(out NativeHandle<Parent> handle);
        parent.Child = Parent.Alloc(heap, new Parent { Child = Parent.AllocZeroed(heap) });
        Assert.Equal(3, heap.GetStatistics().LiveObjects);
        Assert.True(table.Remove(handle));
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
    }

    // A ship's escorts go with it, of the same table or pool, which changes under whoever removes it.
    [Fact]
    public void It_may_change_the_container_that_it_is_called_by()
    {
        using NativeTable<Leader> table = new(100);
        using NativePool<Leader> pool = new(100);
        foreach (bool isTable in (bool[])[true, false])
        {
            Leader.Table = isTable ? table : default;
            Leader.Pool = pool;
            NativeHandle<Leader> previous = default;
            List<NativeHandle<Leader>> all = [];
            for (int i = 0; i < 10; i++)
            {
                Leader leader = new() { Follower = previous };
                _ = isTable ? table.Add(leader, out previous) : pool.Add(leader, out previous);
                all.Add(previous);
            }

            Assert.True(isTable ? table.Remove(all[4]) : pool.Remove(all[4]));
            Assert.Equal(5, isTable ? table.Count : pool.Count);
            table.Clear();
            pool.Clear();
            Assert.Equal(0, table.Count + pool.Count);
            TableChecks.AssertInvariants(table.State);
            PoolChecks.AssertInvariants(pool.State);
        }
    }

    [Fact]
    public void It_may_end_the_container_that_it_is_called_by()
    {
        NativeTable<Leader> table = new(100);
        NativePool<Leader> pool = new(100);
        Leader.Table = table;
        Leader.Pool = pool;
        for (int i = 0; i < 5; i++)
        {
            table.Add(new Leader { Ends = i == 2 }, out _);
            pool.Add(new Leader { Ends = i == 2 }, out _);
        }

        table.Clear();
        Assert.Throws<ObjectDisposedException>(() => table.Count);
        Leader.Table = default;
        pool.Clear();
        Assert.Throws<ObjectDisposedException>(() => pool.Count);
        TableChecks.AssertEquations();
    }

    [Fact]
    public void Calls_allocate_no_managed_memory()
    {
        using Heap heap = new();
        using NativeTable<Leader> table = new(heap, 1_000);
        NativeTable<Leader> same = table;
        Leader.Table = table;
        TableChecks.AssertNoGarbage(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                _ = same.Add(out NativeHandle<Leader> handle);
                _ = same.Remove(handle);
                Leader.Free(heap, Leader.AllocZeroed(heap));
            }
        });
    }

    [Fact]
    public void A_struct_without_stubs_may_have_one_by_hand()
    {
        ByHand.Freed = 0;
        using NativeTable<ByHand> table = new(10);
        table.Add(new ByHand { Id = 7 }, out NativeHandle<ByHand> handle);
        Assert.True(table.Remove(handle));
        Assert.Equal(7, ByHand.Freed);
    }

    private static int[] Ids(Span<Ship> ships)
    {
        int[] ids = new int[ships.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = ships[i].Id;
        }

        return ids;
    }

    private struct ByHand : IFreeingHook
    {
        public int Id;

        public static int Freed { get; set; }

        void IFreeingHook.OnFreeing(ref byte value) => Freed = Unsafe.As<byte, ByHand>(ref value).Id;
    }
}

[NativeAllocated]
public partial struct Ship
{
    public const int Refuses = -7;

    public int Id;

    internal static List<int> Freed { get; } = [];

    static partial void OnFreeing(ref Ship value)
    {
        if (value.Id == Refuses)
        {
            throw new NotSupportedException();
        }

        Freed.Add(value.Id);
    }
}

[NativeAllocated]
public unsafe partial struct Parent
{
    public Parent* Child;

    internal static Heap? Heap { get; set; }

    private static unsafe partial void OnFreeing(ref Parent dying) => Free(Heap!, dying.Child);
}

[NativeAllocated]
public partial struct Leader
{
    public NativeHandle<Leader> Follower;
    public bool Ends;

    internal static NativeTable<Leader> Table { get; set; }

    internal static NativePool<Leader> Pool { get; set; }

    static partial void OnFreeing(ref Leader value)
    {
        if (value.Ends)
        {
            (Table.IsDefault ? (IDisposable)Pool : Table).Dispose();
        }
        else if (!value.Follower.IsNull)
        {
            _ = Table.IsDefault ? Pool.Remove(value.Follower) : Table.Remove(value.Follower);
        }
    }
}
