// How long a message of each type is: a fixed part, and for some types entries, of which the header says how many.

namespace Gateway.Wire;

internal static class MessageLengths
{
    public const int Event = MessageHeader.Size + 32;
    public const int Trade = Event + sizeof(long);
    public const int Session = MessageHeader.Size + 24;
    public const int Instruments = MessageHeader.Size;
    public const int Instrument = 8 + InstrumentName;

    /// <summary>The longest name of a symbol, in characters, which are ASCII's.</summary>
    public const int InstrumentName = 40;
    public const int BookSnapshot = MessageHeader.Size + 8;
    public const int SnapshotOrder = 24;
    public const int TopOfBook = MessageHeader.Size + 40;

    /// <summary>As many as one message has room for.</summary>
    public const int MaxInstruments = (MessageHeader.MaxLength - Instruments) / Instrument;

    /// <summary>As many as one message has room for, on each side of the book.</summary>
    public const int MaxSnapshotSide = (MessageHeader.MaxLength - BookSnapshot) / SnapshotOrder / 2;

    public static bool IsKnown(MessageType type)
        => type is (>= MessageType.Session and <= MessageType.EndOfFeed) or (>= MessageType.Resume and <= MessageType.TopOfBook);

    /// <summary>Whether the type is that of a change of the books.</summary>
    public static bool IsEvent(MessageType type) => type is >= MessageType.Add and <= MessageType.Notice;

    /// <summary>The one length that a message may have, in bytes; -1 if there can be no such message.</summary>
    public static int Of(MessageType type, int count) => type switch
    {
        MessageType.Instruments => Instruments + (count * Instrument),
        MessageType.BookSnapshot => BookSnapshot + (count * SnapshotOrder),
        _ when count != 0 => -1,
        MessageType.Session => Session,
        MessageType.Trade => Trade,
        MessageType.TopOfBook => TopOfBook,
        _ when IsEvent(type) => Event,
        _ => MessageHeader.Size,
    };
}
