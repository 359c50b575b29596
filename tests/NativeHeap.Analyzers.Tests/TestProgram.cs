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

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

internal sealed class TestProgram
{
    public const string Globals = """
        global using System;
        global using System.Collections.Generic;
        global using System.Runtime.CompilerServices;
        global using System.Runtime.InteropServices;
        global using NativeHeap;
        """;

    public static readonly CSharpParseOptions ParseOptions = new(
        LanguageVersion.Preview, DocumentationMode.Parse, preprocessorSymbols: typeof(Compilation).Assembly.GetName().Version!.Major >= 5 ? ["ROSLYN_5"] : []);

    public static readonly CSharpCompilationOptions Unsafe = new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

    // Compilations that grow from one share the symbols of its references, which is most of what compiling a small program costs.
    private static readonly CSharpCompilation s_withNativeHeap = Framework("NativeHeap.dll");
    private static readonly CSharpCompilation s_withoutNativeHeap = Framework();

    private readonly List<Finding> _expected = [];
    private readonly List<SyntaxTree> _trees = [];

    public TestProgram(params IEnumerable<string> sources)
    {
        int number = 0;
        foreach (string source in sources.Append(Globals))
        {
            string file = $"{number++}.cs";
            _trees.Add(CSharpSyntaxTree.ParseText(Markup.Parse(file, source, _expected), ParseOptions, file));
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

    /// <summary>What a program that uses NativeHeap references.</summary>
    public static IEnumerable<MetadataReference> References => s_withNativeHeap.References;

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
        Compilation compilation = (ReferencesNativeHeap ? s_withNativeHeap : s_withoutNativeHeap)
            .AddReferences(MoreReferences)
            .AddSyntaxTrees(_trees)
            .WithOptions(AllowUnsafe ? Unsafe : Unsafe.WithAllowUnsafe(false));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new NativeAllocatedGenerator().AsSourceGenerator()], parseOptions: ParseOptions);
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

        AssertStubsAreWithheldOnlyWithAnError(compilation, found);
        string messages = string.Join('\n', found.Select(static d => d.GetMessage(null)));
        Assert.All(Messages, message => Assert.Contains(message, messages, StringComparison.Ordinal));
    }

    // The generator goes by AllocatedTypeValidation, the analyzers by rules of their own. Were they to disagree, a user would see
    // stubs missing and no reason, or a reason and no stubs missing.
    private static void AssertStubsAreWithheldOnlyWithAnError(Compilation compilation, ImmutableArray<Diagnostic> found)
    {
        bool isWithheld = compilation.GetSymbolsWithName(static _ => true, SymbolFilter.Type)
            .OfType<INamedTypeSymbol>()
            .Where(static t => t.TypeKind == TypeKind.Struct && t.GetAttributes().Any(static a => a.AttributeClass?.ToDisplayString() == AllocatedTypeValidation.AttributeName))
            .Any(static t => AllocatedTypeValidation.Validate(t, TestContext.Current.CancellationToken) is not null);
        Assert.Equal(isWithheld, found.Any(static d => d.Id is "NH0001" or "NH0002" or "NH0004"));
    }

    private static CSharpCompilation Framework(params string[] others)
    {
        string[] wanted =
        [
            "System.Private.CoreLib.dll", "System.Runtime.dll", "System.Collections.dll", "System.Console.dll", "System.Memory.dll", "System.Linq.dll",
            "System.Runtime.InteropServices.dll", "System.Threading.dll", .. others,
        ];
        IEnumerable<string> found = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => wanted.Contains(Path.GetFileName(path)));
        return CSharpCompilation.Create("Program", references: found.Select(static path => MetadataReference.CreateFromFile(path)), options: Unsafe);
    }

    private static string Text(IEnumerable<Finding> findings) => string.Join('\n', findings.Order());
}
