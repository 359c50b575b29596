// Makes the tape of a feed. What it begins with, what comes in between and what it ends with:
//
//     Session, Instruments ...                          who wants to keep books knows what of
//     an event, an event, ...                           as in the feed
//     a BookSnapshot after each `SnapshotEvery` events  of one symbol after the other: a check, and messages that are hundreds of times as long as an event
//     a BookSnapshot of each symbol, EndOfFeed
//
// Snapshots are of books that this keeps itself, by the order book's engine; at the end they say what the gateway's books must have come to.

using System;
using System.Buffers;
using System.Linq;

using Gateway.Wire;

using NativeHeap;

using OrderBook.Book;
using OrderBook.Feed;

namespace Gateway.Exchange;

internal sealed class TapeWriter
{
    public const int SnapshotEvery = 1_000;

    private readonly LoadedFeed _feed;
    private readonly string[] _symbols;
    private readonly ExchangeBooks<NativeOrder, NativeLevel, NativeSlots> _books;
    private readonly ArrayBufferWriter<byte> _message;
    private readonly NativeList<byte> _bytes;
    private readonly NativeList<long> _offsets;
    private readonly NativeList<int> _milliseconds;
    private readonly SnapshotOrder[] _bids = new SnapshotOrder[MessageLengths.MaxSnapshotSide];
    private readonly SnapshotOrder[] _asks = new SnapshotOrder[MessageLengths.MaxSnapshotSide];
    private int _now;
    private int _snapshots;

    private TapeWriter(LoadedFeed feed, ExchangeBooks<NativeOrder, NativeLevel, NativeSlots> books)
    {
        _feed = feed;
        _symbols = [.. feed.Symbols.Select(NameOnTheWire)];
        _books = books;
        _message = new(MessageHeader.MaxLength);
        _bytes = new(feed.Events.Length * MessageLengths.Trade);
        _offsets = new(feed.Events.Length + feed.Symbols.Count);
        _milliseconds = new(feed.Events.Length + feed.Symbols.Count);
        _offsets.Add(0);
    }

    private long Next => _offsets.Count;

    /// <summary>Makes a tape, which the caller disposes of.</summary>
    public static Tape Write(LoadedFeed feed)
    {
        using ExchangeBooks<NativeOrder, NativeLevel, NativeSlots> books = new(feed.Format, feed.Symbols.Count, feed.Hours);
        return new TapeWriter(feed, books).Write();
    }

    private Tape Write()
    {
        ReadOnlySpan<FeedEvent> events = _feed.Events.Span;
        int symbols = _feed.Symbols.Count;
        _now = events[0].Milliseconds;
        WriteBeginning();
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly FeedEvent feedEvent = ref events[i];
            _now = Math.Max(_now, feedEvent.Milliseconds);
            _books.Apply(in feedEvent);
            MessageWriter.WriteEvent(_message, Next, in feedEvent);
            Commit();
            if ((i + 1) % SnapshotEvery == 0)
            {
                WriteSnapshot((i + 1) / SnapshotEvery % symbols);
            }
        }

        for (int symbol = 0; symbol < symbols; symbol++)
        {
            WriteSnapshot(symbol);
        }

        MessageWriter.WriteBare(_message, MessageType.EndOfFeed, Next, due: 0);
        Commit();
        PatchSession();
        return new Tape(_bytes, _offsets, _milliseconds)
        {
            Name = _feed.Name,
            Symbols = _symbols,
            Events = events.Length,
            Snapshots = _snapshots,
            Expected = _books.Figures(),
            ExpectedResting = _books.RestingBySymbol(_symbols),
        };
    }

    // A symbol that a feed does not name has its file's name, which may be anything.
    private static string NameOnTheWire(string symbol)
        => string.Concat(symbol.Take(MessageLengths.InstrumentName).Select(letter => letter is >= '!' and <= '~' ? letter : '?'));

    private void WriteBeginning()
    {
        WriteSession(messages: 1);
        Commit();
        for (int first = 0; first < _symbols.Length; first += MessageLengths.MaxInstruments)
        {
            int count = Math.Min(_symbols.Length - first, MessageLengths.MaxInstruments);
            MessageWriter.WriteInstruments(_message, Next, first, _symbols.AsSpan(first, count));
            Commit();
        }
    }

    private void WriteSession(long messages)
        => MessageWriter.WriteSession(_message, sequence: 1, new SessionInfo(_feed.Format, _feed.Hours, _feed.Symbols.Count, messages));

    // How many messages there are is known at the end.
    private void PatchSession()
    {
        WriteSession(Next - 1);
        _message.WrittenSpan.CopyTo(_bytes.AsSpan());
        _message.ResetWrittenCount();
    }

    private void WriteSnapshot(int symbol)
    {
        SymbolBook<NativeOrder, NativeLevel> book = _books.Books[symbol];
        int bids = BookOrders.Copy(book.Bids, _bids);
        int asks = BookOrders.Copy(book.Asks, _asks);
        MessageWriter.WriteSnapshot(_message, Next, (ushort)symbol, _bids.AsSpan(0, bids), _asks.AsSpan(0, asks));
        _snapshots++;
        Commit();
    }

    private void Commit()
    {
        _bytes.AddRange(_message.WrittenSpan);
        _offsets.Add(_bytes.Count);
        _milliseconds.Add(_now);
        _message.ResetWrittenCount();
    }
}
