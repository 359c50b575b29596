using System;
using System.Numerics;

using NativeHeap;

namespace GameTemplate;

/// <summary>What is there as long as a level is: objects of one heap, none of which is freed singly.</summary>
internal sealed unsafe class Level : IDisposable
{
    private const int Rocks = 64;

    private readonly Heap _heap = new(new HeapOptions { Name = "Level" });
    private Rock* _first;

    /// <summary>Ends the level that there was, in one go, and makes the next in its memory.</summary>
    public void Load(Random random)
    {
        _heap.Reset();
        _first = null;
        for (int i = 0; i < Rocks; i++)
        {
            Rock* rock = Rock.Alloc(_heap);
            *rock = new Rock { Position = World.AnyPosition(random), Radius = 20 + (40 * random.NextSingle()), Next = _first };
            _first = rock;
        }
    }

    /// <summary>Which way a rock nearby pushes what is at a position.</summary>
    public Vector2 PushAt(Vector2 position)
    {
        for (Rock* rock = _first; rock != null; rock = rock->Next)
        {
            Vector2 away = position - rock->Position;
            if (away.LengthSquared() < rock->Radius * rock->Radius)
            {
                return away;
            }
        }

        return Vector2.Zero;
    }

    public void Dispose() => _heap.Dispose();
}
