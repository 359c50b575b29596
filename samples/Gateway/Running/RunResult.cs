// What a session came to, on one pool, and whether it was right.

using System.Collections.Generic;

using Gateway.Faults;
using Gateway.Memory;
using Gateway.Session;

using OrderBook.Book;

using SideBySide;

namespace Gateway.Running;

internal sealed record RunResult
{
    public required PoolKind Pool { get; init; }

    /// <summary>Messages that the book has applied.</summary>
    public required long Messages { get; init; }

    /// <summary>What book, risk and recording together have not handled of what the exchange had.</summary>
    public required long Lost { get; init; }

    /// <summary>Messages that did not follow the one before, at the wire and at each consumer.</summary>
    public required long OutOfOrder { get; init; }

    public required LatencyFigures Latencies { get; init; }

    /// <summary>How many messages were measured, and for how long.</summary>
    public required long MeasuredMessages { get; init; }

    public required double MeasuredSeconds { get; init; }

    public double MessagesPerSecond => MeasuredSeconds > 0 ? MeasuredMessages / MeasuredSeconds : 0;

    public required Collections Collections { get; init; }

    public required long AllocatedBytes { get; init; }

    /// <summary>Buffers of the pool and messages of the gateway's heap that nobody has returned.</summary>
    public required long BuffersOut { get; init; }

    /// <summary>The most that the pool's buffers took, in bytes; and the messages.</summary>
    public required long PoolBytes { get; init; }

    /// <inheritdoc cref="PoolBytes"/>
    public required long MessageBytes { get; init; }

    public required long SnapshotsChecked { get; init; }

    public required long TopsOfBook { get; init; }

    public required BookFigures Figures { get; init; }

    public required IReadOnlyList<KeyValuePair<string, int>> RestingBySymbol { get; init; }

    public required IReadOnlyList<KeyValuePair<Incident, long>> Events { get; init; }

    /// <summary>What is not as it must be, each in a line; none if the run was right.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    public bool IsRight => Problems.Count == 0;
}
