using System;
using System.Buffers;
using System.Linq;

using CsCheck;

using Gateway.Wire;

using OrderBook.Feed;

using Xunit;

namespace Gateway.Tests.Wire;

public class MessageRoundTripTests
{
    private const int Symbols = 300;

    private static readonly Gen<FeedEvent> s_events =
        from kind in Gen.Enum<EventKind>()
        from id in Gen.Long[1, FeedEvent.MaxId]
        from other in Gen.Long[1, FeedEvent.MaxId]
        from price in Gen.Long[1, FeedEvent.MaxPrice]
        from quantity in Gen.Int[1, int.MaxValue]
        from time in Gen.Int[0, (24 * 60 * 60 * 1000) - 1]
        from symbol in Gen.Int[0, Symbols - 1]
        from side in Gen.Int[0, kind == EventKind.Trade ? 2 : 1]
        select new FeedEvent
        {
            Kind = kind,
            Id = id,
            OtherId = kind == EventKind.Trade ? other : 0,
            Price = price,
            Quantity = quantity,
            Milliseconds = time,
            Symbol = (ushort)symbol,
            Side = (Side)side,
        };

    private static readonly Gen<SnapshotOrder> s_orders =
        Gen.Select(Gen.Long[1, FeedEvent.MaxId], Gen.Long[1, FeedEvent.MaxPrice], Gen.Int[1, int.MaxValue], (id, price, quantity) => new SnapshotOrder(id, price, quantity));

    [Fact]
    public void Events_come_out_as_they_went_in_however_they_are_cut()
        => Gen.Select(s_events.Array[1, 20], Gen.Int[0, 2_000].Array[0, 40]).Sample(
            (events, cuts) =>
            {
                ArrayBufferWriter<byte> output = new();
                for (int i = 0; i < events.Length; i++)
                {
                    MessageWriter.WriteEvent(output, i + 1, in events[i]);
                }

                ReadOnlySequence<byte> received = Segments.Cut(output.WrittenSpan.ToArray(), cuts);
                for (int i = 0; i < events.Length; i++)
                {
                    Assert.True(MessageFraming.TryRead(ref received, out MessageHeader header, out ReadOnlySequence<byte> message, out _));
                    Assert.Equal((i + 1L, header.Length), (header.Sequence, (int)message.Length));
                    Assert.Equal(WireProblem.None, MessageReader.ReadEvent(in header, in message, Symbols, out FeedEvent read));
                    Assert.Equal(events[i], read);
                }

                Assert.True(received.IsEmpty);
            },
            iter: 2_000);

    [Fact]
    public void No_part_of_a_message_is_taken_for_a_message()
        => Gen.Select(s_events, Gen.Int[0, 100], Gen.Int[0, 100].Array[0, 5]).Sample(
            (feedEvent, length, cuts) =>
            {
                ArrayBufferWriter<byte> output = new();
                MessageWriter.WriteEvent(output, 1, in feedEvent);
                byte[] part = output.WrittenSpan[..Math.Min(length, output.WrittenCount - 1)].ToArray();
                ReadOnlySequence<byte> received = Segments.Cut(part, cuts);

                Assert.False(MessageFraming.TryRead(ref received, out _, out _, out WireProblem problem));
                Assert.Equal((WireProblem.None, part.Length), (problem, (int)received.Length));
            },
            iter: 2_000);

    [Fact]
    public void A_snapshot_comes_out_as_it_went_in()
        => Gen.Select(s_orders.Array[0, 60], s_orders.Array[0, 60], Gen.Int[0, Symbols - 1]).Sample(
            (bids, asks, symbol) =>
            {
                ArrayBufferWriter<byte> output = new();
                MessageWriter.WriteSnapshot(output, 7, (ushort)symbol, bids, asks);

                Assert.Equal(WireProblem.None, SnapshotView.Read(output.WrittenSpan, Symbols, out SnapshotView view));
                Assert.Equal((symbol, bids.Length, bids.Length + asks.Length), (view.Symbol, view.Bids, view.Count));
                for (int i = 0; i < view.Count; i++)
                {
                    Assert.Equal(i < bids.Length ? bids[i] : asks[i - bids.Length], view[i]);
                }
            },
            iter: 500);

