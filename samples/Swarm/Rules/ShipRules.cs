// How ships begin, fly and fire: functions of what they are given and nothing else, so that it makes no difference which thread calls them or when.
//
// A ship decides every eighth frame, an eighth of all ships in each. At every second decision it looks out for others, at the rest for rocks. If the ship that it is after is near
// enough, it flies there and fires; without one it follows the level's stream. In a crowd it swerves out of the cell. In between it flies on.

using System;

namespace Swarm.Rules;

internal static class ShipRules
{
    public const int Teams = 4;
    public const int DecisionFrames = 8;
    public const int FullHealth = 100;
    public const int Speed = 56;

    /// <summary>How far a ship sees another team's: half a cell, so that four cells have all that it can see.</summary>
    public const int Sight = Arena.CellSide / 2;

    /// <summary>How far a target may get before the ship gives it up.</summary>
    public const int Reach = 2 * Arena.CellSide;

    private const int Reload = 2;
    private const int Crowd = 10;

    /// <summary>Whether a ship decides in a frame.</summary>
    public static bool Decides(uint serial, int frame) => ((serial / Teams) + (uint)frame) % DecisionFrames == 0;

    /// <summary>Whether a ship that decides looks out for others, and not for rocks.</summary>
    public static bool LooksOut(uint serial, int frame) => (((serial / Teams) + (uint)frame) & DecisionFrames) == 0;

    /// <summary>A new ship, on the orbit around one of its team's wells.</summary>
    public static ShipState Create(Arena arena, in LevelPlan plan, ulong seed, uint serial)
    {
        ulong roll = Dice.Roll(seed, serial, 0);
        int team = (int)(serial % Teams);
        Well well = plan.WellOf(team, (int)(roll >> 63));
        int angle = (int)(roll & 0xFFFF);
        long spread = Dice.Below(roll, 1, well.Radius) + Dice.Below(roll, 2, well.Radius) + Dice.Below(roll, 3, well.Radius / 2);
        int radius = (int)(well.Radius / 4 + (spread * 5 / 8));
        return new ShipState
        {
            X = arena.Wrap(well.X + (int)(((long)radius * Dice.Cosine(angle)) >> 15)),
            Y = arena.Wrap(well.Y + (int)(((long)radius * Dice.Sine(angle)) >> 15)),
            VelocityX = (short)((-Dice.Sine(angle) * Speed) >> 15),
            VelocityY = (short)((Dice.Cosine(angle) * Speed) >> 15),
            Health = FullHealth,
            Reload = (short)(roll % Reload),
            Serial = serial,
        };
    }

    public static void Move(Arena arena, ref ShipState ship)
    {
        ship.X = arena.Wrap(ship.X + ship.VelocityX);
        ship.Y = arena.Wrap(ship.Y + ship.VelocityY);
    }

    /// <summary>Follows the level's stream, a little off to one side or the other.</summary>
    public static void Drift(ref ShipState ship, Flow flow, ulong roll)
    {
        int x = (flow.X * Speed / Flow.One) + (int)Dice.Below(roll, 0, 17) - 8;
        int y = (flow.Y * Speed / Flow.One) + (int)Dice.Below(roll, 1, 17) - 8;
        Steer(ref ship, x, y);
    }

    /// <summary>Flies toward another ship.</summary>
    public static void Pursue(ref ShipState ship, int dx, int dy)
    {
        int length = Arena.Length(dx, dy);
        Steer(ref ship, dx * Speed / length, dy * Speed / length);
    }

    /// <summary>Flies away from the middle of a cell with too many ships in it.</summary>
    public static void Swerve(ref ShipState ship, int shipsInCell)
    {
        if (shipsInCell > Crowd)
        {
            int dx = (ship.X & (Arena.CellSide - 1)) - (Arena.CellSide / 2);
            int dy = (ship.Y & (Arena.CellSide - 1)) - (Arena.CellSide / 2);
            int length = Arena.Length(dx, dy);
            Steer(ref ship, ship.VelocityX + (dx * Speed / length), ship.VelocityY + (dy * Speed / length));
        }
    }

    public static void TurnBack(ref ShipState ship)
    {
        ship.VelocityX = (short)-ship.VelocityX;
        ship.VelocityY = (short)-ship.VelocityY;
    }

    /// <summary>Fires at a ship so far away, if it can.</summary>
    /// <returns>Whether there is a shot.</returns>
    public static bool TryFire(ref ShipState ship, int dx, int dy, out ShotState shot)
    {
        if (--ship.Reload > 0)
        {
            shot = default;
            return false;
        }

        ship.Reload = Reload;
        int length = Arena.Length(dx, dy);
        shot = new ShotState
        {
            X = ship.X,
            Y = ship.Y,
            VelocityX = (short)(dx * ShotRules.Speed / length),
            VelocityY = (short)(dy * ShotRules.Speed / length),
            Life = ShotRules.Life,
            Team = (short)ship.Team,
        };
        return true;
    }

    private static void Steer(ref ShipState ship, int x, int y)
    {
        ship.VelocityX = (short)Math.Clamp(((2 * ship.VelocityX) + x) / 3, -Speed, Speed);
        ship.VelocityY = (short)Math.Clamp(((2 * ship.VelocityY) + y) / 3, -Speed, Speed);
    }
}
