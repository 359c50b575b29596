// The thread that answers the exchange: acknowledgements and best prices, written into a pipe on the pool and flushed when there is nothing more to write, or a buffer is full.
//
//     bytes that are not flushed < one buffer        so it never asks the pool for a second one while others may wait for its first
//
// Connections come and go; the receiver says which is the present one. Answers for which there is no connection are dropped, and counted: acknowledgements add up, best prices replace each
// other, and a client that connects again says itself how far it has come.

using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading;

using Gateway.Faults;
using Gateway.Lanes;
using Gateway.Memory;
using Gateway.Streams;
using Gateway.Wire;

namespace Gateway.Session;

[SuppressMessage("Usage", "CA2213:Disposable fields should be disposed", Justification = "The receiver owns the connections, and the run the pool.")]
internal sealed class AnswerSender : Consumer<Answer>
{
    private const int BufferLength = 16 * 1024;
    private static readonly OperationCanceledException s_end = new("The connection has ended.");

    private readonly BufferPool _pool;
    private readonly StreamPipeWriterOptions _options;
    private Socket? _current;
    private Socket? _socket;
    private PipeWriter? _writer;

    public AnswerSender(Lane<Answer> lane, BufferPool pool, FaultPlan fault, IncidentLog log, CancellationToken stop)
        : base(ConsumerName.Answers, lane, fault, log, stop)
    {
        _pool = pool;
        _options = new StreamPipeWriterOptions(pool.Waiting, BufferLength, leaveOpen: true);
    }

    /// <summary>Answers for which there was no connection.</summary>
    public long Dropped { get; private set; }

    /// <summary>Answers go to this connection from now on; null for none. For the receiver.</summary>
    public void Use(Socket? socket) => Volatile.Write(ref _current, socket);

    protected override long SequenceOf(in Answer item) => item.Sequence;

    protected override void OnStart() => _pool.Prewarm(BufferLength, 2);

    protected override void Handle(in Answer item)
    {
        PipeWriter? writer = Writer();
        if (writer is null)
        {
            Dropped++;
            return;
        }

        if (item.Type == MessageType.TopOfBook)
        {
            MessageWriter.WriteTopOfBook(writer, item.Sequence, item.Due, item.Top);
        }
        else
        {
            MessageWriter.WriteBare(writer, item.Type, item.Sequence, item.Due);
        }

        if (writer.UnflushedBytes > BufferLength - MessageLengths.TopOfBook)
        {
            Flush();
        }
    }

    protected override void Release(in Answer item)
    {
    }

    protected override void OnIdle() => Flush();

    protected override void OnEnd()
    {
        Flush();
        End();
    }

    private PipeWriter? Writer()
    {
        Socket? current = Volatile.Read(ref _current);
        if (current != _socket)
        {
            End();
            _socket = current;
            _writer = current is null ? null : PipeWriter.Create(new BlockingStream(current), _options);
        }

        return _writer;
    }

    private void Flush()
    {
        if (_writer is not { UnflushedBytes: > 0 } writer)
        {
            return;
        }

        try
        {
            writer.Flush();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The receiver meets the same end of the connection, and reports it.
            End();
        }
    }

    private void End()
    {
        // With an exception, as it would flush otherwise: fail at it once more, and keep its buffers.
        _writer?.Complete(s_end);
        _writer = null;
    }
}
