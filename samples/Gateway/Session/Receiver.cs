// The thread at the wire: bytes in, messages out.
//
//     socket -> pipe on the pool -> framing -> judged, decoded -> lane to the book                 an event: a BookMessage of the gateway's heap
//                                                              -> lanes to risk and recording      every message: one MessageBuffer, shared by all who get it
//
//     Expected = the number of messages handed on + 1        in order, each once, whatever the connections do
//
// It knows one way out of all that can go wrong with a connection: to drop it, connect again and ask for the message that it expects. A connection that ends, a message that makes no sense, a gap in the sequence: after any of
// them nothing that follows in the stream is to be trusted, and nothing has been handed on that was not right. When several connections in a row bring nothing new, it gives up.

using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading;

using Gateway.Exchange;
using Gateway.Faults;
using Gateway.Lanes;
using Gateway.Memory;
using Gateway.Streams;
using Gateway.Wire;

using NativeHeap;

using OrderBook.Feed;

namespace Gateway.Session;

internal sealed class Receiver : IDisposable
{
    // Twice as long as the longest message: so however messages are cut, the pipe never takes more than two, and has soon made all that it will need.
    private const int BufferLength = 2 * MessageHeader.MaxLength;
    private const int MinimumRead = 4 * 1024;
    private const int FruitlessConnections = 3;

    private readonly IPEndPoint _exchange;
    private readonly BufferPool _pool;
    private readonly MessageStore _store;
    private readonly Lane<NativePointer<BookMessage>> _book;
    private readonly Lane<MessageBuffer>[] _others;
    private readonly AnswerSender _answers;
    private readonly IncidentLog _log;
    private readonly Thread _thread;
    private volatile Socket? _socket;
    private int _symbols;
    private volatile bool _isStopped;

    public Receiver(
        IPEndPoint exchange, BufferPool pool, MessageStore store, Lane<NativePointer<BookMessage>> book, Lane<MessageBuffer>[] others, AnswerSender answers, IncidentLog log)
    {
        _exchange = exchange;
        _pool = pool;
        _store = store;
        _book = book;
        _others = others;
        _answers = answers;
        _log = log;
        _thread = new Thread(Run) { Name = "wire", IsBackground = true };
    }

    /// <summary>The sequence number of the next message.</summary>
    public long Expected { get; private set; } = 1;

    /// <summary>Messages that did not have the expected sequence number.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Whether the last message of the session has come.</summary>
    public bool IsDone { get; private set; }

    public void Start() => _thread.Start();

    /// <summary>Waits until there is nothing more to come.</summary>
    public void Join() => _thread.Join();

    /// <summary>Ends the connection, and connects no more.</summary>
    public void Stop()
    {
        _isStopped = true;
        _socket?.Dispose();
    }

    /// <summary>Ends the last connection, which the answers may need until they have all been sent.</summary>
    public void Dispose() => _socket?.Dispose();

    private void Run()
    {
        // What the pool and the runtime make when a thread first returns several buffers, and first waits.
        _pool.Prewarm(BufferLength, 3);
        Doorbell.FirstWait();
        int fruitless = 0;
        while (!IsDone && !_isStopped && fruitless < FruitlessConnections)
        {
            long before = Expected;
            ReceiveConnection();
            fruitless = Expected > before ? 0 : fruitless + 1;
        }

        if (!IsDone)
        {
            _log.Report(Incident.GaveUp, FormattableString.Invariant($"message {Expected} does not come: given up after {fruitless} connections without a new message"));
        }

        _book.Complete();
        foreach (Lane<MessageBuffer> lane in _others)
        {
            lane.Complete();
        }
    }

    private void ReceiveConnection()
    {
        _socket?.Dispose();
        Socket socket = _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            socket.ReceiveBufferSize = FeedServer.SocketBufferLength;
            socket.Connect(_exchange);
            Ask(socket);
            _answers.Use(socket);
            Receive(socket);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            ReportTorn(e.Message);
        }
        catch (OutOfMemoryException e)
        {
            // Waited for in vain. The connection goes, and with it the pipe's buffers: the next one may have better luck.
            _log.Report(Incident.MemoryShort, e.Message);
        }

