// A marked program in a workspace, as an editor has it: the stubs are generated, every analyzer runs, and fixes are asked for, made and judged. Whatever a fix has made must be what a person would
// have written, letter for letter, must compile, and every analyzer must be silent about it, but for what the expected text marks itself.
//
// The same program is mended twice: by its diagnostics one at a time, and by "fix all", which must come out the same.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.Analyzers.Tests;
using NativeHeap.Generators;

using Xunit;

namespace NativeHeap.CodeFixes.Tests;

internal static class FixProgram
{
    private const string File = "0.cs";
    private static readonly Project s_empty = Empty();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a fix of a marked program and compares what comes out.</summary>
    public static async Task VerifyAsync(CodeFix fix, string name, string before, string after, params string[] others)
    {
        Document document = await DocumentAsync(name, before, others);
        List<Finding> left = [];
        string expected = Markup.Parse(File, after, left);
        Assert.True(expected == await TextAsync(await FixAllAsync(fix, document)), $"{name}, all at once:\n{await TextAsync(await FixAllAsync(fix, document))}\nexpected:\n{expected}");
        document = await FixEachAsync(fix, document);
        Assert.True(expected == await TextAsync(document), $"{name}:\n{await TextAsync(document)}\nexpected:\n{expected}");
        await CheckAsync(name, document, left);
    }

    /// <summary>Verifies that a fix is not offered at any mark of a program.</summary>
    public static async Task VerifyNotOfferedAsync(CodeFix fix, string name, string source, params string[] others)
    {
        Document document = await DocumentAsync(name, source, others);
        foreach (Diagnostic diagnostic in await FindingsAsync(document.Project, fix))
        {
            Assert.True(await OfferAsync(fix, document, diagnostic) is null, $"{name}: offered at {diagnostic}");
        }

        Assert.Equal(await TextAsync(document), await TextAsync(await FixAllAsync(fix, document)));
    }

    /// <summary>A marked program, compiled without errors and with the marked findings and no others.</summary>
    public static async Task<Document> DocumentAsync(string name, string marked, params string[] others)
    {
        List<Finding> expected = [];
        Project project = s_empty.AddDocument(File, Markup.Parse(File, marked, expected), filePath: File).Project;
        int number = 1;
        foreach (string other in others)
        {
            project = project.AddDocument($"{number}.cs", Markup.Parse($"{number}.cs", other, expected), filePath: $"{number}.cs").Project;
            number++;
        }

        Document document = project.Documents.Single(static d => d.Name == File);
        await CheckAsync(name, document, expected);
        return document;
    }

    /// <summary>Everything that the analyzers say of a program, in the order of its text.</summary>
    public static async Task<ImmutableArray<Diagnostic>> FindingsAsync(Project project, CodeFix? of = null)
    {
        Compilation compilation = (await project.GetCompilationAsync(Cancellation))!;
        ImmutableArray<Diagnostic> found = await TestProgram.AnalyzeAsync(compilation);
        return [.. found.Where(d => of is null || of.FixableDiagnosticIds.Contains(d.Id)).OrderBy(static d => d.Location.SourceSpan.Start)];
    }

    /// <summary>The action that a fix offers; null for none.</summary>
    public static async Task<CodeAction?> OfferAsync(CodeFix fix, Document document, Diagnostic diagnostic)
    {
        List<CodeAction> offered = [];
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => offered.Add(action), Cancellation));
        Assert.All(offered, action => Assert.Equal((fix.Title, fix.GetType().Name), (action.Title, action.EquivalenceKey)));
        return offered.SingleOrDefault();
    }

    public static async Task<Document> FixAllAsync(CodeFix fix, Document document)
    {
        ImmutableArray<Diagnostic> found = await FindingsAsync(document.Project, fix);
        FixAllContext context = new(document, fix, FixAllScope.Document, fix.GetType().Name, fix.FixableDiagnosticIds, new Provider(found), Cancellation);
        CodeAction? action = await fix.GetFixAllProvider().GetFixAsync(context);
        return action is null ? document : await ApplyAsync(action, document);
    }

    public static async Task CheckAsync(string name, Document document, IEnumerable<Finding> expected)
    {
        Compilation compilation = (await document.Project.GetCompilationAsync(Cancellation))!;
        IEnumerable<Diagnostic> errors = compilation.GetDiagnostics(Cancellation).Where(static d => d.Severity == DiagnosticSeverity.Error && d.Id is not ("CS0260" or "CS0751"));
        string text = await TextAsync(document);
        Assert.True(!errors.Any(), $"{name}: does not compile:\n{string.Join('\n', errors)}\n{text}");
        IEnumerable<Finding> found = (await FindingsAsync(document.Project)).Select(static d => new Finding(
            d.Id, d.Location.SourceTree!.FilePath, d.Location.SourceSpan, d.Location.SourceTree.GetText(Cancellation).ToString(d.Location.SourceSpan)));
        Assert.True(expected.Order().SequenceEqual(found.Order()), $"{name}: found\n{string.Join('\n', found)}\nin\n{text}");
    }

    public static async Task<string> TextAsync(Document document) => (await document.GetTextAsync(Cancellation)).ToString();

    private static async Task<Document> FixEachAsync(CodeFix fix, Document document)
    {
        for (int round = 0; round < 20; round++)
        {
            CodeAction? action = null;
            foreach (Diagnostic diagnostic in await FindingsAsync(document.Project, fix))
            {
                action ??= await OfferAsync(fix, document, diagnostic);
            }

            if (action is null)
            {
                return document;
            }

            document = await ApplyAsync(action, document);
        }

        throw new InvalidOperationException("A fix comes to no end.");
    }

    private static async Task<Document> ApplyAsync(CodeAction action, Document document)
    {
        ImmutableArray<CodeActionOperation> operations = await action.GetOperationsAsync(Cancellation);
        return operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
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
            .AddDocument("Globals.cs", TestProgram.Globals, filePath: "Globals.cs").Project;
    }

    private sealed class Provider(ImmutableArray<Diagnostic> found) : FixAllContext.DiagnosticProvider
    {
        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken)
        {
            SyntaxTree? tree = await document.GetSyntaxTreeAsync(cancellationToken);
            return found.Where(d => d.Location.SourceTree == tree);
        }

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
