// Splits a stream into lines without making a string of any.
//
// One buffer; a line handed out is a span of it, good until the next call. The invariant:
//
//     0 <= _start <= _end <= buffer length,   bytes [_start, _end) are read from the stream and not yet handed out
//
// More is read only when no whole line is left in the buffer. So when the stream throws, every line before the break has been
// handed out, and LineNumber + 1 is the line in which it broke.
//
// LF and CRLF end a line; the last one needs neither. A line over the limit is dropped, however long it is, and reported once.

using System;
using System.IO;

namespace OrderBook.Feed;

internal enum LineKind
{
    Line,
    TooLong,
    End,
}

internal sealed class LineReader(Stream stream)
{
    public const int MaxLength = 1024;
    private const int BufferSize = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private bool _streamEnded;

    /// <summary>The number of the line handed out last, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The first bytes of the stream: a line at least, or a buffer full. Only before the first line is read.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        // No further than that: should the stream break later, the lines before the break are still to be handed out.
        while (!_streamEnded && _end < BufferSize && !_buffer.AsSpan(0, _end).Contains((byte)'\n'))
        {
            Fill();
        }

        return _buffer.AsSpan(_start, _end - _start);
    }

    public LineKind Read(out ReadOnlySpan<byte> line)
    {
        bool dropped = false;
        int scanned = 0;
        while (true)
        {
            ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
            int newline = pending[scanned..].IndexOf((byte)'\n');
            if (newline >= 0 || (_streamEnded && (pending.Length > 0 || dropped)))
            {
                int length = newline >= 0 ? scanned + newline : pending.Length;
                _start += newline >= 0 ? length + 1 : length;
                LineNumber++;
                line = Trim(pending[..length]);
                return dropped || line.Length > MaxLength ? LineKind.TooLong : LineKind.Line;
            }

            if (_streamEnded)
            {
                line = default;
                return LineKind.End;
            }

            if (pending.Length == BufferSize)
            {
                dropped = true;
                _start = _end;
            }

            scanned = _end - _start;
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _streamEnded = read == 0;
    }

    private ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (LineNumber == 1 && line.StartsWith(byteOrderMark))
        {
            line = line[byteOrderMark.Length..];
        }

        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
