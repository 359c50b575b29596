using System;
using System.Numerics;

using NativeHeap;

namespace GameTemplate;

/// <summary>The ships of two teams, which are after each other.</summary>
internal sealed class World : IDisposable
{
    public const float Size = 2_000;

    private const int CellsPerSide = 64;
    private const float CellSize = Size / CellsPerSide;
    private const float Range = 12;
    private const float TopSpeed = 60;

    private readonly NativeTable<Ship> _ships = new();
    private readonly FrameAllocator _frame = new();
    private readonly Level _level = new();
    private readonly Random _random;
    private readonly int _size;

    public World(int ships, int seed)
    {
        _size = ships;
        _random = new Random(seed);
        _ = _ships.EnsureCapacity(ships);
        LoadLevel();
    }

    public int Ships => _ships.Count;

    public long Destroyed { get; private set; }

    public long TargetsGone { get; private set; }

    public static Vector2 AnyPosition(Random random) => new(Size * random.NextSingle(), Size * random.NextSingle());

    public void LoadLevel() => _level.Load(_random);

    public void Step(float time)
    {
        Reinforce();
        ReadOnlySpan<NativeHandle<Ship>> nearby = SortIntoCells();
        Span<Ship> ships = _ships.Values;

        // What is hit is found while going through the ships, and removed afterwards: a list for this frame, in this frame's memory.
        Span<NativeHandle<Ship>> hits = _frame.Current.AllocSpan<NativeHandle<Ship>>(ships.Length);
        int hit = 0;
        foreach (ref Ship ship in ships)
        {
            if (!_ships.Contains(ship.Target))
            {
                TargetsGone += ship.Target.IsNull ? 0 : 1;
                ship.Target = Choose(nearby[CellOf(ship.Position)], ship.Team);
            }

            if (Fly(ref ship, time))
            {
                hits[hit++] = ship.Target;
            }
        }

        foreach (NativeHandle<Ship> target in hits[..hit])
        {
            Hit(target);
        }

        _frame.NextFrame();
    }

    public void Dispose()
    {
        _ships.Dispose();
        _frame.Dispose();
        _level.Dispose();
    }

    private static int CellOf(Vector2 position) => ((int)(position.Y / CellSize) * CellsPerSide) + (int)(position.X / CellSize);

    private void Reinforce()
    {
        while (_ships.Count < _size)
        {
            _ = _ships.Add(new Ship { Position = AnyPosition(_random), Health = 1, Team = _ships.Count & 1 }, out _);
        }
    }

    // A ship of each cell, made anew each frame.
    private ReadOnlySpan<NativeHandle<Ship>> SortIntoCells()
    {
        Span<NativeHandle<Ship>> cells = _frame.Current.AllocZeroedSpan<NativeHandle<Ship>>(CellsPerSide * CellsPerSide);
        foreach (NativeEntry<Ship> entry in _ships)
        {
            cells[CellOf(entry.Value.Position)] = entry.Handle;
        }

        return cells;
    }

    private NativeHandle<Ship> Choose(NativeHandle<Ship> near, int team)
    {
        if (_ships.TryGet(near, out Ship ship) && ship.Team != team)
        {
            return near;
        }

        NativeHandle<Ship> any = _ships.Handles[_random.Next(_ships.Count)];
        return _ships[any].Team != team ? any : NativeHandle<Ship>.Null;
    }

    // Flies towards the target, and says whether it is in range.
    private bool Fly(ref Ship ship, float time)
    {
        Vector2 way = _ships.TryGet(ship.Target, out Ship target) ? target.Position - ship.Position : Vector2.Zero;
        ship.Velocity += ((way * 0.5f) + (20 * _level.PushAt(ship.Position))) * time;
        float speed = ship.Velocity.Length();
        ship.Velocity *= speed > TopSpeed ? TopSpeed / speed : 1;
        ship.Position = Vector2.Clamp(ship.Position + (ship.Velocity * time), Vector2.Zero, new Vector2(Size - 1));
        return way != Vector2.Zero && way.LengthSquared() < Range * Range;
    }

    private void Hit(NativeHandle<Ship> target)
    {
        if (!_ships.Contains(target))
        {
            return;
        }

        ref Ship ship = ref _ships[target];
        ship.Health -= 0.25f;
        if (ship.Health <= 0)
        {
            _ = _ships.Remove(target);
            Destroyed++;
        }
    }
}
