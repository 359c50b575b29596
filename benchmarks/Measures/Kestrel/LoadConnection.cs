// One client: a connection that is kept, over which the same request goes again and again, and on which every byte of every answer is looked at.
//
//     _received[_start.._end) has come and has not been looked at
//
// A blocking socket on a thread of its own, since that costs a client least: it shares the machine with the server.

using System;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NativeHeap.Benchmarks.Measures.Kestrel;

internal sealed class LoadConnection : IDisposable
{
    private const int ReceiveLength = 256 << 10;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000, SendTimeout = 30_000 };
    private readonly KestrelCell _cell;
    private readonly byte[] _request;
    private readonly ReadOnlyMemory<byte> _answer;
    private readonly byte[] _received = new byte[ReceiveLength];
    private int _start;
    private int _end;

    public LoadConnection(KestrelCell cell, int port, ReadOnlyMemory<byte> content)
    {
        _cell = cell;
        ReadOnlyMemory<byte> body = content[..cell.BodyLength];
        string head = cell.IsUpload
            ? string.Create(CultureInfo.InvariantCulture, $"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {cell.BodyLength}\r\n\r\n")
            : string.Create(CultureInfo.InvariantCulture, $"GET /{cell.BodyLength} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        byte[] one = [.. Encoding.ASCII.GetBytes(head), .. cell.IsUpload ? body.Span : []];
        _request = new byte[one.Length * cell.Depth];
        for (int i = 0; i < cell.Depth; i++)
        {
            one.CopyTo(_request, i * one.Length);
        }

        _answer = cell.IsUpload ? KestrelWorker.Right.ToArray() : body;
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>Sends the requests, and waits for all their answers.</summary>
    /// <exception cref="FaultException">An answer is not what it should be.</exception>
    public void Exchange()
    {
        for (int sent = 0; sent < _request.Length;)
        {
            sent += _socket.Send(_request.AsSpan(sent));
        }

        for (int answer = 0; answer < _cell.Depth; answer++)
        {
            int length = TakeHead();
            if (length != _answer.Length)
            {
                throw Fault($"an answer of {length} bytes came in place of {_answer.Length}");
            }

            TakeBody();
        }
    }

    public void Dispose() => _socket.Dispose();

    // The content's length.
    private int TakeHead()
    {
        ReadOnlySpan<byte> lengthName = "\r\nContent-Length: "u8;
        int headLength;
        while ((headLength = _received.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            Receive();
        }

        ReadOnlySpan<byte> head = _received.AsSpan(_start, headLength + 2);
        int name = head.IndexOf(lengthName);
        if (!head.StartsWith("HTTP/1.1 200 OK\r\n"u8) || name < 0 || !Utf8Parser.TryParse(head[(name + lengthName.Length)..], out int length, out _))
        {
            throw Fault($"the answer was: {Encoding.ASCII.GetString(head).ReplaceLineEndings(" ")}");
        }

        _start += headLength + 4;
        return length;
    }

    private void TakeBody()
    {
        int taken = 0;
        while (taken < _answer.Length)
        {
            if (_start == _end)
            {
                Receive();
            }

            int count = int.Min(_end - _start, _answer.Length - taken);
            if (!_received.AsSpan(_start, count).SequenceEqual(_answer.Span.Slice(taken, count)))
            {
                throw Fault($"one of the bytes from {taken} to {taken + count} of an answer is wrong");
            }

            taken += count;
            _start += count;
        }
    }

    private void Receive()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
        else if (_end == _received.Length)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        int received = _socket.Receive(_received.AsSpan(_end));
        if (received == 0)
        {
            throw Fault("the server closed the connection");
        }

        _end += received;
    }

    private FaultException Fault(string what) => new(string.Create(CultureInfo.InvariantCulture, $"{KestrelCommand.Name} {_cell.Name}: {what}."));
}
