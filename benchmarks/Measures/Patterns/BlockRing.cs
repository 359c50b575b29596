// What sh6bench and sh8bench share: a circular array of blocks that is written until it is full, and then emptied but for a
// fifth, which is another fifth each time.
//
//     0 ............ keptFrom ......... keptTo ............ Length
//     freed first     kept              freed then, the last one first
//     to last
//
// So blocks are freed in the order of their allocation and against it, and what was kept lives one turn longer in the midst
// of the new.

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal unsafe struct BlockRing
{
    public const int Parts = 5;

    private readonly nint* _blocks;
    private readonly int _length;
    private readonly int _fifth;
    private int _next;
    private int _end;
    private int _keptFrom;

    /// <summary>An empty ring.</summary>
    /// <param name="blocks">Room for <paramref name="length"/> blocks.</param>
    /// <param name="length">A multiple of <see cref="Parts"/>.</param>
    public BlockRing(nint* blocks, int length)
    {
        _blocks = blocks;
        _length = length;
        _fifth = length / Parts;
        _end = length;
    }

    /// <summary>Writes a block; the ring must not be full.</summary>
    public void Add(void* block) => _blocks[_next++] = (nint)block;

    /// <summary>Makes a place for the next block, if there is one without emptying.</summary>
    public bool HasPlace()
    {
        if (_next != _end)
        {
            return true;
        }

        if (_end == _length)
        {
            return false;
        }

        _next = _end + _fifth;
        _end = _length;
        return _next != _end;
    }

    /// <summary>Hands over all but the next fifth, in the order in which they are to be freed.</summary>
    /// <param name="freed">Room for all blocks.</param>
    /// <returns>How many there are.</returns>
    public int Empty(nint* freed)
    {
        _keptFrom = (_keptFrom + _fifth) % _length;
        int count = 0;
        for (int i = 0; i < _keptFrom; i++)
        {
            freed[count++] = _blocks[i];
        }

        for (int i = _length - 1; i >= _keptFrom + _fifth; i--)
        {
            freed[count++] = _blocks[i];
        }

        _next = 0;
        _end = _keptFrom;
        return count;
    }

    /// <summary>Hands over all that is left.</summary>
    public int EmptyAll(nint* freed)
    {
        int count = 0;
        for (int i = 0; i < _length; i++)
        {
            // Written in this turn, or kept in the last one: everything else was handed over before.
            bool isKept = _end != _length && i >= _end && i < _end + _fifth;
            if (i < _next || isKept)
            {
                freed[count++] = _blocks[i];
            }
        }

        this = new(_blocks, _length);
        return count;
    }
}
