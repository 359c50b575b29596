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

    private protected override bool ExaminesForeign => true;

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        var syntax = attribute.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken) as AttributeSyntax;
        if (Judge(attribute, type.Name, ArgumentOf(syntax) ?? IdentifierOf(type, context)) is { } finding)
        {
            context.ReportDiagnostic(finding);
        }
    }

    private protected override void ExamineForeign(SyntaxNodeAnalysisContext context, ForeignTypeRequest request, AttributeSyntax attribute)
    {
        if (request is { Problem: null, Type: { } type } && Judge(request.Attribute, type.Name, ArgumentOf(attribute) ?? attribute.GetLocation()) is { } finding)
        {
            context.ReportDiagnostic(finding);
        }
    }

    private static Diagnostic? Judge(AttributeData attribute, string type, Location place)
    {
        int alignment = AllocatedTypeValidation.DeclaredAlignment(attribute);
        return AllocatedTypeValidation.IsValidAlignment(alignment)
            ? null
            : Diagnostic.Create(Descriptors.InvalidAlignment, place, alignment, type, AllocatedTypeValidation.MaxAlignment);
    }

    private static Location? ArgumentOf(AttributeSyntax? attribute)
    {
        foreach (AttributeArgumentSyntax argument in attribute?.ArgumentList?.Arguments ?? [])
        {
            if (argument.NameEquals?.Name.Identifier.ValueText == "Alignment")
            {
                return argument.Expression.GetLocation();
            }
        }

        return null;
    }
}
