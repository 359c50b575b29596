// The same figures for programs: one object a result, under the name of what was run on.
//
// Written token by token, without reflection, so that it is the same compiled ahead of time.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace SideBySide;

internal static class FigureJson
{
    /// <summary>Writes the figures of each result.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="results">The results.</param>
    /// <param name="key">What a result's object is called.</param>
    /// <param name="figures">Writes the properties of a result.</param>
    public static void Write<TResult>(Stream output, IReadOnlyList<TResult> results, Func<TResult, string> key, Action<Utf8JsonWriter, TResult> figures)
    {
        using Utf8JsonWriter json = new(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        foreach (TResult result in results)
        {
            json.WriteStartObject(key(result));
            figures(json, result);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
