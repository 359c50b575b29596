// Two heaps in turn, one for the level that is played and one for the next.
//
// A level is a block for the cells and an object for each rock. None is freed singly: when the level is over, Reset ends them all in a time that grows with spans of memory, not with objects, and the heap is ready
// for the level after the next. Two heaps for good and not one made for each level: a Heap is an object of the garbage collector, and here not a byte is to be allocated there.

using System;
using System.Diagnostics.CodeAnalysis;

using NativeHeap;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Native;

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It is, by its interface, which the rule does not see for a struct.")]
internal unsafe struct NativeLevels : ILevels
{
    private Heap _heap;
    private Heap _nextHeap;
    private Tile* _tiles;
    private Tile* _nextTiles;

    private NativeLevels(string name)
    {
        _heap = new Heap(new HeapOptions { Name = name });
        _nextHeap = new Heap(new HeapOptions { Name = name });
    }

    public static NativeLevels Create() => new("Level");

    public static long BytesHeld()
    {
        ProcessStatistics statistics = Heap.GetProcessStatistics();
        return statistics.MappedBytes - statistics.FreeBytes - statistics.ReturnedBytes;
    }

    public void Begin(int cells) => _nextTiles = (Tile*)_nextHeap.AllocZeroed((nuint)cells * (nuint)sizeof(Tile));

    public readonly void SetFlows(int cell, Flows flows) => _nextTiles[cell].Flows = flows;

    public readonly void AddRock(int cell, RockState rock)
        => _nextTiles[cell].Rocks = Rock.Alloc(_nextHeap, new Rock { State = rock, Next = _nextTiles[cell].Rocks });

    public void Switch()
    {
        _heap.Reset();
        (_heap, _nextHeap) = (_nextHeap, _heap);
        _tiles = _nextTiles;
        _nextTiles = null;
    }

    public void Unload()
    {
        _heap.Dispose();
        _nextHeap.Dispose();
        _tiles = null;
        _nextTiles = null;
    }

    public readonly Flow FlowAt(int cell, int team) => _tiles[cell].Flows[team];

    public readonly bool IsBlocked(int cell, int x, int y)
    {
        for (Rock* rock = _tiles[cell].Rocks; rock != null; rock = rock->Next)
        {
            if (Math.Abs(rock->State.X - x) + Math.Abs(rock->State.Y - y) < rock->State.Radius)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => Unload();
}
