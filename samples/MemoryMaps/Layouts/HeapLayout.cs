// A workload on a heap. Slots and pages are known by the addresses that the heap hands out and by UsableSize.

using System.Collections.Generic;
using System.Linq;

using NativeHeap;

namespace MemoryMaps.Layouts;

internal static unsafe class HeapLayout
{
    public const int PageSize = 8 * 1024;

    /// <summary>Runs calls on a heap of its own.</summary>
    /// <returns>What is alive at the end, from the first page of any block to the last.</returns>
    public static MemoryMap Run(IReadOnlyList<Call> calls)
    {
        using Heap heap = new();
        Dictionary<int, (nint Address, int Asked)> live = [];
        foreach (Call call in calls)
        {
            if (!call.IsFree)
            {
                live.Add(call.Number, ((nint)heap.Alloc((nuint)call.Size), call.Size));
            }
            else if (live.Remove(call.Number, out (nint Address, int Asked) freed))
            {
                heap.Free((void*)freed.Address);
            }
        }

        nint start = live.Values.Min(block => block.Address) & -PageSize;
        Block[] blocks = [.. live.Values.Select(block => new Block(block.Address - start, (long)heap.UsableSize((void*)block.Address), block.Asked))];
        long end = blocks.Max(block => block.End);
        return new MemoryMap((end + PageSize - 1) / PageSize * PageSize, blocks);
    }

    /// <summary>A part of a map, with offsets from its start.</summary>
    public static MemoryMap Part(MemoryMap map, long from, long length) =>
        new(length, map.Blocks.Where(block => block.Offset >= from && block.End <= from + length).Select(block => block with { Offset = block.Offset - from }));
}
