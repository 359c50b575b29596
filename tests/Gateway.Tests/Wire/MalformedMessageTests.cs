// Bytes that are no message. Each case is a good message with one thing wrong.

using System;
using System.Buffers;
using System.Buffers.Binary;

using Gateway.Wire;

using OrderBook.Feed;

using Xunit;

namespace Gateway.Tests.Wire;

public class MalformedMessageTests
{
    private const int Symbols = 4;

    [Theory]
    [InlineData(0, 23, WireProblem.TooShort)]
    [InlineData(0, 0, WireProblem.TooShort)]
    [InlineData(0, -1, WireProblem.TooShort)]
    [InlineData(0, 65_537, WireProblem.TooLong)]
    [InlineData(0, int.MaxValue, WireProblem.TooLong)]
    [InlineData(0, 55, WireProblem.WrongLength)]
    [InlineData(0, 64, WireProblem.WrongLength)]
    [InlineData(4, 0x0100, WireProblem.UnknownType)]
    [InlineData(4, 0x010C, WireProblem.UnknownType)]
    [InlineData(4, 0x01FF, WireProblem.UnknownType)]
    [InlineData(4, 0x0003, WireProblem.WrongVersion)]
    [InlineData(4, 0x0203, WireProblem.WrongVersion)]
    [InlineData(4, 0x0105, WireProblem.WrongLength)]
    [InlineData(4, 0x00010103, WireProblem.WrongLength)]
    public void A_header_that_makes_no_sense_is_not_waited_for(int offset, int value, object problem)
    {
        byte[] message = Add();
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(offset), value);
        ReadOnlySequence<byte> received = new(message, 0, MessageHeader.Size);

        Assert.False(MessageFraming.TryRead(ref received, out _, out _, out WireProblem found));

        Assert.Equal((WireProblem)problem, found);
        Assert.Equal(MessageHeader.Size, received.Length);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    public void Sequence_numbers_begin_at_1(long sequence)
    {
        byte[] message = Add();
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(8), sequence);
        ReadOnlySequence<byte> received = new(message);

