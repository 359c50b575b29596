// The pages of docs/diagnostics show each rule as its user meets it: an example that is compiled here, with a comment where the rule reports, and below it what the compiler prints. UPDATE_SNAPSHOTS=1
// writes the latter into the pages.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static partial class PageTests
{
    // What the examples speak of and do not declare.
    private const string Types = """
        using static Surroundings;

        public struct Ship { public int Value; }

        public unsafe struct Shelf { public Order* Last; }

        [NativeAllocated] public partial struct Trade { public long Id; }

        public static class Surroundings { public static void Log(long id) { } }
        """;

    private const string OrderType = """
        [NativeAllocated] public unsafe partial struct Order { public long Id; public long Price; public long Quantity; public Order* Next; public long Notional => Price * Quantity; }
        """;

    private const string Parameters = "Order* first, Order* fallback, Order* order, bool late, bool filled, int quantity, Heap level, NativeTable<Ship> ships, NativeHandle<Ship> handle, NativeList<Order> orders, int score";

    public static TheoryData<string> Ids => DescriptorTests.Ids;

    [Theory]
    [MemberData(nameof(Ids))]
    public static async Task Shows_what_the_compiler_prints(string id)
    {
        string page = DescriptorTests.Read($"docs/{id}.md");
        Match section = ExampleSection().Match(page);
        Assert.True(section.Success, $"{id}.md has no example.");
        string example = section.Groups["code"].Value;
        (string wrapped, int before) = Wrap(id, WithoutOthers(example));
        bool declaresOrder = DeclaresOrder().IsMatch(example);
        Compilation compilation = new TestProgram([wrapped, Types, .. declaresOrder ? Array.Empty<string>() : [OrderType]])
        {
            AllowUnsafe = id != "NH0003",
            MoreReferences = [.. Others(example)],
        }.Compile();
        ImmutableArray<Diagnostic> found = await TestProgram.AnalyzeAsync(compilation);

        Diagnostic[] own = [.. found.Where(d => d.Id == id).OrderBy(static d => d.Location.SourceSpan.Start)];
        Assert.NotEmpty(own);
        Assert.DoesNotContain(found, d => d.Id != id && d.Severity >= DiagnosticSeverity.Warning);
        string[] lines = example.Split('\n');
        IEnumerable<int> marked = Enumerable.Range(0, lines.Length).Where(i => lines[i].Contains($"// {id}", StringComparison.Ordinal));
        if (id != "NH0003")
        {
            Assert.Equal(marked, own.Select(d => d.Location.GetLineSpan().StartLinePosition.Line - before).Distinct());
        }

        string printed = string.Join('\n', own.Select(static d => $"{d.Severity.ToString().ToLowerInvariant()} {d.Id}: {d.GetMessage(CultureInfo.InvariantCulture)}").Distinct()) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1" && section.Groups["printed"].Value != printed)
        {
            string updated = section.Groups["printed"].Success
                ? page.Replace(section.Groups["printed"].Value, printed, StringComparison.Ordinal)
                : page.Insert(section.Index + section.Length, $"```\n{printed}```\n");
            await File.WriteAllTextAsync(Path.Combine(PagesFolder, id + ".md"), updated, TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.Equal(printed, section.Groups["printed"].Value);
        }
    }

    private static string PagesFolder => typeof(PageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "PagesDirectory").Value!;

    // Lines that say so are another project's.
    private static string WithoutOthers(string example) => string.Join('\n', example.Split('\n').Select(static line => IsOfOthers(line) ? "" : line));

    private static IEnumerable<MetadataReference> Others(string example)
        => example.Split('\n').Where(IsOfOthers).Select(static line => CSharpCompilation.Create("Other", [CSharpSyntaxTree.ParseText(line)], TestProgram.References, TestProgram.Unsafe).ToMetadataReference());

    private static bool IsOfOthers(string line) => line.EndsWith("// of another assembly", StringComparison.Ordinal);

    // Types stand by themselves, members in a class, statements in a method.
    private static (string Source, int LinesBefore) Wrap(string id, string example)
    {
        if (IsTypes().IsMatch(example))
        {
            return ("using System.Numerics; " + example, 0);
        }

        string isUnsafe = id == "NH0003" ? "" : "unsafe ";
        string opening = example.StartsWith("static", StringComparison.Ordinal) ? $"public {isUnsafe}class Example\n{{\n"
            : id == "NH0003" ? "public class Example\n{\nvoid M() {\n"
            : $"public unsafe class Example\n{{\n{(example.Contains("return false", StringComparison.Ordinal) ? "bool" : "void")} M({Without(Parameters, example)}) {{\n";
        string closing = example.StartsWith("static", StringComparison.Ordinal) ? "}" : example.Contains("return false", StringComparison.Ordinal) ? "return true; } }" : "} }";
        return (opening + example + closing, opening.Count(static c => c == '\n'));
    }

    // A parameter gives way to a local of the example's.
    private static string Without(string parameters, string example)
        => string.Join(", ", parameters.Split(", ").Where(p => !Regex.IsMatch(example, $@"(Order\*?|>|byte\*|var) {p.Split(' ')[1]} =")));

    [GeneratedRegex(@"## Example\n(?:[^`\n][^\n]*\n)*```csharp\n(?<code>.*?)```\n(?:```\n(?<printed>.*?)```\n)?", RegexOptions.Singleline)]
    private static partial Regex ExampleSection();

    [GeneratedRegex(@"\bstruct Order\b")]
    private static partial Regex DeclaresOrder();

    [GeneratedRegex(@"^(\[NativeAllocated|\[assembly|//|public)")]
    private static partial Regex IsTypes();
}
