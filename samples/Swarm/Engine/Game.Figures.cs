// Where the game stands, as figures and for those who draw it.
//
//     checksum = sum over all entities of a hash of their state     a sum does not depend on order; who is meant by a reference is known by its serial number

using System.Runtime.CompilerServices;

using Swarm.Rules;

namespace Swarm.Engine;

internal sealed partial class Game<TTarget, TEntities, TMemory, TLevels>
{
    public GameFigures Figures()
    {
        long stale = 0;
        foreach (PartCount count in _stale)
        {
            stale += count.Value;
        }

        return new GameFigures(
            _entities.ShipCount, _entities.ShotCount, _entities.BlastCount, _fired, _destroyed, stale, _plan.Number, Checksum());
    }

    public void Show(IViewer viewer)
    {
        for (int i = 0; i < _entities.ShipCount; i++)
        {
            viewer.See(in _entities.Ship(i));
        }

        for (int i = 0; i < _entities.ShotCount; i++)
        {
            viewer.See(in _entities.Shot(i));
        }

        foreach (BlastState blast in Blasts())
        {
            viewer.See(in blast);
        }
    }

    private ulong Checksum()
    {
        ulong sum = 0;
        for (int i = 0; i < _entities.ShipCount; i++)
        {
            ref ShipState ship = ref _entities.Ship(i);
            ulong place = Dice.Roll(_seed, Both(ship.X, ship.Y), Both(ship.VelocityX, ship.VelocityY));
            ulong state = Dice.Roll(place, Both((int)ship.Serial, SerialOf(_entities.TargetOfShip(i))), Both(ship.Health, ship.Reload));
            sum += state;
        }

        for (int i = 0; i < _entities.ShotCount; i++)
        {
            ref ShotState shot = ref _entities.Shot(i);
            ulong place = Dice.Roll(_seed, Both(shot.X, shot.Y), Both(shot.VelocityX, shot.VelocityY));
            sum += Dice.Roll(place, (ulong)(uint)SerialOf(_entities.TargetOfShot(i)), Both(shot.Life, shot.Team));
        }

        foreach (BlastState blast in Blasts())
        {
            sum += Dice.Roll(_seed, Both(blast.X, blast.Y), (ulong)blast.Age);
        }

        return sum;
    }

    private BlastState[] Blasts()
    {
        BlastState[] blasts = new BlastState[_entities.BlastCount];
        _entities.CopyBlasts(blasts);
        return blasts;
    }

    private int SerialOf(TTarget target)
    {
        ref ShipState ship = ref _entities.Find(target);
        return Unsafe.IsNullRef(ref ship) ? -1 : (int)ship.Serial;
    }

    private static ulong Both(int high, int low) => ((ulong)(uint)high << 32) | (uint)low;
}
