// NH0008. The members that hold fields change places among themselves; methods and constants between them stay where they are. A member brings along its attributes, and the
// comments before and behind it; the empty lines before it belong to the place.
//
//     member in the i-th place for a field  =  member of the i-th field in descending order of alignment (TypeLayout.ByAlignment)
//
// Not offered where the order is not only ours: fields of parameters of the type (the order of the parameters is what callers know), members between which there are
// directives, and structs that native code is given. A struct with [StructLayout] is not reported in the first place.

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

using NativeHeap.Analyzers;
using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.CodeFixes.Declaration;

/// <summary>NH0008: puts the fields in the order that the diagnostic proposes.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReorderFieldsFix))]
[Shared]
public sealed class ReorderFieldsFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.Padding];

    /// <inheritdoc/>
    public override string Title => "Reorder fields to reach a smaller slot";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        if (request.Node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } declaration
            || request.Model.GetDeclaredSymbol(declaration, request.Cancellation) is not { } type
            || NativeSignatures.Mention(type, request.Model.Compilation))
        {
            return null;
        }

        TypeLayout layout = new LayoutCalculator(request.Model.Compilation, TargetLayout.X64).LayoutOf(type);
        List<MemberDeclarationSyntax> order = [];
        foreach (FieldLayout field in layout.ByAlignment())
        {
            if (MemberOf(field.Field, declaration.SyntaxTree) is not { } member)
            {
                return null;
            }

            // `public int X, Y;` is one member with two fields of the same alignment.
            if (!order.Contains(member))
            {
                order.Add(member);
            }
        }

        List<MemberDeclarationSyntax> places = [.. order.OrderBy(static m => m.SpanStart)];
        bool isDivided = places.Count == 0 || places.Any(m => m.Parent != places[0].Parent) || places[0].Parent!.ChildNodes()
            .OfType<MemberDeclarationSyntax>().Any(static m => m.GetLeadingTrivia().Concat(m.GetTrailingTrivia()).Any(static t => t.IsDirective));
        return isDivided ? null : request.Root.ReplaceNodes(places, (old, _) => At(old, order[places.IndexOf(old)]));
    }

    private static MemberDeclarationSyntax? MemberOf(IFieldSymbol field, SyntaxTree tree)
    {
        ISymbol declared = field.AssociatedSymbol ?? field;
        SyntaxNode? syntax = declared.DeclaringSyntaxReferences is [{ } reference] && reference.SyntaxTree == tree ? reference.GetSyntax() : null;
        return syntax?.FirstAncestorOrSelf<MemberDeclarationSyntax>() switch
        {
            FieldDeclarationSyntax member => member,
            PropertyDeclarationSyntax member => member,
            _ => null,
        };
    }

    private static MemberDeclarationSyntax At(MemberDeclarationSyntax place, MemberDeclarationSyntax member)
    {
        if (place == member)
        {
            return member;
        }

        SyntaxTriviaList own = member.GetLeadingTrivia();
        return member
            .WithLeadingTrivia(EmptyLines(place.GetLeadingTrivia()).Concat(own.Skip(EmptyLines(own).Count())))
            .WithTrailingTrivia(HasComment(member) ? member.GetTrailingTrivia() : HasComment(place) ? LineEnd(place) : place.GetTrailingTrivia());
    }

    private static bool HasComment(MemberDeclarationSyntax member)
        => member.GetTrailingTrivia().Any(static t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia));

    private static IEnumerable<SyntaxTrivia> LineEnd(MemberDeclarationSyntax member) => member.GetTrailingTrivia().Where(static t => t.IsKind(SyntaxKind.EndOfLineTrivia));

    // What of the trivia before a member is nothing but empty lines.
    private static IEnumerable<SyntaxTrivia> EmptyLines(SyntaxTriviaList trivia)
    {
        int lines = 0;
        for (int i = 0; i < trivia.Count && (trivia[i].IsKind(SyntaxKind.WhitespaceTrivia) || trivia[i].IsKind(SyntaxKind.EndOfLineTrivia)); i++)
        {
            lines = trivia[i].IsKind(SyntaxKind.EndOfLineTrivia) ? i + 1 : lines;
        }

        return trivia.Take(lines);
    }
}
