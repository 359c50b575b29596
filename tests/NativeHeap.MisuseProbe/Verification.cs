// The allocator is whole: blocks of every class are allocated, none of them is another's or where another is, each keeps what is written into all of it, statistics add up, and the structures hold what
// their essays say.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using NativeHeap.SizeClasses;
using NativeHeap.Tests.Faults;
using NativeHeap.Tests.Heaps;

namespace NativeHeap.MisuseProbe;

/// <summary>Looks at what misuse must not have touched.</summary>
internal static unsafe class Verification
{
    private const int BlocksOfAClass = 12;

    private static readonly nuint[] s_large = [40_000, 300_000, 2 << 20];

    /// <summary>Allocates and frees blocks of all classes.</summary>
    public static void RunIn(Heap heap)
    {
        List<(nint Block, nuint Size)> blocks = [];
        long before = heap.GetStatistics().LiveObjects;
        for (int sizeClass = 1; sizeClass < SizeClass.Count; sizeClass++)
        {
            for (int i = 0; i < BlocksOfAClass; i++)
            {
                Add((nuint)SizeClass.SlotSize(sizeClass));
            }
        }

        foreach (nuint size in s_large)
        {
            Add(size);
        }

        blocks.Sort();
        nint end = 0;
        foreach ((nint block, nuint size) in blocks)
        {
            Require(block >= end, "Two blocks are in one place.");
            end = block + (nint)size;
            NativeMemory.Fill((void*)block, nuint.Min(size, 4_096), Mark(block));
        }

        Require(heap.GetStatistics().LiveObjects == before + blocks.Count, $"{heap.GetStatistics().LiveObjects} objects are live, {blocks.Count} more than {before} were allocated.");
        foreach ((nint block, nuint size) in blocks)
        {
            Require(!new ReadOnlySpan<byte>((void*)block, (int)nuint.Min(size, 4_096)).ContainsAnyExcept(Mark(block)), "A block was written to by another's owner.");
            heap.Free((void*)block);
        }

        _ = StatisticsChecks.Rows(heap, out HeapStatistics after);
        Require(after.LiveObjects == before, $"{after.LiveObjects} objects are live, and were {before}.");

        void Add(nuint size) => blocks.Add(((nint)heap.Alloc(size), size));
    }

    /// <summary>Looks at all structures, when nothing is live.</summary>
    public static void LookAtStructures()
    {
        _ = StatisticsChecks.AssertAllAddUp();
        HeapInvariants.Check([], HeapInvariants.AllArenas());
    }

    private static byte Mark(nint block) => (byte)((ulong)block * 0x9E37_79B9_7F4A_7C15 >> 56);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }
}
