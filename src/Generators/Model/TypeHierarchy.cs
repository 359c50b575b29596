// Where a struct stands: its namespace and the types around it, as text that a partial declaration can be opened with.
//
// Every identifier is escaped that is a keyword anywhere in the language, contextual ones included: `@` before a name that needs none
// changes nothing. Modifiers and constraints are not repeated, since one part of a partial type need not; the variance of type
// parameters must be.

using System;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>A type declaration to be reopened.</summary>
/// <param name="Keyword">The kind of type: <c>struct</c>, <c>record struct</c>, <c>class</c> and so on.</param>
/// <param name="Name">Its name with its type parameters, as it is referred to.</param>
/// <param name="Declaration">The same with the variance of the type parameters, as it is declared.</param>
internal sealed record TypePart(string Keyword, string Name, string Declaration);

/// <summary>A struct and what it is nested in.</summary>
/// <param name="Namespace">The namespace; empty for the global one.</param>
/// <param name="Parts">The type declarations, outermost first; the last is the struct.</param>
internal sealed record TypeHierarchy(string Namespace, EquatableArray<TypePart> Parts)
{
    /// <summary>The struct's own declaration.</summary>
    public TypePart Struct => Parts[Parts.Count - 1];

    /// <summary>The struct's name from the root of all namespaces on, to be understood anywhere.</summary>
    public string FullName
        => $"global::{(Namespace.Length == 0 ? "" : Namespace + ".")}{string.Join(".", Parts.Select(static p => p.Name))}";

    public static TypeHierarchy Of(INamedTypeSymbol type)
    {
        ImmutableArray<TypePart>.Builder parts = ImmutableArray.CreateBuilder<TypePart>();
        for (INamedTypeSymbol? part = type; part is not null; part = part.ContainingType)
        {
            string name = Escape(part.Name);
            parts.Insert(0, new TypePart(
                KeywordOf(part),
                name + Parameters(part, static p => Escape(p.Name)),
                name + Parameters(part, static p => Variance(p) + Escape(p.Name))));
        }

        return new TypeHierarchy(NamespaceOf(type.ContainingNamespace), new EquatableArray<TypePart>(parts.ToImmutable()));
    }

    private static string KeywordOf(INamedTypeSymbol type) => type switch
    {
        { IsRecord: true, TypeKind: TypeKind.Struct } => "record struct",
        { IsRecord: true } => "record",
        { TypeKind: TypeKind.Struct } => "struct",
        { TypeKind: TypeKind.Interface } => "interface",
        _ => "class",
    };

    private static string Parameters(INamedTypeSymbol type, Func<ITypeParameterSymbol, string> format)
        => type.TypeParameters.IsEmpty ? "" : $"<{string.Join(", ", type.TypeParameters.Select(format))}>";

    private static string Variance(ITypeParameterSymbol parameter) => parameter.Variance switch
    {
        VarianceKind.In => "in ",
        VarianceKind.Out => "out ",
        _ => "",
    };

    private static string NamespaceOf(INamespaceSymbol symbol)
    {
        if (symbol.IsGlobalNamespace)
        {
            return "";
        }

        string outer = NamespaceOf(symbol.ContainingNamespace);
        return outer.Length == 0 ? Escape(symbol.Name) : $"{outer}.{Escape(symbol.Name)}";
    }

    private static string Escape(string name)
    {
        bool isReserved = SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None;
        return isReserved || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "@" + name : name;
    }
}
