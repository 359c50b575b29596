// What one heap's replay came to.

using System.Collections.Generic;

using OrderBook.Book;
using OrderBook.Feed;

using SideBySide;

namespace OrderBook.Replay;

internal sealed record HeapResult
{
    public required HeapKind Heap { get; init; }

    public required BookFigures Figures { get; init; }

    /// <summary>The first few of the events counted as errors or unknown.</summary>
    public required IReadOnlyList<FeedProblem> FirstFaults { get; init; }

    public required IReadOnlyList<KeyValuePair<string, int>> RestingBySymbol { get; init; }

    public required double NanosecondsPerEvent { get; init; }

    public required double P50 { get; init; }

    public required double P99 { get; init; }

    public required double P999 { get; init; }

    public required double Max { get; init; }

    /// <summary>What a pair of clock readings with nothing between them takes: part of each percentile above, not of the mean.</summary>
    public required double ClockOverhead { get; init; }

    public required Collections Collections { get; init; }

    public required long AllocatedBytes { get; init; }

    public required long PeakMemory { get; init; }
}
