// A workload on a bump allocator, which frees nothing singly: what is dead stays where it is.

using System.Collections.Generic;
using System.Linq;

using NativeHeap;

namespace MemoryMaps.Layouts;

/// <summary>What linear allocation makes of a workload.</summary>
internal sealed record LinearResult(MemoryMap Map, IReadOnlyList<Stay> Stays);

internal static unsafe class LinearLayout
{
    // One chunk for all, so that a picture has one scale.
    private const int ChunkBytes = 64 << 20;

    public static LinearResult Run(IReadOnlyList<Call> calls)
    {
        using BumpAllocator bump = new(new BumpAllocatorOptions { FirstChunkBytes = ChunkBytes, MaximumChunkBytes = ChunkBytes });
        nint start = 0;
        Dictionary<int, (Block Block, int From)> blocks = [];
        List<Stay> stays = [];
        for (int now = 0; now < calls.Count; now++)
        {
            Call call = calls[now];
            if (call.IsFree)
            {
                (Block block, int from) = blocks[call.Number];
                stays.Add(new Stay(block, from, now));
                blocks[call.Number] = (block with { IsDead = true }, now);
            }
            else
            {
                // As spans of bytes, so that tiny ones are packed.
                fixed (byte* address = bump.AllocSpan<byte>(call.Size))
                {
                    start = start == 0 ? (nint)address : start;
                    blocks.Add(call.Number, (new Block((nint)address - start, call.Size, call.Size), now));
                }
            }
        }

        stays.AddRange(blocks.Values.Select(block => new Stay(block.Block, block.From, calls.Count)));
        return new LinearResult(new MemoryMap(bump.GetStatistics().UsedBytes, blocks.Values.Select(block => block.Block)), stays);
    }
}
