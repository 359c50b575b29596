// NH1020, NH1022. The copy of an owner that a `using` declaration disposes becomes a handing on: `Move()` empties the variable, and the `using` still frees the object where an exception leaves
// the scope before. Wherever the rule reports a copy, a call can stand. Not offered where the copy is a local that is neither disposed nor handed on: moved there, the object would leak.
//
// Where an owner and its copy are both disposed of, the copy was made before, and it is there that the object is handed on; not so where the original is used for anything but its own Dispose afterwards.

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

/// <summary>NH1020 and NH1022: hands an owner on by <c>Move()</c> instead of copying it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MoveOwnerFix))]
[Shared]
public sealed class MoveOwnerFix : CodeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.OwnerCopied, DiagnosticIds.DisposedTwice];

    /// <inheritdoc/>
    public override string Title => "Hand on by Move()";

    private protected override SyntaxNode? Fix(FixRequest request)
    {
        if (request.Node is not IdentifierNameSyntax mentioned || Contracts.Of(request.Model.Compilation) is not { } contracts || KnownSymbols.Of(request.Model.Compilation) is not { } symbols)
        {
            return null;
        }

        bool isCopyItself = request.Id == DiagnosticIds.OwnerCopied;
        IdentifierNameSyntax? copied = !isCopyItself ? CopyBefore(mentioned, contracts, symbols, request.Model) : IsEnded(mentioned, contracts, request.Model) ? mentioned : null;
        return copied is null ? null : request.Root.ReplaceNode(copied, SyntaxFactory.ParseExpression(copied.Identifier.Text + ".Move()").WithTriviaFrom(copied));
    }

    private static bool IsEnded(IdentifierNameSyntax owner, Contracts contracts, SemanticModel model)
        => Holder.Of(owner, model) is not { Declaration.UsingKeyword.RawKind: 0, Scope: { } scope } copy
            || Use.Of(copy.Local, scope, model, contracts).Any(static u => u.Kind is UseKind.Taken or UseKind.Other);

    // The one mention of an owner by which it and another one, of which one is disposed of twice, came to own the same.
    private static IdentifierNameSyntax? CopyBefore(IdentifierNameSyntax disposed, Contracts contracts, KnownSymbols symbols, SemanticModel model)
    {
        if (!symbols.IsOwner(model.GetTypeInfo(disposed).Type) || disposed.FirstAncestorOrSelf<BlockSyntax>() is not { } block)
        {
            return null;
        }

        (IdentifierNameSyntax Name, ILocalSymbol Original, ILocalSymbol Copy)[] copies =
        [
            .. block.DescendantNodes().OfType<IdentifierNameSyntax>()
                .Where(n => n.SpanStart < disposed.SpanStart && symbols.IsOwner(model.GetTypeInfo(n).Type))
                .Select(n => (Name: n, Original: model.GetSymbolInfo(n).Symbol as ILocalSymbol, Copy: Holder.Of(n, model)?.Local))
                .Where(static c => c.Original is not null && c.Copy is not null)
                .Select(static c => (c.Name, c.Original!, c.Copy!)),
        ];
        (IdentifierNameSyntax Name, ILocalSymbol Original, ILocalSymbol Copy)[] ofThis = [.. copies.Where(c => IsNamed(c.Original) || IsNamed(c.Copy))];
        return ofThis is [var only] && copies.Count(c => SymbolEqualityComparer.Default.Equals(c.Original, only.Original)) == 1
            && Use.Of(only.Original, block, model, contracts).All(u => u.Name.SpanStart <= only.Name.SpanStart || u.Kind == UseKind.Named || IsDispose(u.At))
            ? only.Name
            : null;

        bool IsNamed(ISymbol local) => SymbolEqualityComparer.Default.Equals(local, model.GetSymbolInfo(disposed).Symbol);
    }

    private static bool IsDispose(SyntaxNode call) => call is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Dispose" } };
}
