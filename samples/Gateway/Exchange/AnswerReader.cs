// What the gateway answers, read as it comes. An acknowledgement counts for all messages up to it; the best prices are states, each of which replaces the one before.
//
//     acknowledgements never go back,   Acknowledged <= messages sent

using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading;

using Gateway.Streams;
using Gateway.Wire;

namespace Gateway.Exchange;

/// <summary>What has been answered, over all connections. One reader at a time writes it; anybody may read.</summary>
internal sealed class AnswerLog
{
    private long _acknowledged;
    private long _topsOfBook;
    private long _problems;

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>How many times best prices were said to have changed.</summary>
    public long TopsOfBook => Volatile.Read(ref _topsOfBook);

    /// <summary>Answers that made no sense.</summary>
    public long Problems => Volatile.Read(ref _problems);

    public void Take(in MessageHeader header)
    {
        if (header.Type == MessageType.Acknowledge)
        {
            Acknowledge(header.Sequence);
        }
        else if (header.Type == MessageType.TopOfBook)
        {
            Volatile.Write(ref _topsOfBook, _topsOfBook + 1);
        }
        else
        {
            Fail();
        }
    }

    public void Fail() => Volatile.Write(ref _problems, _problems + 1);

    private void Acknowledge(long sequence)
    {
        if (sequence < _acknowledged)
        {
            Fail();
        }

        Volatile.Write(ref _acknowledged, Math.Max(sequence, _acknowledged));
    }
}

internal sealed class AnswerReader
{
    private readonly PipeReader _reader;
    private readonly AnswerLog _log;
    private readonly Thread _thread;

    public AnswerReader(Socket socket, AnswerLog log)
    {
        _reader = PipeReader.Create(new BlockingStream(socket));
        _log = log;
        _thread = new Thread(Run) { Name = "exchange: answers", IsBackground = true };
    }

    public void Start() => _thread.Start();

    public void Join() => _thread.Join();

    private void Run()
    {
        try
        {
            while (Take(_reader.Read()))
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The connection has ended, however it did: the server goes by what has been acknowledged.
        }

        _reader.Complete();
    }

    private bool Take(in ReadResult read)
    {
        ReadOnlySequence<byte> received = read.Buffer;
        WireProblem problem;
        while (MessageFraming.TryRead(ref received, out MessageHeader header, out _, out problem))
        {
            _log.Take(in header);
        }

        _reader.AdvanceTo(received.Start, received.End);
        if (problem != WireProblem.None)
        {
            _log.Fail();
        }

        return problem == WireProblem.None && !read.IsCompleted;
    }
}
