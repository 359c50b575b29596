// A fix is a class, the ids that it is for, and on the page of each the words that the menu says. These tests hold them together.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

using NativeHeap.Analyzers.Tests;

using Xunit;

namespace NativeHeap.CodeFixes.Tests;

public static class FixPageTests
{
    internal static readonly CodeFix[] Fixes =
    [
        .. typeof(CodeFix).Assembly.GetTypes().Where(static t => !t.IsAbstract && t.IsSubclassOf(typeof(CodeFixProvider)))
            .OrderBy(static t => t.Name, StringComparer.Ordinal).Select(static t => (CodeFix)Activator.CreateInstance(t)!),
    ];

    public static TheoryData<string> Names { get; } = [.. Fixes.Select(static f => f.GetType().Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public static void A_fix_is_found_by_the_editor(string name)
    {
        CodeFix fix = Find(name);
        ExportCodeFixProviderAttribute export = Assert.Single(fix.GetType().GetCustomAttributes(false).OfType<ExportCodeFixProviderAttribute>());
        Assert.Equal([LanguageNames.CSharp], export.Languages);
        Assert.Equal(name, export.Name);
        Assert.Contains(fix.GetFixAllProvider().GetSupportedFixAllScopes(), static scope => scope == FixAllScope.Solution);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public static void Its_rules_exist_and_their_pages_name_it(string name)
    {
        CodeFix fix = Find(name);
        Assert.NotEmpty(fix.FixableDiagnosticIds);
        foreach (string id in fix.FixableDiagnosticIds)
        {
            Assert.Contains(id, TestProgram.Analyzers.SelectMany(static a => a.SupportedDiagnostics).Select(static d => d.Id));
            string[] shown = Read($"docs/{id}.md").Split("## Fix", 2);
            Assert.True(shown.Length == 2 && shown[1].Contains($"**{fix.Title}**", StringComparison.Ordinal), $"docs/diagnostics/{id}.md does not say **{fix.Title}** under Fix");
        }
    }

    [Fact]
    public static void Pages_name_no_fix_that_there_is_not()
    {
        IEnumerable<string> titles = Fixes.Select(static f => f.Title);
        IEnumerable<string> named = typeof(FixPageTests).Assembly.GetManifestResourceNames().Where(static n => n.StartsWith("docs/NH", StringComparison.Ordinal))
            .SelectMany(static page => Read(page).Split('\n').Where(static line => line.StartsWith("In the menu: ", StringComparison.Ordinal)))
            .SelectMany(static line => line.Split("**").Where(static (_, i) => i % 2 == 1)).Distinct();
        Assert.Equal(titles.Order(), named.Order());
    }

    [Fact]
    public static void The_table_of_pages_names_every_fix()
        => Assert.Equal(
            Fixes.Select(static f => $"| {f.Title} | {string.Join(", ", f.FixableDiagnosticIds.Select(static id => $"[{id}]({id}.md)"))} |").Order(StringComparer.Ordinal),
            Read("docs/README.md").Split("## Fixes")[1].Split('\n').Where(static line => line.Contains("](NH", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    private static CodeFix Find(string name) => Fixes.Single(f => f.GetType().Name == name);

    private static string Read(string resource)
    {
        using Stream stream = typeof(FixPageTests).Assembly.GetManifestResourceStream(resource) ?? throw new FileNotFoundException(resource);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
