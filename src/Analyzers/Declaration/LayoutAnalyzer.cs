// What the rules on layout have in common: they ask the calculator that the generator asks, about structs that get stubs, so that
// what they say is what the generated constants hold. A struct that gets none has an error of its own, and advice on its
// layout would only stand in the way. Of a struct of another assembly they say what it costs; what would have to change in it is not said to who cannot change it.
//
// Figures in messages are those of x64. Other targets differ in pointers and hardware vectors only, and where that changes
// the size, NH0006 says so.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;
using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>A rule on the layout of structs with stubs.</summary>
public abstract class LayoutAnalyzer : DeclarationAnalyzer
{
    private protected sealed override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        if (AllocatedTypeValidation.Validate(type, context.CancellationToken) is null
            && Judge(SubjectOf(type, attribute, IdentifierOf(type, context), context.Compilation)) is { } finding)
        {
            context.ReportDiagnostic(finding);
        }
    }

    private protected sealed override void ExamineForeign(SyntaxNodeAnalysisContext context, ForeignTypeRequest request, AttributeSyntax attribute)
    {
        if (request is { Problem: null, Type: INamedTypeSymbol type }
            && Judge(SubjectOf(type, request.Attribute, PlaceOf(attribute), context.Compilation)) is { } finding)
        {
            context.ReportDiagnostic(finding);
        }
    }

    private protected abstract Diagnostic? Judge(LayoutSubject subject);

    private static LayoutSubject SubjectOf(INamedTypeSymbol type, AttributeData attribute, Location place, Compilation compilation)
        => new(type, new LayoutCalculator(compilation, TargetLayout.X64).LayoutOf(type), AllocatedTypeValidation.RequestedAlignment(attribute), AllocatedTypeValidation.IsIsolated(attribute), place, compilation);
}

/// <summary>What a rule on layouts judges.</summary>
/// <param name="Type">The struct.</param>
/// <param name="Layout">Its layout on x64.</param>
/// <param name="Requested">The alignment that is asked for, in bytes; 0 if none is.</param>
/// <param name="IsIsolated">Whether its objects are to have memory of their own.</param>
/// <param name="Place">Where the struct is declared, or named by the assembly.</param>
/// <param name="Compilation">The program.</param>
internal readonly record struct LayoutSubject(INamedTypeSymbol Type, TypeLayout Layout, int Requested, bool IsIsolated, Location Place, Compilation Compilation);
