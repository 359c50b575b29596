// Marked programs in a workspace, as an editor has them: the stubs are generated, every analyzer runs, and fixes are asked for, made and judged. Whatever a fix has made must be what a person would
// have written, letter for letter, must compile, and every analyzer must be silent about it, but for what the expected text marks itself.
//
// A table of cases is one project, a file each, which takes a tenth of the time that a project each would. It is mended twice: by "fix all", and by the diagnostics one at a time, which must come out the same.

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

using NativeHeap.Analyzers.Tests;
using NativeHeap.Generators;

using Xunit;

namespace NativeHeap.CodeFixes.Tests;

internal sealed class FixProgram
{
    private static readonly Project s_library = Empty();
    private readonly Project _project;
    private readonly DocumentId[] _cases;

    private FixProgram(Project project, DocumentId[] cases) => (_project, _cases) = (project, cases);

    public IEnumerable<Document> Cases => _cases.Select(id => _project.GetDocument(id)!);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a fix in marked programs and compares what comes out.</summary>
    public static async Task VerifyAsync(CodeFix fix, IEnumerable<(string Name, string Before, string After)> cases, params string[] others)
    {
        (string Name, string Before, string After)[] all = [.. cases.Select(static (c, i) => (c.Name, Within(i, c.Before), Within(i, c.After)))];
        await VerifyAsync(fix, await MakeAsync(s_library, all.Select(static c => (c.Name, c.Before)), others), all);
    }

    /// <summary>The same of a program with statements at the top level, which there can be one of.</summary>
    public static async Task VerifyTopLevelAsync(CodeFix fix, string before, string after, params string[] others)
    {
        Project program = s_library.WithCompilationOptions(TestProgram.Unsafe.WithOutputKind(OutputKind.ConsoleApplication));
        await VerifyAsync(fix, await MakeAsync(program, [("top level", before)], others), [("top level", before, after)]);
    }

    private static async Task VerifyAsync(CodeFix fix, FixProgram before, (string Name, string Before, string After)[] cases)
    {
        List<Finding> left = [];
        string[] expected = [.. cases.Select(c => Markup.Parse(c.Name, c.After, left))];
        await (await before.FixAllAsync(fix)).CompareAsync("all at once", expected);
        FixProgram after = await before.FixEachAsync(fix, rounds: 10);
        await after.CompareAsync("one at a time", expected);
        await after.CheckAsync(left);
    }

    /// <summary>Verifies that a fix is not offered at any mark.</summary>
    public static async Task VerifyNotOfferedAsync(CodeFix fix, IEnumerable<(string Name, string Source)> cases, params string[] others)
    {
        FixProgram program = await OfAsync(cases, others);
        ImmutableArray<Diagnostic> found = await program.FindingsAsync(fix);
        foreach (Document document in program.Cases)
        {
            IEnumerable<Diagnostic> here = await HereAsync(found, document);
            foreach (Diagnostic diagnostic in here)
            {
                Assert.True(await OfferAsync(fix, document, diagnostic) is null, $"{document.Name}: offered at {diagnostic}");
            }
        }

        await (await program.FixAllAsync(fix)).CompareAsync("all at once", await program.TextsAsync());
    }

    /// <summary>Marked programs, compiled without errors and with the marked findings and no others.</summary>
    public static Task<FixProgram> OfAsync(IEnumerable<(string Name, string Source)> cases, params string[] others)
        => MakeAsync(s_library, cases.Select(static (c, i) => (c.Name, Within(i, c.Source))), others);

    /// <summary>Programs that need not compile.</summary>
    public static FixProgram OfBroken(IEnumerable<string> sources, params string[] others) => Make(s_library, sources.Select(static (s, i) => ($"{i}", Within(i, s))), others, []);

    public async Task<string[]> TextsAsync() => await Task.WhenAll(Cases.Select(static async d => (await d.GetTextAsync(Cancellation)).ToString()));

    /// <summary>Everything that the analyzers say, or what of it a fix is for.</summary>
    public async Task<ImmutableArray<Diagnostic>> FindingsAsync(CodeFix? of = null)
    {
        ImmutableArray<Diagnostic> found = await TestProgram.AnalyzeAsync((await _project.GetCompilationAsync(Cancellation))!);
        return [.. found.Where(d => of is null || of.FixableDiagnosticIds.Contains(d.Id)).OrderBy(static d => d.Location.SourceSpan.Start)];
    }

    public static async Task<IEnumerable<Diagnostic>> HereAsync(ImmutableArray<Diagnostic> found, Document document)
    {
        SyntaxTree? tree = await document.GetSyntaxTreeAsync(Cancellation);
        return found.Where(d => d.Location.SourceTree == tree);
    }

    public async Task<FixProgram> FixAllAsync(CodeFix fix)
    {
        ImmutableArray<Diagnostic> found = await FindingsAsync(fix);
        FixAllContext context = new(_project, fix, FixAllScope.Project, fix.GetType().Name, fix.FixableDiagnosticIds, new Provider(found), Cancellation);
        CodeAction? action = await fix.GetFixAllProvider().GetFixAsync(context);
        return action is null ? this : new FixProgram((await ChangedAsync(action)).GetProject(_project.Id)!, _cases);
    }

