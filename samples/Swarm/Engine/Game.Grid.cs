// The grid: all ships, sorted by the cell that they are in, made anew each frame by a parallel counting sort.
//
//     Counts[p][c]   after move: the ships of part p in cell c; after FindStarts: where the first of them goes; after sort: where the last of them went, plus one
//     Starts[c]      = ships in cells before c = Counts[0][c] before sort
//     Entries[Starts[c] .. Starts[c + 1])     the ships in cell c

using System;

using Swarm.Rules;

namespace Swarm.Engine;

internal sealed partial class Game<TTarget, TEntities, TMemory, TLevels>
{
    private void MoveShips(int part)
    {
        Span<int> counts = _memory.Counts.Slice(part * _arena.Cells, _arena.Cells);
        counts.Clear();
        Arena arena = _arena;
        (int start, int end) = PartOf(_entities.ShipCount, part);
        for (int i = start; i < end; i++)
        {
            ref ShipState ship = ref _entities.Ship(i);
            ShipRules.Move(arena, ref ship);
            counts[arena.CellOf(ship.X, ship.Y)]++;
        }
    }

    private void FindStarts()
    {
        int cells = _arena.Cells;
        Span<int> counts = _memory.Counts;
        Span<int> starts = _memory.Starts;
        int next = 0;
        for (int cell = 0; cell < cells; cell++)
        {
            starts[cell] = next;
            for (int i = cell; i < counts.Length; i += cells)
            {
                int count = counts[i];
                counts[i] = next;
                next += count;
            }
        }

        starts[cells] = next;
    }

    private void SortShips(int part)
    {
        Span<int> next = _memory.Counts.Slice(part * _arena.Cells, _arena.Cells);
        Span<GridEntry> entries = _memory.Entries;
        Arena arena = _arena;
        (int start, int end) = PartOf(_entities.ShipCount, part);
        for (int i = start; i < end; i++)
        {
            ref ShipState ship = ref _entities.Ship(i);
            entries[next[arena.CellOf(ship.X, ship.Y)]++] = new GridEntry { X = ship.X, Y = ship.Y, Serial = ship.Serial, Ship = i };
        }
    }

    /// <summary>The cells whose ships are a part of all ships, as near as whole cells allow.</summary>
    private (int Start, int End) CellsOf(int part)
    {
        (int start, int end) = PartOf(_entities.ShipCount, part);
        return (FirstCellFrom(start), part == _threads.Parts - 1 ? _arena.Cells : FirstCellFrom(end));
    }

    private int FirstCellFrom(int entry)
    {
        int found = _memory.Starts[.._arena.Cells].BinarySearch(entry);
        int cell = found < 0 ? ~found : found;

        // Of empty cells, which begin where the next one does, the first.
        while (cell > 0 && _memory.Starts[cell - 1] >= entry)
        {
            cell--;
        }

        return cell;
    }
}
