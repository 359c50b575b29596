// The same objects for the garbage collector: a class each, `new` for each, forgotten when done. No pool, which would be a second allocator in disguise. The fields are those of the native structs.

using Swarm.Rules;

namespace Swarm.Managed;

internal sealed class ShipObject
{
    public ShipState State;
    public ShipReference Target;
    public int Position;
    public bool IsGone;
}

internal sealed class ShotObject
{
    public ShotState State;
    public ShipReference Target;
}

internal sealed class BlastObject
{
    public BlastState State;
}

internal sealed class RockObject(RockState state, RockObject? next)
{
    public readonly RockState State = state;
    public readonly RockObject? Next = next;
}

internal struct TileOfObjects
{
    public Flows Flows;
    public RockObject? Rocks;
}

/// <summary>A reference to a ship: a struct of one, so that the game is compiled for it alone (a class as a type argument would share its code with all other classes).</summary>
internal readonly struct ShipReference(ShipObject ship)
{
    public readonly ShipObject? Ship = ship;
}
