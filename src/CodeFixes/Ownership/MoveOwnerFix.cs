// NH1022. The copy of an owner that a `using` declaration disposes becomes a handing on: `Move()` empties the variable, and the `using` still frees the object where an exception leaves
// the scope before. Wherever the rule reports a copy, a call can stand. Not offered where the copy is a local that is neither disposed nor handed on: moved there, the object would leak.

using System.Collections.Immutable;
using System.Composition;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

using NativeHeap.Analyzers;
using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

/// <summary>NH1022: hands an owner on by <c>Move()</c> instead of copying it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MoveOwnerFix))]
[Shared]
public sealed class MoveOwnerFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.OwnerCopied];

    /// <inheritdoc/>
    public override string Title => "Hand on by Move()";

    private protected override SyntaxNode? Fix(FixRequest request)
        => request.Node is IdentifierNameSyntax owner && Contracts.Of(request.Model.Compilation) is { } contracts && IsEnded(owner, contracts, request.Model)
            ? request.Root.ReplaceNode(owner, SyntaxFactory.ParseExpression(owner.Identifier.Text + ".Move()").WithTriviaFrom(owner))
            : null;

    private static bool IsEnded(IdentifierNameSyntax owner, Contracts contracts, SemanticModel model)
        => Holder.Of(owner, model) is not { Declaration.UsingKeyword.RawKind: 0, Scope: { } scope } copy
            || Use.Of(copy.Local, scope, model, contracts).Any(static u => u.Kind is UseKind.Taken or UseKind.Other);
}
