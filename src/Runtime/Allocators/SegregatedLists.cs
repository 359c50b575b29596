// Free ranges in lists by size class, and two levels of bits that say which lists are not empty, as in the TLSF allocator (Masmano, Ripoll, Crespo and Real, 2004): a list of ranges that are long
// enough is found by two bit searches, whatever the number of ranges.
//
//     n = size in granules:  below 32 octave 0 and part n;   else octave = log2(n) - 4, part = the five bits of n after its highest
//     bit o of _used             = 1  <=>  Parts of octave o is not 0
//     bit p of Parts of octave o = 1  <=>  First[p] of it is not 0
//
// Every range of a class is at least as long as the shortest that the class has. So a request, rounded up to the shortest length of a class, fits into any range of that class and of those above. What
// the rounding misses, a range of the request's own class that is just long enough, or one in which the alignment happens to cost nothing, is looked for one by one before a request fails.

using System.Numerics;

namespace NativeHeap.Allocators;

/// <summary>Lists of free ranges by size.</summary>
internal struct SegregatedLists(int granuleShift)
{
    private const int PartShift = 5;
    private const int PartCount = 1 << PartShift;

    private HeapArray<Octave> _octaves;
    private ulong _used;

    /// <summary>Makes room for ranges of up to a size. Needed before any other call.</summary>
    /// <returns>Whether there is room; if not, the heap has no memory.</returns>
    public bool TryReserve(Heap heap, nuint size)
    {
        int count = (ClassOf(size) / PartCount) + 1;
        if (!_octaves.TryReserve(heap, count))
        {
            return false;
        }

        while (_octaves.Count < count)
        {
            _octaves.Add(default);
        }

        return true;
    }

    /// <summary>Makes all lists empty.</summary>
    public void Clear()
    {
        _used = 0;
        for (int octave = 0; octave < _octaves.Count; octave++)
        {
            _octaves[octave] = default;
        }
    }

    /// <summary>Adds a range.</summary>
    public void Add(in RangeNodes nodes, int added)
    {
        int of = ClassOf(nodes[added].Size);
        int first = FirstOf(of);
        nodes[added].Left = 0;
        nodes[added].Right = first;
        nodes[first].Left = added;
        SetFirst(of, added);
    }

    /// <summary>Removes a range that is in its list.</summary>
    public void Remove(in RangeNodes nodes, int removed)
    {
        ref RangeNode node = ref nodes[removed];
        nodes[node.Right].Left = node.Left;
        if (node.Left != 0)
        {
            nodes[node.Left].Right = node.Right;
        }
        else
        {
            SetFirst(ClassOf(node.Size), node.Right);
        }
    }

    /// <summary>A range that a request fits into; 0 if there is none.</summary>
    public readonly int Find(in RangeNodes nodes, in FitRequest request)
    {
        // Wherever in a range the aligned place is, so much is enough.
        nuint enough = request.Size + request.Alignment - ((nuint)1 << granuleShift);
        int found = FirstFrom(ClassOf(RoundUp(enough)));
        return found != 0 ? found : FindOneByOne(in nodes, in request);
    }

    /// <summary>The longest size in the lists; 0 if they are empty.</summary>
    public readonly nuint Largest(in RangeNodes nodes)
    {
        nuint largest = 0;
        if (_used != 0)
        {
            int octave = BitOperations.Log2(_used);
            int part = BitOperations.Log2(_octaves[octave].Parts);
            for (int number = FirstOf((octave * PartCount) + part); number != 0; number = nodes[number].Right)
            {
                largest = nuint.Max(largest, nodes[number].Size);
            }
        }

        return largest;
    }

    /// <summary>Gives the memory back to the heap.</summary>
    public void Release(Heap heap) => _octaves.Release(heap);

    private readonly int FindOneByOne(in RangeNodes nodes, in FitRequest request)
    {
        int last = _octaves.Count * PartCount;
        for (int of = ClassOf(request.Size); of < last; of++)
        {
            for (int number = FirstOf(of); number != 0; number = nodes[number].Right)
            {
                if (request.Fits(in nodes[number]))
                {
                    return number;
                }
            }
        }

        return 0;
    }

    // A class is its octave times the number of parts, plus its part: classes ascend with the sizes in them.
    private readonly int ClassOf(nuint size)
    {
        nuint granules = size >> granuleShift;
        if (granules < PartCount)
        {
            return (int)granules;
        }

        int shift = BitOperations.Log2(granules) - PartShift;
        return (shift * PartCount) + (int)(granules >> shift);
    }

    // The shortest length of a class that is at least a size.
    private readonly nuint RoundUp(nuint size)
    {
        nuint granules = size >> granuleShift;
        int shift = granules < PartCount ? 0 : BitOperations.Log2(granules) - PartShift;
        nuint below = ((nuint)1 << shift) - 1;
        return ((granules + below) & ~below) << granuleShift;
    }

    // A range of the lowest class from one on that has any; 0 if none has.
    private readonly int FirstFrom(int of)
    {
        int octave = of / PartCount;
        if (octave >= _octaves.Count)
        {
            return 0;
        }

        uint parts = _octaves[octave].Parts & (uint.MaxValue << (of % PartCount));
        if (parts == 0)
        {
            ulong above = octave == 63 ? 0 : _used & (ulong.MaxValue << (octave + 1));
            if (above == 0)
            {
                return 0;
            }

            octave = BitOperations.TrailingZeroCount(above);
            parts = _octaves[octave].Parts;
        }

        return FirstOf((octave * PartCount) + BitOperations.TrailingZeroCount(parts));
    }

    private readonly unsafe int FirstOf(int of) => _octaves[of / PartCount].First[of % PartCount];

    private unsafe void SetFirst(int of, int first)
    {
        ref Octave octave = ref _octaves[of / PartCount];
        uint part = 1u << (of % PartCount);
        octave.First[of % PartCount] = first;
        octave.Parts = first != 0 ? octave.Parts | part : octave.Parts & ~part;

        ulong used = 1UL << (of / PartCount);
        _used = octave.Parts != 0 ? _used | used : _used & ~used;
    }

    private unsafe struct Octave
    {
        public uint Parts;
        public fixed int First[PartCount];
    }
}