    public async Task CompileAsync()
    {
        Compilation compilation = (await _project.GetCompilationAsync(Cancellation))!;
        Diagnostic[] errors = [.. compilation.GetDiagnostics(Cancellation).Where(static d => d.Severity == DiagnosticSeverity.Error)];
        Assert.True(errors.Length == 0, $"does not compile:\n{string.Join<Diagnostic>('\n', errors)}\n{errors.FirstOrDefault()?.Location.SourceTree}");
    }

    private static async Task<FixProgram> MakeAsync(Project project, IEnumerable<(string Name, string Source)> cases, string[] others)
    {
        List<Finding> expected = [];
        FixProgram program = Make(project, cases, others, expected);
        await program.CheckAsync(expected);
        return program;
    }

    private static FixProgram Make(Project project, IEnumerable<(string Name, string Source)> cases, string[] others, List<Finding> expected)
    {
        List<DocumentId> ids = [];
        foreach ((string name, string source) in cases)
        {
            Document document = project.AddDocument(name, Markup.Parse(name, source, expected), filePath: name);
            ids.Add(document.Id);
            project = document.Project;
        }

        for (int i = 0; i < others.Length; i++)
        {
            project = project.AddDocument($"{i}.cs", Markup.Parse($"{i}.cs", others[i], expected), filePath: $"{i}.cs").Project;
        }

        return new FixProgram(project, [.. ids]);
    }

    // Cases may declare what they like beside each other.
    private static string Within(int number, string source) => $"namespace Case{number};\n{source}";

    private async Task CheckAsync(IEnumerable<Finding> expected)
    {
        await CompileAsync();
        ImmutableArray<Diagnostic> diagnostics = await FindingsAsync();
        IEnumerable<Finding> found = diagnostics.Select(static d => new Finding(
            d.Id, d.Location.SourceTree!.FilePath, d.Location.SourceSpan, d.Location.SourceTree.GetText(Cancellation).ToString(d.Location.SourceSpan)));
        Assert.Equal(string.Join('\n', expected.Order()), string.Join('\n', found.Order()));
    }

    private async Task CompareAsync(string how, string[] expected)
    {
        string[] texts = await TextsAsync();
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.True(expected[i] == texts[i], $"{_project.GetDocument(_cases[i])!.Name}, {how}:\n{texts[i]}\nexpected:\n{expected[i]}");
        }
    }

    /// <summary>The first fix of each case that can be made, and so on until there is none.</summary>
    public async Task<FixProgram> FixEachAsync(CodeFix fix, int rounds)
    {
        Project project = _project;
        ImmutableArray<Diagnostic> found = await FindingsAsync(fix);
        bool isChanged = false;
        foreach (Document document in Cases)
        {
            CodeAction? action = null;
            foreach (Diagnostic diagnostic in await HereAsync(found, document))
            {
                action ??= await OfferAsync(fix, document, diagnostic);
            }

            if (action is not null)
            {
                isChanged = true;
                project = project.GetDocument(document.Id)!.WithText(await (await ChangedAsync(action)).GetDocument(document.Id)!.GetTextAsync(Cancellation)).Project;
            }
        }

        return isChanged && rounds > 0 ? await new FixProgram(project, _cases).FixEachAsync(fix, rounds - 1) : new FixProgram(project, _cases);
    }

    private static async Task<CodeAction?> OfferAsync(CodeFix fix, Document document, Diagnostic diagnostic)
    {
        List<CodeAction> offered = [];
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => offered.Add(action), Cancellation));
        Assert.All(offered, action => Assert.Equal((fix.Title, fix.GetType().Name), (action.Title, action.EquivalenceKey)));
        return offered.SingleOrDefault();
    }

    private static async Task<Solution> ChangedAsync(CodeAction action)
    {
        ImmutableArray<CodeActionOperation> operations = await action.GetOperationsAsync(Cancellation);
        return operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
    }

    private static Project Empty()
    {
#pragma warning disable CA2000 // Lives as long as the process.
        Project project = new AdhocWorkspace().AddProject("Program", LanguageNames.CSharp);
#pragma warning restore CA2000
        return project
            .WithCompilationOptions(TestProgram.Unsafe)
            .WithParseOptions(TestProgram.ParseOptions)
            .WithMetadataReferences(TestProgram.References)
            .WithAnalyzerReferences([new Stubs()])
            .AddDocument("Globals.cs", TestProgram.Globals, filePath: "Globals.cs").Project
            // As a Debug build has it, and so an editor: calls are of stubs' tracked overloads. The analyzers' own tests are of the plain ones.
            .AddAnalyzerConfigDocument(".globalconfig", SourceText.From("is_global = true\nbuild_property.NativeHeapTrackSites = true\n"), filePath: "/.globalconfig").Project;
    }

    private sealed class Provider(ImmutableArray<Diagnostic> found) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => HereAsync(found, document);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(found);
    }

    private sealed class Stubs : AnalyzerReference
    {
        private static readonly ImmutableArray<ISourceGenerator> s_generators = [new NativeAllocatedGenerator().AsSourceGenerator()];

        public override string? FullPath => null;

        public override object Id => nameof(Stubs);

        public override ImmutableArray<DiagnosticAnalyzer> GetAnalyzers(string language) => [];

        public override ImmutableArray<DiagnosticAnalyzer> GetAnalyzersForAllLanguages() => [];

        public override ImmutableArray<ISourceGenerator> GetGenerators(string language) => s_generators;
    }
}
