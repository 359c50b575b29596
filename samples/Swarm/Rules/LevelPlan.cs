// What a level is, by its number: wells that the teams' swarms circle around, and rocks in belts between them. A function, so that any heap can build the level piece by piece.
//
//     8 wells, 2 to a team, one in each of the fields of a 4 * 2 board, which team's where by the level's number; a seventh of the arena's side is their mean radius
//     0.5 rocks to a ship, give or take a quarter from level to level

using System.Runtime.CompilerServices;

namespace Swarm.Rules;

internal readonly record struct Well(int X, int Y, int Radius, int Spin);

/// <summary>Where the stream goes at a place, <see cref="One"/> to one.</summary>
internal readonly record struct Flow(sbyte X, sbyte Y)
{
    public const int One = 127;
}

/// <summary>The stream of each team.</summary>
[InlineArray(ShipRules.Teams)]
internal struct Flows
{
    private Flow _first;
}

internal readonly record struct RockState(int X, int Y, int Radius);

internal readonly struct LevelPlan
{
    private const int WellCount = 2 * ShipRules.Teams;
    private const int Columns = 4;
    private const int Rows = 2;

    private readonly Arena _arena;
    private readonly ulong _seed;
    private readonly Wells _wells;

    public LevelPlan(Arena arena, ulong seed, int ships, int number)
    {
        _arena = arena;
        _seed = Dice.Roll(seed, (ulong)number, 1UL << 40);
        Number = number;
        RockCount = (int)(ships * (24 + Dice.Below(_seed, 0, 17)) / 64);
        int first = (int)Dice.Below(_seed, 1, WellCount);
        for (int i = 0; i < WellCount; i++)
        {
            ulong roll = Dice.Roll(_seed, (ulong)i, 1);
            int field = ((i * 3) + first) % WellCount;
            _wells[i] = new Well(
                arena.Wrap(Jittered(field % Columns, Columns, roll, 0)),
                arena.Wrap(Jittered(field / Columns, Rows, roll, 1)),
                (int)((arena.Side / 10) + Dice.Below(roll, 2, arena.Side / 12)),
                (roll >> 63) == 0 ? 1 : -1);
        }
    }

    public int Number { get; }

    public int RockCount { get; }

    public Well WellOf(int team, int which) => _wells[(which * ShipRules.Teams) + team];

    /// <summary>A rock, which lies in a belt around a well, outside of the swarm.</summary>
    public RockState RockAt(int index)
    {
        ulong roll = Dice.Roll(_seed, (ulong)index, 2);
        Well well = _wells[index % WellCount];
        int angle = (int)(roll & 0xFFFF);
        long radius = (well.Radius * 5L / 4) + ((Dice.Below(roll, 1, well.Radius) + Dice.Below(roll, 2, well.Radius)) / 4);
        return new RockState(
            _arena.Wrap(well.X + (int)((radius * Dice.Cosine(angle)) >> 15)),
            _arena.Wrap(well.Y + (int)((radius * Dice.Sine(angle)) >> 15)),
            16 + (int)Dice.Below(roll, 3, 32));
    }

    /// <summary>The streams in a cell: toward the orbit of the nearer of a team's two wells, and along it.</summary>
    public Flows FlowsAt(int cell)
    {
        int x = (_arena.ColumnOf(cell) << Arena.CellShift) + (Arena.CellSide / 2);
        int y = (_arena.RowOf(cell) << Arena.CellShift) + (Arena.CellSide / 2);
        Flows flows = default;
        for (int team = 0; team < ShipRules.Teams; team++)
        {
            flows[team] = FlowAt(x, y, team);
        }

        return flows;
    }

    private Flow FlowAt(int x, int y, int team)
    {
        Well well = WellOf(team, 0);
        int dx = _arena.Way(x, well.X);
        int dy = _arena.Way(y, well.Y);
        int length = Arena.Length(dx, dy);
        Well other = WellOf(team, 1);
        int otherDx = _arena.Way(x, other.X);
        int otherDy = _arena.Way(y, other.Y);
        int otherLength = Arena.Length(otherDx, otherDy);
        if (otherLength < length)
        {
            (well, dx, dy, length) = (other, otherDx, otherDy, otherLength);
        }

        // Inward by how far it is outside of the orbit, at half the radius in full; around by what is left of one.
        int inward = (int)long.Clamp((length - well.Radius) * 2L * Flow.One / well.Radius, -Flow.One, Flow.One);
        int around = well.Spin * (Flow.One - ((inward < 0 ? -inward : inward) / 2));
        return new Flow(Component(dx, -dy, inward, around, length), Component(dy, dx, inward, around, length));
    }

    private static sbyte Component(int toward, int across, int inward, int around, int length)
        => (sbyte)long.Clamp((((long)toward * inward) + ((long)across * around)) / length, -Flow.One, Flow.One);

    private int Jittered(int field, int fields, ulong roll, int part)
    {
        int side = _arena.Side / fields;
        return (field * side) + (side / 4) + (int)Dice.Below(roll, part, side / 2);
    }

    [InlineArray(WellCount)]
    private struct Wells
    {
        private Well _first;
    }
}
