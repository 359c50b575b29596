// NH1005, NH1006. What follows the statement that got the object goes into a try, and the call that frees it into its finally:
//
//     p = Alloc();                     p = Alloc();
//     rest                    ->       try { rest } finally { Free(p); }
//
// A free in the rest that is the last thing before the scope is left goes; one in the middle is meant to free early, and stays, with a null behind it that the finally frees for nothing. The same holds for
// handing the object on. If nothing follows, the call is put there as it is; if what follows is a try without a finally, it gets one.
//
// Not offered where no method is known to free the object for certain, where the variable gets another value or is of a wider scope, where the object has a second name by which it may be
// freed, and where somebody jumps into the rest or calls a local function of it from before.

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

/// <summary>NH1005 and NH1006: frees in a <c>finally</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(FreeInFinallyFix))]
[Shared]
public sealed class FreeInFinallyFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.NeverFreed, DiagnosticIds.NotFreedOnEveryPath];

    /// <inheritdoc/>
    public override string Title => "Free it in a finally";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        SemanticModel model = request.Model;
        if (request.Node is not InvocationExpressionSyntax call || Contracts.Of(model.Compilation) is not { } contracts
            || Holder.Of(call, model) is not { Scope: BlockSyntax scope, IsWholeScope: true } holder || holder.Declaration?.UsingKeyword.IsKind(SyntaxKind.UsingKeyword) == true
            || Ending.Of(call, contracts, model, holder.Statement.Span.End) is not { IsDispose: false } ending)
        {
            return null;
        }

        StatementSyntax[] rest = [.. scope.Statements.SkipWhile(s => s != holder.Statement).Skip(1)];
        StatementEdits edits = new();
        bool isKeptApart = !rest.OfType<LocalFunctionStatementSyntax>().Any(f => IsCalledBefore(f, scope, holder.Statement.Span.End))
            && Use.Of(holder.Local, scope, model, contracts).Where(u => u.Name.SpanStart >= holder.Statement.Span.End).ToArray() is var uses
            && uses.All(u => u.Kind != UseKind.Other || (request.Id == DiagnosticIds.NeverFreed && IsLocalName(u)))
            && IsFreedByNameOnly(uses, holder, ending, edits, model);
        if (!isKeptApart)
        {
            return null;
        }

        ITypeSymbol type = holder.Local.Type;
        StatementSyntax free = StatementEdits.New(ending.Call(SyntaxFactory.IdentifierName(holder.Local.Name.Escaped()), type) + ";");
        SyntaxAnnotation mark = new();
        edits.Replace(holder.Statement, s => [s.WithAdditionalAnnotations(mark)]);
        SyntaxNode edited = edits.In(request.Root);
        var block = (BlockSyntax)edited.GetAnnotatedNodes(mark).Single().Parent!;
        return edited.ReplaceNode(block, block.WithStatements(Protected(block.Statements, mark, free)));
    }

    private static SyntaxList<StatementSyntax> Protected(SyntaxList<StatementSyntax> statements, SyntaxAnnotation mark, StatementSyntax free)
    {
        int first = statements.IndexOf(s => s.HasAnnotation(mark)) + 1;
        StatementSyntax[] rest = [.. statements.Skip(first)];
        StatementSyntax guarded = rest switch
        {
            [] => free,
            [TryStatementSyntax { Finally: null } only] => only.WithFinally(SyntaxFactory.FinallyClause(SyntaxFactory.Block(free))),
            _ => SyntaxFactory.TryStatement(
                SyntaxFactory.Block(rest.Skip(1).Prepend(rest[0].WithLeadingTrivia(WithoutEmptyLines(rest[0])))), [], SyntaxFactory.FinallyClause(SyntaxFactory.Block(free))),
        };
        return [.. statements.Take(first), guarded.WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation)];
    }

    private static IEnumerable<SyntaxTrivia> WithoutEmptyLines(StatementSyntax statement)
        => statement.GetLeadingTrivia().SkipWhile(static t => t.IsKind(SyntaxKind.EndOfLineTrivia));

    private static bool IsFreedByNameOnly(Use[] uses, Holder holder, Ending ending, StatementEdits edits, SemanticModel model)
    {
        foreach (Use use in uses)
        {
            switch (use.Kind)
            {
                case UseKind.Assigned:
                    bool isBehindFree = PointerUse.IsNull(use.At) && ending.IgnoresNull && PointerUse.PrecedingStatement(use.Statement) is { } before && uses.Any(u => u.Kind == UseKind.Taken && u.Statement == before);
                    if (!isBehindFree)
                    {
                        return false;
                    }

                    break;
                case UseKind.Taken when use.Statement is not { } statement || !EndsEarly(statement, use, uses, holder, ending, edits, model):
                    return false;
                default:
                    break;
            }
        }

        return true;
    }

    // A statement by which the object ends, or goes to somebody else, before the finally.
    private static bool EndsEarly(ExpressionStatementSyntax statement, Use use, Use[] uses, Holder holder, Ending ending, StatementEdits edits, SemanticModel model)
    {
        bool isFree = PointerUse.Frees(statement, holder, ending, model);
        bool isNulled = uses.Any(u => u.Kind == UseKind.Assigned && PointerUse.PrecedingStatement(u.Statement) == statement);
        if (isNulled)
        {
            return true;
        }

        bool isLast = isFree && StatementEdits.ListOf(statement).Count > 0 && (holder.EndsAfter(statement) || !ending.IgnoresNull);
        if (isLast)
        {
            edits.Remove(statement);
            return true;
        }

        bool canBeNull = ending.IgnoresNull && use.At is InvocationExpressionSyntax { Parent: ExpressionStatementSyntax } && model.GetTypeInfo(use.At).Type?.SpecialType == SpecialType.System_Void;
        if (canBeNull)
        {
            edits.InsertAfter(statement, StatementEdits.New($"{use.Name.Identifier.Text} = {(holder.Local.Type is IPointerTypeSymbol ? "null" : "default")};"));
        }

        return canBeNull;
    }

    // Another name that ends with the scope, under which nobody frees the object.
    private static bool IsLocalName(Use use) => use.Name.FirstAncestorOrSelf<StatementSyntax>() is LocalDeclarationStatementSyntax;

    private static bool IsCalledBefore(LocalFunctionStatementSyntax function, BlockSyntax scope, int position)
        => scope.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n => n.SpanStart < position && n.Identifier.ValueText == function.Identifier.ValueText);
}
