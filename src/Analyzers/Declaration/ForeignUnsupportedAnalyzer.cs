// NH0012. An attribute of the assembly asks for stubs of a type that cannot have any, or that has a better way to them: a struct of this project carries the attribute itself.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0012: an attribute names no type that can have stubs.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ForeignUnsupportedAnalyzer : DeclarationAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.ForeignUnsupported];

    private protected override bool ExaminesForeign => true;

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        if (attribute.ConstructorArguments is [{ Value: ITypeSymbol named }]
            && attribute.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken) is AttributeSyntax syntax)
        {
            string name = NameOf(named);
            string reason = $"the attribute stands on '{type.Name}', which is all that it is for. Write [assembly: NativeAllocated(typeof({name}))]";
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.ForeignUnsupported, PlaceOf(syntax), $"'{name}'", reason));
        }
    }

    private protected override void ExamineForeign(SyntaxNodeAnalysisContext context, ForeignTypeRequest request, AttributeSyntax attribute)
    {
        if (ReasonOf(request) is { } reason)
        {
            string subject = request.Type is { } type ? $"'{NameOf(type)}'" : "An assembly";
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.ForeignUnsupported, PlaceOf(attribute), subject, reason));
        }
    }

    private static string? ReasonOf(ForeignTypeRequest request) => request.Problem switch
    {
        ForeignTypeProblem.NoType => "the attribute must name a struct, as in [assembly: NativeAllocated(typeof(Matrix4x4))]",
        ForeignTypeProblem.NotStruct => "it is not a struct",
        ForeignTypeProblem.Open => "it is generic, and stubs are generated for one of its closed types, such as KeyValuePair<int, long>",
        ForeignTypeProblem.RefStruct => "it is a ref struct, which lives on the stack only",
        ForeignTypeProblem.Own => "it is a struct of this project. Put [NativeAllocated] on its declaration",
        ForeignTypeProblem.HasStubs => "it has stubs of its own",
        ForeignTypeProblem.NotUnmanaged => "it holds references, and the garbage collector does not see native memory",
        ForeignTypeProblem.Nullable => "the language allows no nullable type where an unmanaged one is asked for",
        ForeignTypeProblem.Unnameable => "it is private, file-local or of an assembly referenced by an alias, and stubs are generated in another file",
        _ => null,
    };

    private static string NameOf(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
}
