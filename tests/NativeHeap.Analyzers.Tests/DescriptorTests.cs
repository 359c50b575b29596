// A rule is four things: a descriptor, a page, a line in the table of pages and one in the list of releases. These tests hold them together.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

using Microsoft.CodeAnalysis;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class DescriptorTests
{
    private static readonly DiagnosticDescriptor[] s_descriptors =
        [.. typeof(Descriptors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static f => (DiagnosticDescriptor)f.GetValue(null)!).OrderBy(static d => d.Id, StringComparer.Ordinal)];

    // Of this project, which is built with the same address as the analyzers.
    private static readonly string? s_pagesUrl = typeof(DescriptorTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "PagesUrl").Value;

    public static TheoryData<string> Ids { get; } = [.. s_descriptors.Select(static d => d.Id)];

    [Fact]
    public static void Ids_are_unique_and_all_used()
    {
        string[] ids = [.. s_descriptors.Select(static d => d.Id)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(typeof(DiagnosticIds).GetFields().Select(static f => (string)f.GetRawConstantValue()!).Order(), ids);
    }

    [Fact]
    public static void Every_rule_has_one_analyzer()
        => Assert.Equal(s_descriptors.Select(static d => d.Id), TestProgram.Analyzers.SelectMany(static a => a.SupportedDiagnostics).Select(static d => d.Id).Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Every_rule_has_a_page(string id)
    {
        DiagnosticDescriptor descriptor = s_descriptors.Single(d => d.Id == id);
        Assert.Equal($"{s_pagesUrl}docs/diagnostics/{id}.md", descriptor.HelpLinkUri);
        string page = Read($"docs/{id}.md");
        Assert.StartsWith($"# {id}: {descriptor.Title}\n", page, StringComparison.Ordinal);
        Assert.Contains($"| {descriptor.DefaultSeverity} | {descriptor.Category} |", page, StringComparison.Ordinal);
        Assert.All(["## Cause", "## Example", "## Fix", "## When to suppress"], section => Assert.Contains(section, page, StringComparison.Ordinal));
    }

    [Fact]
    public static void The_table_of_pages_agrees()
        => Assert.Equal(
            s_descriptors.Select(static d => $"| [{d.Id}]({d.Id}.md) | {d.Title} | {d.DefaultSeverity} | {d.Category} |"),
            Read("docs/README.md").Split('\n').Where(static line => line.StartsWith("| [NH", StringComparison.Ordinal)));

    [Fact]
    public static void The_list_of_releases_agrees()
    {
        IEnumerable<string> listed = (Read("AnalyzerReleases.Shipped.md") + Read("AnalyzerReleases.Unshipped.md")).Split('\n').Where(static line => line.StartsWith("NH", StringComparison.Ordinal));
        Assert.Equal(s_descriptors.Select(static d => $"{d.Id} | {d.Category} | {d.DefaultSeverity} | {d.Title}"), listed.Order());
    }

    [Fact]
    public static void No_page_is_left_over()
        => Assert.Equal(
            s_descriptors.Select(static d => $"docs/{d.Id}.md"),
            typeof(DescriptorTests).Assembly.GetManifestResourceNames().Where(static n => n.StartsWith("docs/NH", StringComparison.Ordinal)).Order());

    internal static string Read(string resource)
    {
        using Stream stream = typeof(DescriptorTests).Assembly.GetManifestResourceStream(resource) ?? throw new FileNotFoundException(resource);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
