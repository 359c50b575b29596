// Where the game takes place: a square without edges (what leaves on one side comes in on the other), in whole units, cut into square cells.
//
//     side = cells in a row * 1024 units, a power of two, so that wrapping around is a mask
//     entities / 4 <= number of cells < entities, so that a cell holds one to four ships when they are spread evenly
//
// All arithmetic is that of integers: the same on every processor, and sums do not depend on their order.

using System;
using System.Numerics;

namespace Swarm.Rules;

internal readonly struct Arena
{
    public const int CellShift = 10;
    public const int CellSide = 1 << CellShift;

    private readonly int _cellBits;

    public Arena(int entities)
    {
        _cellBits = (BitOperations.Log2((uint)Math.Max(4, (entities - 1) / 4)) / 2) + 1;
        Side = 1 << (_cellBits + CellShift);
    }

    public int Side { get; }

    public int CellsInARow => 1 << _cellBits;

    public int Cells => 1 << (2 * _cellBits);

    public int Wrap(int coordinate) => coordinate & (Side - 1);

    /// <summary>The shorter of the two ways from one coordinate to another.</summary>
    public int Way(int from, int to) => ((to - from + (Side >> 1)) & (Side - 1)) - (Side >> 1);

    public int CellOf(int x, int y) => ((y >> CellShift) << _cellBits) | (x >> CellShift);

    /// <summary>The cell in a column and a row, both of which may lie one or more outside.</summary>
    public int CellAt(int column, int row) => ((row & (CellsInARow - 1)) << _cellBits) | (column & (CellsInARow - 1));

    public int ColumnOf(int cell) => cell & (CellsInARow - 1);

    public int RowOf(int cell) => cell >> _cellBits;

    /// <summary>The length of a way, at most 3 % too short and 7 % too long, and never 0.</summary>
    public static int Length(int dx, int dy)
    {
        int x = Math.Abs(dx);
        int y = Math.Abs(dy);
        return Math.Max(x, y) + ((Math.Min(x, y) * 3) >> 3) + 1;
    }
}
