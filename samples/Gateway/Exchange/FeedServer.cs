// The exchange: sends its tape to whoever connects, from the message on that is asked for, at its speed.
//
//     connect -> the client's Resume says which message it wants next -> messages from there on; answers come back meanwhile
//     the connection ends -> the next one may come; all messages acknowledged -> done
//
// A Resume says what has arrived, and an acknowledgement what has been applied: the one may be well ahead of the other. One connection at a time; one thread sends, and one a connection reads the answers (AnswerReader).

using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;

using Gateway.Faults;
using Gateway.Wire;

namespace Gateway.Exchange;

internal sealed class FeedServer : IDisposable
{
    /// <summary>
    /// How much the system keeps of the stream, at either end: enough for a burst. Left to itself it would come to keep megabytes of a sender that does not stop, and every message would wait behind them.
    /// </summary>
    public const int SocketBufferLength = 128 * 1024;

    private readonly Tape _tape;
    private readonly Pacing _pacing;
    private readonly FaultPlan _fault;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private Socket? _connection;
    private bool _isStarted;

    /// <param name="tape">What to send; stays the caller's.</param>
    /// <param name="rate">How many times the exchange's own speed; null for the fastest.</param>
    /// <param name="fault">What is to go wrong.</param>
    public FeedServer(Tape tape, double? rate, FaultPlan fault)
    {
        _tape = tape;
        _pacing = new Pacing(rate);
        _fault = fault;
        Answers = new AnswerLog();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        _thread = new Thread(Run) { Name = "exchange", IsBackground = true };
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    public AnswerLog Answers { get; }

    public int Connections { get; private set; }

    public void Start()
    {
        _thread.Start();
        _isStarted = true;
    }

    /// <summary>Waits until every message has been acknowledged.</summary>
    /// <returns>Whether that was in time.</returns>
    public bool Join(int milliseconds) => _thread.Join(milliseconds);

    /// <summary>Ends whatever it is at, and all connections.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _listener.Dispose();
        Volatile.Read(ref _connection)?.Dispose();
    }

    public void Dispose()
    {
        Stop();
        if (_isStarted)
        {
            _thread.Join();
        }

        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested && Answers.Acknowledged < _tape.Messages)
        {
            try
            {
                using Socket socket = _listener.Accept();
                socket.NoDelay = true;
                socket.SendBufferSize = SocketBufferLength;
                Volatile.Write(ref _connection, socket);
                Connections++;
                Serve(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The client has gone, or this is being stopped: the loop's condition says which.
            }
        }
    }

    private void Serve(Socket socket)
    {
        if (!TryReadResume(socket, out long first))
        {
            return;
        }

        AnswerReader answers = new(socket, Answers);
        answers.Start();
        try
        {
            Send(socket, first);
        }
        finally
        {
            // Answers to what has been sent are still coming; the client, or a torn connection, ends them.
            answers.Join();
        }
    }

    private bool TryReadResume(Socket socket, out long first)
    {
        Span<byte> bytes = stackalloc byte[MessageHeader.Size];
        int read = 0;
        while (read < bytes.Length)
        {
            int count = socket.Receive(bytes[read..]);
            if (count == 0)
            {
                break;
            }

            read += count;
        }

        MessageHeader header = MessageHeader.Read(bytes);
        first = header.Sequence;
        return read == bytes.Length && header.Length == MessageHeader.Size && header.Type == MessageType.Resume && first >= 1 && first <= _tape.Messages + 1;
    }

    private void Send(Socket socket, long first)
    {
        if (Connections == 1)
        {
            _pacing.Start(_tape.MillisecondsAt(1));
        }

        long next = first;
        while (next <= _tape.Messages && !_stop.IsCancellationRequested)
        {
            int count = Gather(next, out bool isFaulty);
            SendAll(socket, _tape[next, count]);
            next += count;
            if (isFaulty && !Fail(socket, ref next))
            {
                return;
            }
        }
    }

    /// <summary>Waits for the next message to be due, and stamps those that are.</summary>
    /// <returns>How many may be sent in one go; 0 if the first one is to go wrong.</returns>
    private int Gather(long first, out bool isFaulty)
    {
        long now = Stopwatch();
        Pacing.WaitUntil(_pacing.DueAt(_tape.MillisecondsAt(first), now), _stop.Token);
        now = Stopwatch();
        int count = 0;
        int bytes = 0;
        isFaulty = false;
        for (long sequence = first; sequence <= _tape.Messages; sequence++, count++)
        {
            long due = _pacing.DueAt(_tape.MillisecondsAt(sequence), now);
            Span<byte> message = _tape[sequence, 1];
            bytes += message.Length;
            if (due > now || (count > 0 && bytes > MessageHeader.MaxLength))
            {
                break;
            }

            MessageHeader.Stamp(message, due);
            isFaulty = _fault.StrikesWire(sequence);
            if (isFaulty)
            {
                break;
            }
        }

        return count;
    }

    /// <summary>Sends the next message as the fault will have it.</summary>
    /// <returns>Whether the connection goes on.</returns>
    private bool Fail(Socket socket, ref long next)
    {
        byte[] message = _tape[next, 1].ToArray();
        if (_fault.Kind == FaultKind.Torn)
        {
            SendAll(socket, message.AsSpan(0, message.Length / 2));
            socket.Shutdown(SocketShutdown.Both);
            return false;
        }

        message[MessageHeader.TypeOffset] = byte.MaxValue;
        SendAll(socket, message);
        next++;
        return true;
    }

    private static long Stopwatch() => System.Diagnostics.Stopwatch.GetTimestamp();

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }
}
