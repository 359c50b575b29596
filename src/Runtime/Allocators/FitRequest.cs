// What an allocation asks for, and where in a free range it would lie. Alignment is of the address: of the offset from where the block starts, which for a block that is no memory of this process
// is 0.

namespace NativeHeap.Allocators;

/// <summary>A request for a range.</summary>
/// <param name="Size">In bytes: at least 1, a multiple of the granularity.</param>
/// <param name="Alignment">In bytes: a power of two, at least the granularity.</param>
/// <param name="Start">The address of offset 0.</param>
internal readonly record struct FitRequest(nuint Size, nuint Alignment, nuint Start)
{
    /// <summary>Where in a range it would start: at its first offset that has the alignment.</summary>
    public nuint OffsetIn(in RangeNode range) => ((Start + range.Offset + Alignment - 1) & ~(Alignment - 1)) - Start;

    /// <summary>Whether it fits into a free range.</summary>
    public bool Fits(in RangeNode range)
    {
        nuint gap = OffsetIn(in range) - range.Offset;
        return gap <= range.Size && Size <= range.Size - gap;
    }
}
