// What is done while the system refuses: a scenario for each way through the allocator. A scenario is run again when the system has relented, and must then succeed in all that it does.

using System;
using System.Collections.Generic;
using System.IO;

using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Recording;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>The scenarios by name.</summary>
internal static unsafe class FaultScenarios
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;

    public static IReadOnlyDictionary<string, Action<FaultRun>> All { get; } = new Dictionary<string, Action<FaultRun>>
    {
        ["the first allocation of a process"] = run => run.Attempt(HeapOperation.Alloc, 24),
        ["small blocks of several classes"] = SmallBlocks,
        ["many blocks of one class"] = ManyBlocks,
        ["typed objects"] = TypedObjects,
        ["batches"] = Batches,
        ["large blocks"] = LargeBlocks,
        ["aligned and zeroed blocks"] = AlignedAndZeroed,
        ["blocks that change their size"] = Reallocs,
        ["heaps that come and go"] = Heaps,
        ["a heap that is reset"] = Resets,
        ["a heap that is checked"] = Checked,
        ["a heap that is checked at the closest level"] = CheckedFully,
        ["guarded samples"] = Guarded,
        ["threads that come and go"] = Threads,
        ["flushing the thread"] = Flushes,
        ["memory given back and taken again"] = Trims,
        ["memory ahead of its use"] = ProfileScenarios.Prewarmed,
        ["heaps with a profile"] = ProfileScenarios.Profiles,
        ["locked memory"] = ProfileScenarios.Locked,
        ["a recording"] = Recording,
        ["tables"] = ContainerScenarios.Tables,
        ["pools"] = ContainerScenarios.Pools,
        ["saved tables"] = ContainerScenarios.SavedTables,
        ["bump allocators"] = ContainerScenarios.Bumps,
        ["free lists"] = ContainerScenarios.FreeLists,
        ["boxes, arrays, lists and dictionaries"] = CollectionScenarios.All,
    };

    private static void Guarded(FaultRun run)
    {
        HeapModel? model = run.MakeHeap(new HeapOptions { GuardedSampleBytes = 1 });
        for (int i = 0; model != null && i < 40; i++)
        {
            run.Attempt(() => model.Apply(HeapOperation.Alloc, 100 + (i * 300), 16, 0));
            if (i % 4 == 3)
            {
                model.Apply(HeapOperation.Free, 0, 0, i);
            }
        }

        if (model != null)
        {
            run.DisposeOfHeap();
        }
    }

    private static void SmallBlocks(FaultRun run)
    {
        foreach (int size in (int[])[1, 16, 100, 1_000, 9_000, 32_768])
        {
            for (int i = 0; i < 12; i++)
            {
                run.Attempt(HeapOperation.Alloc, size);
            }

            run.Shared.Apply(HeapOperation.Free, 0, 0, pick: 5);
        }

        run.Shared.Apply(HeapOperation.FreeMany, 0, 0, pick: 3);
    }

    // Bins grow and are robbed, magazines fill the depot, spans fill and empty, the page heap grows by more than one step.
    private static void ManyBlocks(FaultRun run)
    {
        for (int i = 0; i < 160; i++)
        {
            run.Attempt(HeapOperation.Alloc, 2_000);
            run.Attempt(HeapOperation.Alloc, 200);
        }

        for (int i = 0; i < 6; i++)
        {
            run.Shared.Apply(HeapOperation.FreeMany, 0, 0, pick: i * 7);
        }

        for (int i = 0; i < 20; i++)
        {
            run.Attempt(HeapOperation.Alloc, 2_000);
        }
    }

    private static void TypedObjects(FaultRun run)
    {
        for (int i = 0; i < 20; i++)
        {
            _ = run.Attempt(() => run.Shared.Add(Order.Alloc(), sizeof(Order), 8));
            _ = run.Attempt(() => run.Shared.Add(Order.AllocZeroed(), sizeof(Order), 8));
            _ = run.Attempt(() => run.Shared.Add(Order.Alloc(new Order { Id = i }), sizeof(Order), 8));
            _ = run.Attempt(() => run.Shared.Add(Heap.Shared.Alloc<Order>(), sizeof(Order), 8));
        }

        for (int i = 0; i < 20 && run.Shared.Count != 0; i++)
        {
            Order.Free((Order*)run.Shared.Take(i));
        }

        _ = run.Attempt(() => Order.Rent().Dispose());
        _ = run.Attempt(() => run.Shared.Add(Aligned.Alloc(), sizeof(Aligned), 64));
        _ = run.Attempt(() => run.Shared.Add(LargeMessage.AllocZeroed(), sizeof(LargeMessage), 16));
        _ = run.Attempt(() => LargeMessage.Free(LargeMessage.Alloc()));
    }

    private static void Batches(FaultRun run)
    {
        NativePointer<Order>[] orders = new NativePointer<Order>[700];
        for (int round = 0; round < 2; round++)
        {
            if (!run.Attempt(() => Order.AllocBatch(orders)))
            {
                Assert.Equal(-1, orders.AsSpan().IndexOfAnyExcept(default(NativePointer<Order>)));
                continue;
            }

            foreach (NativePointer<Order> order in orders.AsSpan(0, 10))
            {
                run.Shared.Add(order, sizeof(Order), 8);
            }

            Order.FreeBatch(orders.AsSpan(10));
            Array.Clear(orders);
        }
    }

    private static void LargeBlocks(FaultRun run)
    {
        foreach (int size in (int[])[40 * KiB, 100 * KiB, 600 * KiB, 40 * KiB])
        {
            run.Attempt(HeapOperation.Alloc, size);
            run.Shared.Apply(HeapOperation.Free, 0, 0, pick: 1);

            // Not written to: what is kept whole for the next, and what needs an arena of its own and more.
            Untouched(run, 5 * MiB);
            Untouched(run, 70 * MiB);
        }
    }

    private static void Untouched(FaultRun run, int size) => run.Attempt(() => Heap.Shared.Free(Heap.Shared.Alloc((nuint)size)));

    private static void AlignedAndZeroed(FaultRun run)
    {
        for (int alignment = 8; alignment <= 2 * MiB; alignment *= 8)
        {
            run.Attempt(HeapOperation.AllocAligned, 100, alignment);
            run.Attempt(HeapOperation.AllocAligned, 50 * KiB, alignment);
            run.Attempt(HeapOperation.AllocZeroed, alignment);
            run.Attempt(HeapOperation.AllocZeroed, 50 * KiB);
            run.Shared.Apply(HeapOperation.Free, 0, 0, pick: 1);
        }
    }

    private static void Reallocs(FaultRun run)
    {
        // Grows through the classes and into pages, in place and by moving, and shrinks again.
        foreach (int size in (int[])[10, 100, 3_000, 40 * KiB, 60 * KiB, 300 * KiB, 700 * KiB, 200 * KiB, 50 * KiB, 2_000, 20])
        {
            run.Attempt(HeapOperation.Realloc, size);
            if (run.Shared.Count < 2)
            {
                run.Attempt(HeapOperation.Alloc, size);
            }

            run.Attempt(HeapOperation.Realloc, size + 5, pick: 1);
        }
    }

    // More than a thread's first table of caches has room for.
    private static void Heaps(FaultRun run)
    {
        for (int i = 0; i < 11; i++)
        {
            HeapModel? model = run.MakeHeap();
            if (model != null)
            {
                _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 100, 16, 0));
                _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 100 * KiB, 16, 0));
                _ = run.Attempt(() => model.Add(model.Heap.Alloc<Order>(), sizeof(Order), 8));
                model.Apply(HeapOperation.Free, 0, 0, 0);
            }
        }

        for (int i = 0; i < 5; i++)
        {
            run.DisposeOfHeap();
        }
    }

    // Marked spans of several kinds, one call a slot.
    private static void Checked(FaultRun run)
    {
        HeapModel? model = run.MakeHeap(new HeapOptions { Check = CheckLevel.Basic });
        for (int round = 0; round < 2 && model != null; round++)
        {
            foreach (int size in (int[])[20, 100, 3_000, 9_000, 100 * KiB])
            {
                for (int i = 0; i < 8; i++)
                {
                    _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, size, 16, 0));
                    _ = run.Attempt(() => model.Add(Order.Alloc(model.Heap), sizeof(Order), 8));
                    _ = run.Attempt(() => model.Apply(HeapOperation.Realloc, size * 2, 16, i));
                }

                model.MisuseAll();
            }

            model.Apply(HeapOperation.FreeMany, 0, 0, pick: round);
            _ = Heap.Trim();
        }
    }

    // What is freed becomes inaccessible and, when it leaves quarantine, accessible again; so does what ends with the heap, once more than is kept so has ended.
    private static void CheckedFully(FaultRun run)
    {
        HeapModel? model = run.MakeHeap(new HeapOptions { Check = CheckLevel.Full, QuarantineBytes = 200 * KiB });
        for (int round = 0; round < 2 && model != null; round++)
        {
            for (int i = 0; i < 8; i++)
            {
                _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 100 * KiB, 16, 0));
                _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 3_000, 16, 0));
                _ = run.Attempt(() => model.Add(Order.Alloc(model.Heap), sizeof(Order), 8));
                _ = run.Attempt(() => _ = model.Heap.Alloc(3 * MiB));
                model.Apply(HeapOperation.FreeMany, 0, 0, pick: i);
            }

            model.Heap.Verify();
            model.Reset();
        }
    }

    private static void Resets(FaultRun run)
    {
        HeapModel? model = run.MakeHeap();
        for (int round = 0; round < 3 && model != null; round++)
        {
            for (int i = 0; i < 40; i++)
            {
                _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 900, 16, 0));
                _ = run.Attempt(() => model.Add(Order.Alloc(model.Heap), sizeof(Order), 8));
            }

            _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 100 * KiB, 16, 0));
            model.Apply(HeapOperation.FreeMany, 0, 0, pick: round);
            model.Reset();
        }
    }

    private static void Threads(FaultRun run)
    {
        HeapModel? own = run.MakeHeap();
        for (int round = 0; round < 4; round++)
        {
            ThreadTests.Run(() =>
            {
                // The block of another thread, freed as this one's first call.
                run.Shared.Apply(HeapOperation.Free, 0, 0, round);
                for (int i = 0; i < 20; i++)
                {
                    run.Attempt(HeapOperation.Alloc, 50 + i);
                    _ = own != null && run.Attempt(() => own.Apply(HeapOperation.Alloc, 60, 16, 0));
                }

                run.Shared.Apply(HeapOperation.Free, 0, 0, round);
            });
            FreshProcess.AwaitEnds();
        }

        ThreadTests.Run(() => run.Shared.Apply(HeapOperation.FreeMany, 0, 0, 1));
        FreshProcess.AwaitEnds();
        run.Attempt(HeapOperation.Alloc, 40);
    }

    private static void Flushes(FaultRun run)
    {
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                run.Attempt(HeapOperation.Alloc, 700);
            }

            run.Shared.Apply(HeapOperation.FreeMany, 0, 0, 2);
            Heap.FlushThread();
        }
    }

    private static void Trims(FaultRun run)
    {
        for (int round = 0; round < 3; round++)
        {
            run.Attempt(HeapOperation.Alloc, 300 * KiB);
            run.Attempt(HeapOperation.AllocZeroed, 200 * KiB);
            for (int i = 0; i < 60; i++)
            {
                run.Attempt(HeapOperation.Alloc, 3_000);
            }

            run.Shared.Apply(HeapOperation.FreeMany, 0, 0, pick: round);
            run.Shared.Apply(HeapOperation.Free, 0, 0, 0);
            _ = Heap.Trim();
        }

        // Over what was given back and what was not; and in place, into what was given back.
        run.Attempt(HeapOperation.AllocZeroed, 900 * KiB);
        run.Attempt(HeapOperation.Alloc, 100 * KiB);
        run.Attempt(HeapOperation.Realloc, 150 * KiB, pick: run.Shared.Count - 1);
        Untouched(run, 5 * MiB);
        _ = Heap.Trim();
    }

    // A recording may be refused at its start and at any call; the program goes on without it and hears of it at the end.
    private static void Recording(FaultRun run)
    {
        using TemporaryFolder folder = new();
        Heap? heap = null;
        string file = folder.PathOf("trace.nht");
        try
        {
            _ = run.Attempt(() => heap = new Heap(new HeapOptions { RecordTo = file }));
        }
        catch (IOException error)
        {
            Assert.True(run.WasRefused, error.ToString());
        }

        if (heap == null)
        {
            return;
        }

        HeapModel model = new(heap);
        for (int i = 0; i < 60; i++)
        {
            _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 1 + (i * 50), 16, 0));
            _ = run.Attempt(() => model.Apply(HeapOperation.Realloc, 70 * i, 16, i));
        }

        // In a long test, more events than a buffer holds.
        _ = run.Attempt(() =>
        {
            for (int i = LongTests.Scale(100, 9_000); i > 0; i--)
            {
                heap.Free(heap.Alloc(40));
            }
        });

        model.Check();
        try
        {
            heap.StopRecording();
            _ = RecordedTrace.Read(file);
        }
        catch (IOException error)
        {
            Assert.True(run.WasRefused, error.ToString());
        }

        _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 50, 16, 0));
        model.Check();
        heap.Dispose();
    }
}
