// What ships decide. They go by the grid, so that a cell's ships find each other and its level near at hand.
//
// A ship reads places and serial numbers of others, which nobody writes meanwhile, and writes to itself. The ship that it is after may have been destroyed since: then the reference is stale, which
// is noticed here and counted.

using System;
using System.Runtime.CompilerServices;

using Swarm.Rules;

namespace Swarm.Engine;

internal sealed partial class Game<TTarget, TEntities, TMemory, TLevels>
{
    private void Decide(int part)
    {
        ReadOnlySpan<int> starts = _memory.Starts;
        ReadOnlySpan<GridEntry> entries = _memory.Entries;
        (int first, int end) = CellsOf(part);
        for (int cell = first; cell < end; cell++)
        {
            ReadOnlySpan<GridEntry> inCell = entries[starts[cell]..starts[cell + 1]];
            foreach (ref readonly GridEntry entry in inCell)
            {
                if (ShipRules.Decides(entry.Serial, Frame))
                {
                    Decide(part, cell, in entry, inCell.Length);
                }
            }
        }
    }

    private void Decide(int part, int cell, in GridEntry entry, int shipsInCell)
    {
        ref ShipState ship = ref _entities.Ship(entry.Ship);
        ref TTarget target = ref _entities.TargetOfShip(entry.Ship);
        ref ShipState enemy = ref Follow(part, ref target);
        if (!Unsafe.IsNullRef(ref enemy) && Distance(ship.X, ship.Y, enemy.X, enemy.Y) > ShipRules.Reach)
        {
            target = default;
            enemy = ref Unsafe.NullRef<ShipState>();
        }

        bool looksOut = ShipRules.LooksOut(ship.Serial, Frame);
        if (Unsafe.IsNullRef(ref enemy) && looksOut && NearestEnemy(cell, in entry, out int nearest))
        {
            target = _entities.ReferenceTo(nearest);
            enemy = ref _entities.Ship(nearest);
        }

        if (!looksOut && _levels.IsBlocked(cell, ship.X, ship.Y))
        {
            ShipRules.TurnBack(ref ship);
        }
        else if (Unsafe.IsNullRef(ref enemy))
        {
            ShipRules.Drift(ref ship, _levels.FlowAt(cell, ship.Team), Dice.Roll(_seed, ship.Serial, (ulong)Frame));
        }
        else
        {
            int dx = _arena.Way(ship.X, enemy.X);
            int dy = _arena.Way(ship.Y, enemy.Y);
            ShipRules.Pursue(ref ship, dx, dy);
            if (ShipRules.TryFire(ref ship, dx, dy, out ShotState shot))
            {
                _memory.AddFired(part, new Shot<TTarget> { State = shot, Target = target });
            }
        }

        ShipRules.Swerve(ref ship, shipsInCell);
    }

    /// <summary>The ship that a reference means. One that is gone is counted as stale, and the reference set to none.</summary>
    private ref ShipState Follow(int part, ref TTarget target)
    {
        ref ShipState ship = ref _entities.Find(target);
        if (Unsafe.IsNullRef(ref ship) && !_entities.IsNone(target))
        {
            target = default;
            _stale[part].Value++;
        }

        return ref ship;
    }

    // Sight is half a cell, so that the cell's own ships and those of the three next to the ship's quarter of it are all that it sees.
    private bool NearestEnemy(int cell, in GridEntry me, out int nearest)
    {
        ReadOnlySpan<int> starts = _memory.Starts;
        ReadOnlySpan<GridEntry> entries = _memory.Entries;
        int column = _arena.ColumnOf(cell);
        int row = _arena.RowOf(cell);
        int aside = (me.X & (Arena.CellSide / 2)) == 0 ? column - 1 : column + 1;
        int above = (me.Y & (Arena.CellSide / 2)) == 0 ? row - 1 : row + 1;
        Nearest best = new(me.X, me.Y, ShipRules.Sight);
        for (int i = 0; i < 4; i++)
        {
            int other = _arena.CellAt((i & 1) == 0 ? column : aside, (i & 2) == 0 ? row : above);
            best.Look(_arena, entries[starts[other]..starts[other + 1]], (int)(me.Serial % ShipRules.Teams));
        }

        nearest = best.Ship;
        return best.Ship >= 0;
    }

    private int Distance(int x, int y, int toX, int toY) => Arena.Length(_arena.Way(x, toX), _arena.Way(y, toY));
}
