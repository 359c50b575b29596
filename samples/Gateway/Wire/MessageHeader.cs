// What every message begins with. docs/gateway.md has the whole encoding as a table; this folder is it in code.
//
//     offset  0  4  5  6      8         16        24
//             +--+--+--+------+---------+---------+------
//             |length |t|v|n  |sequence |due      |body
//             +--+--+--+------+---------+---------+------
//
// All numbers are little-endian. The length counts the header too, so the next message is found without knowing this one's type. A
// stream is messages one after the other, with nothing between them; sequence numbers of a session begin at 1 and have no gaps.

using System;
using System.Buffers.Binary;

namespace Gateway.Wire;

internal enum MessageType : byte
{
    // From the exchange.
    Session = 1,
    Instruments = 2,
    Add = 3,
    Delete = 4,
    Trade = 5,
    Execute = 6,
    Reduce = 7,
    Hidden = 8,
    Notice = 9,
    BookSnapshot = 10,
    EndOfFeed = 11,

    // From the gateway.
    Resume = 32,
    Acknowledge = 33,
    TopOfBook = 34,
}

internal struct MessageHeader
{
    public const int Size = 24;
    public const int TypeOffset = 4;
    public const int DueOffset = 16;
    public const byte CurrentVersion = 1;

    /// <summary>The longest message: a reader never has to hold more.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>In bytes, the header included.</summary>
    public int Length;

    public MessageType Type;

    public byte Version;

    /// <summary>How many entries follow, in messages that have entries; else 0.</summary>
    public ushort Count;

    public long Sequence;

    /// <summary>When the message was to be on the wire, by the sender's clock, in <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
    public long Due;

    public static MessageHeader Read(ReadOnlySpan<byte> from) => new()
    {
        Length = BinaryPrimitives.ReadInt32LittleEndian(from),
        Type = (MessageType)from[TypeOffset],
        Version = from[5],
        Count = BinaryPrimitives.ReadUInt16LittleEndian(from[6..]),
        Sequence = BinaryPrimitives.ReadInt64LittleEndian(from[8..]),
        Due = BinaryPrimitives.ReadInt64LittleEndian(from[DueOffset..]),
    };

    public readonly void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, Length);
        to[TypeOffset] = (byte)Type;
        to[5] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[DueOffset..], Due);
    }

    /// <summary>Changes the time in an encoded message.</summary>
    public static void Stamp(Span<byte> message, long due) => BinaryPrimitives.WriteInt64LittleEndian(message[DueOffset..], due);
}
