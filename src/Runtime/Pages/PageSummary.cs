// What is known of the free pages in a stretch of address space without looking at its bits: the runs at its start, anywhere, and at its end.
//
//     Start <= Max, End <= Max;   Start = End = Max = length of the stretch  <=>  all of it is free
//
// Two neighbouring stretches a, b join into
//     Start = a.Start, or |a| + b.Start if a is all free          Max = max(a.Max, b.Max, a.End + b.Start)
//     End   = b.End,   or |b| + a.End   if b is all free
//
// Packed into a word, 21 + 22 + 21 bits: a stretch has at most 2^21 pages (16 GiB), which Max can hold; Start and End need not, because if one of them is
// 2^21, Max is too. Longer stretches, of which there are few, have three words. The encoding of "nothing free" is 0, so memory never touched says the right thing.

namespace NativeHeap.Pages;

/// <summary>What both forms of a summary say; in pages.</summary>
internal interface IPageSummary<TSelf>
    where TSelf : unmanaged, IPageSummary<TSelf>
{
    /// <summary>The free pages at the start of the stretch.</summary>
    nuint Start { get; }

    /// <summary>The most free pages in a row.</summary>
    nuint Max { get; }

    /// <summary>The free pages at the end of the stretch.</summary>
    nuint End { get; }

    /// <summary>Makes a summary.</summary>
    static abstract TSelf Of(nuint start, nuint max, nuint end);

    /// <summary>Whether two summaries say the same.</summary>
    bool Equals(TSelf other);

    /// <summary>Joins the summaries of neighbouring stretches of equal length.</summary>
    /// <param name="parts">The summaries, by address.</param>
    /// <param name="count">How many.</param>
    /// <param name="partPages">The length of each stretch, in pages.</param>
    static unsafe TSelf Join<TPart>(TPart* parts, int count, nuint partPages)
        where TPart : unmanaged, IPageSummary<TPart>
    {
        nuint start = 0;
        nuint max = 0;
        nuint end = 0;
        for (int i = 0; i < count; i++)
        {
            TPart part = parts[i];
            if (part.Max == 0)
            {
                // Most are, where a heap does not fill its stretch.
                end = 0;
                continue;
            }

            nuint before = end;
            if (start == partPages * (nuint)i)
            {
                start += part.Start;
            }

            max = nuint.Max(max, nuint.Max(part.Max, before + part.Start));
            end = part.Start == partPages ? before + partPages : part.End;
        }

        return TSelf.Of(start, max, end);
    }
}

/// <summary>The runs of free pages in a stretch of any length.</summary>
internal readonly record struct WideSummary(nuint Start, nuint Max, nuint End) : IPageSummary<WideSummary>
{
    /// <inheritdoc/>
    public static WideSummary Of(nuint start, nuint max, nuint end) => new(start, max, end);
}

/// <summary>The runs of free pages in a stretch of up to 16 GiB, in a word.</summary>
internal readonly struct PageSummary : IPageSummary<PageSummary>
{
    /// <summary>The binary logarithm of the most pages a stretch can have.</summary>
    public const int MaxShift = 21;

    private const ulong EndMask = (1UL << MaxShift) - 1;
    private const ulong MaxMask = (1UL << (MaxShift + 1)) - 1;

    private readonly ulong _packed;

    /// <summary>Packs the lengths of three runs, in pages.</summary>
    public PageSummary(uint start, uint max, uint end) =>
        _packed = (start & EndMask) | ((ulong)max << MaxShift) | ((ulong)(end & EndMask) << (MaxShift + MaxShift + 1));

    /// <summary>The free pages at the start of the stretch.</summary>
    public uint Start => IsWhole ? 1u << MaxShift : (uint)(_packed & EndMask);

    /// <summary>The most free pages in a row.</summary>
    public uint Max => (uint)((_packed >> MaxShift) & MaxMask);

    /// <summary>The free pages at the end of the stretch.</summary>
    public uint End => IsWhole ? 1u << MaxShift : (uint)(_packed >> (MaxShift + MaxShift + 1));

    /// <summary>Whether nothing is free.</summary>
    public bool IsEmpty => _packed == 0;

    private bool IsWhole => Max == 1u << MaxShift;

    nuint IPageSummary<PageSummary>.Start => Start;

    nuint IPageSummary<PageSummary>.Max => Max;

    nuint IPageSummary<PageSummary>.End => End;

    /// <inheritdoc/>
    public static PageSummary Of(nuint start, nuint max, nuint end) => new((uint)start, (uint)max, (uint)end);

    /// <summary>Whether two summaries say the same.</summary>
    public bool Equals(PageSummary other) => _packed == other._packed;
}
