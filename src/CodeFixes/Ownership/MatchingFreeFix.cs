// NH1012, NH1013, NH1019. The call frees by the wrong allocator, as the wrong type or to the wrong heap; it becomes the one that fits what handed out the object. A cast that was only made for the
// wrong call goes with it.

using System.Collections.Immutable;
using System.Composition;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

using NativeHeap.Analyzers;
using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

/// <summary>NH1012, NH1013 and NH1019: frees by the call that fits.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MatchingFreeFix))]
[Shared]
public sealed class MatchingFreeFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.ForeignFreed, DiagnosticIds.FreedAsAnother, DiagnosticIds.WrongHeap];

    /// <inheritdoc/>
    public override string Title => "Free it by the method that fits";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        SemanticModel model = request.Model;
        if (request.Origin is not { } origin || request.Node.FirstAncestorOrSelf<ArgumentSyntax>() is not { Parent.Parent: InvocationExpressionSyntax call }
            || Contracts.Of(model.Compilation) is not { } contracts || model.GetSymbolInfo(call).Symbol is not IMethodSymbol { ReturnsVoid: true }
            || Ending.Of(origin, contracts, model, call.SpanStart) is not { } ending)
        {
            return null;
        }

        var operand = (ExpressionSyntax)request.Node;
        while (operand is CastExpressionSyntax or ParenthesizedExpressionSyntax)
        {
            operand = operand is CastExpressionSyntax cast ? cast.Expression : ((ParenthesizedExpressionSyntax)operand).Expression;
        }

        return model.GetTypeInfo(operand).Type is { } type
            ? request.Root.ReplaceNode(call, ending.Call(operand.WithoutTrivia(), type).WithTriviaFrom(call).WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation))
            : null;
    }
}
