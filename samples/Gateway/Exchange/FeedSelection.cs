// The part of a feed that is asked for: some of its symbols, its first so many minutes.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using OrderBook.Feed;

namespace Gateway.Exchange;

internal static class FeedSelection
{
    /// <summary>Leaves out the rest of a feed.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="symbols">The names of the symbols that stay; none for all.</param>
    /// <param name="seconds">How long after the first event's time events stay, by the exchange's clock; null for all.</param>
    /// <exception cref="FeedException">The feed has no such symbol, or nothing stays.</exception>
    public static LoadedFeed Of(LoadedFeed feed, IReadOnlyList<string> symbols, int? seconds)
    {
        if (symbols.Count == 0 && seconds is null)
        {
            return feed;
        }

        IReadOnlyList<string> names = symbols.Count == 0 ? feed.Symbols : symbols;
        int[] numbers = Numbers(feed, names);
        FeedEvent[] events = new FeedEvent[feed.Events.Length];
        int count = 0;
        int until = seconds is null ? int.MaxValue : feed.Events.Span[0].Milliseconds + (1000 * seconds.Value);
        int now = 0;
        foreach (ref readonly FeedEvent feedEvent in feed.Events.Span)
        {
            // An exchange's clock has been seen to go back by a few milliseconds: what is after the end stays after it.
            now = Math.Max(now, feedEvent.Milliseconds);
            if (now < until && numbers[feedEvent.Symbol] >= 0)
            {
                events[count] = feedEvent;
                events[count++].Symbol = (ushort)numbers[feedEvent.Symbol];
            }
        }

        return count == 0
            ? throw new FeedException($"{feed.Name}: nothing is left of it after --symbols and --duration")
            : new LoadedFeed
            {
                Name = feed.Name,
                Format = feed.Format,
                Events = events.AsMemory(0, count),
                Symbols = names,
                BrokenLines = feed.BrokenLines,
                FirstProblems = feed.FirstProblems,
            };
    }

    // The new number of each symbol; -1 for those that are left out.
    private static int[] Numbers(LoadedFeed feed, IReadOnlyList<string> names)
    {
        int[] numbers = new int[feed.Symbols.Count];
        Array.Fill(numbers, -1);
        for (int i = 0; i < names.Count; i++)
        {
            int old = feed.Symbols.ToList().IndexOf(names[i]);
            if (old < 0)
            {
                string known = string.Join(", ", feed.Symbols.Take(8));
                string more = feed.Symbols.Count > 8 ? string.Create(CultureInfo.InvariantCulture, $" and {feed.Symbols.Count - 8} more") : "";
                throw new FeedException($"{feed.Name}: has no symbol {names[i]}, but {known}{more}");
            }

            numbers[old] = i;
        }

        return numbers;
    }
}
