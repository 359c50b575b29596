// The presets of the package: severities for all rules at once. A rule is in all three of them, and Strict never says less than Default, nor Default than Relaxed.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;

using Microsoft.CodeAnalysis;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class PresetTests
{
    private static readonly DiagnosticDescriptor[] s_descriptors =
        [.. TestProgram.Analyzers.SelectMany(static a => a.SupportedDiagnostics).OrderBy(static d => d.Id, StringComparer.Ordinal)];

    public static TheoryData<string> Ids { get; } = [.. s_descriptors.Select(static d => d.Id)];

    [Theory]
    [InlineData("relaxed")]
    [InlineData("default")]
    [InlineData("strict")]
    public static void A_preset_names_every_rule_and_its_title(string preset)
    {
        string[] lines = Text(preset).Split('\n');
        IEnumerable<string> named = Enumerable.Range(1, lines.Length - 1)
            .Where(i => lines[i].StartsWith("dotnet_diagnostic.", StringComparison.Ordinal))
            .Select(i => $"{lines[i - 1]}: {lines[i].Split('.')[1]}");
        Assert.Equal(s_descriptors.Select(static d => $"# {d.Title}: {d.Id}"), named);
        Assert.Equal(s_descriptors.Length, SeveritiesOf(preset).Count);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Presets_only_rise_and_what_cannot_be_right_is_an_error_in_each(string id)
    {
        DiagnosticSeverity own = s_descriptors.Single(d => d.Id == id).DefaultSeverity;
        int relaxed = Rank(SeveritiesOf("relaxed")[id]);
        int normal = Rank(SeveritiesOf("default")[id]);
        int strict = Rank(SeveritiesOf("strict")[id]);
        Assert.Equal((int)own, normal);
        Assert.InRange(relaxed, own == DiagnosticSeverity.Error ? normal : Rank(ReportDiagnostic.Suppress), normal);
        Assert.InRange(strict, normal, Rank(ReportDiagnostic.Error));
        Assert.True(strict == Rank(ReportDiagnostic.Error) || own == DiagnosticSeverity.Info, "Strict makes errors of warnings.");
    }

    [Theory]
    [InlineData("relaxed")]
    [InlineData("default")]
    [InlineData("strict")]
    public static void A_preset_gives_way_to_any_file_of_the_user(string preset)
        => Assert.Equal(ReportDiagnostic.Hidden, Severities("is_global = true\ndotnet_diagnostic.NH1001.severity = silent\n", Text(preset))["NH1001"]);

    private static ImmutableDictionary<string, ReportDiagnostic> SeveritiesOf(string preset) => Severities(Text(preset));

    // As the compiler reads them.
    private static ImmutableDictionary<string, ReportDiagnostic> Severities(params string[] files)
        => AnalyzerConfigSet.Create(Array.ConvertAll(files, static text => AnalyzerConfig.Parse(text, $"/{text.Length}.globalconfig")), out _).GlobalConfigOptions.TreeOptions;

    // Severities of the compiler and of descriptors, on one scale: from 0, hidden, to 3, an error.
    private static int Rank(ReportDiagnostic severity) => severity switch
    {
        ReportDiagnostic.Error => (int)DiagnosticSeverity.Error,
        ReportDiagnostic.Warn => (int)DiagnosticSeverity.Warning,
        ReportDiagnostic.Info => (int)DiagnosticSeverity.Info,
        ReportDiagnostic.Hidden => (int)DiagnosticSeverity.Hidden,
        ReportDiagnostic.Suppress => -1,
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, null),
    };

    private static string Text(string preset)
    {
        string name = $"NativeHeap.{preset}.globalconfig";
        using Stream stream = typeof(PresetTests).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
