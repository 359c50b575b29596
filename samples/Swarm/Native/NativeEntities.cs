// Ships and shots in tables, blasts in a pool.
//
// A table never moves its elements when it grows, and removes by moving the last: so all threads go through Values as through an array, and a handle finds a ship or says that it is gone. Blasts are
// few, come and go in any order, and nobody goes through them in parallel: a pool, which moves none at all, is as good.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Native;

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It is, by its interface, which the rule does not see for a struct.")]
internal readonly struct NativeEntities : IEntities<NativeHandle<Ship>>
{
    private readonly NativeTable<Ship> _ships;
    private readonly NativeTable<Shot<NativeHandle<Ship>>> _shots;
    private readonly NativePool<BlastState> _blasts;
    private readonly BumpAllocator _scratch;

    private NativeEntities(int ships)
    {
        _ships = new NativeTable<Ship>();
        _ = _ships.EnsureCapacity(ships);
        _shots = new NativeTable<Shot<NativeHandle<Ship>>>();
        _blasts = new NativePool<BlastState>();
        _scratch = new BumpAllocator();
    }

    public static NativeEntities Create(int ships) => new(ships);

    public int ShipCount => _ships.Count;

    public int ShotCount => _shots.Count;

    public int BlastCount => _blasts.Count;

    public ref ShipState Ship(int position) => ref _ships.Values[position].State;

    public ref NativeHandle<Ship> TargetOfShip(int position) => ref _ships.Values[position].Target;

    public NativeHandle<Ship> ReferenceTo(int position) => _ships.Handles[position];

    public ref ShipState Find(NativeHandle<Ship> target)
    {
        ref Ship ship = ref _ships.GetValueRefOrNullRef(target);
        return ref Unsafe.IsNullRef(ref ship) ? ref Unsafe.NullRef<ShipState>() : ref ship.State;
    }

    public bool IsNone(NativeHandle<Ship> target) => target.IsNull;

    public void AddShip(in ShipState ship)
    {
        ref Ship added = ref _ships.Add(out _);
        added.State = ship;
    }

    public void RemoveShip(NativeHandle<Ship> ship) => _ships.Remove(ship);

    public ref ShotState Shot(int position) => ref _shots.Values[position].State;

    public ref NativeHandle<Ship> TargetOfShot(int position) => ref _shots.Values[position].Target;

    public void AddShot(in Shot<NativeHandle<Ship>> shot) => _shots.Add(in shot, out _);

    public void RemoveShot(int position) => _shots.Remove(_shots.Handles[position]);

    public void AddBlast(int x, int y) => _blasts.Add(new BlastState { X = x, Y = y }, out _);

    public void AgeBlasts(int fadedAt)
    {
        // A pool may not change while it is gone through: what has faded is noted first, in memory that is gone at the end of the scope.
        using BumpScope scope = _scratch.EnterScope();
        Span<NativeHandle<BlastState>> faded = scope.AllocSpan<NativeHandle<BlastState>>(_blasts.Count);
        int count = 0;
        foreach (NativeEntry<BlastState> blast in _blasts)
        {
            if (++blast.Value.Age >= fadedAt)
            {
                faded[count++] = blast.Handle;
            }
        }

        foreach (NativeHandle<BlastState> blast in faded[..count])
        {
            _blasts.Remove(blast);
        }
    }

    public void CopyBlasts(Span<BlastState> destination)
    {
        int i = 0;
        foreach (NativeEntry<BlastState> blast in _blasts)
        {
            destination[i++] = blast.Value;
        }
    }

    public void Dispose()
    {
        _ships.Dispose();
        _shots.Dispose();
        _blasts.Dispose();
        _scratch.Dispose();
    }
}
