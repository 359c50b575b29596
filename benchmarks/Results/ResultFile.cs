// The file of `--json`: how it was run, machine, versions, rows and goals; for scripts, for comparing one run with another, and for
// the page that `report` makes. Read and written here, so that the two cannot come apart.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NativeHeap.Benchmarks.Results;

/// <param name="Command">The command.</param>
/// <param name="Arguments">Its operand, by its name, and its options.</param>
/// <param name="Date">When it ended, UTC, to the minute.</param>
/// <param name="Commit">What NativeHeap was built from, as far as the build knows.</param>
internal sealed record Run(string Command, string Arguments, string Date, string Commit);

internal sealed record ResultFile(Run Run, IReadOnlyDictionary<string, string> Machine, Report Report)
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ResultFile Of(string command, string arguments, Report report)
        => new(
            new(command, arguments, DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Results.Machine.Commit),
            Results.Machine.Describe(),
            report);

    public void Write(string path)
    {
        using FileStream file = File.Create(path);
        using Utf8JsonWriter json = new(file, s_options);
        json.WriteStartObject();
        WriteTexts(json, "run", new Dictionary<string, string> { ["command"] = Run.Command, ["arguments"] = Run.Arguments, ["date"] = Run.Date, ["commit"] = Run.Commit });
        WriteTexts(json, "machine", Machine);
        WriteTexts(json, "versions", Report.Versions);
        WriteObjects(json, "rows", Report.Rows, WriteRow);
        WriteObjects(json, "goals", Report.Goals, WriteGoal);
        json.WriteEndObject();
    }

    /// <exception cref="UsageException">The file is not one of <c>--json</c>.</exception>
    public static ResultFile Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            JsonElement root = document.RootElement;
            JsonElement run = root.GetProperty("run");
            return new(
                new(Text(run, "command"), Text(run, "arguments"), Text(run, "date"), Text(run, "commit")),
                Texts(root, "machine"),
                new([.. root.GetProperty("rows").EnumerateArray().Select(ReadRow)], Texts(root, "versions"), [.. root.GetProperty("goals").EnumerateArray().Select(ReadGoal)]));
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"'{path}' is not a result file: {other.Message} Make it with a command's --json FILE.");
        }
    }

    private static void WriteRow(Utf8JsonWriter json, Row row)
    {
        json.WriteString("measure", row.Measure);
        json.WriteString("cell", row.Cell);
        json.WriteString("subject", row.Subject);
        json.WriteString("unit", row.Unit);
        json.WriteNumber("median", Rounded(row.Value.Median));
        json.WriteNumber("min", Rounded(row.Value.Min));
        json.WriteNumber("max", Rounded(row.Value.Max));
    }

    private static Row ReadRow(JsonElement row)
        => new(
            Text(row, "measure"),
            Text(row, "cell"),
            Text(row, "subject"),
            Text(row, "unit"),
            new(row.GetProperty("median").GetDouble(), row.GetProperty("min").GetDouble(), row.GetProperty("max").GetDouble()));

    private static void WriteGoal(Utf8JsonWriter json, Goal goal)
    {
        json.WriteString("id", goal.Id);
        json.WriteString("measure", goal.Measure);
        json.WriteNumber("goal", goal.Bound);
        json.WriteString("sense", goal.Sense == Sense.Min ? "min" : "max");
        if (goal.Value is double value)
        {
            json.WriteNumber("value", Rounded(value));
        }
        else
        {
            json.WriteNull("value");
        }

        json.WriteBoolean("met", goal.Met);
        json.WriteString("meaning", goal.Meaning);
        json.WriteString("missing", goal.Missing);
    }

    private static Goal ReadGoal(JsonElement goal)
        => new(
            Text(goal, "id"),
            Text(goal, "measure"),
            goal.GetProperty("goal").GetDouble(),
            Text(goal, "sense") == "min" ? Sense.Min : Sense.Max,
            Text(goal, "meaning"),
            goal.GetProperty("value") is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null,
            goal.GetProperty("met").GetBoolean(),
            goal.GetProperty("missing").GetString());

    private static void WriteObjects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
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

    private static Dictionary<string, string> Texts(JsonElement parent, string name)
        => parent.GetProperty(name).EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString() ?? string.Empty);

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? string.Empty;

    private static double Rounded(double value) => Math.Round(value, 4);
}
