// Short sessions for tests: a synthetic feed, all threads and sockets in this process.

using System;
using System.Collections.Generic;
using System.IO;

using Gateway.Exchange;
using Gateway.Faults;
using Gateway.Memory;
using Gateway.Running;

using OrderBook.Feed;

namespace Gateway.Tests.Running;

internal sealed class Sessions : IDisposable
{
    public const int Events = 6_000;

    private readonly StringWriter _log = new();

    public Tape Tape { get; } = TapeWriter.Write(SyntheticFeed.Create(seed: 3, events: Events));

    /// <summary>What was logged.</summary>
    public string Log => _log.ToString();

    public long Middle => (Tape.Messages + 1) / 2;

    public RunResult Run(PoolKind pool = PoolKind.Native, RunOptions? options = null) => GatewayRun.Run(pool, Tape, options ?? new RunOptions(), _log);

    public RunResult Run(FaultKind fault, ConsumerName consumer = ConsumerName.Recording, int patience = RunOptions.DefaultPatience, int laneCapacity = 256)
        => Run(options: new RunOptions { Fault = fault, FaultAt = Middle, FaultConsumer = consumer, Patience = patience, LaneCapacity = laneCapacity });

    public void Dispose()
    {
        Tape.Dispose();
        _log.Dispose();
    }
}

internal static class RunResults
{
    public static long Count(this RunResult result, Incident kind)
    {
        foreach ((Incident key, long count) in result.Events)
        {
            if (key == kind)
            {
                return count;
            }
        }

        throw new KeyNotFoundException(kind.ToString());
    }
}
