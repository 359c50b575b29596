// What ships, shots and blasts are, wherever they live. A heap adds to a ship and to a shot whom they are after, in the way that it refers to ships.
//
// A ship's serial number is its own for good, and all that is random about it comes from that. Its team is the serial number's last two bits. A ship that is destroyed is replaced by one of the next
// number, so that there are always as many.

namespace Swarm.Rules;

internal struct ShipState
{
    public int X;
    public int Y;

    /// <summary>Units a frame.</summary>
    public short VelocityX;
    public short VelocityY;

    /// <summary>Above 0 as long as it flies.</summary>
    public short Health;

    /// <summary>Decisions until it can fire again.</summary>
    public short Reload;
    public uint Serial;

    public readonly int Team => (int)(Serial % ShipRules.Teams);
}

internal struct ShotState
{
    public int X;
    public int Y;
    public short VelocityX;
    public short VelocityY;

    /// <summary>Frames until it burns out.</summary>
    public short Life;
    public short Team;
}

/// <summary>Where a ship was destroyed: nothing but a light that fades.</summary>
internal struct BlastState
{
    public int X;
    public int Y;
    public int Age;
}

/// <summary>A ship as the grid of a frame lists it: what a search looks at lies side by side, in the order of the cells.</summary>
internal struct GridEntry
{
    public int X;
    public int Y;
    public uint Serial;

    /// <summary>The ship's position among all ships in this frame.</summary>
    public int Ship;
}

/// <summary>A shot has hit a ship.</summary>
internal readonly record struct Hit(int Ship, int Damage);
