// NH0001. The stubs are members of the struct, so the struct and every type around it need the word partial. Each type that lacks it is
// reported where the word belongs, so that a reader of the error knows which of several names to go to.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0001: a struct with stubs, or a type around it, is not partial.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NotPartialAnalyzer : DeclarationAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.NotPartial];

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        for (INamedTypeSymbol? level = type; level is not null; level = level.ContainingType)
        {
            foreach (SyntaxReference reference in level.DeclaringSyntaxReferences)
            {
                SyntaxNode declaration = reference.GetSyntax(context.CancellationToken);
                if (declaration is TypeDeclarationSyntax part && !part.Modifiers.Any(SyntaxKind.PartialKeyword))
                {
                    Location location = part.Identifier.GetLocation();
                    context.ReportDiagnostic(Diagnostic.Create(Descriptors.NotPartial, location, level.Name, type.Name));
                }
            }
        }
    }
}
