// Scenarios of what is built on the heaps: tables over address regions, allocators over blocks. They free all that they have.

using System;
using System.Collections.Generic;
using System.IO;

using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Scenarios for <see cref="FaultScenarios"/>.</summary>
internal static class ContainerScenarios
{
    public static void Tables(FaultRun run)
    {
        HeapModel? model = run.MakeHeap();
        foreach (Heap? heap in (Heap?[])[Heap.Shared, model?.Heap])
        {
            NativeTable<Order> table = default;
            if (heap == null || !run.Attempt(() => table = new NativeTable<Order>(heap, 200_000)))
            {
                continue;
            }

            // A step of growth is 64 KiB of elements, of handles and of slots each.
            Dictionary<NativeHandle<Order>, long> elements = [];
            Add(run, table, elements, 6_000);
            Remove(table, elements, 3_500);
            table.TrimExcess();
            Add(run, table, elements, 3_000);
            Remove(table, elements, elements.Count);
            table.TrimExcess();
            Add(run, table, elements, 10);
            table.Dispose();
        }

        run.DisposeOfHeap();
    }

    public static void Pools(FaultRun run)
    {
        NativePool<Order> pool = default;
        if (!run.Attempt(() => pool = new NativePool<Order>(20_000)))
        {
            return;
        }

        List<NativeHandle<Order>> handles = [];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 3_000; i++)
            {
                _ = run.Attempt(() =>
                {
                    pool.Add(out NativeHandle<Order> handle).Id = handle.Index;
                    handles.Add(handle);
                });
            }

            int kept = handles.Count / 2;
            foreach (NativeHandle<Order> handle in handles.GetRange(kept, handles.Count - kept))
            {
                Assert.True(pool.Remove(handle));
            }

            handles.RemoveRange(kept, handles.Count - kept);
            pool.TrimExcess();
            _ = run.Attempt(() => pool.EnsureCapacity(10_000));
        }

        using MemoryStream saved = new();
        pool.Save(saved);
        _ = run.Attempt(() => pool.Restore(saved.ToArray()));
        AssertHolds(pool, handles);
        pool.Dispose();
    }

    public static unsafe void SavedTables(FaultRun run)
    {
        NativeTable<Order> table = default;
        if (!run.Attempt(() => table = new NativeTable<Order>(20_000)))
        {
            return;
        }

        Dictionary<NativeHandle<Order>, long> elements = [];
        Add(run, table, elements, 3_000);
        using MemoryStream saved = new();
        table.Save(saved);
        _ = run.Attempt(() => table.Restore(saved.ToArray()));
        AssertHolds(table, elements);
        TableChecks.AssertInvariants(table.State);
        table.Dispose();
    }

    public static void Bumps(FaultRun run)
    {
        BumpAllocator? bump = null;
        if (!run.Attempt(() => bump = new BumpAllocator(new BumpAllocatorOptions { FirstChunkBytes = 4 << 10 })))
        {
            return;
        }

        using (bump)
        {
            for (int round = 0; round < 3; round++)
            {
                for (int i = 1; i < 60; i++)
                {
                    _ = run.Attempt(() => Fill(bump!.AllocSpan<byte>(i * 97), i));
                }

                bump!.Reset();
            }
        }
    }

    public static void FreeLists(FaultRun run)
    {
        foreach (FitPolicy policy in Enum.GetValues<FitPolicy>())
        {
            FreeListAllocator? list = null;
            if (!run.Attempt(() => list = new FreeListAllocator(4 << 20, new FreeListOptions { Policy = policy })))
            {
                continue;
            }

            using (list)
            {
                List<nuint> offsets = [];
                for (int i = 1; i < 300; i++)
                {
                    _ = run.Attempt(() => offsets.Add(list!.Alloc((nuint)(i * 31))));
                }

                // A free splits no range and may join two, but what notes it may have to grow.
                for (int i = 0; i < offsets.Count; i += 2)
                {
                    list!.Free(offsets[i]);
                }

                Assert.Equal(offsets.Count / 2, list!.GetStatistics().Allocations);
            }
        }
    }

    private static void Add(FaultRun run, NativeTable<Order> table, Dictionary<NativeHandle<Order>, long> elements, int count)
    {
        for (int i = 0; i < count; i++)
        {
            NativeHandle<Order> handle = default;
            long id = elements.Count;
            if (run.Attempt(() => table.Add(new Order { Id = id }, out handle)))
            {
                elements.Add(handle, id);
            }
            else
            {
                i += 500;
            }
        }

        AssertHolds(table, elements);
    }

    private static void Remove(NativeTable<Order> table, Dictionary<NativeHandle<Order>, long> elements, int count)
    {
        List<NativeHandle<Order>> handles = [.. elements.Keys];
        for (int i = 0; i < count && i < handles.Count; i++)
        {
            Assert.True(table.Remove(handles[i]));
            _ = elements.Remove(handles[i]);
        }

        AssertHolds(table, elements);
    }

    private static void AssertHolds(NativeTable<Order> table, Dictionary<NativeHandle<Order>, long> elements)
    {
        Assert.Equal(elements.Count, table.Count);
        foreach ((NativeHandle<Order> handle, long id) in elements)
        {
            Assert.Equal(id, table[handle].Id);
        }
    }

    private static void Fill(Span<byte> bytes, int value) => bytes.Fill((byte)value);

    private static unsafe void AssertHolds(NativePool<Order> pool, List<NativeHandle<Order>> handles)
    {
        Assert.Equal(handles.Count, pool.Count);
        Assert.True(handles.TrueForAll(handle => pool[handle].Id == handle.Index));
        PoolChecks.AssertInvariants(pool.State);
    }
}
