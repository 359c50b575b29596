// The file of `--json`: machine, versions, rows and goals, for scripts and for comparing one run with another.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace NativeHeap.Benchmarks.Results;

internal static class ResultFile
{
    public static void Write(string path, Report report)
    {
        using FileStream file = File.Create(path);
        using Utf8JsonWriter json = new(file, new() { Indented = true });
        json.WriteStartObject();
        WriteTexts(json, "machine", Machine.Describe());
        WriteTexts(json, "versions", report.Versions);

        json.WriteStartArray("rows");
        foreach (Row row in report.Rows)
        {
            json.WriteStartObject();
            json.WriteString("measure", row.Measure);
            json.WriteString("cell", row.Cell);
            json.WriteString("subject", row.Subject);
            json.WriteString("unit", row.Unit);
            json.WriteNumber("median", Rounded(row.Value.Median));
            json.WriteNumber("min", Rounded(row.Value.Min));
            json.WriteNumber("max", Rounded(row.Value.Max));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("goals");
        foreach (Goal goal in report.Goals)
        {
            json.WriteStartObject();
            json.WriteString("id", goal.Definition.Id);
            json.WriteString("measure", goal.Definition.Measure);
            json.WriteNumber("goal", goal.Definition.Bound);
            json.WriteString("sense", goal.Definition.Sense == Sense.Min ? "min" : "max");
            if (goal.Value is double value)
            {
                json.WriteNumber("value", Rounded(value));
            }
            else
            {
                json.WriteNull("value");
            }

            json.WriteBoolean("met", goal.Met);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in texts)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static double Rounded(double value) => Math.Round(value, 4);
}
