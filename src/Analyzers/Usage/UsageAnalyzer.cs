// What the rules on usage have in common: they are registered only where NativeHeap is referenced, and are handed its types.

using Microsoft.CodeAnalysis.Diagnostics;

namespace NativeHeap.Analyzers.Usage;

/// <summary>A rule on the use of owners and pointers.</summary>
public abstract class UsageAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (KnownSymbols.Of(start.Compilation) is { } symbols)
            {
                Register(start, symbols);
            }
        });
    }

    private protected abstract void Register(CompilationStartAnalysisContext context, KnownSymbols symbols);
}
