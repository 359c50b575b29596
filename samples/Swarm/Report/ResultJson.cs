// The same figures for programs. The keys are part of the sample's interface: scripts and tests read them. Times are in milliseconds; the checksum is a text of 16 hexadecimal digits, since not every reader of JSON has integers of 64 bits.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;

using SideBySide;

using Swarm.Running;

namespace Swarm.Report;

internal static class ResultJson
{
    public static void Write(Stream output, IReadOnlyList<HeapResult> results) => FigureJson.Write(output, results, result => result.Heap.Name(), WriteHeap);

    private static void WriteHeap(Utf8JsonWriter json, HeapResult result)
    {
        json.WriteNumber("frames", result.Times.Count);
        json.WriteNumber("p50", Math.Round(result.Times.Percentile(0.5), 3));
        json.WriteNumber("p99", Math.Round(result.Times.Percentile(0.99), 3));
        json.WriteNumber("p999", Math.Round(result.Times.Percentile(0.999), 3));
        json.WriteNumber("entities", result.Figures.Entities);
        json.WriteNumber("stale", result.Figures.Stale);
        json.WriteString("checksum", result.Figures.Checksum.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteNumber("gcCollections", result.Collections.Total);
        json.WriteNumber("allocatedBytes", result.AllocatedBytes);
        json.WriteNumber("bytesAfterUnload", result.BytesAfterUnload);
    }
}
