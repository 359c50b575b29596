// What instrumented code has reached, as AFL counts it: a byte for each edge between two places, in SharpFuzz's map, and how often in powers of two.
//
//     seen[i] = the classes in which edge i has been reached, a bit each;   an input is new  <=>  it adds a bit

using System;
using System.Numerics;

namespace NativeHeap.Fuzz;

/// <summary>The map of edges.</summary>
internal sealed unsafe class Coverage(byte* map)
{
    /// <summary>The size of the map, SharpFuzz's.</summary>
    public const int MapSize = 1 << 16;

    private readonly byte[] _seen = new byte[MapSize];

    /// <summary>The edges that any input has reached.</summary>
    public int Edges { get; private set; }

    /// <summary>Forgets what the last input has reached.</summary>
    public void Clear() => new Span<byte>(map, MapSize).Clear();

    /// <summary>Forgets what any input has reached.</summary>
    public void Forget()
    {
        _seen.AsSpan().Clear();
        Edges = 0;
    }

    /// <summary>Adds what the last input has reached.</summary>
    /// <param name="edgesOnly">Whether it does not count how often.</param>
    /// <returns>Whether that is new: an edge, or one reached more often than before.</returns>
    public bool Add(bool edgesOnly = false)
    {
        bool isNew = false;
        ulong* words = (ulong*)map;
        for (int word = 0; word < MapSize / sizeof(ulong); word++)
        {
            for (int i = words[word] == 0 ? sizeof(ulong) : 0; i < sizeof(ulong); i++)
            {
                int edge = (word * sizeof(ulong)) + i;
                int bit = map[edge] == 0 ? 0 : edgesOnly ? 1 : 1 << BitOperations.Log2(map[edge]);
                if ((bit & ~_seen[edge]) != 0)
                {
                    isNew = true;
                    Edges += _seen[edge] == 0 ? 1 : 0;
                    _seen[edge] |= (byte)bit;
                }
            }
        }

        return isNew;
    }
}
