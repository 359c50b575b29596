using System;

using CsCheck;

using Swarm.Rules;

using Xunit;

namespace Swarm.Tests.Rules;

public class ArenaTests
{
    [Theory]
    [InlineData(CommandLine.MinEntities)]
    [InlineData(1_024)]
    [InlineData(CommandLine.DefaultEntities)]
    [InlineData(CommandLine.FullEntities)]
    [InlineData(CommandLine.MaxEntities)]
    public void A_cell_has_one_to_four_ships_on_average(int entities)
    {
        Arena arena = new(entities);

        Assert.InRange(arena.Cells, (entities + 3) / 4, entities);
        Assert.Equal(arena.Cells, arena.CellsInARow * arena.CellsInARow);
        Assert.Equal(arena.Side, arena.CellsInARow * Arena.CellSide);
    }

    [Fact]
    public void Ways_and_cells_know_no_edge()
        => Gen.Select(Gen.Int[0, (1 << 14) - 1], Gen.Int[0, (1 << 14) - 1], Gen.Int[-3, 3], Gen.Int[-3, 3]).Sample((x, y, columns, rows) =>
        {
            Arena arena = new(1_000);
            Assert.Equal(1 << 14, arena.Side);
            Assert.Equal(y, arena.Wrap(x + arena.Way(x, y)));
            Assert.InRange(arena.Way(x, y), -arena.Side / 2, (arena.Side / 2) - 1);

            int cell = arena.CellOf(x, y);
            Assert.Equal(cell, arena.CellAt(arena.ColumnOf(cell), arena.RowOf(cell)));
            Assert.Equal(
                arena.CellOf(arena.Wrap(x + (columns * Arena.CellSide)), arena.Wrap(y + (rows * Arena.CellSide))),
                arena.CellAt(arena.ColumnOf(cell) + columns, arena.RowOf(cell) + rows));
        });

    [Fact]
    public void A_length_is_3_percent_too_short_or_7_too_long_at_most()
        => Gen.Select(Gen.Int[-500_000, 500_000], Gen.Int[-500_000, 500_000]).Sample((dx, dy) =>
        {
            double exact = Math.Sqrt(((double)dx * dx) + ((double)dy * dy));
            Assert.InRange(Arena.Length(dx, dy), exact * 0.97, (exact * 1.07) + 1);
        });

    [Fact]
    public void The_sine_is_6_percent_off_at_most_and_whole_at_the_quarters()
    {
        for (int angle = 0; angle < 65_536; angle += 7)
        {
            Assert.Equal(Math.Sin(angle * Math.PI / 32_768), Dice.Sine(angle) / 32_768.0, 0.06);
        }

        Assert.Equal((0, 32_768, 0, -32_768), (Dice.Sine(0), Dice.Sine(16_384), Dice.Sine(32_768), Dice.Sine(49_152)));
    }
}
