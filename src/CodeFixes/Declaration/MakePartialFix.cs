// NH0001. The word belongs to the type and to every type around it; where one of them lacks it, the next build would say so of the next, so all of them get it at once.

using System.Collections.Immutable;
using System.Composition;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

using NativeHeap.Analyzers;

namespace NativeHeap.CodeFixes.Declaration;

/// <summary>NH0001: adds <c>partial</c> to a type and the types around it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakePartialFix))]
[Shared]
public sealed class MakePartialFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.NotPartial];

    /// <inheritdoc/>
    public override string Title => "Make partial, with the types around it";

    private protected override SyntaxNode? Fix(FixRequest request)
        => request.Root.ReplaceNodes(
            request.Node.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Where(static t => !t.Modifiers.Any(SyntaxKind.PartialKeyword)),
            static (_, type) => MakePartial(type));

    // The last of the modifiers; the first word of a declaration carries what stands before it.
    private static TypeDeclarationSyntax MakePartial(TypeDeclarationSyntax type)
    {
        SyntaxToken word = SyntaxFactory.Token(SyntaxKind.PartialKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return type.Modifiers.Count > 0
            ? type.WithModifiers(type.Modifiers.Add(word))
            : type.WithModifiers([word.WithLeadingTrivia(type.Keyword.LeadingTrivia)]).WithKeyword(type.Keyword.WithLeadingTrivia());
    }
}
