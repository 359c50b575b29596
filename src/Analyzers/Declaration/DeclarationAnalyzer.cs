// What the rules on declarations have in common: they look at structs that carry [NativeAllocated], one at a time, and at the attributes of the assembly that ask for stubs of structs of
// others. Each of them is a file with one question.
//
// The generator reports nothing itself: a diagnostic from a generator ignores pragmas and defeats its caching. It passes over
// what it cannot serve, and the rules here say why.

using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>A rule on the declaration of structs with stubs.</summary>
public abstract class DeclarationAnalyzer : DiagnosticAnalyzer
{
    // Whether the rule has a question on structs of other assemblies, too.
    private protected virtual bool ExaminesForeign => false;

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private protected virtual void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
    }

    private protected virtual void ExamineForeign(SyntaxNodeAnalysisContext context, ForeignTypeRequest request, AttributeSyntax attribute)
    {
    }

    private protected static Location IdentifierOf(INamedTypeSymbol type, SymbolAnalysisContext context)
    {
        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences)
        {
            // The part with the attribute is the one the user thinks of as the declaration.
            if (reference.GetSyntax(context.CancellationToken) is TypeDeclarationSyntax { AttributeLists.Count: > 0 } part)
            {
                return part.Identifier.GetLocation();
            }
        }

        return type.Locations.Length > 0 ? type.Locations[0] : Location.None;
    }

    /// <summary>Where an attribute names the type, <c>typeof(Matrix4x4)</c>; the attribute itself if it names none.</summary>
    private protected static Location PlaceOf(AttributeSyntax attribute)
        => attribute.ArgumentList?.Arguments is [{ NameEquals: null } first, ..] ? first.Expression.GetLocation() : attribute.GetLocation();

    private void Start(CompilationStartAnalysisContext context)
    {
        if (KnownSymbols.AllocatedAttribute(context.Compilation) is not { } attributeClass)
        {
            return;
        }

        context.RegisterSymbolAction(
            symbolContext =>
            {
                var type = (INamedTypeSymbol)symbolContext.Symbol;
                if (type.TypeKind == TypeKind.Struct && Allocated.AttributeOf(type, attributeClass) is { } attribute)
                {
                    Examine(symbolContext, type, attribute);
                }
            },
            SymbolKind.NamedType);

        ImmutableArray<ForeignTypeRequest> requests = ExaminesForeign ? ForeignTypes.Of(context.Compilation) : [];
        if (!requests.IsEmpty)
        {
            context.RegisterSyntaxNodeAction(
                nodeContext =>
                {
                    var attribute = (AttributeSyntax)nodeContext.Node;
                    if (requests.FirstOrDefault(r => IsAt(r, attribute)) is { } request)
                    {
                        ExamineForeign(nodeContext, request, attribute);
                    }
                },
                SyntaxKind.Attribute);
        }
    }

    private static bool IsAt(ForeignTypeRequest request, AttributeSyntax attribute)
        => request.Attribute.ApplicationSyntaxReference is { } place && place.SyntaxTree == attribute.SyntaxTree && place.Span == attribute.Span;
}
