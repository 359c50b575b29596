// NH1005, NH1006, NH1007. A `using` declaration frees whatever happens. An owner gets the word; a pointer becomes an owner, of the method beside the one that handed it out which takes
// the same and returns an owner of the same (Order.Alloc and Order.Rent), and each use is written as one has it with an owner:
//
//     p->X      o.Value.X              p == null     o.IsNull           Read(p), lent      Read(o.DangerousGetPointer())
//     *p        o.Value                Order.Free(p) nothing, where the scope ends there; else o.Dispose()
//     p[0]      o.Value                Keep(p)       Keep(o.Detach())
//
// Not offered where a use cannot be written so: another name for the object, another value for the variable, a lambda, an await or yield in the scope (an owner lives on the stack). An owner other than
// NativeOwner must not be disposed twice, so there its own Dispose has to be where the scope ends.

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

/// <summary>NH1005 to NH1007: declares an owner with <c>using</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UsingOwnerFix))]
[Shared]
public sealed class UsingOwnerFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.NeverFreed, DiagnosticIds.NotFreedOnEveryPath, DiagnosticIds.ResultDiscarded];

    /// <inheritdoc/>
    public override string Title => "Own it by a using declaration";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        if (request.Node is not InvocationExpressionSyntax call || Contracts.Of(request.Model.Compilation) is not { } contracts || KnownSymbols.Of(request.Model.Compilation) is not { } symbols
            || OwnerForm.Of(call, contracts, symbols, request.Model) is not { } owner)
        {
            return null;
        }

        return Holder.Of(call, request.Model) is { } holder
            ? holder is { Declaration: { } declaration, Declarator: { } } && declaration.UsingKeyword == default ? Declared(request, holder, declaration, owner, contracts) : null
            : Discarded(request, call, owner);
    }

    private static SyntaxNode? Discarded(FixRequest request, InvocationExpressionSyntax call, OwnerForm owner)
    {
        ExpressionStatementSyntax? statement = call.Parent switch
        {
            ExpressionStatementSyntax alone => alone,
            AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.Text: "_" }, Parent: ExpressionStatementSyntax discard } => discard,
            _ => null,
        };
        SyntaxNode? scope = statement?.Parent is GlobalStatementSyntax atTop ? atTop.Parent : statement?.Parent as BlockSyntax;
        if (scope is null || scope.DescendantNodes().Any(static n => n is LabeledStatementSyntax) || (owner.IsByRef && IsSuspended(scope)))
        {
            return null;
        }

        string name = FreshName.For(owner.ObjectType, statement!, request.Model);
        return request.Root.ReplaceNode(statement!, StatementEdits.New($"using var {name} = {owner.Call};").WithTriviaFrom(statement!));
    }

    private static SyntaxNode? Declared(FixRequest request, Holder holder, LocalDeclarationStatementSyntax declaration, OwnerForm owner, Contracts contracts)
    {
        bool isHeldAsItIs = owner.IsNew ? holder.Local.Type is IPointerTypeSymbol : holder.Value == holder.Call;
        if (!holder.IsWholeScope || !isHeldAsItIs || declaration.Declaration.Variables.Count != 1 || (owner.IsByRef && IsSuspended(holder.Scope!)))
        {
            return null;
        }

        StatementEdits edits = new();
        foreach (Use use in Use.Of(holder.Local, holder.Scope!, request.Model, contracts))
        {
            bool isRewritten = owner.IsNew ? PointerUse.Rewrite(use, holder, owner.Ending, edits, request.Model) : Keep(use, holder, owner, edits);
            if (!isRewritten)
            {
                return null;
            }
        }

        edits.Replace(declaration, s => [AsUsing((LocalDeclarationStatementSyntax)s, owner)]);
        return edits.In(request.Root);
    }

    // The uses of what is an owner already.
    private static bool Keep(Use use, Holder holder, OwnerForm owner, StatementEdits edits)
    {
        switch (use.Kind)
        {
            case UseKind.Named or UseKind.Read or UseKind.Tested or UseKind.Compared or UseKind.Lent:
                return true;
            case UseKind.Taken when owner.IsByRef && use.Name.Parent is MemberAccessExpressionSyntax:
                // Move, Detach or Dispose, after which the using has nothing left to do.
                return true;
            case UseKind.Taken when owner.IsByRef:
                edits.Replace(use.Name, static n => SyntaxFactory.ParseExpression(((IdentifierNameSyntax)n).Identifier.Text + ".Move()").WithTriviaFrom(n));
                return true;
            case UseKind.Taken when use.Statement is { } statement && holder.EndsAfter(statement):
                edits.Remove(statement);
                return true;
            default:
                return false;
        }
    }

    private static LocalDeclarationStatementSyntax AsUsing(LocalDeclarationStatementSyntax declaration, OwnerForm owner)
    {
        VariableDeclarationSyntax variables = declaration.Declaration;
        if (owner.IsNew)
        {
            VariableDeclaratorSyntax only = variables.Variables[0];
            EqualsValueClauseSyntax initializer = only.Initializer!;
            TypeSyntax type = variables.Type.IsVar ? variables.Type : SyntaxFactory.ParseTypeName(owner.TypeName).WithTriviaFrom(variables.Type);
            variables = SyntaxFactory.VariableDeclaration(
                type, [only.WithInitializer(initializer.WithValue(SyntaxFactory.ParseExpression(owner.Call).WithTriviaFrom(initializer.Value)))]);
        }

        SyntaxToken word = SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithLeadingTrivia(declaration.GetLeadingTrivia()).WithTrailingTrivia(SyntaxFactory.Space);
        return declaration.WithDeclaration(variables.WithLeadingTrivia()).WithUsingKeyword(word).WithAdditionalAnnotations(Formatter.Annotation);
    }

    // An owner is a ref struct: it cannot wait.
    private static bool IsSuspended(SyntaxNode scope)
        => scope.DescendantNodes(static n => n is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or BaseTypeDeclarationSyntax or BaseNamespaceDeclarationSyntax))
            .Any(static n => n is AwaitExpressionSyntax or YieldStatementSyntax || (n is ForEachStatementSyntax each && each.AwaitKeyword != default)
                || (n is LocalDeclarationStatementSyntax local && local.AwaitKeyword != default) || (n is UsingStatementSyntax used && used.AwaitKeyword != default));
}
