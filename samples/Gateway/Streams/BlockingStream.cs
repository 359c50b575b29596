// A stream whose asynchronous calls are over when they return: they wait in the call.
//
// A PipeReader or PipeWriter over it runs on the thread that calls it, from socket to message, without a task, a continuation or the thread pool. That is for threads that have nothing else to do, of which a gateway has a few: they
// wait in the system call itself, which is the shortest way from the wire to the code, and allocate nothing. (A server of ten thousand connections wants it the other way.)

using System;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Gateway.Streams;

internal sealed class BlockingStream : Stream
{
    private Stream _inner;

    /// <param name="inner">The stream that does the work; ends with this.</param>
    public BlockingStream(Stream inner) => _inner = inner;

    /// <param name="socket">The socket to read from and write to; stays the caller's.</param>
    public BlockingStream(Socket socket) => _inner = new NetworkStream(socket, ownsSocket: false);

    public override bool CanRead => _inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => _inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Goes on with another stream, and leaves the one before to the caller.</summary>
    public void Switch(Stream inner) => _inner = inner;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_inner.Read(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _inner.Write(buffer.Span);
        return default;
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        _inner.Flush();
        return Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => _inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _inner.Read(buffer);

    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => _inner.Write(buffer);

    public override void Flush() => _inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
