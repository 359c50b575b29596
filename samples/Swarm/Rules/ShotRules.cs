// How shots fly. They follow the ship that they were fired at, looking for it and for rocks every fourth frame; once it is gone they fly straight on. They hit the nearest ship of another team in their cell.

namespace Swarm.Rules;

internal static class ShotRules
{
    public const int Speed = 100;
    public const int Life = 48;
    public const int Damage = 20;

    /// <summary>How near is a hit. More than half of what a shot flies in a frame, so that it cannot jump over a ship.</summary>
    public const int HitRadius = 52;

    public static bool Looks(in ShotState shot) => shot.Life % 4 == 0;

    public static void Follow(ref ShotState shot, int dx, int dy)
    {
        int length = Arena.Length(dx, dy);
        shot.VelocityX = (short)((shot.VelocityX + (dx * Speed / length)) / 2);
        shot.VelocityY = (short)((shot.VelocityY + (dy * Speed / length)) / 2);
    }

    public static void Move(Arena arena, ref ShotState shot)
    {
        shot.X = arena.Wrap(shot.X + shot.VelocityX);
        shot.Y = arena.Wrap(shot.Y + shot.VelocityY);
        shot.Life--;
    }
}
