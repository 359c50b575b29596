// The nearest ship of another team: the least distance, and of two at the same the lower serial number, so that it makes no difference in which order they are looked at.

using System;

using Swarm.Rules;

namespace Swarm.Engine;

internal struct Nearest(int x, int y, int within)
{
    private readonly int _x = x;
    private readonly int _y = y;
    private readonly int _within = within;
    private int _square = within * within;
    private uint _serial = uint.MaxValue;

    /// <summary>The position of the ship; -1 if there is none.</summary>
    public int Ship { get; private set; } = -1;

    public void Look(Arena arena, ReadOnlySpan<GridEntry> ships, int team)
    {
        foreach (ref readonly GridEntry ship in ships)
        {
            int dx = arena.Way(_x, ship.X);
            int dy = arena.Way(_y, ship.Y);
            if ((uint)(dx + _within) <= 2 * (uint)_within && (uint)(dy + _within) <= 2 * (uint)_within && (int)(ship.Serial % ShipRules.Teams) != team)
            {
                Take(in ship, (dx * dx) + (dy * dy));
            }
        }
    }

    private void Take(in GridEntry ship, int square)
    {
        if (square < _square || (square == _square && ship.Serial < _serial))
        {
            _square = square;
            _serial = ship.Serial;
            Ship = ship.Ship;
        }
    }
}
