// NH0014. Two attributes ask for the stubs of one type. They may ask for different alignments, of which one would silently win; so the first does, and the other is reported. An assembly whose
// internals this one sees counts as earlier: its stubs are in reach, and a second set of them would make every call ambiguous.

using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0014: stubs are asked for twice.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StubsRepeatedAnalyzer : DeclarationAnalyzer
{
    private const string EarlierAttribute = "an earlier attribute";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.StubsRepeated];

    private protected override bool ExaminesForeign => true;

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        foreach (AttributeData other in type.GetAttributes().Where(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attribute.AttributeClass)).Skip(1))
        {
            if (other.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken) is { } syntax)
            {
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.StubsRepeated, syntax.GetLocation(), type.Name, EarlierAttribute));
            }
        }
    }

    private protected override void ExamineForeign(SyntaxNodeAnalysisContext context, ForeignTypeRequest request, AttributeSyntax attribute)
    {
        if (request is { Problem: ForeignTypeProblem.Repeated, Type: { } type, Earlier: { } earlier })
        {
            string by = SymbolEqualityComparer.Default.Equals(earlier, context.Compilation.Assembly) ? EarlierAttribute : $"one of '{earlier.Name}', whose internals this project sees";
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.StubsRepeated, PlaceOf(attribute), type.Name, by));
        }
    }
}
