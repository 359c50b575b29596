using System.Numerics;

using NativeHeap;

namespace GameTemplate;

/// <summary>A ship. It knows its target by a handle, which says so when the target is gone.</summary>
internal struct Ship
{
    public Vector2 Position;
    public Vector2 Velocity;
    public NativeHandle<Ship> Target;
    public float Health;
    public int Team;
}

/// <summary>A rock of a level, in the list of the level's rocks.</summary>
[NativeAllocated]
internal unsafe partial struct Rock
{
    public Vector2 Position;
    public float Radius;
    public Rock* Next;
}
