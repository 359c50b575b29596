// What the rules say at Info about correct code: of ValidCode, and of the samples as the SDK's own compiler built them. Informations.md lists each case with the reason why it is raised, and why it is no mistake; one more, or
// one less, fails here. Nothing may be above Info.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class InformationTests
{
    private const string List = "Informations.md";

    public static TheoryData<string> Samples => ["Gateway", "MemoryMaps", "Misuse", "OrderBook", "Swarm"];

    [Fact]
    public static async Task ValidCode_raises_what_is_listed()
    {
        List<string> found = [];
        foreach (string name in ValidSources.Names)
        {
            ImmutableArray<Diagnostic> diagnostics = await TestProgram.AnalyzeAsync(new TestProgram(ValidSources.Read(name)).Compile());
            Assert.DoesNotContain(diagnostics, static d => d.Severity > DiagnosticSeverity.Info);
            found.AddRange(diagnostics.Select(d => Case("ValidCode/" + name, d.Id, d.Location.SourceTree!.GetText().ToString(d.Location.SourceSpan))));
        }

        Assert.Equal(string.Join("\n", Listed("ValidCode/")), string.Join("\n", Counted(found)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public static void A_sample_raises_what_is_listed(string sample)
    {
        string folder = Path.Combine(Metadata("SamplesDirectory"), sample);
        string log = Path.Combine(folder, "obj", Metadata("Configuration"), "net10.0", "diagnostics.sarif");
        Assert.SkipUnless(File.Exists(log), $"The sample is not built: dotnet build samples/{sample} -c {Metadata("Configuration")}");
        using JsonDocument sarif = JsonDocument.Parse(File.ReadAllText(log));
        List<string> found = [];
        foreach (JsonElement result in sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray())
        {
            string id = result.GetProperty("ruleId").GetString()!;
            if (!id.StartsWith("NH", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.Equal("note", result.GetProperty("level").GetString());
            JsonElement place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
            string file = new Uri(place.GetProperty("artifactLocation").GetProperty("uri").GetString()!, UriKind.RelativeOrAbsolute) is { IsAbsoluteUri: true } absolute
                ? absolute.LocalPath
                : Path.Combine(folder, place.GetProperty("artifactLocation").GetProperty("uri").GetString()!);
            string shown = Path.GetRelativePath(Metadata("SamplesDirectory"), file).Replace('\\', '/');
            found.Add(Case("samples/" + shown, id, TextOf(file, place.GetProperty("region"))));
        }

        Assert.Equal(string.Join("\n", Listed($"samples/{sample}/")), string.Join("\n", Counted(found)));
    }

    [Fact]
    public static void Every_case_is_explained()
        => Assert.All(Rows(), static row => Assert.True(row[4].Length > 20, $"{row[0]} {row[1]} {row[2]}: why?"));

    [Fact]
    public static void The_list_names_nothing_else()
        => Assert.All(Rows(), static row => Assert.True(
            row[0].StartsWith("ValidCode/", StringComparison.Ordinal) || Samples.Any(s => row[0].StartsWith($"samples/{s.Data}/", StringComparison.Ordinal)), row[0]));

    private static string Case(string source, string id, string text) => $"{source} {id} `{string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}`";

    private static IEnumerable<string> Counted(IEnumerable<string> cases)
        => cases.GroupBy(static c => c, StringComparer.Ordinal).Select(static g => $"{g.Key} {g.Count()}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Listed(string prefix)
        => Rows().Where(row => row[0].StartsWith(prefix, StringComparison.Ordinal)).Select(static row => $"{row[0]} {row[1]} {row[2]} {row[3]}").Order(StringComparer.Ordinal);

    private static IEnumerable<string[]> Rows()
    {
        using StreamReader reader = new(typeof(InformationTests).Assembly.GetManifestResourceStream(List)!);
        return [.. reader.ReadToEnd().Split('\n').Where(static l => l.StartsWith("| ValidCode/", StringComparison.Ordinal) || l.StartsWith("| samples/", StringComparison.Ordinal))
            .Select(static l => l.Split('|', StringSplitOptions.TrimEntries)[1..^1])];
    }

    private static string TextOf(string file, JsonElement region)
    {
        SourceText text = SourceText.From(File.ReadAllText(file));
        int At(string line, string column) => text.Lines[region.GetProperty(line).GetInt32() - 1].Start + region.GetProperty(column).GetInt32() - 1;
        return text.ToString(TextSpan.FromBounds(At("startLine", "startColumn"), At("endLine", "endColumn")));
    }

    private static string Metadata(string key) => typeof(InformationTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
