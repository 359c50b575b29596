// Reads the bodies of messages whose header and length have been found right. Every value is judged: what passes can be applied to a book without looking again.
//
// A body that lies in one segment is read where it is. Events are small, so one that is cut is copied to the stack; big messages are read
// entry by entry by those who have made one piece of them (SnapshotView).

using System;
using System.Buffers;
using System.Buffers.Binary;

using OrderBook.Feed;

namespace Gateway.Wire;

internal static class MessageReader
{
    private const int MillisecondsOfDay = 24 * 60 * 60 * 1000;

    /// <summary>Reads an event.</summary>
    /// <param name="header">The message's header, which is an event's.</param>
    /// <param name="message">The message, header included.</param>
    /// <param name="symbols">How many symbols the session has.</param>
    /// <param name="feedEvent">The event.</param>
    /// <returns>What is wrong with it.</returns>
    public static WireProblem ReadEvent(in MessageHeader header, in ReadOnlySequence<byte> message, int symbols, out FeedEvent feedEvent)
    {
        ReadOnlySpan<byte> first = message.FirstSpan;
        if (first.Length >= header.Length)
        {
            return ReadEvent(in header, first, symbols, out feedEvent);
        }

        Span<byte> bytes = stackalloc byte[MessageLengths.Trade];
        message.CopyTo(bytes);
        return ReadEvent(in header, bytes, symbols, out feedEvent);
    }

    /// <inheritdoc cref="ReadEvent(in MessageHeader, in ReadOnlySequence{byte}, int, out FeedEvent)"/>
    public static WireProblem ReadEvent(in MessageHeader header, ReadOnlySpan<byte> message, int symbols, out FeedEvent feedEvent)
    {
        ReadOnlySpan<byte> body = message[MessageHeader.Size..];
        feedEvent = new FeedEvent
        {
            Kind = (EventKind)(header.Type - MessageType.Add),
            Id = BinaryPrimitives.ReadInt64LittleEndian(body),
            Price = BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            Quantity = BinaryPrimitives.ReadInt32LittleEndian(body[16..]),
            Milliseconds = BinaryPrimitives.ReadInt32LittleEndian(body[20..]),
            Symbol = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]),
            Side = (Side)body[26],
            OtherId = header.Type == MessageType.Trade ? BinaryPrimitives.ReadInt64LittleEndian(body[32..]) : 0,
        };
        return Judge(in feedEvent, symbols);
    }

    public static WireProblem ReadSession(ReadOnlySpan<byte> message, out SessionInfo session)
    {
        ReadOnlySpan<byte> body = message[MessageHeader.Size..];
        FeedFormat format = (FeedFormat)body[0];
        session = new SessionInfo(
            format,
            new TradingHours(BinaryPrimitives.ReadInt32LittleEndian(body[4..]), BinaryPrimitives.ReadInt32LittleEndian(body[8..])),
            BinaryPrimitives.ReadInt32LittleEndian(body[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[16..]));
        return format is not (FeedFormat.Sse or FeedFormat.Lobster) ? WireProblem.BadFormat
            : (uint)session.Hours.From > MillisecondsOfDay || (uint)session.Hours.Until > MillisecondsOfDay ? WireProblem.BadTime
            : session.Symbols is < 1 or > FeedEvent.MaxSymbols ? WireProblem.BadCount
            : session.Messages < 1 ? WireProblem.BadSequence
            : WireProblem.None;
    }

    /// <summary>Reads names of symbols.</summary>
    /// <param name="message">The message, header included.</param>
    /// <param name="names">Takes each name, at its symbol's number.</param>
    public static WireProblem ReadInstruments(ReadOnlySpan<byte> message, Span<string> names)
    {
        ReadOnlySpan<byte> entries = message[MessageLengths.Instruments..];
        for (; !entries.IsEmpty; entries = entries[MessageLengths.Instrument..])
        {
            int symbol = BinaryPrimitives.ReadUInt16LittleEndian(entries);
            int length = entries[2];
            if (symbol >= names.Length)
            {
                return WireProblem.BadSymbol;
            }

            if (length is 0 or > MessageLengths.InstrumentName || entries.Slice(8, length).ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            {
                return WireProblem.BadName;
            }

            names[symbol] = System.Text.Encoding.ASCII.GetString(entries.Slice(8, length));
        }

        return WireProblem.None;
    }

    public static TopOfBook ReadTopOfBook(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> body = message[MessageHeader.Size..];
        return new TopOfBook(
            BinaryPrimitives.ReadUInt16LittleEndian(body),
            BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[32..]));
    }

    // What the formats of the order book promise of a row (SseFormat, LobsterFormat): a halt names no order and has no size.
    private static WireProblem Judge(in FeedEvent feedEvent, int symbols)
    {
        bool isNotice = feedEvent.Kind == EventKind.Notice;
        bool namesNone = isNotice || feedEvent.Kind == EventKind.Hidden;
        return feedEvent.Symbol >= symbols ? WireProblem.BadSymbol
            : feedEvent.Side > (feedEvent.Kind == EventKind.Trade ? Side.None : Side.Sell) ? WireProblem.BadSide
            : feedEvent.Id < (namesNone ? 0 : 1) || (feedEvent.Kind == EventKind.Trade && feedEvent.OtherId < 1) ? WireProblem.BadId
            : feedEvent.Price < (isNotice ? -1 : 1) || feedEvent.Price > FeedEvent.MaxPrice ? WireProblem.BadPrice
            : feedEvent.Quantity < (isNotice ? 0 : 1) ? WireProblem.BadQuantity
            : (uint)feedEvent.Milliseconds >= MillisecondsOfDay ? WireProblem.BadTime
            : WireProblem.None;
    }
}
