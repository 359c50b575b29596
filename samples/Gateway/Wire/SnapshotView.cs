// A snapshot of a book, read where it lies: tens of kilobytes that nobody copies.

using System;
using System.Buffers.Binary;

using OrderBook.Feed;

namespace Gateway.Wire;

internal readonly ref struct SnapshotView
{
    private readonly ReadOnlySpan<byte> _entries;

    private SnapshotView(ReadOnlySpan<byte> entries, ushort symbol, int bids)
    {
        _entries = entries;
        Symbol = symbol;
        Bids = bids;
    }

    public ushort Symbol { get; }

    /// <summary>How many of the orders buy: the first ones.</summary>
    public int Bids { get; }

    public int Count => _entries.Length / MessageLengths.SnapshotOrder;

    public SnapshotOrder this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.Slice(index * MessageLengths.SnapshotOrder, MessageLengths.SnapshotOrder);
            return new SnapshotOrder(
                BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[16..]));
        }
    }

    /// <summary>Judges a snapshot.</summary>
    /// <param name="message">The message, header included, in one piece.</param>
    /// <param name="symbols">How many symbols the session has.</param>
    /// <param name="view">The snapshot.</param>
    /// <returns>What is wrong with it.</returns>
    public static WireProblem Read(ReadOnlySpan<byte> message, int symbols, out SnapshotView view)
    {
        ReadOnlySpan<byte> body = message[MessageHeader.Size..];
        view = new SnapshotView(message[MessageLengths.BookSnapshot..], BinaryPrimitives.ReadUInt16LittleEndian(body), BinaryPrimitives.ReadUInt16LittleEndian(body[2..]));
        if (view.Symbol >= symbols || view.Bids > view.Count)
        {
            return view.Symbol >= symbols ? WireProblem.BadSymbol : WireProblem.BadCount;
        }

        for (int i = 0; i < view.Count; i++)
        {
            SnapshotOrder order = view[i];
            if (order.Id < 1 || order.Quantity < 1 || order.Price is < 1 or > FeedEvent.MaxPrice)
            {
                return order.Id < 1 ? WireProblem.BadId : order.Quantity < 1 ? WireProblem.BadQuantity : WireProblem.BadPrice;
            }
        }

        return WireProblem.None;
    }
}
