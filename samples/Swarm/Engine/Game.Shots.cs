// How shots fly on: each is one thread's, which moves it, and notes what it hits and whether it is spent.

using System;
using System.Runtime.CompilerServices;

using Swarm.Rules;

namespace Swarm.Engine;

internal sealed partial class Game<TTarget, TEntities, TMemory, TLevels>
{
    private void FlyShots(int part)
    {
        ReadOnlySpan<int> starts = _memory.Starts;
        ReadOnlySpan<GridEntry> entries = _memory.Entries;
        Arena arena = _arena;
        (int start, int end) = PartOf(_entities.ShotCount, part);
        for (int i = start; i < end; i++)
        {
            ref ShotState shot = ref _entities.Shot(i);
            bool looks = ShotRules.Looks(in shot);
            if (looks)
            {
                ref ShipState target = ref Follow(part, ref _entities.TargetOfShot(i));
                if (!Unsafe.IsNullRef(ref target))
                {
                    ShotRules.Follow(ref shot, arena.Way(shot.X, target.X), arena.Way(shot.Y, target.Y));
                }
            }

            ShotRules.Move(arena, ref shot);
            int cell = arena.CellOf(shot.X, shot.Y);
            Nearest nearest = new(shot.X, shot.Y, ShotRules.HitRadius);
            nearest.Look(arena, entries[starts[cell]..starts[cell + 1]], shot.Team);
            if (nearest.Ship >= 0)
            {
                _memory.AddHit(part, new Hit(nearest.Ship, ShotRules.Damage));
                _memory.AddSpent(part, i);
            }
            else if (shot.Life <= 0 || (looks && _levels.IsBlocked(cell, shot.X, shot.Y)))
            {
                _memory.AddSpent(part, i);
            }
        }
    }
}
