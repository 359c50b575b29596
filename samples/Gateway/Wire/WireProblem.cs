namespace Gateway.Wire;

/// <summary>What can be wrong with the bytes of a message. After any of these nothing that follows in the stream can be trusted.</summary>
internal enum WireProblem
{
    None,
    TooShort,
    TooLong,
    WrongVersion,
    UnknownType,
    WrongLength,
    BadSequence,
    BadSymbol,
    BadName,
    BadSide,
    BadId,
    BadPrice,
    BadQuantity,
    BadTime,
    BadFormat,
    BadCount,
    OutOfPlace,
}

internal static class WireProblems
{
    public static string Describe(this WireProblem problem) => problem switch
    {
        WireProblem.None => "nothing",
        WireProblem.TooShort => "its length is less than a header's",
        WireProblem.TooLong => "its length is over 64 KiB",
        WireProblem.WrongVersion => "its version is not 1",
        WireProblem.UnknownType => "its type is unknown",
        WireProblem.WrongLength => "its length is not that of its type",
        WireProblem.BadSequence => "its sequence number is not above 0",
        WireProblem.BadSymbol => "its symbol is none of the session's",
        WireProblem.BadName => "a name in it is not 1 to 40 printable characters",
        WireProblem.BadSide => "its side is neither buy, sell nor none",
        WireProblem.BadId => "an id in it is not above 0",
        WireProblem.BadPrice => "its price is out of range",
        WireProblem.BadQuantity => "its quantity is not above 0",
        WireProblem.BadTime => "its time is not within a day",
        WireProblem.BadFormat => "its feed format is unknown",
        WireProblem.BadCount => "it counts more than it has room for",
        WireProblem.OutOfPlace => "its type has no place there",
        _ => problem.ToString(),
    };
}
