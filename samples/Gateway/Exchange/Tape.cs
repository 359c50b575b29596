// All messages of a session, encoded, in the order of their sequence numbers: what an exchange keeps so that it can send any of them again.
//
//     Messages + 1 = entries of _offsets,   message s lies at [ _offsets[s - 1], _offsets[s] ),   _offsets[0] = 0
//
// They lie end to end in native memory, as they go over the wire; to send a run of messages is to send one range of bytes. Only their times are not known before: they are written into the
// bytes when they are sent. One thread at a time sends.

using System;
using System.Collections.Generic;

using NativeHeap;


using OrderBook.Book;

namespace Gateway.Exchange;

internal sealed class Tape : IDisposable
{
    private readonly NativeList<byte> _bytes;
    private readonly NativeList<long> _offsets;
    private readonly NativeList<int> _milliseconds;

    public Tape(NativeList<byte> bytes, NativeList<long> offsets, NativeList<int> milliseconds)
    {
        _bytes = bytes;
        _offsets = offsets;
        _milliseconds = milliseconds;
    }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Symbols { get; init; }

    /// <summary>How many of the messages are events, snapshots and the rest.</summary>
    public required int Events { get; init; }

    public required int Snapshots { get; init; }

    /// <summary>What the books must come to: the events applied to books without a wire in between.</summary>
    public required BookFigures Expected { get; init; }

    /// <inheritdoc cref="Expected"/>
    public required IReadOnlyList<KeyValuePair<string, int>> ExpectedResting { get; init; }

    /// <summary>The number of messages, and the last one's sequence number.</summary>
    public long Messages => _offsets.Count - 1;

    public long Bytes => _bytes.Count;

    /// <summary>How long the session takes at the exchange's own speed.</summary>
    public double Seconds => (MillisecondsAt(Messages) - MillisecondsAt(1)) / 1000.0;

    /// <summary>A run of messages as they go over the wire.</summary>
    /// <param name="first">The first one's sequence number.</param>
    /// <param name="count">How many.</param>
    public Span<byte> this[long first, int count]
    {
        get
        {
            long start = _offsets[(int)first - 1];
            return _bytes.Slice((int)start, (int)(_offsets[(int)first - 1 + count] - start));
        }
    }

    /// <summary>The exchange's time of a message, in milliseconds after midnight: never less than that of the message before.</summary>
    public int MillisecondsAt(long sequence) => _milliseconds[(int)sequence - 1];

    public void Dispose()
    {
        _bytes.Dispose();
        _offsets.Dispose();
        _milliseconds.Dispose();
    }
}
