// What is fuzzed: an input is a program, a byte an operation and what it needs behind it, on up to four heaps at the levels that there are, each with its model. Whatever it does, at the end all heaps are looked at and disposed of, and then every structure
// of the allocator.
//
// What the allocator has learnt of earlier inputs stays (mapped memory, made caches), as in a process: a finding may need those before it.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Tests.Faults;
using NativeHeap.Tests.Heaps;

namespace NativeHeap.Fuzz;

/// <summary>Runs inputs.</summary>
internal static class FuzzTarget
{
    private const int Heaps = 4;
    private const int MostOperations = 200;

    private static readonly CheckLevel[] s_levels = Enum.GetValues<CheckLevel>();
    private static readonly long[] s_quarantines = [new HeapOptions().QuarantineBytes, 0, 4_096, 100_000];
    private static (nuint Reserved, nuint[] Arenas) s_arenas = (0, []);

    /// <summary>Runs one.</summary>
    /// <param name="input">The input.</param>
    /// <param name="isThorough">Whether every structure is looked at in the end, a matter of milliseconds.</param>
    public static void Run(ImmutableArray<byte> input, bool isThorough)
    {
        ByteSource source = new(input);
        HeapModel?[] heaps = new HeapModel?[Heaps];
        for (int left = MostOperations; left > 0 && !source.IsAtEnd; left--)
        {
            int which = source.Byte();
            Step(source, heaps, which % Heaps, which / Heaps);
        }

        if (isThorough && Array.TrueForAll(heaps, static heap => heap is not { HasGuarded: true }))
        {
            _ = StatisticsChecks.AssertAllAddUp();
        }

        foreach (HeapModel? heap in heaps)
        {
            heap?.Dispose();
        }

        Heap.FlushThread();
        if (isThorough)
        {
            HeapInvariants.Check([], Arenas());
        }
    }

    private static unsafe nuint[] Arenas()
    {
        nuint reserved = HeapProcess.Pages->ReservedBytes;
        if (reserved != s_arenas.Reserved)
        {
            List<nuint> arenas = [];
            foreach (nuint number in HeapInvariants.AllArenas())
            {
                if (HeapProcess.Pages->Map.GetArena(number) != null)
                {
                    arenas.Add(number);
                }
            }

            s_arenas = (reserved, [.. arenas]);
        }

        return s_arenas.Arenas;
    }

    private static void Step(ByteSource source, HeapModel?[] heaps, int which, int operation)
    {
        HeapModel heap = heaps[which] ??= Make(source);
        switch (operation)
        {
            case < 14 when !heap.IsFull:
                heap.Alloc(source);
                break;
            case < 22 when !heap.IsFull:
                heap.AllocTyped(source);
                break;
            case < 26 when !heap.IsFull:
                heap.AllocBatch(source);
                break;
            case < 36:
                heap.Free(source, 20);
                break;
            case < 38:
                heap.Free(source, 1_000);
                break;
            case < 41:
                heap.FreeBatch(source);
                break;
            case < 46 when !heap.IsFull:
                heap.Realloc(source);
                break;
            case < 50:
                heap.Misuse(source, heaps.FirstOrDefault(other => other != null && other != heap) ?? heap);
                break;
            case 50:
                heap.Reset();
                break;
            case 51:
                heap.Dispose();
                heaps[which] = null;
                break;
            case 52:
                _ = Heap.Trim();
                break;
            case 53:
                Heap.FlushThread();
                break;
            case 54:
                _ = heap.Attempt(() => heap.Heap.Prewarm<Node>(source.Below(500)));
                break;
            case 55 or 56:
                // By a thread that ends without a word: what it has parked is found later.
                OnAnotherThread(() => heap.Free(source, 200));
                break;
            case 57:
                OnAnotherThread(() => heap.AllocBatch(source));
                break;
            case 58:
                heap.Containers.UseTable(source);
                break;
            case 59:
                heap.Containers.UseList(source);
                break;
            case 60:
                heap.Containers.UseDictionary(source);
                break;
            case 61:
                heap.Containers.UseBump(source);
                break;
            case 62:
                heap.Overrun(source);
                break;
            default:
                heap.AssertWhole();
                heap.AssertReported(source);
                break;
        }
    }

    private static HeapModel Make(ByteSource source)
    {
        byte options = source.Byte();
        byte more = source.Byte();
        return new HeapModel(new HeapOptions
        {
            Name = "fuzzed",
            Check = s_levels[options % s_levels.Length],
            QuarantineBytes = s_quarantines[options / s_levels.Length % s_quarantines.Length],
            MaximumBytes = options < 200 ? null : 8_192L << (options % 8),
            Hardening = (HeapHardening)(more & 3),
            GuardedSampleBytes = more < 192 ? 0 : 1L << (more & 15),
            Profile = (HeapProfile)((more >> 2) % 3),
        });
    }

    private static void OnAnotherThread(Action action)
    {
        Exception? error = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception caught)
            {
                error = caught;
            }
        });
        thread.Start();
        thread.Join();
        if (error != null)
        {
            throw new InvalidOperationException($"On another thread: {error}", error);
        }
    }
}
