using System;

using Gateway.Faults;

namespace Gateway.Running;

/// <summary>How a session is to be run.</summary>
internal sealed record RunOptions
{
    public const int DefaultPatience = 10_000;

    /// <summary>How many times the exchange's own speed; null for the fastest.</summary>
    public double? Rate { get; init; }

    public FaultKind Fault { get; init; }

    /// <summary>The message at which the fault strikes.</summary>
    public long FaultAt { get; init; }

    public ConsumerName FaultConsumer { get; init; } = ConsumerName.Recording;

    /// <summary>How long anybody waits for somebody else, in milliseconds, before giving up.</summary>
    public int Patience { get; init; } = DefaultPatience;

    /// <summary>How many messages wait for a consumer at most.</summary>
    public int LaneCapacity { get; init; } = 4_096;

    /// <summary>Whether this is only to find out how much memory the session takes, and to have all code compiled.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>Limits on memory; null for none.</summary>
    public long? PoolBytes { get; init; }

    /// <inheritdoc cref="PoolBytes"/>
    public long? MessageBytes { get; init; }

    /// <summary>Where the messages are recorded; null for nowhere.</summary>
    public string? Record { get; init; }

    /// <summary>The port of the HTTP endpoint; null for none, 0 for any.</summary>
    public int? HttpPort { get; init; }

    /// <summary>Told where the endpoint is.</summary>
    public Action<Uri> HttpStarted { get; init; } = static _ => { };
}