    [Fact]
    public void The_largest_snapshot_fits_and_is_cut_by_many_segments()
    {
        SnapshotOrder[] side = [.. Enumerable.Range(1, MessageLengths.MaxSnapshotSide).Select(id => new SnapshotOrder(id, 10, 1))];
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteSnapshot(output, 1, 0, side, side);
        ReadOnlySequence<byte> received = Segments.Cut(output.WrittenSpan.ToArray(), Enumerable.Range(1, 15).Select(i => i * 4096));

        Assert.True(MessageFraming.TryRead(ref received, out MessageHeader header, out ReadOnlySequence<byte> message, out _));

        Assert.InRange(header.Length, MessageHeader.MaxLength - (2 * MessageLengths.SnapshotOrder), MessageHeader.MaxLength);
        Assert.Equal(WireProblem.None, SnapshotView.Read(message.ToArray(), 1, out SnapshotView view));
        Assert.Equal((side.Length, 2 * side.Length), (view.Bids, view.Count));
    }

    [Fact]
    public void A_session_and_its_symbols_come_out_as_they_went_in()
    {
        ArrayBufferWriter<byte> output = new();
        SessionInfo session = new(FeedFormat.Lobster, TradingHours.Nasdaq, 3, 1_000_000_000_000);
        MessageWriter.WriteSession(output, 1, in session);
        int first = output.WrittenCount;
        MessageWriter.WriteInstruments(output, 2, 1, ["600761.SH", "ABCDEFGHIJKLMNOP"]);
        string[] names = ["GOOG", "", ""];

        Assert.Equal(WireProblem.None, MessageReader.ReadSession(output.WrittenSpan[..first], out SessionInfo read));
        Assert.Equal(session, read);
        Assert.Equal(WireProblem.None, MessageReader.ReadInstruments(output.WrittenSpan[first..], names));
        Assert.Equal(["GOOG", "600761.SH", "ABCDEFGHIJKLMNOP"], names);
    }

    [Fact]
    public void Answers_come_out_as_they_went_in()
    {
        ArrayBufferWriter<byte> output = new();
        TopOfBook top = new(7, 23_490, 1_000_000_000_000, 23_500, 0);
        MessageWriter.WriteTopOfBook(output, 9, 11, in top);
        MessageWriter.WriteBare(output, MessageType.Acknowledge, 10, 12);
        ReadOnlySequence<byte> received = new(output.WrittenMemory);

        Assert.True(MessageFraming.TryRead(ref received, out MessageHeader first, out ReadOnlySequence<byte> message, out _));
        Assert.Equal((MessageType.TopOfBook, 9L, 11L, top), (first.Type, first.Sequence, first.Due, MessageReader.ReadTopOfBook(message.FirstSpan)));
        Assert.True(MessageFraming.TryRead(ref received, out MessageHeader second, out _, out _));
        Assert.Equal((MessageType.Acknowledge, 10L, 12L), (second.Type, second.Sequence, second.Due));
        Assert.True(received.IsEmpty);
    }

    [Fact]
    public void A_stamp_changes_the_time_and_nothing_else()
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteBare(output, MessageType.EndOfFeed, 5, due: 0);
        byte[] message = output.WrittenSpan.ToArray();

        MessageHeader.Stamp(message, 123);

        MessageHeader header = MessageHeader.Read(message);
        Assert.Equal((MessageType.EndOfFeed, 5L, 123L, MessageHeader.Size), (header.Type, header.Sequence, header.Due, header.Length));
    }

    // An event as bytes, written out by hand: the encoding is what the documentation says, and not what writer and reader happen to agree on.
    [Fact]
    public void An_event_lies_in_the_bytes_as_documented()
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteEvent(output, 0x0102, new FeedEvent
        {
            Kind = EventKind.Trade,
            Id = 0x11,
            OtherId = 0x22,
            Price = 0x0304,
            Quantity = 0x33,
            Milliseconds = 0x44,
            Symbol = 0x0506,
            Side = Side.Sell,
        });

        byte[] expected =
        [
            64, 0, 0, 0, 5, 1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0x11, 0, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0x33, 0, 0, 0, 0x44, 0, 0, 0, 6, 5, 1, 0, 0, 0, 0, 0,
            0x22, 0, 0, 0, 0, 0, 0, 0,
        ];
        Assert.Equal(expected, output.WrittenSpan.ToArray());
    }
}
