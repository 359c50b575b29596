// What the rules on layout have in common: they ask the calculator that the generator asks, about structs that get stubs, so that
// what they say is what the generated constants hold. A struct that gets none has an error of its own, and advice on its
// layout would only stand in the way.
//
// Figures in messages are those of x64. Other targets differ in pointers and hardware vectors only, and where that changes
// the size, NH0006 says so.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;
using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>A rule on the layout of structs with stubs.</summary>
public abstract class LayoutAnalyzer : DeclarationAnalyzer
{
    private protected sealed override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        if (AllocatedTypeValidation.Validate(type, context.CancellationToken) is null)
        {
            TypeLayout layout = new LayoutCalculator(context.Compilation, TargetLayout.X64).LayoutOf(type);
            Examine(context, type, layout, AllocatedTypeValidation.RequestedAlignment(attribute));
        }
    }

    private protected abstract void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, TypeLayout layout, int requested);
}
