// The same figures for programs. The keys are part of the sample's interface: scripts and tests read them.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

using OrderBook.Replay;

using SideBySide;

namespace OrderBook.Report;

internal static class ResultJson
{
    public static void Write(Stream output, IReadOnlyList<HeapResult> results) => FigureJson.Write(output, results, result => result.Heap.Name(), WriteHeap);

    private static void WriteHeap(Utf8JsonWriter json, HeapResult result)
    {
        BookFigureJson.Write(json, result.Figures, result.RestingBySymbol);
        json.WriteNumber("nsPerEvent", Math.Round(result.NanosecondsPerEvent, 2));
        json.WriteNumber("p50", result.P50);
        json.WriteNumber("p99", result.P99);
        json.WriteNumber("p999", result.P999);
        json.WriteNumber("max", result.Max);
        json.WriteNumber("gcCollections", result.Collections.Total);
        json.WriteNumber("allocatedBytes", result.AllocatedBytes);
    }
}
