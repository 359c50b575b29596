// A program made of marked sources, taken through what a user's build does: compile with the stub generator, then run every analyzer there
// is. All of them run in every test, so that each test of one rule is also a test of the silence of the others.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.Generators;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

internal sealed class TestProgram
{
    private const string Globals = """
        global using System;
        global using System.Collections.Generic;
        global using System.Runtime.CompilerServices;
        global using System.Runtime.InteropServices;
        global using NativeHeap;
        """;

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Preview, DocumentationMode.Parse);

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is "NativeHeap.dll" or "mscorlib.dll" or "netstandard.dll"
                || Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly List<Finding> _expected = [];
    private readonly List<SyntaxTree> _trees = [];

    public TestProgram(params IEnumerable<string> sources)
    {
        int number = 0;
        foreach (string source in sources.Append(Globals))
        {
            string file = $"{number++}.cs";
            _trees.Add(CSharpSyntaxTree.ParseText(Markup.Parse(file, source, _expected), s_parse, file));
        }
    }

    /// <summary>Every analyzer of the assembly.</summary>
    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. typeof(DiagnosticIds).Assembly.GetTypes()
            .Where(static t => !t.IsAbstract && t.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .OrderBy(static t => t.Name, StringComparer.Ordinal)
            .Select(static t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!),
    ];

    public bool AllowUnsafe { get; init; } = true;

    public bool ReferencesNativeHeap { get; init; } = true;

    /// <summary>Compiler errors that the program has on purpose; all others fail the test.</summary>
    public string[] CompilerErrors { get; init; } = [];

    /// <summary>Ids reported at no place in the source.</summary>
    public string[] Nowhere { get; init; } = [];

    /// <summary>Parts of messages that must be found.</summary>
    public string[] Messages { get; init; } = [];

    public IReadOnlyList<MetadataReference> MoreReferences { get; init; } = [];

    public Compilation Compile()
    {
        IEnumerable<MetadataReference> references = s_references.Where(r => ReferencesNativeHeap || !r.Display!.EndsWith("NativeHeap.dll", StringComparison.Ordinal));
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Program",
            _trees,
            [.. references, .. MoreReferences],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: AllowUnsafe, nullableContextOptions: NullableContextOptions.Enable));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new NativeAllocatedGenerator().AsSourceGenerator()], parseOptions: s_parse);
        driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation generated, out ImmutableArray<Diagnostic> diagnostics);
        Assert.Empty(diagnostics);
        return generated;
    }

    /// <summary>Runs every analyzer; one that throws fails the test.</summary>
    public static async Task<ImmutableArray<Diagnostic>> AnalyzeAsync(Compilation compilation)
    {
        List<string> exceptions = [];
        CompilationWithAnalyzersOptions options = new(
            new AnalyzerOptions([]), (e, analyzer, _) => { lock (exceptions) { exceptions.Add($"{analyzer}: {e}"); } }, concurrentAnalysis: false, logAnalyzerExecutionTime: false);
        ImmutableArray<Diagnostic> diagnostics = await compilation.WithAnalyzers(Analyzers, options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.Empty(exceptions);
        return diagnostics;
    }

    public async Task VerifyAsync(string name)
    {
        Compilation compilation = Compile();
        IEnumerable<Diagnostic> errors = compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(d => d.Severity == DiagnosticSeverity.Error && !CompilerErrors.Contains(d.Id));
        Assert.True(!errors.Any(), $"{name}: does not compile:\n{string.Join('\n', errors)}");

        ImmutableArray<Diagnostic> found = await AnalyzeAsync(compilation);
        string expected = Text(_expected);
        string actual = Text(found.Where(static d => d.Location.IsInSource).Select(static d => new Finding(
            d.Id, d.Location.SourceTree!.FilePath, d.Location.SourceSpan, d.Location.SourceTree.GetText().ToString(d.Location.SourceSpan))));
        Assert.True(expected == actual, $"{name}:\nexpected:\n{expected}\nfound:\n{actual}\n{string.Join('\n', found)}");
        Assert.Equal(Nowhere.Order(), found.Where(static d => !d.Location.IsInSource).Select(static d => d.Id).Order());

        string messages = string.Join('\n', found.Select(static d => d.GetMessage(null)));
        Assert.All(Messages, message => Assert.Contains(message, messages, StringComparison.Ordinal));
    }

    private static string Text(IEnumerable<Finding> findings) => string.Join('\n', findings.Order());
}
