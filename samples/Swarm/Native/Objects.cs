// The game's objects in native memory: plain structs. A ship is 28 bytes, of which 8 are the handle of the ship that it is after; a shot is 24.

using System.Runtime.InteropServices;

using NativeHeap;

using Swarm.Rules;

namespace Swarm.Native;

internal struct Ship
{
    public ShipState State;
    public NativeHandle<Ship> Target;
}

/// <summary>A rock of a level, in the list of its cell. Its memory is the level's.</summary>
[NativeAllocated]
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct Rock
{
    public RockState State;
    public Rock* Next;
}

/// <summary>A cell of a level.</summary>
internal unsafe struct Tile
{
    public Flows Flows;
    public Rock* Rocks;
}
