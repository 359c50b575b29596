// A feed in memory: what the loader or the synthetic exchange made, and all that the replay needs to know of it.
//
//     data rows of the file = Events.Length + BrokenLines      (a file that breaks off counts as one broken line)
//
// Nothing in here changes once it is made.

using System;
using System.Collections.Generic;

namespace OrderBook.Feed;

/// <summary>What is wrong with one line.</summary>
internal readonly record struct FeedProblem(int Line, string What);

/// <summary>The hours in which an exchange matches continuously: from the first millisecond to before the second.</summary>
internal readonly record struct TradingHours(int From, int Until)
{
    public static readonly TradingHours Sse = new(Clock(9, 30), Clock(14, 57));
    public static readonly TradingHours Nasdaq = new(Clock(9, 30), Clock(16, 0));

    private static int Clock(int hour, int minute) => ((hour * 60) + minute) * 60_000;
}

internal sealed class LoadedFeed
{
    public required string Name { get; init; }

    public required FeedFormat Format { get; init; }

    public required ReadOnlyMemory<FeedEvent> Events { get; init; }

    public required IReadOnlyList<string> Symbols { get; init; }

    /// <summary>Lines that could not be read and are left out.</summary>
    public int BrokenLines { get; init; }

    /// <summary>The first few of <see cref="BrokenLines"/>.</summary>
    public IReadOnlyList<FeedProblem> FirstProblems { get; init; } = [];

    public TradingHours Hours => Format == FeedFormat.Sse ? TradingHours.Sse : TradingHours.Nasdaq;
}

/// <summary>The feed cannot be replayed, or holds something that <c>--strict</c> refuses. The message is meant for the user.</summary>
internal sealed class FeedException : Exception
{
    public FeedException()
    {
    }

    public FeedException(string message)
        : base(message)
    {
    }

    public FeedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public static FeedException At(string file, FeedProblem problem)
        => new(FormattableString.Invariant($"{file}({problem.Line}): {problem.What}"));
}
