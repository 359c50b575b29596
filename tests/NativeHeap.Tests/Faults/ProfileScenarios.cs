// Scenarios of memory ahead of its use: prewarming, heaps with a profile, memory that is locked.

using System;

using NativeHeap.Heaps;
using NativeHeap.Platform;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Scenarios for <see cref="FaultScenarios"/>.</summary>
internal static unsafe class ProfileScenarios
{
    private const int MiB = 1 << 20;

    public static void Prewarmed(FaultRun run)
    {
        _ = run.Attempt(() => Heap.Shared.Prewarm(100_000));
        _ = run.Attempt(() => Heap.Shared.Prewarm<Order>(2_000));
        _ = run.Attempt(() => Heap.Shared.Prewarm<LargeMessage>(5));
        for (int i = 0; i < 10; i++)
        {
            _ = run.Attempt(() => run.Shared.Add(Order.Alloc(), sizeof(Order), 8));
        }

        _ = Heap.Trim();
        _ = run.Attempt(() => Heap.Shared.Prewarm(2 * MiB));
        run.Attempt(HeapOperation.Alloc, 300_000);
        _ = run.Attempt(() => Heap.Shared.Prewarm(2 * MiB));
    }

    public static void Profiles(FaultRun run)
    {
        foreach (HeapProfile profile in (HeapProfile[])[HeapProfile.LowLatency, HeapProfile.Compact])
        {
            HeapModel? model = run.MakeHeap(new HeapOptions { Profile = profile });
            if (model == null)
            {
                continue;
            }

            _ = run.Attempt(() => model.Heap.Prewarm<Order>(500));
            for (int round = 0; round < 2; round++)
            {
                for (int i = 0; i < 40; i++)
                {
                    _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 1_000 * (1 + (i % 4)), 16, 0));
                }

                _ = run.Attempt(() => model.Apply(HeapOperation.Alloc, 100_000, 16, 0));
                _ = run.Attempt(() => model.Apply(HeapOperation.Realloc, 150_000, 16, model.Count - 1));
                model.Apply(HeapOperation.FreeMany, 0, 0, round);
                _ = round == 0 ? Heap.Trim() : 0;
            }

            // It holds what it held, whatever is asked for.
            model.Heap.EndWarmUp();
            long held = model.Heap.GetStatistics().SpanBytes;
            for (int i = 0; i < 40; i++)
            {
                if (run.WasRefused || !model.Heap.TryAlloc(3_000, out void* block))
                {
                    break;
                }

                model.Add(block, 3_000, 16);
            }

            Assert.InRange(model.Heap.GetStatistics().SpanBytes, 0, held);
        }

        run.DisposeOfHeap();
        run.DisposeOfHeap();
    }

    /// <summary>Memory that is locked; where a process may lock next to nothing, an allocation.</summary>
    public static Action<FaultRun> Locked { get; } = MayLock(4 * MiB) ? UnderLock : run => run.Attempt(HeapOperation.Alloc, 100);

    // What cannot be locked is not handed out; what is locked the system keeps.
    private static void UnderLock(FaultRun run)
    {
        if (!run.Attempt(() => _ = ProcessLimits.MaximumBytes))
        {
            return;
        }

        HeapProcess.Pages->LocksMemory = true;
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 50; i++)
            {
                run.Attempt(HeapOperation.Alloc, 3_000);
            }

            run.Attempt(HeapOperation.AllocZeroed, 400_000);
            run.Shared.Apply(HeapOperation.FreeMany, 0, 0, round);
            run.Shared.Apply(HeapOperation.Free, 0, 0, 0);
            _ = Heap.Trim();
        }

        NativeTable<Order> table = default;
        if (run.Attempt(() => table = new NativeTable<Order>(1_000)))
        {
            table.Dispose();
        }
    }

    private static bool MayLock(nuint bytes)
    {
        void* memory = VirtualMemory.Alloc(bytes);
        bool can = memory != null && VirtualMemory.Lock(memory, bytes);
        _ = memory != null && VirtualMemory.Free(memory, bytes);
        return can;
    }
}
