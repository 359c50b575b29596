// NH1016. The class frees the object of its field in Dispose, and forgets it, so that a second call does nothing. Which Dispose depends on what there is:
//
//     the class has Dispose(bool), or Dispose()      the call is put into it, first
//     its base class has one that can be overridden  it is overridden, and calls on to the base
//     neither                                        the class becomes IDisposable
//
// A managed owner must not be touched by a finalizer, so Dispose(bool) asks before it disposes of one; native memory it frees in any case.
//
// Not offered where a base class has a Dispose that cannot be overridden, where the Dispose of the class is abstract or in another file,
// and where the field is filled with what is not the class's to free, by calls whose objects end in different ways, or in another file.
// A `readonly` on the field goes, or it could not be forgotten.

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

using NativeHeap.Analyzers;
using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

/// <summary>NH1016: frees what a field keeps in <c>Dispose</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ImplementDisposableFix))]
[Shared]
public sealed class ImplementDisposableFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.FieldNeverFreed];

    /// <inheritdoc/>
    public override string Title => "Free it in Dispose";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        SemanticModel model = request.Model;
        if (request.Node is not VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax field } variable || field.Parent is not TypeDeclarationSyntax type
            || model.GetDeclaredSymbol(variable) is not IFieldSymbol symbol || Contracts.Of(model.Compilation) is not { } contracts
            || ReleaseOf(symbol, contracts, model, type) is not { } release)
        {
            return null;
        }

        MethodDeclarationSyntax? own = OwnDispose(symbol.ContainingType, request);
        bool isForgotten = own?.DescendantNodes().OfType<AssignmentExpressionSyntax>().Any(a => SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(a.Left).Symbol, symbol)) == true;
        if (isForgotten)
        {
            release = [release[0]];
        }

        DisposeForm? form = own is null ? DisposeForm.Of(symbol.ContainingType, model.Compilation) : null;
        bool isPossible = own is not null ? own.Body is not null || own.ExpressionBody is not null : form is not null;
        if (!isPossible)
        {
            return null;
        }

        bool isUnsafe = symbol.Type is IPointerTypeSymbol && !type.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Any(static t => t.Modifiers.Any(SyntaxKind.UnsafeKeyword));
        Dictionary<SyntaxNode, System.Func<SyntaxNode, SyntaxNode>> edits = [];
        if (release.Length > 1 && field.Modifiers.FirstOrDefault(static m => m.IsKind(SyntaxKind.ReadOnlyKeyword)) is { RawKind: not 0 } word)
        {
            edits[field] = f => ((FieldDeclarationSyntax)f).WithModifiers(((FieldDeclarationSyntax)f).Modifiers.RemoveAt(field.Modifiers.IndexOf(word)));
        }

        if (own is not null)
        {
            edits[own] = m => WithBody((MethodDeclarationSyntax)m, release, symbol.Type.IsReferenceType, isUnsafe);
        }
        else
        {
            edits[type] = t => form!.AddTo((TypeDeclarationSyntax)t, release, symbol.Type.IsReferenceType, isUnsafe);
        }

        return request.Root.ReplaceNodes(edits.Keys, (old, node) => edits[old](node));
    }

    // What frees the field, and forgets the object, so that a second Dispose does nothing.
    private static string[]? ReleaseOf(IFieldSymbol field, Contracts contracts, SemanticModel model, TypeDeclarationSyntax type)
    {
        string name = field.Name.Escaped();
        bool isReference = field.Type.IsReferenceType;
        bool mayBeNull = isReference && field.NullableAnnotation != NullableAnnotation.NotAnnotated;
        HashSet<string> calls = [];
        foreach (ExpressionSyntax filled in FillingsOf(field, model))
        {
            if (filled.SyntaxTree != type.SyntaxTree || Ending.Of(filled, contracts, model, type.OpenBraceToken.Span.End) is not { } ending)
            {
                return null;
            }

            calls.Add(mayBeNull && ending.IsDispose ? name + "?.Dispose();" : ending.Call(SyntaxFactory.IdentifierName(name), field.Type) + ";");
        }

        return calls.Count != 1 ? null
            : isReference && !mayBeNull ? [calls.Single()]
            : [calls.Single(), $"{name} = {(field.Type is IPointerTypeSymbol || isReference ? "null" : "default")};"];
    }

    // What the class puts into a field, but for null.
    private static IEnumerable<ExpressionSyntax> FillingsOf(IFieldSymbol field, SemanticModel model)
    {
        foreach (SyntaxNode node in field.ContainingType.DeclaringSyntaxReferences.SelectMany(static r => r.GetSyntax().DescendantNodes()))
        {
            ExpressionSyntax? value = node switch
            {
                VariableDeclaratorSyntax { Initializer.Value: { } initial } variable when IsField(ModelOf(node).GetDeclaredSymbol(variable)) => initial,
                AssignmentExpressionSyntax assignment when IsField(ModelOf(node).GetSymbolInfo(assignment.Left).Symbol) => assignment.Right,
                _ => null,
            };
            while (value is CastExpressionSyntax or ParenthesizedExpressionSyntax)
            {
                value = value is CastExpressionSyntax cast ? cast.Expression : ((ParenthesizedExpressionSyntax)value).Expression;
            }

            bool isNull = value is null or DefaultExpressionSyntax || value.IsKind(SyntaxKind.NullLiteralExpression) || value.IsKind(SyntaxKind.DefaultLiteralExpression);
            if (!isNull)
            {
                yield return value!;
            }
        }

        bool IsField(ISymbol? symbol) => SymbolEqualityComparer.Default.Equals(symbol, field);

        SemanticModel ModelOf(SyntaxNode node) => node.SyntaxTree == model.SyntaxTree ? model : model.Compilation.GetSemanticModel(node.SyntaxTree);
    }

    private static MethodDeclarationSyntax? OwnDispose(INamedTypeSymbol type, FixRequest request)
        => type.GetMembers("Dispose").OfType<IMethodSymbol>()
            .Where(DisposeForm.IsDispose)
            .OrderByDescending(static m => m.Parameters.Length)
            .Select(m => m.DeclaringSyntaxReferences.FirstOrDefault(r => r.SyntaxTree == request.Root.SyntaxTree)?.GetSyntax(request.Cancellation) as MethodDeclarationSyntax)
            .FirstOrDefault();

    private static MethodDeclarationSyntax WithBody(MethodDeclarationSyntax method, string[] release, bool isManaged, bool isUnsafe)
    {
        string? disposing = method.ParameterList.Parameters.FirstOrDefault()?.Identifier.Text;
        bool asks = disposing is not null && isManaged;
        IEnumerable<StatementSyntax> freeing = asks ? [StatementEdits.New(DisposeForm.OnlyIf(disposing!, release))] : release.Select(StatementEdits.New);
        IEnumerable<StatementSyntax> rest = method.Body is { } block ? block.Statements : [SyntaxFactory.ExpressionStatement(method.ExpressionBody!.Expression)];
        rest = rest.Select((s, i) => asks && i == 0 ? s.WithLeadingTrivia(s.GetLeadingTrivia().Insert(0, SyntaxFactory.ElasticCarriageReturnLineFeed)) : s);
        BlockSyntax body = (method.Body ?? SyntaxFactory.Block()).WithStatements([.. freeing, .. rest]);
        MethodDeclarationSyntax changed = method.WithExpressionBody(null).WithSemicolonToken(default).WithBody(body);
        bool needsWord = isUnsafe && !method.Modifiers.Any(SyntaxKind.UnsafeKeyword);
        return (needsWord ? changed.AddModifiers(SyntaxFactory.Token(SyntaxKind.UnsafeKeyword).WithTrailingTrivia(SyntaxFactory.Space)) : changed)
            .WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);
    }
}
