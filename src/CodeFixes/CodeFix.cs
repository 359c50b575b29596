// What the fixes have in common. A fix is one title in the menu and one function, from a diagnostic to the new tree of its document; null is the answer "I cannot do
// that here and be right", and then nothing is offered. It changes the document that the diagnostic stands in, and no other.
//
// All at once is one after the other, each on the tree that the ones before have left: two leaks of a method share its braces, two fields of a class one Dispose, and
// edits that were each made to the original would not fit together. The places still to be mended are carried along as annotations:
//
//     tree(0) = the document, marked        tree(i + 1) = Fix(tree(i), place i)  or  tree(i) where it is not offered any more

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace NativeHeap.CodeFixes;

/// <summary>A fix, for one diagnostic or for all of a document, project or solution.</summary>
public abstract class CodeFix : CodeFixProvider
{
    private static readonly FixAllProvider s_oneAfterTheOther = FixAllProvider.Create(FixAllAsync);

    /// <summary>What the menu says.</summary>
    public abstract string Title { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => s_oneAfterTheOther;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        Document document = context.Document;
        (SyntaxNode root, SemanticModel model) = await ReadAsync(document, context.CancellationToken).ConfigureAwait(false);
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            FixRequest request = new(root, model, diagnostic.Id, PlaceOf(diagnostic, root), OriginOf(diagnostic, root), context.CancellationToken);
            if (Fix(request) is { } changed)
            {
                context.RegisterCodeFix(CodeAction.Create(Title, _ => Task.FromResult(document.WithSyntaxRoot(changed)), GetType().Name), diagnostic);
            }
        }
    }

    /// <summary>The document's tree with the fix made; null where it cannot be made.</summary>
    private protected abstract SyntaxNode? Fix(FixRequest request);

    private static async Task<Document?> FixAllAsync(FixAllContext context, Document document, ImmutableArray<Diagnostic> diagnostics)
    {
        var fix = (CodeFix)context.CodeFixProvider;
        CancellationToken cancellation = context.CancellationToken;
        SyntaxNode root = (await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false))!;
        List<(string Id, SyntaxAnnotation Place, SyntaxAnnotation Origin)> marks = [];
        List<(SyntaxNode Node, SyntaxAnnotation Mark)> marked = [];
        foreach (Diagnostic diagnostic in diagnostics.OrderBy(static d => d.Location.SourceSpan.Start))
        {
            (SyntaxAnnotation place, SyntaxAnnotation origin) = (new(), new());
            marks.Add((diagnostic.Id, place, origin));
            marked.Add((PlaceOf(diagnostic, root), place));
            if (OriginOf(diagnostic, root) is { } node)
            {
                marked.Add((node, origin));
            }
        }

        ILookup<SyntaxNode, SyntaxAnnotation> marksOf = marked.ToLookup(static m => m.Node, static m => m.Mark);
        document = document.WithSyntaxRoot(root.ReplaceNodes(marksOf.Select(static m => m.Key), (old, node) => node.WithAdditionalAnnotations(marksOf[old])));
        foreach ((string id, SyntaxAnnotation place, SyntaxAnnotation origin) in marks)
        {
            (root, SemanticModel model) = await ReadAsync(document, cancellation).ConfigureAwait(false);
            if (root.GetAnnotatedNodes(place).FirstOrDefault() is { } node
                && fix.Fix(new FixRequest(root, model, id, node, root.GetAnnotatedNodes(origin).FirstOrDefault(), cancellation)) is { } changed)
            {
                document = document.WithSyntaxRoot(changed);
            }
        }

        return document;
    }

    private static async Task<(SyntaxNode Root, SemanticModel Model)> ReadAsync(Document document, CancellationToken cancellation)
        => ((await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false))!, (await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false))!);

    private static SyntaxNode PlaceOf(Diagnostic diagnostic, SyntaxNode root) => root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);

    // Rules on what becomes of an object name the call that handed it out.
    private static SyntaxNode? OriginOf(Diagnostic diagnostic, SyntaxNode root)
        => diagnostic.AdditionalLocations is [{ IsInSource: true } origin, ..] && origin.SourceTree == root.SyntaxTree
            ? root.FindNode(origin.SourceSpan, getInnermostNodeForTie: true)
            : null;
}

/// <summary>What a fix is asked.</summary>
/// <param name="Root">The document's tree.</param>
/// <param name="Model">Its meaning.</param>
/// <param name="Id">The rule.</param>
/// <param name="Node">Where the diagnostic stands.</param>
/// <param name="Origin">The call that handed out the object that it speaks of, if it says so.</param>
/// <param name="Cancellation">The editor has moved on.</param>
internal sealed record FixRequest(SyntaxNode Root, SemanticModel Model, string Id, SyntaxNode Node, SyntaxNode? Origin, CancellationToken Cancellation);
