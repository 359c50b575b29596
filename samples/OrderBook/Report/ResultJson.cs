// The same figures for programs. The keys are part of the sample's interface: scripts and tests read them.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

using OrderBook.Book;
using OrderBook.Replay;

using SideBySide;

namespace OrderBook.Report;

internal static class ResultJson
{
    public static void Write(Stream output, IReadOnlyList<HeapResult> results) => FigureJson.Write(output, results, result => result.Heap, WriteHeap);

    private static void WriteHeap(Utf8JsonWriter json, HeapResult result)
    {
        BookFigures figures = result.Figures;
        json.WriteNumber("events", figures.Events);
        json.WriteNumber("adds", figures.Adds);
        json.WriteNumber("deletes", figures.Deletes);
        json.WriteNumber("trades", figures.Trades);
        json.WriteNumber("fills", figures.Fills);
        json.WriteNumber("filled", figures.Filled);
        json.WriteNumber("errors", figures.Errors);
        json.WriteNumber("unknown", figures.Unknown);
        json.WriteNumber("peakResting", figures.PeakResting);
        json.WriteNumber("resting", figures.Resting);
        json.WriteNumber("restingQuantity", figures.RestingQuantity);
        json.WriteNumber("tradedQuantity", figures.TradedQuantity);
        json.WriteStartObject("restingBySymbol");
        foreach ((string symbol, int resting) in result.RestingBySymbol)
        {
            json.WriteNumber(symbol, resting);
        }

        json.WriteEndObject();
        json.WriteNumber("crossedStates", figures.CrossedStates);
        json.WriteNumber("fillsNotAtBest", figures.FillsNotAtBest);
        json.WriteNumber("fillsNotAtFront", figures.FillsNotAtFront);
        json.WriteNumber("nsPerEvent", Math.Round(result.NanosecondsPerEvent, 2));
        json.WriteNumber("p50", result.P50);
        json.WriteNumber("p99", result.P99);
        json.WriteNumber("p999", result.P999);
        json.WriteNumber("max", result.Max);
        json.WriteNumber("gcCollections", result.Collections.Total);
        json.WriteNumber("allocatedBytes", result.AllocatedBytes);
    }
}
