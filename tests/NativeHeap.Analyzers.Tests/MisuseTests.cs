// How much misuse there is in the tests: distinct programs, each with what it does wrong marked at its place. What surrounds them (SurroundedTests) is not counted.

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;

using NativeHeap.Analyzers.Tests.Declaration;
using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.Analyzers.Tests.Usage;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class MisuseTests
{
    private static readonly DiagnosticDescriptor[] s_rules = [.. TestProgram.Analyzers.SelectMany(static a => a.SupportedDiagnostics).Where(static d => d.Category == "NativeHeap.Ownership")];

    public static TheoryData<string> Rules { get; } = [.. s_rules.Select(static d => d.Id)];

    /// <summary>Every misuse of what was allocated, marked.</summary>
    internal static IEnumerable<string> Ownership
        => SurroundedTests.All.Select(static c => Snippet.Of(c.Body))
            .Concat(FreedTests.WrongMembers.Select(static c => $"unsafe class C : Calls {{ {c.Data} }}"))
            .Concat(ReferenceTests.WrongMembers.Select(static c => $"unsafe class C : Calls {{ {c.Data.Item2} }}"))
            .Concat(FieldTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(OwnerStateTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(OwnerCopiedTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(ReferenceEscapesTests.Wrong.Select(static c => c.Data.Item2));

    /// <summary>Every wrong declaration, marked.</summary>
    internal static IEnumerable<string> Declarations
        => NotPartialTests.Wrong.Concat(NotUnmanagedTests.Wrong).Concat(DeclarationTests.Wrong).Concat(ForeignTests.Wrong).Concat(LayoutTests.Wrong).Select(static c => c.Data.Item2);

    [Fact]
    public static void There_are_enough_of_them()
    {
        string[] sources = [.. Ownership.Distinct(StringComparer.Ordinal)];
        Assert.True(sources.Length >= 300, $"{sources.Length} programs");
        Assert.True(sources.Sum(Marks) >= 320, $"{sources.Sum(Marks)} marks");
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public static void Each_rule_has_several(string id)
        => Assert.True(Ownership.Count(s => s.Contains("{|" + id + ":", StringComparison.Ordinal)) >= 4, id);

    private static int Marks(string source)
    {
        List<Finding> marks = [];
        _ = Markup.Parse("", source, marks);
        return marks.Count;
    }
}
