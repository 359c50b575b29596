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

internal unsafe struct BlockRing(nint* blocks)
{
    public const int Length = 5_000;

    private const int Fifth = Length / 5;

    private int _next;
    private int _end = Length;
    private int _keptFrom;

    /// <summary>Writes a block; the ring must not be full.</summary>
    public void Add(void* block) => blocks[_next++] = (nint)block;

    /// <summary>Makes a place for the next block, if there is one without emptying.</summary>
    public bool HasPlace()
    {
        if (_next != _end)
        {
            return true;
        }

        if (_end == Length)
        {
            return false;
        }

        _next = _end + Fifth;
        _end = Length;
        return _next != _end;
    }

    /// <summary>Hands over all but the next fifth, in the order in which they are to be freed.</summary>
    /// <param name="freed">Room for <see cref="Length"/> blocks.</param>
    /// <returns>How many there are.</returns>
    public int Empty(nint* freed)
    {
        _keptFrom = (_keptFrom + Fifth) % Length;
        int count = 0;
        for (int i = 0; i < _keptFrom; i++)
        {
            freed[count++] = blocks[i];
        }

        for (int i = Length - 1; i >= _keptFrom + Fifth; i--)
        {
            freed[count++] = blocks[i];
        }

        _next = 0;
        _end = _keptFrom;
        return count;
    }

    /// <summary>Hands over all that is left.</summary>
    public int EmptyAll(nint* freed)
    {
        int count = 0;
        for (int i = 0; i < Length; i++)
        {
            // Written in this turn, or kept in the last one: everything else was handed over before.
            bool isKept = _end != Length && i >= _end && i < _end + Fifth;
            if (i < _next || isKept)
            {
                freed[count++] = blocks[i];
            }
        }

        this = new(blocks);
        return count;
    }
}
