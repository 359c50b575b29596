// Ships, shots and blasts as objects in lists. Each ship knows its position in the list, so that its removal moves the last into the gap as in a table; whoever is after a ship has a reference to it, and sees by its
// flag that it is gone.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Managed;

internal readonly struct ManagedEntities : IEntities<ShipReference>
{
    private readonly List<ShipObject> _ships;
    private readonly List<ShotObject> _shots;
    private readonly List<BlastObject> _blasts;

    private ManagedEntities(int ships)
    {
        _ships = new List<ShipObject>(ships);
        _shots = [];
        _blasts = [];
    }

    public static ManagedEntities Create(int ships) => new(ships);

    public int ShipCount => _ships.Count;

    public int ShotCount => _shots.Count;

    public int BlastCount => _blasts.Count;

    public ref ShipState Ship(int position) => ref _ships[position].State;

    public ref ShipReference TargetOfShip(int position) => ref _ships[position].Target;

    public ShipReference ReferenceTo(int position) => new(_ships[position]);

    public ref ShipState Find(ShipReference target)
    {
        ShipObject? ship = target.Ship;
        return ref ship is null || ship.IsGone ? ref Unsafe.NullRef<ShipState>() : ref ship.State;
    }

    public bool IsNone(ShipReference target) => target.Ship is null;

    public void AddShip(in ShipState ship) => _ships.Add(new ShipObject { State = ship, Position = _ships.Count });

    public void RemoveShip(ShipReference ship)
    {
        ShipObject removed = ship.Ship!;
        ShipObject last = _ships[^1];
        _ships[removed.Position] = last;
        last.Position = removed.Position;
        _ships.RemoveAt(_ships.Count - 1);

        // Whoever still refers to it must not keep alive those that it was after.
        removed.IsGone = true;
        removed.Target = default;
    }

    public ref ShotState Shot(int position) => ref _shots[position].State;

    public ref ShipReference TargetOfShot(int position) => ref _shots[position].Target;

    public void AddShot(in Shot<ShipReference> shot) => _shots.Add(new ShotObject { State = shot.State, Target = shot.Target });

    public void RemoveShot(int position) => RemoveAt(_shots, position);

    public void AddBlast(int x, int y) => _blasts.Add(new BlastObject { State = new BlastState { X = x, Y = y } });

    public void AgeBlasts(int fadedAt)
    {
        for (int i = _blasts.Count - 1; i >= 0; i--)
        {
            if (++_blasts[i].State.Age >= fadedAt)
            {
                RemoveAt(_blasts, i);
            }
        }
    }

    public void CopyBlasts(Span<BlastState> destination)
    {
        for (int i = 0; i < _blasts.Count; i++)
        {
            destination[i] = _blasts[i].State;
        }
    }

    public void Dispose()
    {
        // The collector finds out by itself.
    }

    private static void RemoveAt<T>(List<T> list, int position)
    {
        list[position] = list[^1];
        list.RemoveAt(list.Count - 1);
    }
}
