using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Layers;

/// <summary>The order of the floors and the shape of the files, read from the sources of the runtime.</summary>
public sealed partial class LayerTests
{
    private const int LongestFile = 400;
    private const int EssayFrom = 60;

    // A folder may name its own floor and those below it.
    private static readonly Dictionary<string, int> s_floors = new()
    {
        ["SizeClasses"] = 0,
        ["Platform"] = 1,
        ["Pages"] = 2,
        ["Recording"] = 2,
        ["Central"] = 3,
        ["Threads"] = 4,
        ["Maintenance"] = 5,
        ["Guards"] = 5,
        ["Heaps"] = 6,
        ["Allocators"] = 7,
        ["Collections"] = 7,
        ["Entities"] = 7,
        ["Buffers"] = 7,
        ["Diagnostics"] = 8,
    };

    [Fact]
    public void Every_folder_has_a_floor()
    {
        string[] without = [.. Sources().Select(file => file.Folder).Where(folder => folder.Length > 0 && !s_floors.ContainsKey(folder)).Distinct()];
        Assert.Empty(without);
    }

    [Fact]
    public void No_floor_names_a_higher_one() => Assert.Equal([], Violations(Sources()));

    [Fact]
    public void Every_file_of_some_length_opens_with_an_essay()
    {
        string[] without = [.. Sources().Where(file => file.Lines >= EssayFrom && !HasEssay(file.Text)).Select(file => file.Name)];
        Assert.Empty(without);
    }

    [Fact]
    public void No_file_is_long()
    {
        string[] tooLong = [.. Sources().Where(file => file.Lines > LongestFile).Select(file => $"{file.Name}: {file.Lines} lines")];
        Assert.Empty(tooLong);
    }

    // BannedSymbols.txt bans the types; the statement names none.
    [Fact]
    public void No_file_uses_the_lock_statement()
    {
        string[] with = [.. Sources().Where(file => LockStatement().IsMatch(file.Code)).Select(file => file.Name)];
        Assert.Empty(with);
    }

    [Theory]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class B { A _a; }", true)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class B { C<A>[] _a; }", true)]
    [InlineData("Pages/A.cs", "record struct A(int I);", "Platform/B.cs", "class B { int F() => new A(1).I; }", true)]
    [InlineData("Pages/AAttribute.cs", "class AAttribute { }", "Platform/B.cs", "[A] class B { }", true)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "using NativeHeap.Pages; class B { }", true)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class B { string S = \"x\"; char C = '\"'; A _a; }", true)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class B { string S = \"A\"; /* A */ } // A", false)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class B { string S = \"\\\"A\"; string T = @\"A\\\"; }", false)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class B { AB Aa; }", false)]
    [InlineData("Pages/A.cs", "class A { }", "Pages/B.cs", "using NativeHeap.Platform; class B { A _a; }", false)]
    [InlineData("Pages/A.cs", "class A { }", "Central/B.cs", "using NativeHeap.Pages; class B { A _a; }", false)]
    [InlineData("Pages/A.cs", "class A { }", "Platform/B.cs", "class A { } class B { A _a; }", false)]
    public void The_test_of_the_floors_sees_what_it_should(string first, string firstText, string second, string secondText, bool violates) =>
        Assert.Equal(violates, Violations([new Source(first, firstText), new Source(second, secondText)]).Count > 0);

    [Theory]
    [InlineData("// Why.\n// How.\n// And when.\n\nusing System;\n", true)]
    [InlineData("// Why.\n\nusing System;\n", false)]
    [InlineData("using System;\n// Why.\n// How.\n// And when.\n", false)]
    [InlineData("/// <summary>Why.</summary>\n/// <remarks>How.</remarks>\n/// <remarks>When.</remarks>\nclass A;\n", false)]
    public void The_test_of_the_essays_sees_what_it_should(string text, bool expected) => Assert.Equal(expected, HasEssay(text));

    // Two lines and more, in prose, before any code.
    private static bool HasEssay(string text) =>
        text.Split('\n')
            .TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("///", StringComparison.Ordinal))
            .Count() > 1;

    private static List<string> Violations(IReadOnlyList<Source> sources)
    {
        // A name declared on several floors counts as the lowest's.
        Dictionary<string, int> floors = [];
        foreach (Source source in sources.Where(source => s_floors.ContainsKey(source.Folder)))
        {
            foreach (string name in Declaration().Matches(source.Code).SelectMany(match => NamesOf(match.Groups[1].Value)))
            {
                floors[name] = int.Min(floors.GetValueOrDefault(name, int.MaxValue), s_floors[source.Folder]);
            }
        }

        List<string> violations = [];
        foreach (Source source in sources.Where(source => s_floors.ContainsKey(source.Folder)))
        {
            int floor = s_floors[source.Folder];
            IEnumerable<string> types = Name().Matches(source.Code).Select(match => match.Value);
            IEnumerable<string> folders = Namespace().Matches(source.Code).Select(match => match.Groups[1].Value);
            types = types.Where(name => floors.GetValueOrDefault(name, -1) > floor);
            folders = folders.Where(name => s_floors.GetValueOrDefault(name, -1) > floor);
            violations.AddRange(types.Concat(folders).Distinct().Select(name => $"{source.Name} names {name}"));
        }

        return violations;
    }

    private static IEnumerable<string> NamesOf(string type) =>
        type.EndsWith("Attribute", StringComparison.Ordinal) ? [type, type[..^"Attribute".Length]] : [type];

    private static List<Source> Sources()
    {
        string root = Repository.PathOf("src", "Runtime");
        List<Source> sources =
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(path => (Path: path, Name: Path.GetRelativePath(root, path).Replace('\\', '/')))
                .Where(file => !file.Name.StartsWith("obj/", StringComparison.Ordinal) && !file.Name.StartsWith("bin/", StringComparison.Ordinal))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => new Source(file.Name, File.ReadAllText(file.Path))),
        ];
        Assert.NotEmpty(sources);
        return sources;
    }

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[\w<>\[\]?*]+)\s+(?!struct\b|class\b)([A-Za-z_]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Za-z_]\w*\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"\block\s*\(")]
    private static partial Regex LockStatement();

    [GeneratedRegex(@"\bNativeHeap\.(\w+)")]
    private static partial Regex Namespace();

    private sealed record Source(string Name, string Text)
    {
        public string Folder { get; } = Name.Contains('/', StringComparison.Ordinal) ? Name[..Name.IndexOf('/', StringComparison.Ordinal)] : "";

        public string Code { get; } = SourceText.CodeOf(Text);

        public int Lines { get; } = Text.Count(c => c == '\n');
    }
}
