// A name for a new local: that of its type, or of what it is read from, as a local is written, and with a number where that is taken. Every name of the member counts as taken: C# lets no local hide another.

using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NativeHeap.CodeFixes.Ownership;

internal static class FreshName
{
    public static string For(ITypeSymbol type, SyntaxNode at, SemanticModel model)
        => For(type.TypeKind == TypeKind.Interface && type.Name.Length > 1 && type.Name[0] == 'I' ? type.Name.Substring(1) : type.Name, at, model);

    public static string For(string wish, SyntaxNode at, SemanticModel model)
    {
        string name = wish.Length == 0 ? "value" : char.ToLowerInvariant(wish[0]) + wish.Substring(1);
        SyntaxNode member = at.FirstAncestorOrSelf<MemberDeclarationSyntax>(static m => m is not GlobalStatementSyntax) ?? at.SyntaxTree.GetRoot();
        HashSet<string> taken = [.. member.DescendantTokens().Where(static t => t.IsKind(SyntaxKind.IdentifierToken)).Select(static t => t.ValueText), .. model.LookupSymbols(at.SpanStart).Where(static s => s is not (ITypeSymbol or INamespaceSymbol)).Select(static s => s.Name)];
        string free = name;
        for (int number = 2; taken.Contains(free); number++)
        {
            free = name + number;
        }

        return Escaped(free);
    }

    /// <summary>A name as it is written: with an @ where it is a word of the language.</summary>
    public static string Escaped(this string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
}
