// NH0004. A ref struct cannot be a type argument of what the stubs return, and a file-local type cannot get a part in the file that the
// generator adds. Generic structs, and structs in generic types, are served.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0004: a type of a kind that cannot have stubs.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnsupportedTypeAnalyzer : DeclarationAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.UnsupportedType];

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        if (Reason(type) is { } reason)
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.UnsupportedType, IdentifierOf(type, context), type.Name, reason));
        }
    }

    private static string? Reason(INamedTypeSymbol type)
    {
        if (type.IsRefLikeType)
        {
            return "it is a ref struct, which lives on the stack only";
        }

        if (type.IsFileLocal)
        {
            return "it is file-local, and stubs are generated in another file";
        }

        for (INamedTypeSymbol? level = type.ContainingType; level is not null; level = level.ContainingType)
        {
            if (level.IsFileLocal)
            {
                return $"it is nested in '{level.Name}', which is file-local, and stubs are generated in another file";
            }
        }

        return null;
    }
}
