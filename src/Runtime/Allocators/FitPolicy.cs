namespace NativeHeap;

/// <summary>Which of the free ranges that are long enough a <see cref="FreeListAllocator"/> takes. With n free ranges, finding one takes the time stated.</summary>
public enum FitPolicy
{
    /// <summary>
    /// One of the shortest, by size classes in two levels (an octave in 32 parts), as TLSF does: the same short time for any number of free ranges, but for a request that is about to fail. Fragments about as little as best fit. The usual choice.
    /// </summary>
    SegregatedFit,

    /// <summary>The one at the lowest offset, in O(log n). Keeps the far end free.</summary>
    FirstFit,

    /// <summary>The next one from where the last allocation ended, starting over at the end, in O(log n). Spreads allocations over the whole block, and fragments most.</summary>
    NextFit,

    /// <summary>The shortest, of those as short the one at the lowest offset, in O(log n). Keeps long ranges long, and leaves short scraps.</summary>
    BestFit,
}
