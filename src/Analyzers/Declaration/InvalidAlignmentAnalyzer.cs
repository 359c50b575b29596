// NH0011. Blocks are aligned by rounding to a multiple, which only works for powers of two, and nothing aligns beyond 2 MiB, the
// largest page an operating system gives without being asked for huge ones. 0 asks for nothing.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0011: the alignment given is not a power of two from 1 to 2 MiB.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InvalidAlignmentAnalyzer : DeclarationAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.InvalidAlignment];

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        int alignment = AllocatedTypeValidation.DeclaredAlignment(attribute);
        if (!AllocatedTypeValidation.IsValidAlignment(alignment))
        {
            Location location = ArgumentOf(attribute, context) ?? IdentifierOf(type, context);
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptors.InvalidAlignment, location, alignment, type.Name, AllocatedTypeValidation.MaxAlignment));
        }
    }

    private static Location? ArgumentOf(AttributeData attribute, SymbolAnalysisContext context)
    {
        SyntaxNode? syntax = attribute.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken);
        if (syntax is AttributeSyntax { ArgumentList.Arguments: var arguments })
        {
            foreach (AttributeArgumentSyntax argument in arguments)
            {
                if (argument.NameEquals?.Name.Identifier.ValueText == "Alignment")
                {
                    return argument.Expression.GetLocation();
                }
            }
        }

        return null;
    }
}
