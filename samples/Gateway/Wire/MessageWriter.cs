// Writes messages, each as one span of the output: whoever cuts the output into segments, a message begins and ends in one unless the socket cuts it.
//
// What is written is what MessageReader takes, bit for bit; bytes that mean nothing are 0. The time in a header is 0 until MessageHeader.Stamp.

using System;
using System.Buffers;
using System.Buffers.Binary;

using OrderBook.Feed;

namespace Gateway.Wire;

internal static class MessageWriter
{
    public static void WriteSession(IBufferWriter<byte> output, long sequence, in SessionInfo session)
    {
        Span<byte> body = Begin(output, MessageType.Session, sequence, count: 0, due: 0);
        body[0] = (byte)session.Format;
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], session.Hours.From);
        BinaryPrimitives.WriteInt32LittleEndian(body[8..], session.Hours.Until);
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], session.Symbols);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], session.Messages);
        output.Advance(MessageLengths.Session);
    }

    /// <summary>Writes the names of symbols.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="sequence">The message's sequence number.</param>
    /// <param name="first">The number of the first symbol; the others follow.</param>
    /// <param name="names">At most <see cref="MessageLengths.MaxInstruments"/>.</param>
    public static void WriteInstruments(IBufferWriter<byte> output, long sequence, int first, ReadOnlySpan<string> names)
    {
        Span<byte> body = Begin(output, MessageType.Instruments, sequence, names.Length, due: 0);
        for (int i = 0; i < names.Length; i++)
        {
            Span<byte> entry = body.Slice(i * MessageLengths.Instrument, MessageLengths.Instrument);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)(first + i));
            entry[2] = (byte)System.Text.Encoding.ASCII.GetBytes(names[i], entry[8..]);
        }

        output.Advance(MessageLengths.Of(MessageType.Instruments, names.Length));
    }

    public static void WriteEvent(IBufferWriter<byte> output, long sequence, in FeedEvent feedEvent)
    {
        MessageType type = MessageType.Add + (byte)feedEvent.Kind;
        Span<byte> body = Begin(output, type, sequence, count: 0, due: 0);
        BinaryPrimitives.WriteInt64LittleEndian(body, feedEvent.Id);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], feedEvent.Price);
        BinaryPrimitives.WriteInt32LittleEndian(body[16..], feedEvent.Quantity);
        BinaryPrimitives.WriteInt32LittleEndian(body[20..], feedEvent.Milliseconds);
        BinaryPrimitives.WriteUInt16LittleEndian(body[24..], feedEvent.Symbol);
        body[26] = (byte)feedEvent.Side;
        if (type == MessageType.Trade)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body[32..], feedEvent.OtherId);
        }

        output.Advance(MessageLengths.Of(type, 0));
    }

    /// <summary>Writes what rests in a symbol's book, the best bid first, then the best ask; the oldest first where prices are equal.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="sequence">The message's sequence number.</param>
    /// <param name="symbol">The symbol's number.</param>
    /// <param name="bids">At most <see cref="MessageLengths.MaxSnapshotSide"/>.</param>
    /// <param name="asks">Likewise.</param>
    public static void WriteSnapshot(IBufferWriter<byte> output, long sequence, ushort symbol, ReadOnlySpan<SnapshotOrder> bids, ReadOnlySpan<SnapshotOrder> asks)
    {
        int count = bids.Length + asks.Length;
        Span<byte> body = Begin(output, MessageType.BookSnapshot, sequence, count, due: 0);
        BinaryPrimitives.WriteUInt16LittleEndian(body, symbol);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], (ushort)bids.Length);
        for (int i = 0; i < count; i++)
        {
            SnapshotOrder order = i < bids.Length ? bids[i] : asks[i - bids.Length];
            Span<byte> entry = body.Slice(8 + (i * MessageLengths.SnapshotOrder), MessageLengths.SnapshotOrder);
            BinaryPrimitives.WriteInt64LittleEndian(entry, order.Id);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], order.Price);
            BinaryPrimitives.WriteInt32LittleEndian(entry[16..], order.Quantity);
        }

        output.Advance(MessageLengths.Of(MessageType.BookSnapshot, count));
    }

    public static void WriteTopOfBook(IBufferWriter<byte> output, long sequence, long due, in TopOfBook top)
    {
        Span<byte> body = Begin(output, MessageType.TopOfBook, sequence, count: 0, due);
        BinaryPrimitives.WriteUInt16LittleEndian(body, top.Symbol);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], top.BidPrice);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], top.BidQuantity);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], top.AskPrice);
        BinaryPrimitives.WriteInt64LittleEndian(body[32..], top.AskQuantity);
        output.Advance(MessageLengths.TopOfBook);
    }

    /// <summary>Writes a message that is a header only: a resume, an acknowledgement, the end of the feed.</summary>
    public static void WriteBare(IBufferWriter<byte> output, MessageType type, long sequence, long due)
    {
        Begin(output, type, sequence, count: 0, due);
        output.Advance(MessageHeader.Size);
    }

    private static Span<byte> Begin(IBufferWriter<byte> output, MessageType type, long sequence, int count, long due)
    {
        int length = MessageLengths.Of(type, count);
        Span<byte> message = output.GetSpan(length)[..length];
        message.Clear();
        MessageHeader header = new()
        {
            Length = length,
            Type = type,
            Version = MessageHeader.CurrentVersion,
            Count = (ushort)count,
            Sequence = sequence,
            Due = due,
        };
        header.Write(message);
        return message[MessageHeader.Size..];
    }
}
