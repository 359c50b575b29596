using System.Collections.Generic;
using System.Linq;

using NativeHeap;

namespace MemoryMaps.Layouts;

/// <summary>What a policy of the free list has made of a workload.</summary>
/// <param name="Map">What lies where at the end.</param>
/// <param name="Stays">Where each block was, and when.</param>
/// <param name="Refused">How many requests found no range.</param>
/// <param name="Statistics">The allocator's own figures at the end.</param>
internal sealed record FitResult(MemoryMap Map, IReadOnlyList<Stay> Stays, int Refused, FreeListStatistics Statistics);

/// <summary>A workload on a free list over a block.</summary>
internal static class FitLayout
{
    public static FitResult Run(IReadOnlyList<Call> calls, FitPolicy policy, int length)
    {
        using FreeListAllocator list = new((nuint)length, new FreeListOptions { Policy = policy });
        Dictionary<int, (Block Block, int From)> live = [];
        List<Stay> stays = [];
        int refused = 0;
        for (int now = 0; now < calls.Count; now++)
        {
            Call call = calls[now];
            if (!call.IsFree)
            {
                if (list.TryAlloc((nuint)call.Size, out nuint offset))
                {
                    live.Add(call.Number, (new Block((long)offset, (long)list.UsableSize(offset), call.Size), now));
                }
                else
                {
                    refused++;
                }
            }
            else if (live.Remove(call.Number, out (Block Block, int From) freed))
            {
                list.Free((nuint)freed.Block.Offset);
                stays.Add(new Stay(freed.Block, freed.From, now));
            }
        }

        stays.AddRange(live.Values.Select(block => new Stay(block.Block, block.From, calls.Count)));
        return new FitResult(new MemoryMap(length, live.Values.Select(block => block.Block)), stays, refused, list.GetStatistics());
    }
}
