// The thread that records: every message as it came, to a file if one is asked for.
//
// It writes behind, in batches, into buffers of the pool. It asks a pool that does not wait: at the limit it writes out what it has, which gives its buffers back to whoever waits for them, and goes on. So of all users of the pool it is the one
// that takes most, and the one that yields.

using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Pipelines;
using System.Threading;

using Gateway.Faults;
using Gateway.Lanes;
using Gateway.Memory;
using Gateway.Streams;
using Gateway.Wire;

using NativeHeap;

namespace Gateway.Session;

[SuppressMessage("Usage", "CA2213:Disposable fields should be disposed", Justification = "The store is the run's, and the pipe ends its stream.")]
internal sealed class Recorder : Consumer<MessageBuffer>
{
    public const int BufferLength = 16 * 1024;
    public const int BatchLength = 512 * 1024;

    private const int BlankBatches = 4;
    private static readonly byte[] s_blank = new byte[BufferLength];
    private static readonly OperationCanceledException s_end = new("The recording has ended.");

    private readonly MessageStore _store;
    private readonly IncidentLog _log;
    private readonly Stream _output;
    private readonly BlockingStream _stream;
    private readonly PipeWriter _writer;
    private long _last;

    /// <param name="lane">Where messages come from.</param>
    /// <param name="output">Where they go; ends with this.</param>
    /// <param name="pool">What batches are made of.</param>
    /// <param name="store">What messages are made of.</param>
    /// <param name="fault">What is to go wrong.</param>
    /// <param name="log">Is told.</param>
    /// <param name="stop">The end of the run.</param>
    public Recorder(Lane<MessageBuffer> lane, Stream output, BufferPool pool, MessageStore store, FaultPlan fault, IncidentLog log, CancellationToken stop)
        : base(ConsumerName.Recording, lane, fault, log, stop)
    {
        _store = store;
        _log = log;
        _output = output;
        _stream = new BlockingStream(Stream.Null);
        _writer = PipeWriter.Create(_stream, new StreamPipeWriterOptions(pool.Failing, BufferLength));
    }

    public long Bytes { get; private set; }

    /// <summary>Whether all that has been handled has been written.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Messages that did not follow the one before.</summary>
    public long OutOfOrder { get; private set; }

    protected override long SequenceOf(in MessageBuffer item) => MessageHeader.Read(item.Span).Sequence;

    // Batches of nothing, to nowhere: pipe and pool make what a batch takes, for this thread, before anything is measured.
    protected override void OnStart()
    {
        for (int i = 0; i < BlankBatches * BatchLength / BufferLength; i++)
        {
            Write(s_blank);
        }

        _writer.Flush();
        _stream.Switch(_output);
    }

    protected override void Handle(in MessageBuffer item)
    {
        ReadOnlySpan<byte> message = item.Span;
        Write(message);
        long sequence = MessageHeader.Read(message).Sequence;
        OutOfOrder += sequence == _last + 1 ? 0 : 1;
        _last = sequence;
        Bytes += message.Length;
    }

    protected override void Release(in MessageBuffer item) => _ = item.Release();

    protected override void OnIdle()
    {
        if (_writer.UnflushedBytes > 0)
        {
            _writer.Flush();
        }

        _store.HelpIfShort();
    }

    protected override void OnEnd()
    {
        try
        {
            _writer.Flush();
            IsComplete = true;
        }
        catch (IOException e)
        {
            _log.Report(Incident.RecordingFailed, $"the end of the recording cannot be written: {e.Message}");
        }

        // With an exception, as it would flush otherwise: fail at it once more, and keep its buffers.
        _writer.Complete(s_end);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _output.Dispose();
        }

        base.Dispose(disposing);
    }

    // Buffer by buffer, so that all of them are of one length, however long a message is.
    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> free = NextSpan();
            int count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            _writer.Advance(count);
            bytes = bytes[count..];
        }
    }

    private Span<byte> NextSpan()
    {
        if (_writer.UnflushedBytes >= BatchLength)
        {
            _writer.Flush();
        }

        try
        {
            return _writer.GetSpan();
        }
        catch (OutOfMemoryException)
        {
            _log.Report(Incident.MemoryShort, "the pool is at its limit: recording writes out what it has");
            _writer.Flush();
            return _writer.GetSpan();
        }
    }
}
