// The way through the slots in use of a part of a pool, by ascending address: a word of the bitmap at a time, and in it from one set bit to the next. All of it is inlined, so that in a
// loop the word and its place are registers.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeHeap.Entities;

/// <summary>Goes through slots in use.</summary>
internal unsafe struct PoolCursor
{
    private readonly PoolState* _pool;
    private readonly int _end;
    private ulong _bits;
    private int _first;

    /// <summary>Before the first slot in use from one slot on and before another.</summary>
    public PoolCursor(PoolState* pool, int start, int end)
    {
        _pool = pool;
        _end = end;
        _first = start & ~63;
        _bits = start < end ? pool->InUse(start >> 6) & (ulong.MaxValue << start) : 0;
        Slot = -1;
    }

    /// <summary>The slot at hand.</summary>
    public int Slot { get; private set; }

    /// <summary>Goes to the next slot.</summary>
    /// <returns>Whether there is one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        while (_bits == 0)
        {
            _first += 64;
            if (_first >= _end)
            {
                return false;
            }

            _bits = _pool->InUse(_first >> 6);
        }

        Slot = _first + BitOperations.TrailingZeroCount(_bits);
        _bits &= _bits - 1;
        return Slot < _end;
    }
}