        Assert.False(MessageFraming.TryRead(ref received, out _, out _, out WireProblem found));
        Assert.Equal(WireProblem.BadSequence, found);
    }

    [Theory]
    [InlineData(24, 8, 0L, WireProblem.BadId)]
    [InlineData(24, 8, -5L, WireProblem.BadId)]
    [InlineData(32, 8, 0L, WireProblem.BadPrice)]
    [InlineData(32, 8, -10L, WireProblem.BadPrice)]
    [InlineData(32, 8, FeedEvent.MaxPrice + 1, WireProblem.BadPrice)]
    [InlineData(40, 4, 0L, WireProblem.BadQuantity)]
    [InlineData(40, 4, -1L, WireProblem.BadQuantity)]
    [InlineData(44, 4, -1L, WireProblem.BadTime)]
    [InlineData(44, 4, 86_400_000L, WireProblem.BadTime)]
    [InlineData(48, 2, 4L, WireProblem.BadSymbol)]
    [InlineData(48, 2, 65_535L, WireProblem.BadSymbol)]
    [InlineData(50, 1, 2L, WireProblem.BadSide)]
    [InlineData(50, 1, 255L, WireProblem.BadSide)]
    public void A_value_that_no_book_can_take_is_refused(int offset, int width, long value, object problem)
    {
        byte[] message = Add();
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..width].CopyTo(message.AsSpan(offset));
        MessageHeader header = MessageHeader.Read(message);

        Assert.Equal((WireProblem)problem, MessageReader.ReadEvent(in header, message, Symbols, out _));
    }

    [Fact]
    public void A_trade_names_both_orders()
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteEvent(output, 1, new FeedEvent { Kind = EventKind.Trade, Id = 1, OtherId = 0, Price = 1, Quantity = 1, Side = Side.None });
        MessageHeader header = MessageHeader.Read(output.WrittenSpan);

        Assert.Equal(WireProblem.BadId, MessageReader.ReadEvent(in header, output.WrittenSpan, Symbols, out _));
    }

    [Theory]
    [InlineData(EventKind.Notice, -1L, 0, 0L, WireProblem.None)]
    [InlineData(EventKind.Notice, -2L, 0, 0L, WireProblem.BadPrice)]
    [InlineData(EventKind.Hidden, 10L, 1, 0L, WireProblem.None)]
    [InlineData(EventKind.Hidden, 10L, 0, 0L, WireProblem.BadQuantity)]
    [InlineData(EventKind.Hidden, 0L, 1, 0L, WireProblem.BadPrice)]
    [InlineData(EventKind.Execute, 10L, 1, 0L, WireProblem.BadId)]
    public void What_names_no_order_needs_no_id(object kind, long price, int quantity, long id, object problem)
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteEvent(output, 1, new FeedEvent { Kind = (EventKind)kind, Id = id, Price = price, Quantity = quantity });
        MessageHeader header = MessageHeader.Read(output.WrittenSpan);

        Assert.Equal((WireProblem)problem, MessageReader.ReadEvent(in header, output.WrittenSpan, Symbols, out _));
    }

    [Theory]
    [InlineData(24, 2L, WireProblem.BadFormat)]
    [InlineData(28, -1L, WireProblem.BadTime)]
    [InlineData(32, 86_400_001L, WireProblem.BadTime)]
    [InlineData(36, 0L, WireProblem.BadCount)]
    [InlineData(36, 65_537L, WireProblem.BadCount)]
    public void A_session_that_makes_no_sense_is_refused(int offset, long value, object problem)
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteSession(output, 1, new SessionInfo(FeedFormat.Sse, TradingHours.Sse, Symbols, 10));
        byte[] message = output.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(offset), (int)value);

        Assert.Equal((WireProblem)problem, MessageReader.ReadSession(message, out _));
    }

    [Theory]
    [InlineData(0, 4, WireProblem.BadSymbol)]
    [InlineData(2, 0, WireProblem.BadName)]
    [InlineData(2, 41, WireProblem.BadName)]
    [InlineData(8, 0x20, WireProblem.BadName)]
    [InlineData(8, 0x7F, WireProblem.BadName)]
    public void A_name_that_is_none_is_refused(int offset, byte value, object problem)
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteInstruments(output, 1, 0, ["600761.SH"]);
        byte[] message = output.WrittenSpan.ToArray();
        message[MessageHeader.Size + offset] = value;

        Assert.Equal((WireProblem)problem, MessageReader.ReadInstruments(message, new string[Symbols]));
    }

    [Theory]
    [InlineData(24, 4, WireProblem.BadSymbol)]
    [InlineData(26, 2, WireProblem.BadCount)]
    [InlineData(32, 0, WireProblem.BadId)]
    [InlineData(40, 0, WireProblem.BadPrice)]
    [InlineData(48, 0, WireProblem.BadQuantity)]
    public void A_snapshot_that_makes_no_sense_is_refused(int offset, byte value, object problem)
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteSnapshot(output, 1, 0, [new SnapshotOrder(1, 2, 3)], []);
        byte[] message = output.WrittenSpan.ToArray();
        message[offset] = value;

        Assert.Equal((WireProblem)problem, SnapshotView.Read(message, Symbols, out _));
    }

    [Fact]
    public void Every_problem_has_its_words()
        => Assert.All(Enum.GetValues<WireProblem>(), problem => Assert.NotEqual(problem.ToString(), problem.Describe()));

    private static byte[] Add()
    {
        ArrayBufferWriter<byte> output = new();
        MessageWriter.WriteEvent(output, 1, new FeedEvent { Kind = EventKind.Add, Id = 1, Price = 10, Quantity = 100, Milliseconds = 34_200_000, Symbol = 3, Side = Side.Sell });
        return output.WrittenSpan.ToArray();
    }
}
