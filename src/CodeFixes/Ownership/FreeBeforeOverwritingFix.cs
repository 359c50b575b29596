// NH1008. The object is freed before its last reference gets another value; where the new value is read from the object itself, it is read first:
//
//     p = other;     ->    Free(p); p = other;
//     p = p->Next;   ->    Order* next = p->Next; Free(p); p = next;

using System.Collections.Immutable;
using System.Composition;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

using NativeHeap.Analyzers;
using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

/// <summary>NH1008: frees what a variable holds before it gets another value.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(FreeBeforeOverwritingFix))]
[Shared]
public sealed class FreeBeforeOverwritingFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.LastReferenceLost];

    /// <inheritdoc/>
    public override string Title => "Free it before overwriting";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        SemanticModel model = request.Model;
        if (request is not { Node: IdentifierNameSyntax { Parent: AssignmentExpressionSyntax { Parent: ExpressionStatementSyntax statement } assignment } name, Origin: { } origin }
            || assignment.Left != name || !assignment.IsKind(SyntaxKind.SimpleAssignmentExpression) || Contracts.Of(model.Compilation) is not { } contracts
            || Ending.Of(origin, contracts, model, name.SpanStart) is not { } ending || model.GetTypeInfo(name).Type is not { } type)
        {
            return null;
        }

        StatementEdits edits = new();
        StatementSyntax free = StatementEdits.New(ending.Call(name.WithoutTrivia(), type) + ";");
        bool isReadFromObject = assignment.Right.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Any(n => n.Identifier.ValueText == name.Identifier.ValueText);
        if (!isReadFromObject)
        {
            edits.InsertBefore(statement, free);
            return edits.In(request.Root);
        }

        string next = FreshName.For(assignment.Right is MemberAccessExpressionSyntax member ? member.Name.Identifier.ValueText : string.Empty, statement, model);
        string declaration = $"{type.ToMinimalDisplayString(model, name.SpanStart)} {next} = {assignment.Right};";
        ExpressionSyntax value = SyntaxFactory.IdentifierName(next).WithTriviaFrom(assignment.Right);
        edits.Replace(assignment.Right, _ => value);
        edits.Replace(statement, s =>
        [
            StatementEdits.New(declaration).WithLeadingTrivia(s.GetLeadingTrivia()),
            free,
            s.WithLeadingTrivia(SyntaxFactory.ElasticMarker).WithAdditionalAnnotations(Formatter.Annotation),
        ]);
        return edits.In(request.Root);
    }
}
