// The first pass over a feed: finds the events that make no sense, and says in words what is wrong with them.
//
// The lines of these events could be read (the loader has dropped all others); what they say contradicts the books. Every later pass
// meets the same faults again and only counts them.

using System;
using System.Collections.Generic;

using OrderBook.Book;
using OrderBook.Feed;

namespace OrderBook.Replay;

internal static class FeedFaults
{
    /// <summary>Applies all events to empty books.</summary>
    /// <returns>The first <paramref name="limit"/> faults.</returns>
    public static List<FeedProblem> Find<TOrder, TLevel, TSlots>(ExchangeBooks<TOrder, TLevel, TSlots> books, LoadedFeed feed, int limit)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
        where TSlots : struct, IIndexSlots<TSlots, TOrder>
    {
        List<FeedProblem> problems = [];
        foreach (ref readonly FeedEvent feedEvent in feed.Events.Span)
        {
            Fault fault = books.Apply(in feedEvent);
            if (fault != Fault.None && problems.Count < limit)
            {
                problems.Add(new(feedEvent.Line, Describe(fault, in feedEvent)));
            }
        }

        return problems;
    }

    private static string Describe(Fault fault, in FeedEvent feedEvent)
    {
        long id = feedEvent.Id & FeedEvent.MaxId;
        long otherId = feedEvent.OtherId & FeedEvent.MaxId;
        string subject = feedEvent.Kind switch
        {
            EventKind.Add => FormattableString.Invariant($"add of order {id}"),
            EventKind.Delete => FormattableString.Invariant($"delete of order {id}"),
            EventKind.Trade => FormattableString.Invariant($"trade between orders {id} and {otherId}"),
            EventKind.Execute => FormattableString.Invariant($"execution of order {id}"),
            _ => FormattableString.Invariant($"partial cancel of order {id}"),
        };
        return fault switch
        {
            Fault.AlreadyRests => $"{subject}, which rests already",
            Fault.DoesNotRest => $"{subject}, which is unknown",
            Fault.RestsElsewhere => $"{subject}, which rests in another book or on the other side",
            Fault.QuantityDiffers => FormattableString.Invariant($"{subject} with {feedEvent.Quantity} left, which is not what is left"),
            _ => FormattableString.Invariant($"{subject} takes {feedEvent.Quantity}, which is more than is left"),
        };
    }
}
