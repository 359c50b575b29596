// What the rules on declarations have in common: they look at structs that carry [NativeAllocated], one at a time, and at nothing
// else. Each of them is a file with one question.
//
// The generator reports nothing itself: a diagnostic from a generator ignores pragmas and defeats its caching. It passes over
// what it cannot serve, and the rules here say why.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>A rule on the declaration of structs with stubs.</summary>
public abstract class DeclarationAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private protected abstract void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute);

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
    }
}
