using System;
using System.Linq;

using CsCheck;

using Swarm.Engine;
using Swarm.Rules;

using Xunit;

namespace Swarm.Tests.Engine;

public class NearestTests
{
    private static readonly Arena s_arena = new(1_000);

    // Coordinates that are few, so that distances are equal often, on both sides of the arena's seam.
    private static readonly Gen<GridEntry> s_ship = Gen.Select(
        Gen.Int[-6, 6], Gen.Int[-6, 6], Gen.UInt[0, 40], (x, y, serial) => new GridEntry { X = s_arena.Wrap(x), Y = s_arena.Wrap(y), Serial = serial, Ship = (int)serial });

    [Fact]
    public void It_is_that_of_the_least_distance_and_serial_number_in_any_order()
        => Gen.Select(s_ship.Array[0, 30], Gen.Int[0, 9], Gen.Int[0, 3]).Sample((ships, within, team) =>
        {
            GridEntry[] distinct = [.. ships.DistinctBy(ship => ship.Serial)];
            int expected = distinct
                .Where(ship => ship.Serial % ShipRules.Teams != team && Square(ship) <= within * within)
                .OrderBy(Square).ThenBy(ship => ship.Serial)
                .Select(ship => ship.Ship).FirstOrDefault(-1);

            Assert.Equal(expected, Search(distinct, within, team));
            Array.Reverse(distinct);
            Assert.Equal(expected, Search(distinct, within, team));
        });

    private static int Search(GridEntry[] ships, int within, int team)
    {
        Nearest nearest = new(0, 0, within);
        int half = ships.Length / 2;
        nearest.Look(s_arena, ships.AsSpan(0, half), team);
        nearest.Look(s_arena, ships.AsSpan(half), team);
        return nearest.Ship;
    }

    private static int Square(GridEntry ship)
    {
        int dx = s_arena.Way(0, ship.X);
        int dy = s_arena.Way(0, ship.Y);
        return (dx * dx) + (dy * dy);
    }
}
