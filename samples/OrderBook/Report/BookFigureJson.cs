// What the books counted, as properties. The keys are part of the samples' interface: scripts and tests read them.

using System.Collections.Generic;
using System.Text.Json;

using OrderBook.Book;

namespace OrderBook.Report;

internal static class BookFigureJson
{
    public static void Write(Utf8JsonWriter json, in BookFigures figures, IReadOnlyList<KeyValuePair<string, int>> restingBySymbol)
    {
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
        foreach ((string symbol, int resting) in restingBySymbol)
        {
            json.WriteNumber(symbol, resting);
        }

        json.WriteEndObject();
        json.WriteNumber("crossedStates", figures.CrossedStates);
        json.WriteNumber("fillsNotAtBest", figures.FillsNotAtBest);
        json.WriteNumber("fillsNotAtFront", figures.FillsNotAtFront);
    }
}
