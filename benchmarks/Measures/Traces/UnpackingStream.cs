// Unpacks what Brotli has packed, and says so when the packed stream is not whole.
//
// BrotliStream ends quietly where its input does, as long as all that was there could be unpacked: a file that lacks its last bytes passes, and so does one that goes on after its
// end. A trace that is accepted must be the one that was written, so this one asks the decoder whether it is done.

using System;
using System.Buffers;
using System.IO;
using System.IO.Compression;

namespace NativeHeap.Benchmarks.Measures.Traces;

/// <summary>A packed stream, to be read from its start to its end. Throws <see cref="InvalidDataException"/>, whose message ends a sentence about the file.</summary>
internal sealed class UnpackingStream(Stream packed) : Stream
{
    private readonly byte[] _input = new byte[1 << 16];
    private BrotliDecoder _decoder;
    private int _start;
    private int _end;
    private bool _isDone;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (!_isDone)
        {
            OperationStatus status = _decoder.Decompress(_input.AsSpan(_start.._end), buffer, out int consumed, out int written);
            _start += consumed;
            _isDone = status == OperationStatus.Done;
            if (status == OperationStatus.InvalidData)
            {
                throw new InvalidDataException("it is not what Brotli writes");
            }

            if (_isDone && (_start != _end || Refill()))
            {
                throw new InvalidDataException("it goes on after the end of what Brotli wrote");
            }

            if (written > 0)
            {
                return written;
            }

            if (status == OperationStatus.NeedMoreData && !Refill())
            {
                throw new InvalidDataException("the end of what Brotli wrote is missing");
            }
        }

        return 0;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
            packed.Dispose();
        }

        base.Dispose(disposing);
    }

    // All of the input so far is consumed.
    private bool Refill()
    {
        _start = 0;
        _end = packed.Read(_input);
        return _end > 0;
    }
}
