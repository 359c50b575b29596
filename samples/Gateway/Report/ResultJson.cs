// The same figures for programs, one object a pool. The keys are part of the sample's interface: scripts and tests read them. Latencies are in nanoseconds, wire to book.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

using Gateway.Faults;
using Gateway.Memory;
using Gateway.Running;

using OrderBook.Report;

using SideBySide;

namespace Gateway.Report;

internal static class ResultJson
{
    public static void Write(Stream output, IReadOnlyList<RunResult> results) => FigureJson.Write(output, results, result => result.Pool.Name(), WriteRun);

    private static void WriteRun(Utf8JsonWriter json, RunResult result)
    {
        json.WriteNumber("messages", result.Messages);
        json.WriteNumber("lost", result.Lost);
        json.WriteNumber("outOfOrder", result.OutOfOrder);
        json.WriteNumber("p50", result.Latencies.P50);
        json.WriteNumber("p99", result.Latencies.P99);
        json.WriteNumber("p999", result.Latencies.P999);
        json.WriteNumber("p9999", result.Latencies.P9999);
        json.WriteNumber("max", result.Latencies.Max);
        json.WriteNumber("messagesPerSecond", Math.Round(result.MessagesPerSecond));
        json.WriteNumber("gcCollections", result.Collections.Total);
        json.WriteNumber("allocatedBytes", result.AllocatedBytes);
        json.WriteNumber("buffersOut", result.BuffersOut);
        json.WriteNumber("poolBytes", result.PoolBytes);
        json.WriteNumber("messageBytes", result.MessageBytes);
        json.WriteNumber("snapshots", result.SnapshotsChecked);
        json.WriteNumber("topsOfBook", result.TopsOfBook);
        BookFigureJson.Write(json, result.Figures, result.RestingBySymbol);
        foreach ((Incident kind, long count) in result.Events)
        {
            json.WriteNumber(IncidentLog.Key(kind), count);
        }

        json.WriteBoolean("isRight", result.IsRight);
    }
}
