using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;

using Gateway.Exchange;
using Gateway.Faults;
using Gateway.Wire;

using OrderBook.Feed;

using Xunit;

namespace Gateway.Tests.Exchange;

public sealed class FeedServerTests : IDisposable
{
    private const int Patience = 60_000;

    private readonly Tape _tape = TapeWriter.Write(SyntheticFeed.Create(seed: 2, events: 1_500));

    public void Dispose() => _tape.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    public void Messages_come_from_the_one_on_that_is_asked_for(int first)
    {
        using FeedServer exchange = new(_tape, rate: null, FaultPlan.None);
        exchange.Start();
        using Socket socket = Connect(exchange);
        Send(socket, MessageType.Resume, first);

        List<MessageHeader> headers = Receive(socket, (int)_tape.Messages - first + 1);
        Send(socket, MessageType.Acknowledge, _tape.Messages);
        socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(Enumerable.Range(first, headers.Count).Select(sequence => (long)sequence), headers.Select(header => header.Sequence));
        Assert.All(headers, header => Assert.NotEqual(0, header.Due));
        Assert.True(exchange.Join(Patience));
        Assert.Equal((_tape.Messages, 0L, 1), (exchange.Answers.Acknowledged, exchange.Answers.Problems, exchange.Connections));
    }

    [Fact]
    public void A_torn_message_is_half_there_and_the_next_connection_gets_it_whole()
    {
        using FeedServer exchange = new(_tape, rate: null, new FaultPlan(FaultKind.Torn, 100, ConsumerName.Recording));
        exchange.Start();
        using (Socket first = Connect(exchange))
        {
            Send(first, MessageType.Resume, 1);
            Assert.Equal(_tape[1, 99].Length + (_tape[100, 1].Length / 2), ReceiveToEnd(first).Length);
        }

        using Socket second = Connect(exchange);
        Send(second, MessageType.Resume, 100);
        Assert.Equal(100, Receive(second, 1)[0].Sequence);
    }

    [Theory]
    [InlineData(MessageType.Acknowledge, 1)]
    [InlineData(MessageType.Resume, 0)]
    [InlineData(MessageType.Resume, 100_000)]
    public void Who_does_not_ask_for_a_message_that_there_is_gets_none(object type, long sequence)
    {
        using FeedServer exchange = new(_tape, rate: null, FaultPlan.None);
        exchange.Start();
        using Socket socket = Connect(exchange);
        Send(socket, (MessageType)type, sequence);

        Assert.Empty(ReceiveToEnd(socket));
    }

    [Fact]
    public void Answers_that_make_no_sense_are_counted()
    {
        AnswerLog log = new();
        log.Take(new MessageHeader { Type = MessageType.Acknowledge, Sequence = 5 });
        log.Take(new MessageHeader { Type = MessageType.TopOfBook, Sequence = 5 });
        log.Take(new MessageHeader { Type = MessageType.Acknowledge, Sequence = 4 });
        log.Take(new MessageHeader { Type = MessageType.Add, Sequence = 6 });

        Assert.Equal((5L, 1L, 2L), (log.Acknowledged, log.TopsOfBook, log.Problems));
    }

    private static Socket Connect(FeedServer exchange)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Patience };
        socket.Connect(exchange.Address);
        return socket;
    }

    private static void Send(Socket socket, MessageType type, long sequence)
    {
        ArrayBufferWriter<byte> message = new();
        MessageWriter.WriteBare(message, type, sequence, due: 0);
        socket.Send(message.WrittenSpan);
    }

    private static List<MessageHeader> Receive(Socket socket, int messages)
    {
        List<MessageHeader> headers = [];
        ArrayBufferWriter<byte> bytes = new();
        while (headers.Count < messages)
        {
            bytes.Advance(socket.Receive(bytes.GetSpan(4096)));
            ReadOnlySequence<byte> received = new(bytes.WrittenMemory);
            headers.Clear();
            while (MessageFraming.TryRead(ref received, out MessageHeader header, out _, out WireProblem problem))
            {
                Assert.Equal(WireProblem.None, problem);
                headers.Add(header);
            }
        }

        return headers;
    }

    private static byte[] ReceiveToEnd(Socket socket)
    {
        ArrayBufferWriter<byte> bytes = new();
        for (int count = -1; count != 0; bytes.Advance(count))
        {
            count = socket.Receive(bytes.GetSpan(4096));
        }

        return bytes.WrittenSpan.ToArray();
    }
}