        if (!IsDone)
        {
            _answers.Use(null);
            socket.Dispose();
        }
    }

    private void Ask(Socket socket)
    {
        ArrayBufferWriter<byte> ask = new(MessageHeader.Size);
        MessageWriter.WriteBare(ask, MessageType.Resume, Expected, due: 0);
        socket.Send(ask.WrittenSpan);
    }

    private void Receive(Socket socket)
    {
        PipeReader reader = PipeReader.Create(new BlockingStream(socket), new StreamPipeReaderOptions(_pool.Waiting, BufferLength, MinimumRead, leaveOpen: true));
        try
        {
            while (Take(reader))
            {
            }
        }
        finally
        {
            reader.Complete();
        }
    }

    /// <summary>Takes the messages that one read brings.</summary>
    /// <returns>Whether the connection goes on.</returns>
    private bool Take(PipeReader reader)
    {
        ReadResult read = reader.Read();
        ReadOnlySequence<byte> received = read.Buffer;
        WireProblem problem;
        bool isFollowed = true;
        while (MessageFraming.TryRead(ref received, out MessageHeader header, out ReadOnlySequence<byte> message, out problem))
        {
            isFollowed = header.Sequence == Expected;
            problem = isFollowed ? HandOn(in header, in message) : WireProblem.None;
            if (problem != WireProblem.None || !isFollowed)
            {
                break;
            }

            Expected++;
        }

        long left = received.Length;
        reader.AdvanceTo(received.Start, received.End);
        if (problem != WireProblem.None)
        {
            _log.Report(Incident.MessageMalformed, FormattableString.Invariant($"message {Expected} is malformed: {problem.Describe()}; connecting again"));
        }
        else if (!isFollowed)
        {
            OutOfOrder++;
            _log.Report(Incident.SequenceGap, FormattableString.Invariant($"message {Expected} was to come, but another came; connecting again"));
        }
        else if (read.IsCompleted && !IsDone)
        {
            ReportTorn(FormattableString.Invariant($"the exchange ended it, {left} bytes into message {Expected}"));
        }

        return problem == WireProblem.None && isFollowed && !read.IsCompleted && !IsDone;
    }

    private void ReportTorn(string why)
    {
        if (!_isStopped)
        {
            _log.Report(Incident.ConnectionTorn, FormattableString.Invariant($"the connection is torn: {why}; connecting again from message {Expected}"));
        }
    }

    /// <summary>Judges a message, and gives it to those whom it concerns.</summary>
    private WireProblem HandOn(in MessageHeader header, in ReadOnlySequence<byte> message)
    {
        if (_symbols == 0 != (header.Type == MessageType.Session) || header.Type > MessageType.EndOfFeed)
        {
            return WireProblem.OutOfPlace;
        }

        FeedEvent feedEvent = default;
        bool isEvent = MessageLengths.IsEvent(header.Type);
        WireProblem problem = isEvent ? MessageReader.ReadEvent(in header, in message, _symbols, out feedEvent) : WireProblem.None;
        if (problem != WireProblem.None)
        {
            return problem;
        }

        MessageBuffer content = _store.Copy(in message);
        int symbols = _symbols;
        problem = isEvent ? WireProblem.None : Judge(in header, content.Span, ref symbols);
        if (problem == WireProblem.None)
        {
            Send(in header, in feedEvent, isEvent, content);
            _symbols = symbols;
            IsDone = header.Type == MessageType.EndOfFeed;
        }
        else
        {
            content.Release();
        }

        return problem;
    }

    private static WireProblem Judge(in MessageHeader header, ReadOnlySpan<byte> message, ref int symbols)
    {
        switch (header.Type)
        {
            case MessageType.Session:
                WireProblem problem = MessageReader.ReadSession(message, out SessionInfo session);
                symbols = session.Symbols;
                return problem;
            case MessageType.Instruments:
                return MessageReader.ReadInstruments(message, new string[symbols]);
            case MessageType.BookSnapshot:
                return SnapshotView.Read(message, symbols, out _);
            default:
                return WireProblem.None;
        }
    }

    // Takes over the caller's reference, and gives each lane one; the book gets one of what it cannot be given decoded. All memory is there before the first of them gets anything, so a message is handed on to all or to none.
    private unsafe void Send(in MessageHeader header, in FeedEvent feedEvent, bool isEvent, MessageBuffer content)
    {
        BookMessage* message = AllocOrRelease(content);
        message->Header = header;
        message->Event = feedEvent;
        message->Content = isEvent ? default : content.Retain();
        if (!_book.Send(message))
        {
            message->Content.Dispose();
            _store.Free(message);
        }

        content.Retain(_others.Length - 1);
        foreach (Lane<MessageBuffer> lane in _others)
        {
            if (!lane.Send(in content))
            {
                content.Release();
            }
        }
    }

    private unsafe BookMessage* AllocOrRelease(MessageBuffer content)
    {
        try
        {
            return _store.Alloc();
        }
        catch (OutOfMemoryException)
        {
            content.Release();
            throw;
        }
    }
}
