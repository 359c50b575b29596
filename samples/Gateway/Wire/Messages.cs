// The bodies of messages, as values. An event's is the order book's own FeedEvent.

using OrderBook.Feed;

namespace Gateway.Wire;

/// <summary>What is to come: the first message of a session.</summary>
/// <param name="Format">How unknown ids are taken.</param>
/// <param name="Hours">When the exchange matches continuously.</param>
/// <param name="Symbols">How many symbols have books.</param>
/// <param name="Messages">The sequence number of the session's last message.</param>
internal readonly record struct SessionInfo(FeedFormat Format, TradingHours Hours, int Symbols, long Messages);

/// <summary>An order that rests, in a snapshot.</summary>
internal readonly record struct SnapshotOrder(long Id, long Price, int Quantity);

/// <summary>The best prices of a book; a quantity of 0 is an empty side.</summary>
internal readonly record struct TopOfBook(ushort Symbol, long BidPrice, long BidQuantity, long AskPrice, long AskQuantity);
